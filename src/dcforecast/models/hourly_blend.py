"""Blend of simple daily and weekly repetitions, with weights learned from each series."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import ClassVar

import numpy as np

from dcforecast.models.base import Ability
from dcforecast.models.day_ahead import filled
from dcforecast.models.naive import Drift
from dcforecast.models.ridge import leave_one_out_ridge

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


class HourlyBlend(Drift):
    """Two direct regressions, averaged, for series with a daily and a weekly season.

    The first weighs simple forecasts: mean days and weeks, each moved to the newest level in
    several ways.  Weights are shrunk to equal ones (as Diebold and Pauly 1990 advise), by a
    penalty from cross-validation over blocks of days, apart for parts of the day ahead.  The
    second is a ridge equation for each step on the last days and the week before.  Needs three
    weeks; on less, or on steps of two hours and longer, it is the seasonal drift.

    Paths add normal mixtures of the rows of cross-validated errors, so that few weeks of
    record give smooth quantiles and hours keep their correlation.

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

    supports: ClassVar[frozenset[Ability]] = frozenset({Ability.MISSING})

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
        whole = filled(values, self.season_)
        days = min(len(whole) // self.season_, max(int(w) for w in self.windows))
        self.table_ = whole[len(whole) - days * self.season_ :].reshape(days, self.season_)
        super()._fit(whole, X)

    def _sample(
        self, horizon: int, n: int, rng: np.random.Generator, X: np.ndarray | None
    ) -> np.ndarray:
        ahead = min(-(-horizon // self.season_), 7)
        fewest = _FIRST + _FEWEST_ORIGINS + ahead - 1
        if self.season_ < 24 or len(self.table_) < fewest:
            return super()._sample(horizon, n, rng, X)
        windows = {min(max(int(w), fewest), len(self.table_)) for w in self.windows}
        found = [
            method
            for days in sorted(windows)
            for method in (
                _weighed(self.table_[-days:], ahead),
                _equations(self.table_[-days:], ahead, self.lags),
            )
        ]
        middle = np.mean([one for one, _ in found], axis=0)
        rows = min(len(one) for _, one in found)
        errors = np.mean([one[-rows:] for _, one in found], axis=0)
        mixed = rng.standard_normal((n, len(errors))) @ errors / np.sqrt(len(errors))
        paths = middle + self.spread * mixed
        if horizon > paths.shape[1]:  # beyond a week the week repeats
            paths = np.tile(paths, (1, -(-horizon // paths.shape[1])))
        return np.asarray(paths[:, :horizon])


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


def _weighed(table: np.ndarray, ahead: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the weighed forecast and its cross-validated errors, shape (rows, steps)."""
    season = table.shape[1]
    middle, errors = [], []
    common = len(table) - ahead + 1 - _FIRST
    for day in range(1, ahead + 1):
        origins = np.arange(_FIRST, len(table) - day + 1)
        known = _simple(table, origins, day)
        coming = _simple(table, np.array([len(table)]), day)
        target = table[origins + day - 1]
        bounds = [share * season // 24 for share in _PARTS[min(day, 2) - 1]]
        for low, high in pairwise(bounds):
            part = slice(low, high)
            forecast, missed = _shrunk(known[:, :, part], target[:, part], coming[0, :, part])
            middle.append(forecast)
            errors.append(missed[:common])
    return np.concatenate(middle), np.concatenate(errors, axis=1)


def _shrunk(
    known: np.ndarray, target: np.ndarray, coming: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Weigh the methods of one part of a day: forecast and cross-validated errors."""
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
    middle = coming.mean(axis=0)
    return middle + (coming - middle).T @ solve(np.ones(len(rest), bool))[best], errors[best]


def _equations(table: np.ndarray, ahead: int, lags: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the ridge equations' forecast and leave-one-out errors, shape (rows, steps)."""
    origins = np.arange(max(7, lags), len(table) - ahead + 1)
    at = np.append(origins, len(table))
    parts = [table[at - back] for back in range(1, lags + 1)]
    parts += [table[at - 7], table[at - 6]]
    for days in (3, 7):
        mean = np.mean([table[at - back].mean(axis=1) for back in range(1, days + 1)], axis=0)
        parts.append(mean[:, None])
    parts.append((at[:, None] % 7 == np.arange(7)).astype(float))
    inputs = np.column_stack(parts)
    targets = np.concatenate([table[origins + day] for day in range(ahead)], axis=1)
    return leave_one_out_ridge(inputs[:-1], targets, inputs[-1])
