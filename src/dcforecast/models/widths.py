"""Widths of intervals, learned from errors on held-out ends of records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dcforecast.models.holdouts import Holdout, Record

__all__ = ["Widths", "learned_widths"]

#: Levels at which the scaled errors are remembered.
_LEVELS = np.linspace(0.0, 1.0, 101)
#: Fewer scaled errors than this say nothing about widths; fewer a step are pooled over steps.
_FEWEST, _FEWEST_A_STEP = 20, 60
#: Factor by which sizes of errors of all series together differ from one end to the next.
_END_TO_END = 1.25


@dataclass(frozen=True)
class Widths:
    """Sizes of errors on held-out ends.

    Attributes
    ----------
    table : ndarray of shape (steps, levels)
        Sizes at `_LEVELS`, in units (see `Record.unit`).
    profile : ndarray of shape (steps,)
        Half-widths by step that are typical, in mean changes of the records.
    """

    table: np.ndarray
    profile: np.ndarray

    def sizes(self, step: int, levels: np.ndarray) -> np.ndarray:
        """Return sizes at levels between 0 and 1; later steps are as the last held out."""
        found = np.interp(levels, _LEVELS, self.table[min(step, len(self.table) - 1)])
        return np.asarray(found)

    def units(self, half: np.ndarray, record: Record) -> np.ndarray:
        """Return the units of a record by step; later than were held out they grow as `half`.

        Parameters
        ----------
        half : ndarray of shape (horizon,)
            Half-widths of the pool, below or above.
        record : Record
            What is known of the series.
        """
        known = min(len(half), len(self.profile))
        found = record.unit(half[:known], self.profile[:known])
        return np.append(found, found[-1] * half[known:] / half[known - 1])


def learned_widths(holdouts: Sequence[Holdout], errors: Sequence[np.ndarray]) -> Widths | None:
    """Return sizes of held-out errors, or None if there are too few.

    Parameters
    ----------
    holdouts : sequence of Holdout
        Of one series or of many, of one end or of several.
    errors : sequence of ndarray of shape (horizon,)
        What came less the centre that was forecast, of each.

    Notes
    -----
    Split conformal calibration by step. All series of an end share its fate, so that the next
    end may be as much wilder or calmer as ends differ: each error counts once so much larger
    and once so much smaller.
    """
    if sum(len(h.actual) for h in holdouts) < _FEWEST:
        return None
    profile = _profile(holdouts)
    steps: list[list[float]] = [[] for _ in profile]
    for h, error in zip(holdouts, errors, strict=True):
        half = np.where(error > 0, h.above, h.below)
        sizes = np.abs(error) / h.record.unit(half, profile[: len(error)])
        for step, size in zip(steps, sizes, strict=False):
            step.extend((size * _END_TO_END, size / _END_TO_END))
    whole = [size for step in steps for size in step]
    taken = [step if len(step) >= 2 * _FEWEST_A_STEP else whole for step in steps]
    return Widths(np.array([np.quantile(one, _LEVELS) for one in taken]), profile)


def _profile(holdouts: Sequence[Holdout]) -> np.ndarray:
    """Return the geometric mean of half-widths by step, in mean changes of the records."""
    logs = np.full((len(holdouts), max(len(h.actual) for h in holdouts)), np.nan)
    for row, h in zip(logs, holdouts, strict=True):
        if h.record.scale > 0:
            row[: len(h.actual)] = np.log((h.below + h.above) / 2 / h.record.scale)
    known = (~np.isnan(logs)).sum(axis=0)
    return np.asarray(np.exp(np.nansum(logs, axis=0) / np.maximum(known, 1)))
