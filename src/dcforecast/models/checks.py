"""What a record must be before a model is fitted to it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dcforecast.errors import UserError
from dcforecast.models.common import Ability
from dcforecast.models.periods import freq_of

__all__ = [
    "check_both",
    "check_counts",
    "check_follows",
    "check_record",
    "checked_levels",
    "regressors_ahead",
]


def check_counts(**counts: int) -> None:
    """Refuse a count below one: compiled code would write beyond its arrays."""
    for name, count in counts.items():
        if count < 1:
            raise UserError(f"{name}={count}: must be at least 1")


def checked_levels(horizon: int, quantiles: Sequence[float] | None) -> list[float]:
    """Return the levels in order, refused with the horizon if they are out of range."""
    check_counts(horizon=horizon)
    levels = sorted(quantiles) if quantiles is not None else []
    if quantiles is not None and (not levels or levels[0] <= 0 or levels[-1] >= 1):
        raise UserError(f"quantiles={list(quantiles)}: levels lie between 0 and 1")
    return levels


def check_record(
    name: str, supports: frozenset[Ability], fewest: int, y: pd.Series, X: pd.DataFrame | None
) -> None:
    """Refuse a record that the model called `name` cannot take.

    Raises
    ------
    UserError
        Irregular index, too short, missing or infinite values, or regressors the model cannot use.
    """
    if not isinstance(y.index, pd.DatetimeIndex | pd.PeriodIndex):
        raise UserError(f"{name}: the series needs a DatetimeIndex or PeriodIndex")
    if not _regular(y.index):
        raise UserError(
            f"{name}: the index of the series does not rise by one regular step",
            "Sort it and give each period a row: y.sort_index().asfreq('MS'), for example",
        )
    if len(y) < fewest:
        raise UserError(f"{name} needs at least {fewest} values, got {len(y)}")
    values = y.to_numpy(float)
    if np.isinf(values).any():
        raise UserError(f"{name}: the series holds infinite values")
    missing = np.isnan(values)
    if missing.any() and Ability.MISSING not in supports:
        raise UserError(
            f"{name}: {int(missing.sum())} missing values, the first at {y.index[missing][0]}",
            "data.gaps=fill fills them; sarimax and unobserved_components take them",
        )
    if X is not None and Ability.EXOGENOUS not in supports:
        raise UserError(f"{name} takes no regressors", "sarimax, ridge and hgb do")
    if X is not None and not X.index.equals(y.index):
        raise UserError(
            f"{name}: the regressors have not the index of the series ({len(X)} and {len(y)} rows)"
        )
    if X is not None and X.isna().to_numpy().any():
        row, column = np.argwhere(X.isna().to_numpy())[0]
        raise UserError(f"{name}: regressor '{X.columns[column]}' has no value at {X.index[row]}")


def _regular(index: pd.DatetimeIndex | pd.PeriodIndex) -> bool:
    """Tell whether an index rises by one step, each period there once."""
    if len(index) <= 2 or not (index.is_monotonic_increasing and index.is_unique):
        return bool(index.is_monotonic_increasing and index.is_unique)
    if isinstance(index, pd.PeriodIndex):
        return bool(index.equals(pd.period_range(index[0], index[-1], freq=index.freq)))
    return freq_of(index) is not None


def check_follows(name: str, known: pd.Index, new: pd.Index) -> None:
    """Refuse new periods that the record `known` holds already, or of another kind of index."""
    if type(known) is not type(new):
        raise UserError(f"{name}: the new periods need a {type(known).__name__}, as the record has")
    if new.min() <= known[-1]:
        raise UserError(f"{name}: the record ends at {known[-1]}, the new periods begin before it")


def check_both(
    name: str, method: str, known: pd.DataFrame | None, new: pd.DataFrame | None
) -> None:
    """Refuse regressors in fit alone, or in another method alone."""
    if (known is None) != (new is None):
        raise UserError(f"{name}: regressors are needed in fit and in {method}, or in neither")


def regressors_ahead(
    name: str, X: pd.DataFrame | None, record: pd.DataFrame | None, horizon: int
) -> np.ndarray | None:
    """Return regressors of the periods ahead, columns in the order of the fit.

    Raises
    ------
    UserError
        Regressors in fit alone or here alone, a column of the fit that is missing, or fewer rows
        than periods.
    """
    check_both(name, "predict", record, X)
    if X is None or record is None:
        return None
    missing = [str(column) for column in record.columns if column not in X.columns]
    if missing:
        raise UserError(f"{name}: the regressors ahead lack {', '.join(missing)}")
    if len(X) < horizon:
        raise UserError(f"{name}: {horizon} periods ahead need as many regressors, got {len(X)}")
    return X[list(record.columns)].to_numpy(float)
