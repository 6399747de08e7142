"""Calendar features; known for every future period."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

__all__ = ["calendar_features", "holiday_dates"]


def _fourier(phase: np.ndarray, pairs: int) -> list[np.ndarray]:
    angles = 2 * np.pi * phase
    waves = [f(k * angles) for k in range(1, pairs + 1) for f in (np.sin, np.cos)]
    return [np.asarray(w) for w in waves]


@lru_cache(maxsize=16)
def holiday_dates(country: str, first: int, last: int) -> frozenset[pd.Timestamp]:
    """Return a country's public holidays (``holidays`` package), moving feasts included."""
    import holidays

    found = holidays.country_holidays(country, years=range(first, last + 1))
    return frozenset(pd.Timestamp(day) for day in found)


def calendar_features(
    index: pd.DatetimeIndex | pd.PeriodIndex, country: str | None = None, pairs: int = 3
) -> np.ndarray:
    """Return season of the year, day of the week, hour of the day and holidays.

    Only what the step of the index can show is built: monthly data gets the year's season alone.

    Parameters
    ----------
    index : DatetimeIndex or PeriodIndex
        Periods.
    country : str, optional
        ISO code for public holidays.
    pairs : int
        Fourier pairs of each cycle.

    Returns
    -------
    ndarray of shape (periods, features)
    """
    stamps = index.to_timestamp() if isinstance(index, pd.PeriodIndex) else index
    columns: list[np.ndarray] = []
    spacing = (stamps[1] - stamps[0]) if len(stamps) > 1 else pd.Timedelta(days=365)
    if spacing < pd.Timedelta(days=200):
        columns += _fourier((stamps.day_of_year.to_numpy() - 1) / 365.25, pairs)
    if spacing < pd.Timedelta(days=6):
        columns += [np.asarray(stamps.day_of_week == day, float) for day in range(7)]
    if spacing < pd.Timedelta(hours=20):
        columns += _fourier(
            (stamps.hour.to_numpy() + stamps.minute.to_numpy() / 60) / 24, pairs + 1
        )
    if country is not None and spacing < pd.Timedelta(days=6):
        free = holiday_dates(country, int(stamps.year.min()), int(stamps.year.max()))
        days = stamps.tz_localize(None).normalize()
        columns.append(np.asarray(days.isin(list(free)), float))
    return np.column_stack(columns) if columns else np.empty((len(stamps), 0))
