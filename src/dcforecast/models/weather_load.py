"""Load by weather and calendar: one equation for each time of day, corrected by recent errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from dcforecast.features.calendar import holiday_dates
from dcforecast.models.base import Ability, future_index
from dcforecast.models.conformal import widening
from dcforecast.models.day_ahead import clock, filled, periods_after
from dcforecast.models.naive import Drift
from dcforecast.models.ridge import Equations, leave_one_out_equations

__all__ = ["WeatherLoad"]

#: Whole days an equation needs; on less the seasonal drift stands in.
_FEWEST_DAYS = 70
#: Quantiles of a regressor at which its slope may change, and the inner ones for smoothed values.
_KNOTS, _FEWER_KNOTS = (0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9), (0.25, 0.5, 0.6, 0.75)
#: Fewest and most newest days held out to measure how much wider errors of forecasts are, and
#: days that are to be left before them: equations that never saw a season tell nothing of it.
_HELD_DAYS, _LEFT_DAYS = (28, 168), 400
#: Weight [shares of the rows] that keeps the coefficients of the error correction small.
_CORRECTION_PENALTY = 0.1
#: Days round the same day of years before, and the share of paths that have errors of these.
_ALIKE_DAYS, _ALIKE_SHARE = 7, 0.5
#: Half-lives after which smoothed weather has forgotten how it began: 2^-60 is left.
_FORGOTTEN = 60


@dataclass(frozen=True)
class _Learned:
    """Equations of each time of day and their past errors.

    Attributes
    ----------
    knots : tuple of ndarray
        Of each regressor, by `_KNOTS` and `_FEWER_KNOTS`.
    equations : list of Equations
        By time of day, of which the first follows the end of the fitted record.
    left_out, held : ndarray of shape (periods,)
        Leave-one-out errors; the same with errors of held-out forecasts for the newest days.
    newest : int
        Days that were held out.
    """

    knots: tuple[tuple[np.ndarray, np.ndarray], ...]
    equations: list[Equations]
    left_out: np.ndarray
    held: np.ndarray
    newest: int


class WeatherLoad(Drift):
    """Direct equations in present, past and smoothed weather, for hours to weeks ahead.

    For each time of day the series is a ridge regression on piecewise linear functions of each
    regressor: its value now, some hours before (the recency effect of Wang, Liu and Hong 2016)
    and smoothed over hours to days; on season of the year, weekday, holidays and a straight
    trend.  Errors of the last day and week correct the days ahead, by coefficients learned from
    leave-one-out errors for each day ahead.  Paths add whole rows of past errors, widened to
    the errors of the newest days when these are held out; half of them are of the same days in
    years before, as some weeks of the year (feasts) are wilder than others.  `update` keeps
    equations, correction and past errors; the newest errors correct on.

    The regressors must be known over the horizon.  Without them, on steps of two hours and
    longer, or on fewer than 70 days, it is the seasonal drift.

    Parameters
    ----------
    season_length : int, optional
        Steps of a day; by the series' step when None.
    days : int
        Newest days to learn from.
    lags : sequence of float
        Hours before at which the regressors act.
    half_lives : sequence of float
        Half-lives [h] of the smoothed regressors.
    transform : {"log", "none"}
        Scale of the model.
    holidays : str, optional
        ISO country code for public holidays.
    """

    supports: ClassVar[frozenset[Ability]] = frozenset(
        {Ability.EXOGENOUS, Ability.MISSING, Ability.ROLL_FORWARD}
    )
    transforms: ClassVar[tuple[str, ...]] = ("log", "none")

    def __init__(
        self,
        season_length: int | None = None,
        days: int = 1460,
        lags: Sequence[float] = (1, 2, 3, 6, 24),
        half_lives: Sequence[float] = (3, 12, 36),
        transform: str = "log",
        holidays: str | None = None,
    ) -> None:
        super().__init__(season_length)
        self.days = days
        self.lags = lags
        self.half_lives = half_lives
        self.transform = transform
        self.holidays = holidays

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:
        whole = filled(values, self.season_)
        enough = self.season_ >= 24 and len(whole) >= _FEWEST_DAYS * self.season_
        self.learned_ = len(whole)
        self.weather_: _Learned | None = None
        self.rows_: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}
        if enough and X is not None:
            self.weather_ = self._learn(whole, X)
            self.past_, self.errors_ = whole, self.weather_.left_out
        else:
            super()._fit(whole, None)

    def _roll(self, values: np.ndarray) -> None:
        whole, X = filled(values, self.season_), self.exogenous_
        if self.weather_ is None or X is None:
            super()._roll(whole)
            return
        known = len(self.past_)
        missed = whole[known:] - self._level(self._features(X, known, self.weather_.knots), known)
        self.past_, self.errors_ = whole, np.append(self.errors_, missed)

    def _learn(self, whole: np.ndarray, X: np.ndarray) -> _Learned:
        season, columns = self.season_, [filled(column, self.season_) for column in X.T]
        knots = tuple((np.quantile(x, _KNOTS), np.quantile(x, _FEWER_KNOTS)) for x in columns)
        count = min(len(whole) // season, int(self.days))
        table = self._features(X, 0, knots)[-count * season :].reshape(count, season, -1)
        known = whole[-count * season :].reshape(count, season)
        equations, left_out = _equations(table, known)
        newest = int(np.clip(count - _LEFT_DAYS, *_HELD_DAYS))
        fewer, _ = _equations(table[:-newest], known[:-newest])
        held = [one.forecast(table[-newest:, slot]) for slot, one in enumerate(fewer)]
        mixed = np.concatenate([left_out[:-newest], known[-newest:] - np.column_stack(held)])
        return _Learned(knots, equations, left_out.ravel(), mixed.ravel(), newest)

    def _level(self, features: np.ndarray, first: int) -> np.ndarray:
        """Return the equations' value of periods from `first` on, errors not yet corrected."""
        assert self.weather_ is not None
        slots = (first - self.learned_ + np.arange(len(features))) % self.season_
        found = np.empty(len(features))
        for slot, equations in enumerate(self.weather_.equations):
            found[slots == slot] = equations.forecast(features[slots == slot])[:, 0]
        return found

    def _sample(
        self, horizon: int, n: int, rng: np.random.Generator, X: np.ndarray | None
    ) -> np.ndarray:
        past_X = self.exogenous_
        if self.weather_ is None or past_X is None or X is None:
            return super()._sample(horizon, n, rng, None)
        season, count = self.season_, len(self.past_)
        days = -(-horizon // season)
        # Hours after the last whole day ahead repeat the last weather: they are cut off.
        ahead = np.pad(X[:horizon], ((0, days * season - horizon), (0, 0)), "edge")
        features = self._features(np.concatenate([past_X, ahead]), count, self.weather_.knots)
        slopes, errors = self._corrections(days, count)
        week = self.errors_[-7 * season :].reshape(7, season)
        middle = self._level(features, count) + _correction(week, np.array([7]), slopes)[0]
        newest = days + periods_after(self.learned_, count, season) // season
        drawn = errors[_rows(len(errors), newest, n, rng)]
        return np.asarray((middle + drawn)[:, :horizon])

    def _corrections(self, days: int, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Return, for origins at the hour of `count`, slopes by day ahead and rows of errors."""
        assert self.weather_ is not None
        later = periods_after(self.learned_, count, self.season_)
        cut = self.learned_ + later - count  # newest periods after the last origin of this hour
        if (days, cut) not in self.rows_:
            left_out, held = (
                _by_day(one, cut, self.season_)
                for one in (self.weather_.left_out, self.weather_.held)
            )
            slopes = _slopes(left_out, days)
            errors = _corrected(left_out, slopes, days)
            newest = self.weather_.newest - (cut > 0) - days + 1
            tested = _corrected(held, slopes, days)[-max(newest, 1) :]
            errors = errors - np.median(errors, axis=0)
            self.rows_[days, cut] = slopes, errors * widening(errors, tested)
        return self.rows_[days, cut]

    def _features(
        self, regressors: np.ndarray, first: int, knots: Sequence[tuple[np.ndarray, np.ndarray]]
    ) -> np.ndarray:
        """Return the inputs of every period from `first` on, shape (periods, inputs)."""
        per_hour = self.season_ / 24
        memory = max([24, *self.lags, *(_FORGOTTEN * life for life in self.half_lives)]) * per_hour
        begin = max(0, first - int(memory))
        parts = []
        for column, (all_knots, fewer) in zip(regressors.T, knots, strict=True):
            x = filled(column, self.season_)[begin:]
            parts.append(_bent(x, all_knots))
            for lag in self.lags:
                by = max(1, round(lag * per_hour))
                parts.append(_bent(np.append(np.full(by, x[0]), x[:-by]), fewer[[0, 2, 3]]))
            parts += [_bent(_smooth(x, life * per_hour), fewer) for life in self.half_lives]
        index = self.index_
        if len(regressors) > len(index):
            index = index.append(future_index(index, max(len(regressors) - len(index), 2)))
        dates = self._dates(clock(index[begin : len(regressors)]))
        trend = np.arange(begin, len(regressors)) / self.learned_
        return np.column_stack([*parts, dates, trend])[first - begin :]

    def _dates(self, stamps: pd.DatetimeIndex) -> np.ndarray:
        angle = 2 * np.pi * (stamps.day_of_year.to_numpy() - 1) / 365.25
        columns = [np.asarray(stamps.day_of_week == day, float) for day in range(7)]
        columns += [f(k * angle) for k in (1, 2, 3) for f in (np.sin, np.cos)]
        if self.holidays is not None:
            days = stamps.normalize()
            free = list(holiday_dates(self.holidays, days[0].year - 1, days[-1].year + 1))
            near = [days + pd.Timedelta(days=offset) for offset in (-1, 0, 1)]
            columns += [np.asarray(day.isin(free), float) for day in near]
        return np.column_stack(columns)


def _rows(count: int, newest: int, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw rows of errors, half of them of the same days in years before if there are any.

    Parameters
    ----------
    count, newest : int
        Rows, and how many days before the origin the newest of them begins.
    n : int
        How many to draw.
    rng : numpy.random.Generator
        Source of chance.
    """
    ages = newest + np.arange(count)[::-1]
    years = np.round(ages / 365.25)
    alike = np.flatnonzero((years > 0) & (np.abs(ages - 365.25 * years) <= _ALIKE_DAYS))
    drawn = rng.integers(count, size=n)
    if len(alike):
        again = rng.random(n) < _ALIKE_SHARE
        drawn[again] = rng.choice(alike, again.sum())
    return np.asarray(drawn)


def _bent(x: np.ndarray, knots: np.ndarray) -> np.ndarray:
    return np.column_stack([x, *(np.maximum(x - knot, 0.0) for knot in knots)])


def _smooth(x: np.ndarray, half_life: float) -> np.ndarray:
    from scipy.signal import lfilter

    keep = 0.5 ** (1 / half_life)
    start = np.array([keep * x[:24].mean()])
    return np.asarray(lfilter([1 - keep], [1, -keep], x, zi=start)[0])


def _equations(table: np.ndarray, known: np.ndarray) -> tuple[list[Equations], np.ndarray]:
    """Solve each time of day: equations, and leave-one-out errors of shape (days, season)."""
    found = [
        leave_one_out_equations(table[:, slot], known[:, [slot]]) for slot in range(known.shape[1])
    ]
    return [one for one, _ in found], np.column_stack([errors for _, errors in found])


def _by_day(errors: np.ndarray, cut: int, season: int) -> np.ndarray:
    """Return errors in rows of whole days, the newest `cut` left out."""
    kept = errors[: len(errors) - cut]
    return np.asarray(kept[len(kept) % season :].reshape(-1, season))


def _signals(errors: np.ndarray, origins: np.ndarray) -> np.ndarray:
    """Return errors known at the start of each day: last day's mean, week's mean, by hour."""
    season = errors.shape[1]
    week = np.stack([errors[at - 7 : at] for at in origins])
    last = week[:, -1]
    mean = [np.repeat(one[:, None], season, axis=1) for one in (last.mean(1), week.mean((1, 2)))]
    evening = np.repeat(last[:, -season // 4 :].mean(1)[:, None], season, axis=1)
    return np.stack([*mean, evening, last, week.mean(axis=1)], axis=2)


def _slopes(errors: np.ndarray, ahead: int) -> np.ndarray:
    """Learn, for each day ahead, how errors known at its origin carry on."""
    found = []
    for day in range(ahead):
        origins = np.arange(7, len(errors) - day)
        signals = _signals(errors, origins)
        count = signals.shape[-1]
        inputs = signals.reshape(-1, count)
        gram = inputs.T @ inputs
        penalty = _CORRECTION_PENALTY * np.trace(gram) / count * np.eye(count)
        target = errors[origins + day].ravel()
        found.append(np.linalg.solve(gram + penalty + 1e-12 * np.eye(count), inputs.T @ target))
    return np.array(found)


def _correction(errors: np.ndarray, origins: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """Return what to add to the days from each origin on, shape (origins, steps)."""
    signals = _signals(errors, origins)
    return np.concatenate([signals @ slope for slope in slopes], axis=1)


def _corrected(errors: np.ndarray, slopes: np.ndarray, ahead: int) -> np.ndarray:
    origins = np.arange(7, len(errors) - ahead + 1)
    rows = np.stack([errors[at : at + ahead].ravel() for at in origins])
    return np.asarray(rows - _correction(errors, origins, slopes))
