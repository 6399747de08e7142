"""Day-ahead model: one linear equation for each step of the coming days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import pandas as pd

from dcforecast.errors import UserError
from dcforecast.features.calendar import holiday_dates
from dcforecast.models.base import Ability, future_index
from dcforecast.models.conformal import widening
from dcforecast.models.naive import Drift
from dcforecast.models.ridge import leave_one_out_ridge
from dcforecast.models.special_days import special_day_effects

__all__ = ["DayAhead", "clock", "filled"]

#: Whole days an equation needs; on less the seasonal drift stands in.
_FEWEST_DAYS = 42
#: Newest days whose leave-one-out errors make the paths: a year holds every season once.
_ERROR_DAYS = 365


class DayAhead(Drift):
    """Direct linear equations, one a step, after the LEAR model (Lago et al. 2021, section 4.2).

    Inputs: all values of the last days, the same hours one and two weeks before, regressors
    of the last day, of the forecast and of the week before, weekday, season of the year and
    holidays.  Rows are days that begin at the hour of the origin.  Ridge with a penalty by
    leave-one-out stands for the LASSO of the original, as all steps then share one decomposition.
    Paths add whole rows of leave-one-out errors, so that steps keep their correlation.  The
    equations are solved when the horizon is known, in `predict`.

    On steps of two hours and longer, or on fewer than 42 days, it is the seasonal drift.

    Parameters
    ----------
    season_length : int, optional
        Steps of a day; by the series' step when None.
    windows : sequence of int
        Days to learn from; forecasts of several windows are averaged.
    lags : int
        Last days whose values are inputs.
    transform : {"none", "asinh"}
        asinh of the value round its median over its spread tames spikes and takes negative
        prices (Uniejewski, Weron and Ziel 2018).
    holidays : str, optional
        ISO country code: effects of special days are taken out of the record and put back ahead.
    correct : bool
        The first regressor is a published forecast of the series: model its error.
    held : int
        Newest days held out to measure how much wider errors of forecasts are than those of
        days left out; fewer where short windows age fast.
    """

    supports: ClassVar[frozenset[Ability]] = frozenset({Ability.EXOGENOUS, Ability.MISSING})

    def __init__(
        self,
        season_length: int | None = None,
        windows: Sequence[int] = (1456,),
        lags: int = 3,
        transform: str = "none",
        holidays: str | None = None,
        correct: bool = False,
        held: int = 56,
    ) -> None:
        super().__init__(season_length)
        self.windows = windows
        self.lags = lags
        self.transform = transform
        self.holidays = holidays
        self.correct = correct
        self.held = held

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:
        whole = filled(values, self.season_)
        self.daily_ = self.season_ >= 24 and len(whole) >= _FEWEST_DAYS * self.season_
        if not self.daily_:
            super()._fit(whole, None)
            return
        if self.correct:
            if X is None:
                raise UserError("DayAhead: correct needs a published forecast as a regressor")
            whole = filled(values - X[:, 0] / self.scale_, self.season_)
        self.middle_ = float(np.median(whole))
        self.width_ = 1.4826 * float(np.median(np.abs(whole - self.middle_))) or 1.0
        self.whole_ = whole
        self.past_X_ = None if X is None else X

    def _narrow(self, values: np.ndarray) -> np.ndarray:
        if self.transform != "asinh":
            return values
        return np.asarray(np.arcsinh((values - self.middle_) / self.width_))

    def _widen(self, values: np.ndarray) -> np.ndarray:
        if self.transform != "asinh":
            return values
        return np.asarray(np.sinh(np.clip(values, -12.0, 12.0)) * self.width_ + self.middle_)

    def _sample(
        self, horizon: int, n: int, rng: np.random.Generator, X: np.ndarray | None
    ) -> np.ndarray:
        if not self.daily_:
            return super()._sample(horizon, n, rng, None)
        if (X is None) != (self.past_X_ is None):
            raise UserError("DayAhead: regressors are needed in fit and in predict, or in neither")
        steps = min(horizon, 7 * self.season_)
        special = self._special(steps)
        self.past_ = self._narrow(self.whole_ - special[:-steps])
        middle, errors = self._solve(steps, None if X is None else X[:steps])
        drawn = errors[rng.integers(len(errors), size=n)]
        paths = self._widen(middle + drawn) + special[-steps:]
        if horizon > steps:  # beyond a week the week repeats
            paths = np.tile(paths, (1, -(-horizon // steps)))[:, :horizon]
        if self.correct and X is not None:
            paths = paths + X[:horizon, 0] / self.scale_
        return np.asarray(paths)

    def _special(self, steps: int) -> np.ndarray:
        """Return the effect of special days on the record and on the steps ahead."""
        if self.holidays is None or self.correct:  # a published forecast knows its holidays
            return np.zeros(len(self.whole_) + steps)
        ahead = future_index(self.index_, max(steps, 2))[:steps]
        return special_day_effects(self.whole_, clock(self.index_.append(ahead)), self.holidays)

    def _solve(self, steps: int, X: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """Return the forecast and the errors of past days, shape (days, steps)."""
        season, count = self.season_, len(self.past_)
        first = max(14, self.lags) * season
        newest = count - -(-steps // season) * season
        most = max(int(window) for window in self.windows)
        starts = np.arange(newest, first - 1, -season)[::-1][-most:]
        table = self._inputs(np.append(starts, count), steps, X)
        targets = self.past_[starts[:, None] + np.arange(steps)]
        middle, errors = self._average(table[:-1], targets, table[-1:])
        return middle[0], self._honest(table[:-1], targets, errors - np.median(errors, axis=0))

    def _average(
        self, table: np.ndarray, targets: np.ndarray, ahead: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the mean forecast of all windows and the longest one's leave-one-out errors."""
        found = [
            leave_one_out_ridge(table[-days:], targets[-days:], ahead)
            for days in sorted({min(int(w), len(table)) for w in self.windows})
        ]
        return np.mean([one[0] for one in found], axis=0), found[-1][1][-_ERROR_DAYS:]

    def _honest(self, table: np.ndarray, targets: np.ndarray, errors: np.ndarray) -> np.ndarray:
        """Scale errors as wide as those of the newest days, forecast from the days before."""
        days = int(self.held)
        if len(table) < 3 * days:
            return errors
        found, _ = self._average(table[:-days], targets[:-days], table[-days:])
        return errors * widening(errors, targets[-days:] - found)

    def _inputs(self, starts: np.ndarray, steps: int, X: np.ndarray | None) -> np.ndarray:
        """Return the inputs of forecasts that begin at each of `starts`."""
        season, at = self.season_, starts[:, None]
        ahead = np.arange(steps)
        parts = [self.past_[at + np.arange(-self.lags * season, 0)]]
        parts += [self.past_[at - week * 7 * season + ahead] for week in (1, 2)]
        if X is not None and self.past_X_ is not None:
            whole = np.concatenate([self.past_X_, X])
            for column in _filled_columns(whole, season).T:
                parts.append(column[at + np.arange(-season, steps)])
                parts.append(column[at - 7 * season + ahead])
        parts.append(self._calendar(starts, steps))
        return np.column_stack(parts)

    def _calendar(self, starts: np.ndarray, steps: int) -> np.ndarray:
        """Weekday, season and holidays round the middle of the last forecast day."""
        stamps = clock(self.index_.append(future_index(self.index_, 2)[:1]))
        share = max(steps - self.season_ // 2, 0) / self.season_
        days = pd.DatetimeIndex(stamps[starts] + pd.Timedelta(days=share)).normalize()
        angle = 2 * np.pi * (days.day_of_year.to_numpy() - 1) / 365.25
        columns = [np.asarray(days.day_of_week == day, float) for day in range(7)]
        columns += [f(k * angle) for k in (1, 2, 3) for f in (np.sin, np.cos)]
        if self.holidays is not None:
            first, last = int(days.year.min()) - 1, int(days.year.max()) + 1
            free = list(holiday_dates(self.holidays, first, last))
            near = [-7, *range(-(steps // self.season_) - 1, 2)]
            flags = {o: (days + pd.Timedelta(days=o)).isin(free) for o in near}
            columns += [np.asarray(flag, float) for flag in flags.values()]
            # A holiday on a weekend takes away little.
            columns.append(np.asarray(flags[0] & (days.day_of_week >= 5), float))
        return np.column_stack(columns)


def clock(index: pd.Index) -> pd.DatetimeIndex:
    """Return the times of an index as its clock shows them."""
    plain = index.to_timestamp() if isinstance(index, pd.PeriodIndex) else index
    return pd.DatetimeIndex(plain).tz_localize(None)


def filled(values: np.ndarray, season: int) -> np.ndarray:
    """Fill gaps from a week before, else a season, else the value before: the past alone."""
    whole = np.array(values, float)
    for place in np.flatnonzero(np.isnan(whole)):
        behind = [place - lag for lag in (7 * season, season, 1) if place >= lag]
        usable = [whole[i] for i in behind if not np.isnan(whole[i])]
        whole[place] = usable[0] if usable else np.nanmedian(values)
    return whole


def _filled_columns(table: np.ndarray, season: int) -> np.ndarray:
    return np.column_stack([filled(column, season) for column in table.T])
