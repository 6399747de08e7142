"""Day-ahead model: one linear equation for each step of the coming days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import pandas as pd

from dcforecast.errors import UserError
from dcforecast.features.calendar import holiday_dates
from dcforecast.models.base import Ability, future_index
from dcforecast.models.day_ahead_solved import Solved, Window, mean_forecast
from dcforecast.models.day_kinds import DayKinds
from dcforecast.models.naive import Drift
from dcforecast.models.ridge import leave_one_out_equations
from dcforecast.models.special_days import special_day_effects

__all__ = ["DayAhead", "clock", "filled", "periods_after"]

#: Whole days an equation needs; on less the seasonal drift stands in.
_FEWEST_DAYS = 42
#: Newest days whose leave-one-out errors make the paths: a year holds every season once.
ERROR_DAYS = 365


class DayAhead(Drift):
    """Direct linear equations, one a step, after the LEAR model (Lago et al. 2021, section 4.2).

    Inputs: all values of the last days, the same hours one and two weeks before, regressors
    of the last day, of the forecast and of the week before, weekday, season of the year and
    holidays.  Rows are days that begin at the hour of the origin.  Ridge with a penalty by
    leave-one-out stands for the LASSO of the original, as all steps then share one decomposition.
    Paths add whole rows of leave-one-out errors, so that steps keep their correlation; weekdays
    and, with `holidays`, the days round these have errors of their own size (`KindSizes`).  The
    equations are solved when the horizon is known, in `predict`, from the record as fitted;
    `update` keeps them.

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

    transforms: ClassVar[tuple[str, ...]] = ("none", "asinh")
    supports: ClassVar[frozenset[Ability]] = frozenset(
        {Ability.EXOGENOUS, Ability.MISSING, Ability.ROLL_FORWARD}
    )

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
        self.learned_ = len(values)
        self.solved_: dict[tuple[int, int], Solved] = {}
        self.kinds_ = DayKinds.of(self.index_, self.season_, self.holidays)
        self.daily_ = self.season_ >= 24 and len(values) >= _FEWEST_DAYS * self.season_
        if self.daily_ and self.correct and X is None:
            raise UserError("DayAhead: correct needs a published forecast as a regressor")
        self._roll(values)
        if self.daily_:
            self.middle_ = float(np.median(self.whole_))
            spread = 1.4826 * float(np.median(np.abs(self.whole_ - self.middle_)))
            self.width_ = spread or 1.0

    def _roll(self, values: np.ndarray) -> None:
        if not self.daily_:
            super()._roll(filled(values, self.season_))
            return
        self.past_X_ = self.exogenous_
        if self.correct and self.past_X_ is not None:
            values = values - self.past_X_[:, 0] / self.scale_
        self.whole_ = filled(values, self.season_)

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
        steps = min(horizon, 7 * self.season_)
        past, special = self._ordinary(len(self.whole_), steps)
        middle, errors = self._forecast(past, steps, None if X is None else X[:steps])
        drawn = errors[rng.integers(len(errors), size=n)]
        paths = self._widen(middle + drawn) + special
        if horizon > steps:  # beyond a week the week repeats
            paths = np.tile(paths, (1, -(-horizon // steps)))[:, :horizon]
        if self.correct and X is not None:
            paths = paths + X[:horizon, 0] / self.scale_
        return np.asarray(paths)

    def _ordinary(self, count: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the first `count` values without special days, and these days' effect ahead."""
        special = np.zeros(count + steps)
        if self.holidays is not None and not self.correct:  # a published forecast knows them
            ahead = future_index(self.index_, max(steps, 2))
            stamps = clock(self.index_.append(ahead)[: count + steps])
            special = special_day_effects(self.whole_[:count], stamps, self.holidays)
        return self._narrow(self.whole_[:count] - special[:count]), special[count:]

    def _forecast(
        self, past: np.ndarray, steps: int, X: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the forecast and the errors of past days, shape (days, steps)."""
        count = len(past)
        key = steps, count % self.season_
        if key not in self.solved_:
            # The last origin of this hour in the record as fitted; later values teach nothing.
            known = past if count == self.learned_ else self._ordinary(self.learned_, steps)[0]
            later = periods_after(self.learned_, count, self.season_)
            self.solved_[key] = self._solve(known, count - later, steps, X)
        found, starts = self.solved_[key], np.array([count])
        middle = found.forecast(self._inputs(past, starts, steps, X))[0]
        return middle, found.errors * found.sizes[self.kinds_.at(starts, steps)]

    def _solve(self, past: np.ndarray, count: int, steps: int, X: np.ndarray | None) -> Solved:
        """Solve the equations of all windows on the days before period `count`."""
        season = self.season_
        first = max(14, self.lags) * season
        newest = count - -(-steps // season) * season
        most = max(int(window) for window in self.windows)
        starts = np.arange(newest, first - 1, -season)[::-1][-most:]
        table = self._inputs(past, starts, steps, X)
        targets = past[starts[:, None] + np.arange(steps)]
        return self._learned(table, targets, self.kinds_.at(starts, steps))

    def _learned(self, table: np.ndarray, targets: np.ndarray, kinds: np.ndarray) -> Solved:
        """Solve the equations of all windows, their errors as wide as those of a forecast."""
        windows, errors = self._equations(table, targets)
        days, newest = int(self.held), None
        if len(table) >= 3 * days:
            earlier, _ = self._equations(table[:-days], targets[:-days])
            newest = targets[-days:] - mean_forecast(earlier, table[-days:])
        return Solved.of(windows, errors, newest, kinds, self.season_)

    def _equations(
        self, table: np.ndarray, targets: np.ndarray
    ) -> tuple[tuple[Window, ...], np.ndarray]:
        """Solve all windows; the errors are the longest one's leave-one-out errors."""
        found = [
            leave_one_out_equations(table[-days:], targets[-days:])
            for days in sorted({min(int(w), len(table)) for w in self.windows})
        ]
        return tuple(one for one, _ in found), found[-1][1][-ERROR_DAYS:]

    def _inputs(
        self, past: np.ndarray, starts: np.ndarray, steps: int, X: np.ndarray | None
    ) -> np.ndarray:
        """Return the inputs of forecasts that begin at each of `starts`."""
        season, at = self.season_, starts[:, None]
        ahead = np.arange(steps)
        parts = [past[at + np.arange(-self.lags * season, 0)]]
        parts += [past[at - week * 7 * season + ahead] for week in (1, 2)]
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


def periods_after(learned: int, count: int, season: int) -> int:
    """Return periods from the last origin of the same hour within `learned` to that at `count`."""
    return -(-(count - learned) // season) * season


def filled(values: np.ndarray, season: int) -> np.ndarray:
    """Fill gaps from a week before, else a season, else the value before: the past alone.

    Gaps before any value take the first one.
    """
    whole = np.array(values, float)
    first = whole[np.isfinite(whole)][:1]
    for place in np.flatnonzero(np.isnan(whole)):
        behind = [place - lag for lag in (7 * season, season, 1) if place >= lag]
        usable = [whole[i] for i in behind if not np.isnan(whole[i])]
        whole[place] = usable[0] if usable else first[0]
    return whole


def _filled_columns(table: np.ndarray, season: int) -> np.ndarray:
    return np.column_stack([filled(column, season) for column in table.T])
