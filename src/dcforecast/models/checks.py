"""What a record must be before a model is fitted to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from dcforecast.errors import UserError
from dcforecast.models.common import Ability
from dcforecast.models.periods import freq_of
from dcforecast.store.schemas import quantile_column

__all__ = [
    "check_both",
    "check_counts",
    "check_follows",
    "check_frame",
    "check_record",
    "checked_levels",
    "regressors_ahead",
]


def check_counts(**counts: int) -> None:
    """Refuse what is no whole number from one on: compiled code would write beyond its arrays."""
    for name, count in counts.items():
        if not isinstance(count, int | np.integer):
            raise UserError(f"{name}={count!r}: must be a whole number")
        if count < 1:
            raise UserError(f"{name}={count}: must be at least 1")


def checked_levels(horizon: int, quantiles: Sequence[float] | None) -> list[float]:
    """Return the levels in order, refused with the horizon if they are out of range."""
    check_counts(horizon=horizon)
    if quantiles is None:
        return []
    try:
        levels = sorted(float(level) for level in quantiles)
    except (TypeError, ValueError):
        raise UserError(f"quantiles={quantiles!r}: a list of levels, as [0.1, 0.5, 0.9]") from None
    if not levels or not all(0 < level < 1 for level in levels):
        raise UserError(f"quantiles={list(quantiles)}: levels lie between 0 and 1")
    columns = [quantile_column(level) for level in levels]
    if len(set(columns)) < len(columns) or {"q000", "q1000"} & set(columns):
        raise UserError(
            f"quantiles={list(quantiles)}: columns are named by thousandths ({', '.join(columns)})",
            "Levels must differ by 0.001, and lie between 0.001 and 0.999",
        )
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
    if not isinstance(y, pd.Series):
        raise UserError(f"{name}: the record is a pandas Series, got {type(y).__name__}")
    if not isinstance(y.index, pd.DatetimeIndex | pd.PeriodIndex):
        raise UserError(f"{name}: the series needs a DatetimeIndex or PeriodIndex")
    if not _regular(y.index):
        raise UserError(
            f"{name}: the index of the series does not rise by one regular step",
            "Sort it and give each period a row: y.sort_index().asfreq('MS'), for example",
        )
    if len(y) < fewest:
        raise UserError(f"{name} needs at least {fewest} values, got {len(y)}")
    values = in_numbers(y, f"{name}: the series")
    if np.isinf(values).any():
        raise UserError(f"{name}: the series holds infinite values")
    missing = np.isnan(values)
    if missing.any() and Ability.MISSING not in supports:
        raise UserError(
            f"{name}: {int(missing.sum())} missing values, the first at {y.index[missing][0]}",
            "data.gaps=fill fills them; sarimax and unobserved_components take them",
        )
    if (~missing).sum() < fewest:
        raise UserError(f"{name} needs at least {fewest} values, got {(~missing).sum()}")
    if X is not None:
        _check_regressors(name, supports, y, X)


def _check_regressors(
    name: str, supports: frozenset[Ability], y: pd.Series, X: pd.DataFrame
) -> None:
    if Ability.EXOGENOUS not in supports:
        raise UserError(f"{name} takes no regressors", "sarimax, ridge and hgb do")
    check_frame(name, X)
    if not X.index.equals(y.index):
        raise UserError(
            f"{name}: the regressors have not the index of the series ({len(X)} and {len(y)} rows)"
        )
    _finite(name, X)


def check_frame(name: str, X: object) -> None:
    """Refuse regressors that are no table with named columns."""
    if not isinstance(X, pd.DataFrame):
        raise UserError(
            f"{name}: regressors are a pandas DataFrame, got {type(X).__name__}",
            "X.to_frame() makes one of a Series",
        )


def in_numbers(table: pd.Series | pd.DataFrame, what: str) -> np.ndarray:
    """Return a table as numbers, refused if it holds anything else."""
    try:
        return np.asarray(table.to_numpy(float))
    except (TypeError, ValueError) as error:
        raise UserError(f"{what} holds what is no number ({error})") from error


def _finite(name: str, X: pd.DataFrame) -> np.ndarray:
    """Return regressors as numbers, refused where one is missing or infinite."""
    values = in_numbers(X, f"{name}: regressors")
    if not np.isfinite(values).all():
        row, column = np.argwhere(~np.isfinite(values))[0]
        what = "no value" if np.isnan(values[row, column]) else "an infinite value"
        raise UserError(f"{name}: regressor '{X.columns[column]}' has {what} at {X.index[row]}")
    return values


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
    zone, other = getattr(known, "tz", None), getattr(new, "tz", None)
    if str(zone) != str(other):
        raise UserError(
            f"{name}: the record's time zone is {zone}, that of the new periods {other}"
        )
    if new.min() <= known[-1]:
        raise UserError(f"{name}: the record ends at {known[-1]}, the new periods begin before it")


def check_both(
    name: str, method: str, known: pd.DataFrame | None, new: pd.DataFrame | None
) -> None:
    """Refuse regressors in fit alone, or in another method alone."""
    if (known is None) != (new is None):
        raise UserError(f"{name}: regressors are needed in fit and in {method}, or in neither")


def regressors_ahead(
    name: str,
    X: pd.DataFrame | None,
    record: pd.DataFrame | None,
    periods: Callable[[], pd.Index],
) -> np.ndarray | None:
    """Return regressors of the `periods` ahead, columns in the order of the fit.

    Rows are found by their index; one of another kind than the record's counts them from the
    first period ahead on.

    Raises
    ------
    UserError
        There are some in fit alone or here alone, or a column or a period of them is missing.
    """
    check_both(name, "predict", record, X)
    if X is None or record is None:
        return None
    check_frame(name, X)
    missing = [str(column) for column in record.columns if column not in X.columns]
    if missing:
        raise UserError(f"{name}: the regressors ahead lack {', '.join(missing)}")
    return _finite(name, _rows(name, X[list(record.columns)], record, periods()))


def _rows(name: str, X: pd.DataFrame, record: pd.DataFrame, ahead: pd.Index) -> pd.DataFrame:
    if len(X) < len(ahead):
        raise UserError(f"{name}: {len(ahead)} periods ahead need as many regressors, got {len(X)}")
    if type(X.index) is not type(record.index):
        return X.iloc[: len(ahead)]
    if X.index[: len(ahead)].equals(ahead):
        return X.iloc[: len(ahead)]
    absent = ahead.difference(X.index)
    if len(absent):
        raise UserError(
            f"{name}: the regressors ahead have no row for {absent[0]}; they reach from "
            f"{X.index[0]} to {X.index[-1]}"
        )
    return X.loc[ahead]
