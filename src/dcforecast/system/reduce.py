"""From members to mean and quantiles."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dcforecast.store import LEVELS, QUANTILE_COLUMNS

__all__ = ["hourly_frame", "over_members", "row"]


def over_members(values: NDArray[np.floating]) -> NDArray[np.float32]:
    """Mean and quantiles over the members of every hour.

    Parameters
    ----------
    values : ndarray of shape (members, hours)

    Returns
    -------
    ndarray of shape (hours, 1 + levels), float32
        Mean, then the quantiles (linear between order statistics, Hyndman and Fan type 7).
    """
    members, hours = values.shape
    out = np.empty((hours, 1 + len(LEVELS)), np.float32)
    out[:, 0] = values.mean(axis=0, dtype=np.float64)
    if not values.any():
        out[:] = 0.0
        return out
    ordered = np.ascontiguousarray(values.T, np.float32)
    ordered.sort(axis=1)
    place = np.array(LEVELS) * (members - 1)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, members - 1)
    share = (place - low).astype(np.float32)
    out[:, 1:] = ordered[:, low] + share * (ordered[:, high] - ordered[:, low])
    return out


def row(values: NDArray[np.floating]) -> dict[str, float]:
    """Mean and quantiles of one number a member, as the columns of a table."""
    values = np.asarray(values, np.float64)
    found = np.quantile(values, LEVELS)
    return {
        "mean": float(values.mean()),
        **dict(zip(QUANTILE_COLUMNS, map(float, found), strict=True)),
    }


def hourly_frame(
    sink: str, kind: str, timestamps: pd.DatetimeIndex, values: NDArray[np.floating]
) -> pd.DataFrame:
    """Rows of the table ``allocation`` for one sink and year (without scenario)."""
    table = over_members(values)
    frame = pd.DataFrame(table, columns=["mean", *QUANTILE_COLUMNS], copy=False)
    frame.insert(0, "sink", sink)
    frame.insert(1, "kind", kind)
    frame.insert(2, "timestamp", timestamps)
    return frame
