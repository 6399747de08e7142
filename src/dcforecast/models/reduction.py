"""Any scikit-learn regressor as a forecaster: lags and calendar, one step at a time."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from dcforecast.config.targets import is_allowed
from dcforecast.errors import UserError
from dcforecast.features import calendar_features, lag_matrix
from dcforecast.models.base import Ability, Forecaster, future_index

__all__ = ["ReducedRegressor"]

#: Blocks of the cross-validation that measures one-step errors out of sample.
_FOLDS = 5


class ReducedRegressor(Forecaster):
    """Recursive reduction: predict the change against one season before from lags and calendar.

    All paths step forward together; each step adds an error drawn from the regressor's
    out-of-sample errors in blocked cross-validation.

    Parameters
    ----------
    regressor : str
        Class of a scikit-learn regressor, for example ``"sklearn.linear_model.Ridge"``.
    params : dict, optional
        Its parameters.
    lags : int
        How many past changes it sees.
    season_length : int, optional
        Periods of a season; by the series' step when None.
    transform : {"log", "none"}
        Scale of the model.
    damping : float
        Share of the predicted change that is left a season later [1].
    holidays : str, optional
        ISO country code for public holidays (daily and finer series).
    """

    supports: ClassVar[frozenset[Ability]] = frozenset({Ability.EXOGENOUS, Ability.ROLL_FORWARD})
    min_values: ClassVar[int] = 8

    def __init__(
        self,
        regressor: str = "sklearn.linear_model.Ridge",
        params: dict[str, Any] | None = None,
        lags: int = 3,
        season_length: int | None = None,
        transform: str = "log",
        damping: float = 0.9,
        holidays: str | None = None,
    ) -> None:
        self.regressor = regressor
        self.params = params
        self.lags = lags
        self.season_length = season_length
        self.transform = transform
        self.damping = damping
        self.holidays = holidays

    def _make(self) -> Any:
        from importlib import import_module

        if not is_allowed(self.regressor):
            raise UserError(f"regressor '{self.regressor}' is not allowed")
        module, _, name = self.regressor.rpartition(".")
        return getattr(import_module(module), name)(**(self.params or {}))

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:
        self._roll(values)
        changes = values[self.season_ :] - values[: -self.season_]
        self.lags_ = max(0, min(int(self.lags), (len(changes) - 4) // 2))
        target = changes[self.lags_ :]
        start = self.season_ + self.lags_
        columns = [lag_matrix(changes, self.lags_), self._calendar(self.index_)[start:]]
        self.last_X_ = None if X is None else X[-self.season_ :]
        if X is not None:  # changes are explained by changes
            columns.append(X[start:] - X[self.lags_ : len(X) - self.season_])
        features = np.column_stack(columns)
        self.mean_, self.spread_ = features.mean(axis=0), features.std(axis=0) + 1e-9
        scaled = (features - self.mean_) / self.spread_
        if scaled.shape[1] == 0:
            scaled = np.zeros((len(target), 1))
        self.errors_ = self._errors(scaled, target)
        self.model_ = self._make().fit(scaled, target)

    def _roll(self, values: np.ndarray) -> None:
        self.history_ = values

    def _moved(self, X: np.ndarray | None) -> np.ndarray | None:
        """Return the change of the regressors against one season before."""
        if X is None or self.last_X_ is None:
            return None
        whole = np.concatenate([self.last_X_, X])
        return np.asarray(X - whole[: len(X)])

    def _calendar(self, index: Any) -> np.ndarray:
        return (
            calendar_features(index, self.holidays)
            if self.season_ > 1
            else np.empty((len(index), 0))
        )

    def _errors(self, features: np.ndarray, target: np.ndarray) -> np.ndarray:
        folds = np.array_split(np.arange(len(target)), _FOLDS)
        errors = np.empty(len(target))
        for fold in folds:
            rest = np.setdiff1d(np.arange(len(target)), fold)
            errors[fold] = target[fold] - self._make().fit(features[rest], target[rest]).predict(
                features[fold]
            )
        return np.asarray(errors - errors.mean())

    def _sample(
        self, horizon: int, n: int, rng: np.random.Generator, X: np.ndarray | None
    ) -> np.ndarray:
        season, lags = self.season_, self.lags_
        depth = season + lags
        paths = np.empty((n, depth + horizon))
        paths[:, :depth] = self.history_[-depth:]
        ahead = future_index(self.index_, max(horizon, 2))
        calendar = self._calendar(ahead)
        moved = self._moved(X)
        shocks = rng.choice(self.errors_, size=(n, horizon))
        for step in range(horizon):
            at = depth + step
            recent = paths[:, at - lags : at] - paths[:, at - lags - season : at - season]
            parts = [recent[:, ::-1], np.tile(calendar[step], (n, 1))]
            if moved is not None:
                parts.append(np.tile(moved[step], (n, 1)))
            features = (np.column_stack(parts) - self.mean_) / self.spread_
            if features.shape[1] == 0:
                features = np.zeros((n, 1))
            fade = self.damping ** (step // season)
            change = fade * self.model_.predict(features) + shocks[:, step]
            paths[:, at] = paths[:, at - season] + change
        return np.asarray(paths[:, depth:])
