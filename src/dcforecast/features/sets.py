"""A declared set of features, built once; each column says when it is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from dcforecast.config.features import FeatureSpec
from dcforecast.errors import UserError, choices_text
from dcforecast.features.calendar import calendar_table
from dcforecast.features.known import ALWAYS, FORECAST, Known
from dcforecast.features.lags import parse_lags
from dcforecast.features.weather import degrees, past_mean, shifted, smoothed

__all__ = ["FeatureSpec", "build_features"]

Columns = dict[str, tuple[np.ndarray, Known]]


def build_features(
    specs: Sequence[FeatureSpec],
    index: pd.DatetimeIndex | pd.PeriodIndex,
    X: pd.DataFrame | None = None,
    known: Mapping[str, Known] | None = None,
) -> tuple[pd.DataFrame, dict[str, Known]]:
    """Build the columns of a feature set, later ones from earlier ones.

    Every value is made from values of its own period and of periods before it, so that a fold is
    a slice.  A column of `X` that is late (``delayed N``) and used by a feature is left out.

    Parameters
    ----------
    specs : sequence of FeatureSpec
        What to build, in order.
    index : DatetimeIndex or PeriodIndex
        Periods of the record.
    X : pandas.DataFrame, optional
        Columns to build from, on the same index.
    known : mapping of str to Known, optional
        When each column of `X` is known; by default a forecast issued by the origin.

    Returns
    -------
    features : pandas.DataFrame
        One column a feature; the first rows miss what lies before the record.
    known : dict of str to Known
        When each column is known.

    Raises
    ------
    UserError
        A column that is not there, or a mistake in a spec.
    """
    said = known or {}
    columns: Columns = {}
    for name in [] if X is None else list(X.columns):
        columns[str(name)] = (X[name].to_numpy(float), said.get(str(name), FORECAST))  # type: ignore[index]
    raw = set(columns)
    used: set[str] = set()
    for spec in specs:
        for name in spec.sources:
            if name not in columns:
                named = "data.exog names the file's columns that count"
                hint = choices_text(name, columns) if columns else named
                raise UserError(f"data.features: {spec.kind}: no column '{name}'", hint)
        used.update(spec.sources)
        if spec.kind == "calendar":
            columns.update(_calendar(spec, index))
        else:
            columns.update(_KINDS[spec.kind](spec, columns))
    late = {c for c in raw & used if columns[c][1].delay is not None}
    kept = {name: one for name, one in columns.items() if name not in late}
    frame = pd.DataFrame({name: values for name, (values, _) in kept.items()}, index=index)
    return frame, {name: when for name, (_, when) in kept.items()}


def _calendar(spec: FeatureSpec, index: pd.DatetimeIndex | pd.PeriodIndex) -> Columns:
    table = calendar_table(
        index, spec.parts, country=spec.country, pairs=spec.pairs, timezone=spec.timezone
    )
    return {name: (values, ALWAYS) for name, values in table.items()}


def _degrees(spec: FeatureSpec, columns: Columns) -> Columns:
    values, when = columns[spec.sources[0]]
    values = shifted(values, spec.lag)
    if spec.smooth:
        values = smoothed(values, spec.smooth)
    sides = ("heating", "cooling") if spec.side == "both" else (spec.side,)
    late = when.back(spec.lag)
    return {f"{spec.sources[0]}_{side}": (degrees(values, spec.base, side), late) for side in sides}


def _lags(spec: FeatureSpec, columns: Columns) -> Columns:
    name = spec.sources[0]
    values, when = columns[name]
    return {
        f"{name}_lag{lag}": (shifted(values, int(lag)), when.back(int(lag)))
        for lag in parse_lags(spec.lags)
    }


def _means(spec: FeatureSpec, columns: Columns) -> Columns:
    name = spec.sources[0]
    values, when = columns[name]
    # The newest value in a window is the one `lag` periods back, by default the one before.
    back = max(spec.lag, 1)
    return {
        f"{name}_mean{window}": (past_mean(shifted(values, back - 1), window), when.back(back))
        for window in spec.windows
    }


def _powers(spec: FeatureSpec, columns: Columns) -> Columns:
    name = spec.sources[0]
    values, when = columns[name]
    return {f"{name}_power{p}": (values**p, when) for p in spec.powers}


def _product(spec: FeatureSpec, columns: Columns) -> Columns:
    whens = [columns[name][1] for name in spec.sources]
    # A product is known with its latest factor.
    latest = max(whens, key=lambda k: (k.delay is not None, k.delay or 0))
    product = np.prod([columns[name][0] for name in spec.sources], axis=0)
    return {"_x_".join(spec.sources): (product, latest)}


#: What makes columns from columns.
_KINDS: dict[str, Callable[[FeatureSpec, Columns], Columns]] = {
    "degrees": _degrees,
    "lags": _lags,
    "mean": _means,
    "power": _powers,
    "interaction": _product,
}
