"""Where plants stand, and the clock of a year."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["BASE_YEAR", "SITES", "Site", "hours_of", "local_calendar"]

#: Baku and Tbilisi keep UTC+4 all year.
LOCAL_OFFSET = pd.Timedelta(hours=4)
#: Year the temperature record stands for (middle of 2022-12 to 2026-08).
BASE_YEAR = 2024


@dataclass(frozen=True)
class Site:
    """Where plants stand, and what they make in a mean year.

    Attributes
    ----------
    latitude, longitude : float
        Degrees.
    solar_cf, wind_cf : float
        Mean capacity factors [1]; 0 where there is none.
    """

    latitude: float
    longitude: float
    solar_cf: float
    wind_cf: float


#: Solar 20.5-24.8 % [G065, G111, G060]; wind 42.5 % by the lender's figure for Khizi [G071];
#: offshore 48 % (judgement between the sources' 42-48 %); Kalbajar 32 % (judgement, mountain site).
SITES: dict[str, Site] = {
    "absheron": Site(40.5, 49.7, 0.21, 0.425),
    "south": Site(39.5, 48.4, 0.226, 0.0),
    "southwest": Site(39.4, 47.0, 0.238, 0.32),
    "nakhchivan": Site(39.2, 45.4, 0.235, 0.0),
    "offshore": Site(40.3, 50.8, 0.0, 0.48),
}


def hours_of(year: int) -> pd.DatetimeIndex:
    """Return the hours of a UTC year (8,760 or 8,784)."""
    return pd.date_range(f"{year}-01-01", f"{year + 1}-01-01", freq="h", inclusive="left", tz="UTC")


@lru_cache(maxsize=64)
def local_calendar(year: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return month (1-12, UTC), local hour and local day type of each hour of a UTC year.

    Day types: 0 workday, 1 Saturday, 2 Sunday or public holiday of Azerbaijan.  Holidays are
    those of the ``holidays`` package: feasts of the moon are estimates for years not yet
    decreed, weekend days worked in exchange for a bridge day count as workdays.
    """
    import holidays

    stamps = hours_of(year)
    local = stamps.tz_localize(None) + LOCAL_OFFSET
    years = [year, year + 1]
    free = pd.DatetimeIndex(list(holidays.country_holidays("AZ", years=years)))
    worked = pd.DatetimeIndex(
        list(holidays.country_holidays("AZ", years=years, categories=("workday",)))
    )
    weekday = local.day_of_week.to_numpy()
    kind = np.where(weekday == 5, 1, np.where(weekday == 6, 2, 0))
    kind = np.where(local.normalize().isin(worked), 0, kind)
    kind = np.where(local.normalize().isin(free), 2, kind)
    return stamps.month.to_numpy(), local.hour.to_numpy(), kind
