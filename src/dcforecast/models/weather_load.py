"""Load by weather and calendar: one equation for each time of day, corrected by recent errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import pandas as pd

from dcforecast.errors import UserError
from dcforecast.features.calendar import holiday_dates
from dcforecast.models.base import Ability, future_index
from dcforecast.models.conformal import widening
from dcforecast.models.day_ahead import clock, filled
from dcforecast.models.naive import Drift
from dcforecast.models.ridge import leave_one_out_ridge

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


class WeatherLoad(Drift):
    """Direct equations in present, past and smoothed weather, for hours to weeks ahead.

    For each time of day the series is a ridge regression on piecewise linear functions of each
    regressor: its value now, some hours before (the recency effect of Wang, Liu and Hong 2016)
    and smoothed over hours to days; on season of the year, weekday, holidays and a straight
    trend.  Errors of the last day and week correct the days ahead, by coefficients learned from
    leave-one-out errors for each day ahead.  Paths add whole rows of past errors, widened to
    the errors of the newest days when these are held out.

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

    supports: ClassVar[frozenset[Ability]] = frozenset({Ability.EXOGENOUS, Ability.MISSING})

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
        self.past_X_ = X if enough else None
        self.past_ = whole
        if self.past_X_ is None:
            super()._fit(whole, None)

    def _sample(
        self, horizon: int, n: int, rng: np.random.Generator, X: np.ndarray | None
    ) -> np.ndarray:
        if self.past_X_ is None:
            return super()._sample(horizon, n, rng, None)
        if X is None:
            raise UserError("WeatherLoad: regressors are needed in predict as in fit")
        season = self.season_
        steps = -(-horizon // season) * season
        # Hours after the last whole day ahead repeat the last weather: they are cut off.
        ahead = np.concatenate([X, np.repeat(X[-1:], steps - horizon, axis=0)])
        features = self._features(np.concatenate([self.past_X_, ahead]))
        count = min(len(self.past_) // season, int(self.days))
        table = features[-count * season - steps :].reshape(count + steps // season, season, -1)
        known = self.past_[-count * season :].reshape(count, season)
        middle, errors = _solve(table, known)
        drawn = errors[rng.integers(len(errors), size=n)]
        return np.asarray((middle + drawn)[:, :horizon])

    def _features(self, regressors: np.ndarray) -> np.ndarray:
        """Return the inputs of every step of the record and ahead, shape (steps, inputs)."""
        per_hour = self.season_ / 24
        parts = []
        for column in regressors.T:
            x = filled(column, self.season_)
            past = x[: len(self.past_)]
            knots, fewer = np.quantile(past, _KNOTS), np.quantile(past, _FEWER_KNOTS)
            parts.append(_bent(x, knots))
            for lag in self.lags:
                by = max(1, round(lag * per_hour))
                parts.append(_bent(np.append(np.full(by, x[0]), x[:-by]), fewer[[0, 2, 3]]))
            parts += [_bent(_smooth(x, life * per_hour), fewer) for life in self.half_lives]
        index = self.index_.append(future_index(self.index_, len(regressors) - len(self.past_)))
        return np.column_stack([*parts, self._dates(clock(index))])

    def _dates(self, stamps: pd.DatetimeIndex) -> np.ndarray:
        angle = 2 * np.pi * (stamps.day_of_year.to_numpy() - 1) / 365.25
        columns = [np.asarray(stamps.day_of_week == day, float) for day in range(7)]
        columns += [f(k * angle) for k in (1, 2, 3) for f in (np.sin, np.cos)]
        columns.append(np.arange(len(stamps)) / len(stamps))
        if self.holidays is not None:
            days = stamps.normalize()
            free = list(holiday_dates(self.holidays, days[0].year - 1, days[-1].year + 1))
            near = [days + pd.Timedelta(days=offset) for offset in (-1, 0, 1)]
            columns += [np.asarray(day.isin(free), float) for day in near]
        return np.column_stack(columns)


def _bent(x: np.ndarray, knots: np.ndarray) -> np.ndarray:
    return np.column_stack([x, *(np.maximum(x - knot, 0.0) for knot in knots)])


def _smooth(x: np.ndarray, half_life: float) -> np.ndarray:
    from scipy.signal import lfilter

    keep = 0.5 ** (1 / half_life)
    start = np.array([keep * x[:24].mean()])
    return np.asarray(lfilter([1 - keep], [1, -keep], x, zi=start)[0])


def _solve(table: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the forecast of the days ahead and rows of past errors, shape (rows, steps).

    `table` has the inputs of known days and of those ahead, shape (days, season, inputs).
    """
    count, ahead = len(known), len(table) - len(known)
    base, left_out = _equations(table, known)
    slopes = _slopes(left_out, ahead)
    errors = _corrected(left_out, slopes, ahead)
    middle = base.ravel() + _correction(left_out, np.array([count]), slopes)[0]
    newest = int(np.clip(count - _LEFT_DAYS, *_HELD_DAYS))
    held, _ = _equations(table[:count], known[:-newest])
    mixed = np.concatenate([left_out[:-newest], known[-newest:] - held])
    tested = _corrected(mixed, slopes, ahead)[-max(newest - ahead + 1, 1) :]
    errors = errors - np.median(errors, axis=0)
    return middle, errors * widening(errors, tested)


def _equations(table: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Solve each time of day: forecasts of the days after the known and leave-one-out errors."""
    count = len(known)
    found = [
        leave_one_out_ridge(table[:count, slot], known[:, [slot]], table[count:, slot])
        for slot in range(known.shape[1])
    ]
    return np.column_stack([f for f, _ in found]), np.column_stack([e for _, e in found])


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
        inputs = _signals(errors, origins).reshape(-1, 5)
        gram = inputs.T @ inputs
        penalty = _CORRECTION_PENALTY * np.trace(gram) / 5 * np.eye(5)
        target = errors[origins + day].ravel()
        found.append(np.linalg.solve(gram + penalty + 1e-12 * np.eye(5), inputs.T @ target))
    return np.array(found)


def _correction(errors: np.ndarray, origins: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """Return what to add to the days from each origin on, shape (origins, steps)."""
    signals = _signals(errors, origins)
    return np.concatenate([signals @ slope for slope in slopes], axis=1)


def _corrected(errors: np.ndarray, slopes: np.ndarray, ahead: int) -> np.ndarray:
    origins = np.arange(7, len(errors) - ahead + 1)
    rows = np.stack([errors[at : at + ahead].ravel() for at in origins])
    return np.asarray(rows - _correction(errors, origins, slopes))
