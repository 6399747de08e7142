"""Monthly sample paths that the forecast hands to the system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dcforecast.errors import InternalError

__all__ = ["MonthlyPaths"]


@dataclass(frozen=True)
class MonthlyPaths:
    """Joint sample paths of monthly energy.

    Attributes
    ----------
    months : pandas.PeriodIndex
        Months, unbroken.
    values : mapping of str to ndarray of shape (members, months)
        GWh a month: ``demand_gross``, ``generation_hydro``, ``export``.
    """

    months: pd.PeriodIndex
    values: Mapping[str, NDArray[np.floating]]

    def __post_init__(self) -> None:
        for name, block in self.values.items():
            if block.shape[-1] != len(self.months):
                raise InternalError(
                    f"paths of '{name}' have {block.shape[-1]} months, not {len(self.months)}"
                )
            if not np.isfinite(block).all():
                raise InternalError(f"paths of '{name}' are not finite")

    def part(self, first: int, number: int) -> MonthlyPaths:
        """Return the paths of `number` members from member `first` on."""
        values = {name: block[first : first + number] for name, block in self.values.items()}
        return MonthlyPaths(self.months, values)

    def year(self, name: str, year: int) -> NDArray[np.float64]:
        """Return a series' twelve months of a year, shape (members, 12) [GWh]."""
        at = np.flatnonzero(self.months.year == year)
        if len(at) != 12:
            raise InternalError(f"paths of '{name}' do not cover {year}")
        return np.asarray(self.values[name][:, at], np.float64)
