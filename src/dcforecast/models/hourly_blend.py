"""Blend of simple daily and weekly repetitions, with weights learned from each series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np

from dcforecast.models.base import Ability
from dcforecast.models.day_ahead import filled, periods_after
from dcforecast.models.naive import Drift
from dcforecast.models.ridge import Equations, leave_one_out_equations

__all__ = ["HourlyBlend"]

#: Days before the first origin that is learned from, and fewest such origins.
_FIRST, _FEWEST_ORIGINS = 15, 6
#: Penalties on weights that differ from equal ones, as shares of the mean square.
_PENALTIES = (0.01, 0.03, 0.1, 0.3, 1.0)
#: Blocks of days of the cross-validation.
_FOLDS = 5
#: Last hours that tell the level, and days of a mean day.
_LEVEL_HOURS, _MEAN_DAYS = (1, 3, 6, 24), (1, 3, 7, 14)
#: Parts of the day ahead with weights of their own (the first day, later ones), in 24ths.
_PARTS = ((0, 3, 8, 16, 24), (0, 12, 24))


@dataclass(frozen=True)
class _Learned:
    """What the newest `days` taught: weights by day ahead and part of it, and equations."""

    days: int
    weights: tuple[tuple[int, slice, np.ndarray], ...]
    equations: Equations

    def weighed(self, table: np.ndarray) -> np.ndarray:
        """Return the weighed forecast of the days after a table."""
        at = np.array([len(table)])
        simple = {day: _simple(table, at, day)[0] for day, _, _ in self.weights}
        return np.concatenate(
            [_weigh(simple[day][:, part], found) for day, part, found in self.weights]
        )


class HourlyBlend(Drift):
    """Two direct regressions, averaged, for series with a daily and a weekly season.

    The first weighs simple forecasts: mean days and weeks, each moved to the newest level in
    several ways.  Weights are shrunk to equal ones (as Diebold and Pauly 1990 advise), by a
    penalty from cross-validation over blocks of days, apart for parts of the day ahead.  The
    second is a ridge equation for each step on the last days and the week before.  Needs three
    weeks; on less, or on steps of two hours and longer, it is the seasonal drift.

    Paths add normal mixtures of the rows of cross-validated errors, so that few weeks of
    record give smooth quantiles and hours keep their correlation.  Weights and equations are
    solved when the horizon is known, in `predict`, from the record as fitted.  `update` keeps
    weights and spread; the equations, of few weeks, age within days and are solved again.

    Parameters
    ----------
    season_length : int, optional
        Steps of a day; by the series' step when None.
    windows : sequence of int
        Newest days to learn from; forecasts of several windows are averaged.
    lags : int
        Last days whose values the ridge equations take.
    transform : {"log", "none"}
        Scale of the model.
    spread : float
        Factor on the errors [1]: cross-validation within few weeks is too sure of itself.
    """

    supports: ClassVar[frozenset[Ability]] = frozenset({Ability.MISSING, Ability.ROLL_FORWARD})
    transforms: ClassVar[tuple[str, ...]] = ("log", "none")

    def __init__(
        self,
        season_length: int | None = None,
        windows: Sequence[int] = (120,),
        lags: int = 2,
        transform: str = "log",
        spread: float = 1.2,
    ) -> None:
        super().__init__(season_length)
        self.windows = windows
        self.lags = lags
        self.transform = transform
        self.spread = spread

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:
        self.learned_ = len(values)
        self.solved_: dict[tuple[int, int], tuple[list[_Learned], np.ndarray] | None] = {}
        super()._fit(values, X)

    def _roll(self, values: np.ndarray) -> None:
        self.whole_ = filled(values, self.season_)
        super()._roll(self.whole_)

    def _sample(
        self, horizon: int, n: int, rng: np.random.Generator, X: np.ndarray | None
    ) -> np.ndarray:
        ahead, count, season = min(-(-horizon // self.season_), 7), len(self.whole_), self.season_
        later = periods_after(self.learned_, count, season)
        key = ahead, count % season
        if key not in self.solved_:
            # The last origin of this hour in the record as fitted; later values teach nothing.
            self.solved_[key] = self._solve(self.whole_[: count - later], ahead)
        solved = self.solved_[key]
        if solved is None:
            return super()._sample(horizon, n, rng, X)
        windows, errors = solved
        found = []
        for one in windows:
            days = min(one.days, count // season)
            table = self.whole_[count - days * season :].reshape(days, season)
            equations = one.equations if later == 0 else _equations(table, ahead, self.lags)[0]
            newest = _inputs(table, np.array([days]), self.lags)
            found += [one.weighed(table), equations.forecast(newest)[0]]
        mixed = rng.standard_normal((n, len(errors))) @ errors / np.sqrt(len(errors))
        paths = np.mean(found, axis=0) + self.spread * mixed
        if horizon > paths.shape[1]:  # beyond a week the week repeats
            paths = np.tile(paths, (1, -(-horizon // paths.shape[1])))
        return np.asarray(paths[:, :horizon])

    def _solve(self, past: np.ndarray, ahead: int) -> tuple[list[_Learned], np.ndarray] | None:
        """Learn from the newest days, and return the errors too; None where there are too few."""
        days, fewest = len(past) // self.season_, _FIRST + _FEWEST_ORIGINS + ahead - 1
        if self.season_ < 24 or min(days, max(int(w) for w in self.windows)) < fewest:
            return None
        table = past[len(past) - days * self.season_ :].reshape(days, self.season_)
        learned, errors = [], []
        # Of windows longer than the record one is left, the longest.
        longest = sorted(max(int(w), fewest) for w in self.windows)
        for window, most in {min(one, days): one for one in longest}.items():
            weights, weighed = _weights(table[-window:], ahead)
            equations, left_out = _equations(table[-window:], ahead, self.lags)
            learned.append(_Learned(most, weights, equations))
            errors += [weighed, left_out]
        rows = min(len(one) for one in errors)
        return learned, np.mean([one[-rows:] for one in errors], axis=0)


def _simple(table: np.ndarray, origins: np.ndarray, day: int) -> np.ndarray:
    """Return simple forecasts of the `day`-th day, shape (origins, methods, season)."""
    season = table.shape[1]
    last, before = table[origins - 1], table[origins - 8]
    means = {
        days: np.mean([table[origins - back] for back in range(1, days + 1)], axis=0)
        for days in _MEAN_DAYS
    }
    week = table[origins + day - 8]
    fortnight = (week + table[origins + day - 15]) / 2
    change = last - before
    longer = last - (before + table[np.maximum(origins - 15, 0)]) / 2
    found = [*means.values(), table[origins - 2], week, fortnight]
    for hours in _LEVEL_HOURS:
        newest = (last - means[7])[:, -max(1, hours * season // 24) :]
        found.append(means[7] + newest.mean(axis=1, keepdims=True))
    for base, moved in ((week, change), (fortnight, longer)):
        evening = moved[:, -max(1, season // 8) :]
        found += [base + moved, base + moved.mean(axis=1, keepdims=True)]
        found.append(base + evening.mean(axis=1, keepdims=True))
    return np.stack(found, axis=1)


def _weights(
    table: np.ndarray, ahead: int
) -> tuple[tuple[tuple[int, slice, np.ndarray], ...], np.ndarray]:
    """Return weights by day and part of it, and cross-validated errors, shape (rows, steps)."""
    season = table.shape[1]
    weights, errors = [], []
    common = len(table) - ahead + 1 - _FIRST
    for day in range(1, ahead + 1):
        origins = np.arange(_FIRST, len(table) - day + 1)
        known = _simple(table, origins, day)
        target = table[origins + day - 1]
        bounds = [share * season // 24 for share in _PARTS[min(day, 2) - 1]]
        for low, high in pairwise(bounds):
            part = slice(low, high)
            found, missed = _shrunk(known[:, :, part], target[:, part])
            weights.append((day, part, found))
            errors.append(missed[:common])
    return tuple(weights), np.concatenate(errors, axis=1)


def _weigh(coming: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the forecast of methods, shape (methods, hours), with weights round equal ones."""
    middle = coming.mean(axis=0)
    return np.asarray(middle + (coming - middle).T @ weights)


