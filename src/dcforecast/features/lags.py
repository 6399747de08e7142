"""Lagged values and rolling statistics as matrices."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dcforecast.errors import UserError

__all__ = ["STATISTICS", "lag_matrix", "parse_lags", "rolling_matrix"]

#: Statistics of a rolling window, along the last axis.
STATISTICS: dict[str, Callable[..., np.ndarray]] = {
    "mean": np.mean,
    "std": np.std,
    "min": np.min,
    "max": np.max,
    "median": np.median,
}


def parse_lags(lags: int | str | Iterable[int | str]) -> np.ndarray:
    """Return lags in rising order: ``3`` -> 1, 2, 3; ``["1-48", 168]`` -> 1 to 48 and 168.

    Raises
    ------
    UserError
        Something that is no lag.
    """
    if isinstance(lags, int | np.integer):
        if lags < 0:
            raise UserError(f"lags={lags}: must be 0 or more")
        return np.arange(1, int(lags) + 1)
    found: set[int] = set()
    for item in [lags] if isinstance(lags, str) else lags:
        match = re.fullmatch(r"(\d+)(?:-(\d+))?", str(item).strip())
        if match is None or int(match[1]) < 1:
            raise UserError(f"lags: '{item}' is no lag", "Write for example lags=[1-48,168]")
        found.update(range(int(match[1]), int(match[2] or match[1]) + 1))
    return np.array(sorted(found), dtype=int)


def lag_matrix(values: np.ndarray, lags: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the values `lags` before each of `rows`.

    Known when: the value of lag k, k periods after it was measured.

    Parameters
    ----------
    values : ndarray of shape (..., n)
        The series, or one a row.
    lags : ndarray of int
        How far back each column looks.
    rows : ndarray of int
        Positions that are explained; one past the end is allowed.

    Returns
    -------
    ndarray of shape (..., rows, lags)
    """
    return np.asarray(values[..., rows[:, None] - lags])


def rolling_matrix(
    values: np.ndarray, rolling: Mapping[str, Sequence[int]], rows: np.ndarray
) -> np.ndarray:
    """Return statistics of the windows that end just before each of `rows`.

    Parameters
    ----------
    values : ndarray of shape (n,)
        The series.
    rolling : mapping of str to sequence of int
        Window lengths by statistic, one at least, for example ``{"mean": [24, 168], "std": [24]}``.
    rows : ndarray of int
        Positions that are explained; each has the longest window behind it.

    Returns
    -------
    ndarray of shape (rows, windows)
    """
    return np.column_stack(
        [
            STATISTICS[name](sliding_window_view(values, window)[rows - window], axis=-1)
            for name, windows in rolling.items()
            for window in windows
        ]
    )
