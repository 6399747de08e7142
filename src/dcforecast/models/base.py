"""The Forecaster contract: what every model does, and what it is checked for."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from dcforecast.errors import UserError
from dcforecast.models import checks
from dcforecast.models.common import Ability, quiet
from dcforecast.models.parameters import Parametrised
from dcforecast.models.periods import freq_of, future_index, season_of
from dcforecast.models.scaling import Scaled
from dcforecast.store.schemas import quantile_column

__all__ = [
    "PATHS",
    "SEED",
    "Ability",
    "Forecaster",
    "future_index",
    "quiet",
    "season_of",
]

#: Sample paths behind quantiles: Monte-Carlo error of the 5 % quantile is about 3 % of the spread.
PATHS = 1000
#: Seed of the paths behind quantiles, so that predict gives the same numbers every time.
SEED = 20_260


class Forecaster(Parametrised, Scaled, ABC):
    """A probabilistic model of one series, by scikit-learn's conventions.

    A subclass stores its parameters in ``__init__`` under their own names and defines `_fit` and
    `_sample` on plain arrays; season, transform, quantiles and checks are done here.

    Attributes
    ----------
    supports : frozenset of Ability
        What the model can do beyond the contract.
    min_seasons : int
        Whole seasons without which a record is fitted as if it had none.
    min_values : int
        Values it needs at least.
    """

    supports: ClassVar[frozenset[Ability]] = frozenset()
    min_seasons: ClassVar[int] = 2
    min_values: ClassVar[int] = 4

    # -- the contract ----------------------------------------------------------------------

    def fit(self, y: pd.Series, X: pd.DataFrame | None = None) -> Self:
        """Fit to a series.

        Parameters
        ----------
        y : pandas.Series
            Values on a regular DatetimeIndex or PeriodIndex.
        X : pandas.DataFrame, optional
            Regressors on the same index.

        Raises
        ------
        UserError
            Too short, missing or infinite values, or regressors the model cannot use.
        """
        self._begin(y, X)
        self._fit(self._forward(self.values_), self.exogenous_)
        self.fitted_ = True
        return self

    def _begin(self, y: pd.Series, X: pd.DataFrame | None) -> None:
        """Check the record and keep it with its season, scale and transform."""
        self._check(y, X)
        season = self._season(y.index)
        # Too short a record for a season is fitted without one.
        self.season_ = season if len(y) >= self.min_seasons * season else 1
        self.index_ = y.index
        self.values_ = y.to_numpy(float)
        self._take_scale(self.values_)
        self.regressors_ = X

    def _season(self, index: pd.Index) -> int:
        """Return the periods of a season: as told, or by the step of an index."""
        told = getattr(self, "season_length", None)
        if told is None:
            return season_of(index)
        checks.check_counts(season_length=told)
        return int(told)

    @property
    def exogenous_(self) -> np.ndarray | None:
        """Regressors of the record, shape (periods, columns)."""
        return None if self.regressors_ is None else self.regressors_.to_numpy(float)

    def _regressors_ahead(self, horizon: int, X: pd.DataFrame | None) -> np.ndarray | None:
        ahead = partial(future_index, self.index_, horizon)
        return checks.regressors_ahead(type(self).__name__, X, self.regressors_, ahead)

    def _frame_ahead(self, horizon: int, X: np.ndarray | None) -> pd.DataFrame | None:
        """Return regressors of the next periods as an inner model takes them."""
        if X is None or self.regressors_ is None:
            return None
        index = future_index(self.index_, horizon)
        return pd.DataFrame(X[:horizon], index=index, columns=self.regressors_.columns)

    def fit_many(
        self, panel: Mapping[str, pd.Series], X: Mapping[str, pd.DataFrame] | None = None
    ) -> dict[str, Self]:
        """Fit one model to many series; each is then forecast from its own record.

        Parameters
        ----------
        panel : mapping of str to Series
            Series by name.
        X : mapping of str to DataFrame, optional
            Regressors of each.

        Returns
        -------
        dict of str to Forecaster
            Fitted models by series that share what was learned from all.

        Raises
        ------
        UserError
            The model has not `Ability.MANY`.
        """
        del panel, X
        raise UserError(
            f"{type(self).__name__} is fitted to one series at a time",
            "One model of many series: any regressor of scikit-learn, for example ridge or hgb",
        )

    def prepare(self, y: pd.Series, X: pd.DataFrame | None, horizon: int) -> Any:  # noqa: ARG002
        """Return what a backtest may build once for a whole series, or None.

        Nothing in it may look ahead: row t is made of values before t alone.
        """
        return None

    def using(self, prepared: Any) -> Self:  # noqa: ARG002
        """Take what `prepare` made, instead of building it at every fit."""
        return self

    def sample(
        self,
        horizon: int,
        n: int,
        X: pd.DataFrame | None = None,
        random_state: int | np.random.Generator | None = None,
    ) -> np.ndarray:
        """Draw sample paths.

        Returns
        -------
        ndarray of shape (n, horizon)
        """
        checks.check_counts(horizon=horizon, n=n)
        self._check_fitted()
        rng = np.random.default_rng(random_state)
        exogenous = self._regressors_ahead(horizon, X)
        return self._backward(self._sample(horizon, n, rng, exogenous))

    def predict(
        self,
        horizon: int,
        X: pd.DataFrame | None = None,
        quantiles: Sequence[float] | None = None,
    ) -> pd.DataFrame:
        """Forecast the next periods.

        Parameters
        ----------
        horizon : int
            Periods ahead.
        X : pandas.DataFrame, optional
            Regressors of the future periods.
        quantiles : sequence of float, optional
            Levels, for example ``(0.1, 0.5, 0.9)``.

        Returns
        -------
        pandas.DataFrame
            Indexed by future periods: ``mean`` and one column a quantile (``q100`` for 0.1).
        """
        levels = checks.checked_levels(horizon, quantiles)
        self._check_fitted()
        exogenous = self._regressors_ahead(horizon, X)
        table = self._marginals(horizon, levels, exogenous)
        columns = ["mean", *(quantile_column(level) for level in levels)]
        return pd.DataFrame(table, index=future_index(self.index_, horizon), columns=columns)

    def forecasts(
        self,
        y: pd.Series,
        starts: Sequence[int],
        horizon: int,
        X: pd.DataFrame | None = None,
        quantiles: Sequence[float] | None = None,
    ) -> np.ndarray:
        """Forecast from many origins with the parameters as fitted.

        The forecast from a start is that of a model updated with the periods before it.  Models
        with `Ability.LOCK_STEP` take all origins together.

        Parameters
        ----------
        y : pandas.Series
            The whole series; it begins with the fitted record.
        starts : sequence of int
            How many periods are known at each origin, rising, from the fitted record on.
        horizon : int
            Periods ahead.
        X : pandas.DataFrame, optional
            Regressors of the known periods and of those to forecast.
        quantiles : sequence of float, optional
            Levels.

        Returns
        -------
        ndarray of shape (origins, horizon, 1 + levels)
            Mean and quantiles.
        """
        levels = checks.checked_levels(horizon, quantiles)
        self._check_fitted()
        checks.check_both(type(self).__name__, "forecasts", self.regressors_, X)
        begun = len(self.index_)
        if any(start < begun for start in starts) or max(starts) > len(y):
            raise UserError(f"starts must lie between {begun} and {len(y)}, got {list(starts)}")
        if Ability.LOCK_STEP in self.supports and not y.iloc[: max(starts)].isna().any():
            exogenous = None if X is None else X.to_numpy(float)
            values = y.to_numpy(float)
            return self._lock_step(values, exogenous, np.asarray(starts), horizon, levels)
        model, out = copy.copy(self), []
        for start in starts:
            known = len(model.index_)
            model.update(y.iloc[known:start], None if X is None else X.iloc[known:start])
            ahead = None if X is None else X.iloc[start : start + horizon]
            out.append(model.predict(horizon, ahead, quantiles).to_numpy())
        return np.stack(out)

    def update(self, y_new: pd.Series, X_new: pd.DataFrame | None = None) -> Self:
        """Extend the state with new periods; parameters stay as fitted where the model can.

        A model without `Ability.ROLL_FORWARD` is fitted again.
        """
        self._check_fitted()
        if y_new.empty:
            return self
        checks.check_follows(type(self).__name__, self.index_, y_new.index)
        known = pd.Series(self.values_, index=self.index_)
        whole = pd.concat([known, y_new])
        if isinstance(whole.index, pd.DatetimeIndex):
            whole = whole.asfreq(str(freq_of(self.index_)))
        checks.check_both(type(self).__name__, "update", self.regressors_, X_new)
        X = None if X_new is None else pd.concat([self.regressors_, X_new]).reindex(whole.index)
        if Ability.ROLL_FORWARD not in self.supports:
            return self.fit(whole, X)
        self._check(whole, X)
        self.index_, self.regressors_ = whole.index, X
        self.values_ = whole.to_numpy(float)
        self._roll(self._forward(self.values_))
        return self

    # -- for subclasses --------------------------------------------------------------------

    @abstractmethod
    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:
        """Fit to transformed values; ``self.season_`` is set."""

    @abstractmethod
    def _sample(
        self, horizon: int, n: int, rng: np.random.Generator, X: np.ndarray | None
    ) -> np.ndarray:
        """Return transformed sample paths, shape (n, horizon)."""

    def _roll(self, values: np.ndarray) -> None:
        """Take the longer series (and ``exogenous_``) with the parameters as they are."""
        raise NotImplementedError

    def _marginals(self, horizon: int, levels: Sequence[float], X: np.ndarray | None) -> np.ndarray:
        """Return mean and quantiles of each step, shape (horizon, 1 + levels), untransformed."""
        rng = np.random.default_rng(SEED)
        paths = self._backward(self._sample(horizon, PATHS, rng, X))
        columns = [paths.mean(axis=0)]
        if len(levels):
            columns += list(np.quantile(paths, levels, axis=0))
        return np.column_stack(columns)

    def _lock_step(
        self,
        values: np.ndarray,
        X: np.ndarray | None,
        starts: np.ndarray,
        horizon: int,
        levels: Sequence[float],
    ) -> np.ndarray:
        """Return what `_marginals` would from every start, shape (starts, horizon, 1 + levels)."""
        raise NotImplementedError

    def _check(self, y: pd.Series, X: pd.DataFrame | None) -> None:
        checks.check_record(type(self).__name__, self.supports, self.min_values, y, X)

    def _check_fitted(self) -> None:
        if not getattr(self, "fitted_", False):
            from sklearn.exceptions import NotFittedError

            raise NotFittedError(f"{type(self).__name__} was not fitted; call fit(y) first")
