"""Calendar features; known for every future period."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from zoneinfo import available_timezones

import numpy as np
import pandas as pd

from dcforecast.errors import UserError, choices_text, nearest

__all__ = ["CALENDAR_PARTS", "YEAR_COLUMNS", "calendar_features", "calendar_table", "check_clock",
           "holiday_dates", "holidays_of"]  # fmt: skip

#: Parts that say what they mean; waves are sines and cosines, days and hours 0 or 1 columns, and
#: day_shapes are waves of the hour on each weekday apart.
CALENDAR_PARTS = (
    "hour", "weekday", "month", "day_of_year", "hour_days", "weekday_days", "month_days",
    "hour_waves", "week_waves", "year_waves", "day_shapes", "weekend", "holiday", "bridge",
    "estimated",
)  # fmt: skip

#: Fourier pairs of each cycle, and columns of the year: the first of the usual ones.
_PAIRS = 3
YEAR_COLUMNS = 2 * _PAIRS

_DAY = pd.Timedelta(days=1)


def _fourier(name: str, phase: np.ndarray, pairs: int) -> dict[str, np.ndarray]:
    angles = 2 * np.pi * phase
    return {
        f"{name}_{wave.__name__}{k}": np.asarray(wave(k * angles))
        for k in range(1, pairs + 1)
        for wave in (np.sin, np.cos)
    }


@lru_cache(maxsize=16)
def holidays_of(country: str, first: int, last: int) -> dict[pd.Timestamp, str]:
    """Return a country's public holidays with their names, moving feasts included.

    Feasts whose day is not decreed yet carry ``(estimated)`` in the name (package ``holidays``).

    Raises
    ------
    UserError
        The package does not know the country.
    """
    import holidays

    try:
        found = holidays.country_holidays(country, years=range(first, last + 1), language="en_US")
    except NotImplementedError as error:
        known = holidays.list_supported_countries()
        raise UserError(f"no holidays of '{country}'", choices_text(country, known)) from error
    return {pd.Timestamp(day): name for day, name in found.items()}


def holiday_dates(country: str, first: int, last: int) -> frozenset[pd.Timestamp]:
    """Return a country's public holidays (``holidays`` package), moving feasts included."""
    return frozenset(holidays_of(country, first, last))


def _holiday_columns(days: pd.DatetimeIndex, country: str) -> dict[str, np.ndarray]:
    """Public holidays, bridge days between one and a weekend, and the estimated ones among them."""
    first, last = int(days.year.min()) - 1, int(days.year.max()) + 1
    named = holidays_of(country, first, last)
    free = pd.DatetimeIndex(list(named))
    guessed = pd.DatetimeIndex([day for day, name in named.items() if "(estimated)" in name])

    def off(moved: pd.DatetimeIndex) -> np.ndarray:
        return np.asarray(moved.isin(free) | (moved.day_of_week >= 5))

    bridge = ~off(days) & off(days - _DAY) & off(days + _DAY)
    return {
        "holiday": np.asarray(days.isin(free), float),
        "bridge": np.asarray(bridge, float),
        "estimated": np.asarray(days.isin(guessed), float),
    }


