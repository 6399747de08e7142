"""From members to mean and quantiles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dcforecast.store import LEVELS, QUANTILE_COLUMNS

__all__ = ["Sample", "hourly_frame", "over_members", "summaries"]

#: Members whose hours are held at most; all of them up to here, so quantiles are exact.
LIMIT = 1_000


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


class Sample:
    """Hours of many members in the memory of `LIMIT` of them.

    Up to `LIMIT` members all are held.  Beyond, those of the least weight are sorted by the hour,
    and every second value stays, at twice the weight (Manku, Rajagopalan and Lindsay 1998).
    """

    def __init__(self) -> None:
        self.parts: dict[int, list[NDArray[np.float32]]] = {}
        self.total: NDArray[np.float64] | None = None
        self.members = 0

    def add(self, values: NDArray[np.float32]) -> None:
        """Add members, shape (members, hours)."""
        self.parts.setdefault(1, []).append(values)
        total = values.sum(axis=0, dtype=np.float64)
        self.total = total if self.total is None else self.total + total
        self.members += len(values)
        while self._held() > LIMIT:
            self._thin()

    def _held(self) -> int:
        return sum(len(part) for parts in self.parts.values() for part in parts)

    def _thin(self) -> None:
        weight = min(w for w, parts in self.parts.items() if sum(map(len, parts)) > 1)
        ordered = np.sort(np.concatenate(self.parts.pop(weight)), axis=0)
        if len(ordered) % 2:
            self.parts[weight] = [ordered[-1:]]
            ordered = ordered[:-1]
        # Lower and upper of each pair by turns, so that no side is favoured.
        kept = ordered.reshape(-1, 2, ordered.shape[1])[:, weight.bit_length() % 2]
        self.parts.setdefault(2 * weight, []).append(kept)

    def table(self) -> NDArray[np.float32]:
        """Mean and quantiles of every hour, as of `over_members`; the mean is exact."""
        held = np.concatenate([part for parts in self.parts.values() for part in parts])
        if self.members == len(held):
            return over_members(held)
        sizes = [(w, sum(map(len, parts))) for w, parts in self.parts.items()]
        weights = np.repeat(*np.array(sizes).T)
        order = np.argsort(held, axis=0, kind="stable")
        reached = np.cumsum(weights[order], axis=0)
        assert self.total is not None
        out = np.empty((held.shape[1], 1 + len(LEVELS)), np.float32)
        out[:, 0] = self.total / self.members
        for column, level in enumerate(LEVELS, 1):
            place = (reached < level * self.members).sum(axis=0)
            at = np.take_along_axis(order, np.minimum(place, len(held) - 1)[None], axis=0)
            out[:, column] = np.take_along_axis(held, at, axis=0)[0]
        return out


def summaries(parts: Sequence[NDArray[np.floating]]) -> NDArray[np.float64]:
    """Summarise numbers given once a member.

    Parameters
    ----------
    parts : sequence of ndarray of shape (members,)
        Each may have members of its own.

    Returns
    -------
    ndarray of shape (parts, 2 + levels)
        Mean, quantiles, and standard error of the mean.
    """
    found = np.zeros((len(parts), 2 + len(LEVELS)))
    sizes = np.array([len(part) for part in parts])
    for size in np.unique(sizes):
        at = np.flatnonzero(sizes == size)
        values = np.stack([np.asarray(parts[int(k)], np.float64) for k in at])
        found[at, 0] = values.mean(axis=1)
        found[at, 1:-1] = np.quantile(values, LEVELS, axis=1).T
        if size > 1:
            found[at, -1] = values.std(axis=1, ddof=1) / np.sqrt(size)
    return found


def hourly_frame(
    sink: str, kind: str, timestamps: pd.DatetimeIndex, table: NDArray[np.float32]
) -> pd.DataFrame:
    """Rows of the table ``allocation`` for one sink and year (without scenario).

    Parameters
    ----------
    sink, kind : str
    timestamps : DatetimeIndex
    table : ndarray of shape (hours, 1 + levels)
        Mean and quantiles.
    """
    frame = pd.DataFrame(table, columns=["mean", *QUANTILE_COLUMNS], copy=False)
    frame.insert(0, "sink", sink)
    frame.insert(1, "kind", kind)
    frame.insert(2, "timestamp", timestamps)
    return frame