def _shrunk(known: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weigh the methods of one part of a day: weights and cross-validated errors."""
    equal = known.mean(axis=1)
    inputs = (known - equal[:, None]).transpose(0, 2, 1)
    rest = target - equal
    grams = np.einsum("dhj,dhk->djk", inputs, inputs)
    sides = np.einsum("dhj,dh->dj", inputs, rest)
    unit = np.trace(grams.sum(axis=0)) / grams.shape[1]
    ridge = np.array(_PENALTIES)[:, None, None] * unit + 1e-12

    def solve(rows: np.ndarray) -> np.ndarray:
        gram = grams[rows].sum(axis=0) + ridge * np.eye(grams.shape[1])
        return np.asarray(np.linalg.solve(gram, sides[rows].sum(axis=0)[:, None])[..., 0])

    fold = np.arange(len(rest)) * _FOLDS // len(rest)
    errors = np.empty((len(_PENALTIES), *rest.shape))
    for one in range(_FOLDS):
        out = fold == one
        errors[:, out] = rest[out] - np.einsum("dhj,pj->pdh", inputs[out], solve(~out))
    best = int(np.abs(errors).sum(axis=(1, 2)).argmin())
    return solve(np.ones(len(rest), bool))[best], errors[best]


def _equations(table: np.ndarray, ahead: int, lags: int) -> tuple[Equations, np.ndarray]:
    """Return the ridge equations and their leave-one-out errors, shape (rows, steps)."""
    origins = np.arange(max(7, lags), len(table) - ahead + 1)
    targets = np.concatenate([table[origins + day] for day in range(ahead)], axis=1)
    return leave_one_out_equations(_inputs(table, origins, lags), targets)


def _inputs(table: np.ndarray, at: np.ndarray, lags: int) -> np.ndarray:
    """Return the equations' inputs from each origin, shape (origins, inputs)."""
    parts = [table[at - back] for back in range(1, lags + 1)]
    parts += [table[at - 7], table[at - 6]]
    for days in (3, 7):
        mean = np.mean([table[at - back].mean(axis=1) for back in range(1, days + 1)], axis=0)
        parts.append(mean[:, None])
    parts.append((at[:, None] % 7 == np.arange(7)).astype(float))
    return np.column_stack(parts)
