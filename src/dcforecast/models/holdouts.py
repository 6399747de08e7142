"""Held-out ends of records: what members forecast there, and what errors are measured in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Holdout", "Record", "half_widths"]

#: A half-width and a record's mean change are at most so many times apart.
_APART = 20.0


@dataclass(frozen=True)
class Record:
    """What sizes of errors depend on beside the pool's spread.

    Attributes
    ----------
    scale : float
        Mean absolute change over a season.
    count : int
        Periods.
    season : int
        Periods of a season.
    """

    scale: float
    count: int
    season: int = 1

    @classmethod
    def of(cls, values: np.ndarray, season: int) -> Record:
        """Return that of a record of one series, shape (periods,)."""
        lag = season if len(values) > season else 1
        change = float(np.abs(values[lag:] - values[:-lag]).mean())
        return cls(change, len(values), season)

    def unit(self, half: np.ndarray, typical: np.ndarray) -> np.ndarray:
        """Return the size that errors are measured in, of the shape of both.

        The geometric mean of the pool's half-width and of one that is typical of such a record.
        Estimated effects of season, level and trend, as many as ``season + 2``, make errors
        of short records larger.
        """
        mixed = half * np.sqrt(np.clip(typical * self.scale / half, 1 / _APART, _APART))
        return np.asarray(mixed * np.exp(min((self.season + 2) / self.count, 1.0)))


@dataclass(frozen=True)
class Holdout:
    """Members' forecasts of one series from one origin, and what came.

    Attributes
    ----------
    actual : ndarray of shape (horizon,)
        What came.
    centres : ndarray of shape (members, horizon)
        Medians of the members.
    below, above : ndarray of shape (horizon,)
        Distance of the pool's 10 % and 90 % quantiles from its median.
    crps : ndarray of shape (members,)
        Continuous ranked probability score of each member, mean over the periods.
    record : Record
        What was known at the origin.
    """

    actual: np.ndarray
    centres: np.ndarray
    below: np.ndarray
    above: np.ndarray
    crps: np.ndarray
    record: Record

    @classmethod
    def of(cls, actual: np.ndarray, paths: Sequence[np.ndarray], record: Record) -> Holdout:
        """Return that of the members' paths, each of shape (n, horizon)."""
        from scoringrules import crps_ensemble

        centres = np.array([np.median(one, axis=0) for one in paths])
        crps = [crps_ensemble(actual, one.T, backend="numpy").mean() for one in paths]
        return cls(actual, centres, *half_widths(np.concatenate(paths)), np.array(crps), record)


def half_widths(paths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distances of the 10 % and 90 % quantiles from the median, never zero."""
    low, middle, high = np.quantile(paths, (0.1, 0.5, 0.9), axis=0)
    least = 1e-9 + 1e-3 * (high - low)
    return np.maximum(middle - low, least), np.maximum(high - middle, least)
