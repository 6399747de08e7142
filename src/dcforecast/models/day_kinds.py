"""Sizes of errors by kind of day: Mondays and days round holidays are harder than others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from dcforecast.features.calendar import holiday_dates

__all__ = ["DayKinds", "KindSizes"]

#: The seven weekdays, and days that are a holiday or next to one.
_KINDS, _NEAR_HOLIDAY = 8, 7
#: Rows of errors without which no kinds are told apart: eight of each weekday.
_FEWEST = 56
#: Days of the usual size that are counted with those of each kind.
_USUAL_DAYS = 8


@dataclass(frozen=True)
class DayKinds:
    """What kind of day the periods of a record and those after it lie on.

    Attributes
    ----------
    first : pandas.Timestamp
        Start of the record, on the clock whose days are meant.
    step : pandas.Timedelta
        From one period to the next.
    country : str, optional
        ISO code; without one there are weekdays alone.
    daily : bool
        Whether the season is one day of several periods; else there is one kind of day.
    """

    first: pd.Timestamp
    step: pd.Timedelta
    country: str | None
    daily: bool

    @classmethod
    def of(
        cls, index: pd.Index, season: int, country: str | None, timezone: str | None = None
    ) -> Self:
        """Return those of a record, by the clock of its index or of a time zone."""
        stamps = pd.DatetimeIndex(
            index[:2].to_timestamp() if isinstance(index, pd.PeriodIndex) else index[:2]
        )
        step = stamps[1] - stamps[0]
        if timezone is not None and stamps.tz is not None:
            stamps = stamps.tz_convert(timezone)
        return cls(stamps[0], step, country, season > 1 and season * step == pd.Timedelta(days=1))

    def at(self, starts: np.ndarray, steps: int) -> np.ndarray:
        """Return the kinds of `steps` periods from each start on, shape (starts, steps)."""
        periods = starts[:, None] + np.arange(steps)
        if not self.daily:
            return np.zeros_like(periods)
        stamps = self.first + pd.TimedeltaIndex(periods.ravel() * self.step)
        days = stamps.tz_localize(None).normalize()
        kinds = days.day_of_week.to_numpy()
        if self.country is not None:
            years = days.year
            free = list(holiday_dates(self.country, int(years.min()) - 1, int(years.max()) + 1))
            near = [(days + pd.Timedelta(days=offset)).isin(free) for offset in (-1, 0, 1)]
            kinds = np.where(np.any(near, axis=0), _NEAR_HOLIDAY, kinds)
        return np.asarray(kinds.reshape(periods.shape))


@dataclass(frozen=True)
class KindSizes:
    """Size of errors on each kind of day, that of all days together being one.

    Attributes
    ----------
    past : ndarray of shape (kinds,)
        Mean size on the days learned from, drawn towards one where these are few.
    ahead : ndarray of shape (kinds,)
        What a new day gets: of n days, one n-th more, as a conformal quantile allows for a
        score to come (Lei et al. 2018).
    """

    past: np.ndarray
    ahead: np.ndarray

    @classmethod
    def of(cls, errors: np.ndarray, kinds: np.ndarray, season: int) -> Self:
        """Learn sizes from rows of errors.

        Parameters
        ----------
        errors, kinds : ndarray of shape (rows, steps)
            Errors, and the kind of day each is on.
        season : int
            Steps of a day.
        """
        rows, steps = errors.shape
        if rows < _FEWEST or (kinds == kinds[0, 0]).all():
            return cls(np.ones(_KINDS), np.ones(_KINDS))
        usual = np.abs(errors).mean(axis=0) + 1e-12
        found = np.bincount(kinds.ravel(), (np.abs(errors) / usual).ravel(), _KINDS)
        a_day = min(steps, season)
        days = np.bincount(kinds.ravel(), minlength=_KINDS) / a_day + _USUAL_DAYS
        past = (found / a_day + _USUAL_DAYS) / days
        return cls(past, past * (1 + 1 / days))
