"""Day-ahead model that weighs past days by how like they are to the day ahead."""

from __future__ import annotations

import numpy as np

from dcforecast.models.day_ahead import ERROR_DAYS, DayAhead
from dcforecast.models.day_ahead_solved import Solved
from dcforecast.models.kernel_ridge import leave_one_out_kernel

__all__ = ["DayAheadKernel"]


class DayAheadKernel(DayAhead):
    """`DayAhead` with kernel equations: steps may bend with their inputs.

    A price rises steeply where little wind meets much load; straight lines cannot say so.  The
    inputs, parameters and paths are those of `DayAhead`, beside the day itself, so that days
    of long ago count for less; one long window does what several short ones do there.
    """

    def _inputs(
        self, past: np.ndarray, starts: np.ndarray, steps: int, X: np.ndarray | None
    ) -> np.ndarray:
        return np.column_stack([starts / self.season_, super()._inputs(past, starts, steps, X)])

    def _learned(self, table: np.ndarray, targets: np.ndarray, kinds: np.ndarray) -> Solved:
        lengths = sorted({min(int(window), len(table)) for window in self.windows})
        held = min(int(self.held), lengths[0] // 3)
        found = [leave_one_out_kernel(table[-days:], targets[-days:], held) for days in lengths]
        newest = np.mean([one.newest for one in found], axis=0) if held else None
        windows = [one.equations for one in found]
        return Solved.of(windows, found[-1].errors[-ERROR_DAYS:], newest, kinds, self.season_)