def calendar_table(
    index: pd.DatetimeIndex | pd.PeriodIndex,
    parts: Sequence[str],
    *,
    country: str | None = None,
    pairs: int = _PAIRS,
    timezone: str | None = None,
) -> dict[str, np.ndarray]:
    """Return named calendar columns.

    Parameters
    ----------
    index : DatetimeIndex or PeriodIndex
        Periods.
    parts : sequence of str
        Which, of `CALENDAR_PARTS`; the last three need `country`.
    country : str, optional
        ISO code for public holidays.
    pairs : int
        Fourier pairs of each cycle.
    timezone : str, optional
        Zone whose clock and dates are meant; by default that of the index.

    Raises
    ------
    UserError
        An unknown part or time zone, or holidays of no country.
    """
    check_clock(parts, None, timezone)
    stamps = index.to_timestamp() if isinstance(index, pd.PeriodIndex) else index
    if timezone is not None and stamps.tz is not None:
        stamps = stamps.tz_convert(timezone)
    local = stamps.tz_localize(None)
    hour = local.hour.to_numpy() + local.minute.to_numpy() / 60
    weekday, month = local.day_of_week.to_numpy(), local.month.to_numpy()
    year_phase = (local.day_of_year.to_numpy() - 1) / 365.25
    made: dict[str, Callable[[], dict[str, np.ndarray]]] = {
        "hour": lambda: {"hour": hour},
        "weekday": lambda: {"weekday": weekday},
        "month": lambda: {"month": month},
        "day_of_year": lambda: {"day_of_year": local.day_of_year.to_numpy()},
        "hour_days": lambda: {f"hour_{h}": hour.astype(int) == h for h in range(24)},
        "weekday_days": lambda: {f"weekday_{d}": weekday == d for d in range(7)},
        "month_days": lambda: {f"month_{m}": month == m for m in range(1, 13)},
        "hour_waves": lambda: _fourier("hour", hour / 24, pairs + 1),
        "week_waves": lambda: _fourier("week", (weekday + hour / 24) / 7, pairs),
        "year_waves": lambda: _fourier("year", year_phase, pairs),
        "day_shapes": lambda: {
            f"weekday_{day}_{name}": (weekday == day) * wave
            for day in range(7)
            for name, wave in _fourier("hour", hour / 24, pairs + 1).items()
        },
        "weekend": lambda: {"weekend": weekday >= 5},
    }
    columns: dict[str, np.ndarray] = {}
    free: dict[str, np.ndarray] = {}
    for part in parts:
        if part in made:
            columns.update(made[part]())
            continue
        if country is None:
            raise UserError(f"calendar: '{part}' needs a country", "For example holidays: AZ")
        free = free or _holiday_columns(local.normalize(), country)
        columns[part] = free[part]
    return {name: np.asarray(column, float) for name, column in columns.items()}


def check_clock(parts: Sequence[str] | None, country: str | None, timezone: str | None) -> None:
    """Refuse a part of the calendar, a country or a time zone that there is not."""
    for part in parts or ():
        if part not in CALENDAR_PARTS:
            raise UserError(f"calendar: no part '{part}'", choices_text(part, CALENDAR_PARTS))
    if country is not None:
        holidays_of(country, 2020, 2020)
    if timezone is not None and timezone not in available_timezones():
        close = nearest(timezone, available_timezones())
        hint = f"did you mean '{close}'?" if close else "For example Asia/Baku"
        raise UserError(f"'{timezone}' is no time zone", hint)


def _usual_parts(stamps: pd.Index, country: str | None) -> list[str]:
    """Only what the step of the index can show: monthly data gets the year's season alone."""
    spacing = (stamps[1] - stamps[0]) if len(stamps) > 1 else pd.Timedelta(days=365)
    parts = ["year_waves"] if spacing < pd.Timedelta(days=200) else []
    parts += ["weekday_days"] if spacing < pd.Timedelta(days=6) else []
    parts += ["hour_waves", "day_shapes"] if spacing < pd.Timedelta(hours=20) else []
    parts += ["holiday"] if country is not None and spacing < pd.Timedelta(days=6) else []
    return parts


def calendar_features(
    index: pd.DatetimeIndex | pd.PeriodIndex,
    country: str | None = None,
    parts: Sequence[str] | None = None,
    timezone: str | None = None,
) -> np.ndarray:
    """Return season of the year, day of the week, hour of each weekday and holidays.

    Parameters
    ----------
    index : DatetimeIndex or PeriodIndex
        Periods.
    country : str, optional
        ISO code for public holidays.
    parts : sequence of str, optional
        Which parts; by default those the step of the index can show.
    timezone : str, optional
        Zone whose clock is meant.

    Returns
    -------
    ndarray of shape (periods, features)
    """
    stamps = index.to_timestamp() if isinstance(index, pd.PeriodIndex) else index
    wanted = _usual_parts(stamps, country) if parts is None else parts
    table = calendar_table(stamps, wanted, country=country, timezone=timezone)
    return np.column_stack(list(table.values())) if table else np.empty((len(stamps), 0))
