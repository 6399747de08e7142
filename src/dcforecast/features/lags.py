"""Lagged values as a matrix."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

__all__ = ["lag_matrix"]


def lag_matrix(values: np.ndarray, lags: int) -> np.ndarray:
    """Return the `lags` values before each value from position `lags` on.

    Known when: the value of lag k, k periods after it was measured.

    Parameters
    ----------
    values : ndarray of shape (n,)
        The series.
    lags : int
        How many.

    Returns
    -------
    ndarray of shape (n - lags, lags)
        Column 0 is the value just before, column 1 the one before that.
    """
    if lags == 0:
        return np.empty((len(values), 0))
    windows = sliding_window_view(values, lags)[:-1]
    return np.ascontiguousarray(windows[:, ::-1])
