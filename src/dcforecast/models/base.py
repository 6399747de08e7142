"""The Forecaster contract: what every model does, and what it is checked for."""

from __future__ import annotations

import copy
import inspect
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from dcforecast.errors import UserError, choices_text
from dcforecast.store.schemas import quantile_column

__all__ = [
    "PATHS",
    "SEED",
    "Ability",
    "Forecaster",
    "NotFittedError",
    "future_index",
    "quiet",
    "season_of",
]

#: Sample paths behind quantiles: Monte-Carlo error of the 5 % quantile is about 3 % of the spread.
PATHS = 1000
#: Seed of the paths behind quantiles, so that predict gives the same numbers every time.
SEED = 20_260

#: Paths are held within this many times the record's range beyond its ends.
_RUNAWAY = 3.0


@contextmanager
def quiet() -> Iterator[None]:
    """Keep statsmodels' warnings back: convergence is judged by the score of the result."""
    from statsmodels.tools.sm_exceptions import ModelWarning

    # For good, not for the block alone: worker threads restore each other's filters.
    warnings.simplefilter("ignore", ModelWarning)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


_SEASONS = {"Y": 1, "Q": 4, "M": 12, "W": 52, "D": 7, "h": 24, "30min": 48, "15min": 96}


class NotFittedError(ValueError, AttributeError):
    """A forecast was asked of a model that was not fitted."""


class Ability(StrEnum):
    """What a model can take or give."""

    EXOGENOUS = "exogenous"
    MISSING = "missing values"
    ROLL_FORWARD = "roll forward without refit"
    LOCK_STEP = "many origins at once"
    MANY = "many series in one model"


def season_of(index: pd.Index) -> int:
    """Return the periods of the main season of an index: months 12, hours 24, years 1."""
    freq = index.freqstr if isinstance(index, pd.PeriodIndex) else _freq(index)
    stem = (freq or "").split("-")[0]
    for name in (stem, stem.removesuffix("S"), stem.removesuffix("E")):
        if name in _SEASONS:
            return _SEASONS[name]
    return 1


def _freq(index: pd.Index) -> str | None:
    if isinstance(index, pd.DatetimeIndex):
        return index.freqstr or (pd.infer_freq(index) if len(index) > 2 else None)
    return None


def future_index(index: pd.Index, horizon: int) -> pd.PeriodIndex | pd.DatetimeIndex:
    """Return the `horizon` periods after the end of an index, of the same type."""
    if isinstance(index, pd.PeriodIndex):
        return pd.period_range(index[-1] + 1, periods=horizon, freq=index.freq)
    freq = _freq(index)
    if not isinstance(index, pd.DatetimeIndex) or freq is None:
        raise UserError("the series needs a DatetimeIndex or PeriodIndex with a regular step")
    return pd.date_range(index[-1], periods=horizon + 1, freq=freq)[1:]


class Forecaster(ABC):
    """A probabilistic model of one series, by scikit-learn's conventions.

    A subclass stores its parameters in ``__init__`` under their own names and defines `_fit` and
    `_sample` on plain arrays; season, transform, quantiles and checks are done here.

    Attributes
    ----------
    supports : frozenset of Ability
        What the model can do beyond the contract.
    min_seasons : int
        Whole seasons (or, without a season, values) it needs at least.
    """

    supports: ClassVar[frozenset[Ability]] = frozenset()
    min_seasons: ClassVar[int] = 2
    min_values: ClassVar[int] = 4

    # -- parameters ------------------------------------------------------------------------

    @classmethod
    def param_names(cls) -> list[str]:
        """Names of the constructor's parameters."""
        if cls.__init__ is object.__init__:
            return []
        return [n for n in inspect.signature(cls.__init__).parameters if n != "self"]

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002
        """Return the parameters by name (scikit-learn's convention)."""
        return {name: getattr(self, name) for name in self.param_names()}

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name.

        Raises
        ------
        UserError
            A name the model does not have.
        """
        for name, value in params.items():
            if name not in self.param_names():
                known = choices_text(name, self.param_names())
                raise UserError(f"{type(self).__name__} has no parameter '{name}'", known)
            setattr(self, name, value)
        return self

    def clone(self) -> Self:
        """Return an unfitted copy with the same parameters."""
        return type(self)(**copy.deepcopy(self.get_params()))

    def __repr__(self) -> str:
        inner = ", ".join(f"{k}={v!r}" for k, v in self.get_params().items())
        return f"{type(self).__name__}({inner})"

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
        season = getattr(self, "season_length", None) or season_of(y.index)
        # Too short a record for a season is fitted without one.
        self.season_ = int(season) if len(y) >= self.min_seasons * int(season) else 1
        self.index_ = y.index
        values = y.to_numpy(float)
        self.values_ = values
        self.scale_ = self._scale(values)
        self.log_ = bool(
            getattr(self, "transform", "none") == "log" and np.nanmin(values) > 1e-3 * self.scale_
        )
        self.regressors_ = X

    @property
    def exogenous_(self) -> np.ndarray | None:
        """Regressors of the record, shape (periods, columns)."""
        return None if self.regressors_ is None else self.regressors_.to_numpy(float)

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
        self._check_fitted()
        rng = np.random.default_rng(random_state)
        exogenous = None if X is None else X.to_numpy(float)
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
        levels = self._levels(horizon, quantiles)
        self._check_fitted()
        exogenous = None if X is None else X.to_numpy(float)
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
        levels = self._levels(horizon, quantiles)
        self._check_fitted()
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

    def _levels(self, horizon: int, quantiles: Sequence[float] | None) -> list[float]:
        if horizon < 1:
            raise UserError(f"horizon={horizon}: must be at least 1")
        levels = sorted(quantiles) if quantiles is not None else []
        if quantiles is not None and (not levels or levels[0] <= 0 or levels[-1] >= 1):
            raise UserError(f"quantiles={list(quantiles)}: levels lie between 0 and 1")
        return levels

    def update(self, y_new: pd.Series, X_new: pd.DataFrame | None = None) -> Self:
        """Extend the state with new periods; parameters stay as fitted where the model can.

        A model without `Ability.ROLL_FORWARD` is fitted again.
        """
        self._check_fitted()
        if y_new.empty:
            return self
        known = pd.Series(self.values_, index=self.index_)
        whole = pd.concat([known, y_new])
        if isinstance(whole.index, pd.DatetimeIndex):
            whole = whole.asfreq(str(_freq(self.index_)))
        if (X_new is None) != (self.regressors_ is None):
            raise UserError(
                f"{type(self).__name__}: regressors are needed in fit and in update, or in neither"
            )
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

    def _scale(self, values: np.ndarray) -> float:
        """Return what values are divided by."""
        return float(np.nanmedian(np.abs(values))) or 1.0

    def _forward(self, values: np.ndarray) -> np.ndarray:
        scaled = values / self.scale_
        return np.log(np.maximum(scaled, 1e-6)) if self.log_ else scaled

    def _backward(self, values: np.ndarray) -> np.ndarray:
        return self._held(values, float(np.nanmin(self.values_)), float(np.nanmax(self.values_)))

    def _held(
        self, values: np.ndarray, low: float | np.ndarray, high: float | np.ndarray
    ) -> np.ndarray:
        """Undo the transform; what is far outside the record (low to high) is held at the rim.

        A path beyond it is a runaway, not a forecast.
        """
        raw = np.exp(np.clip(values, -20.0, 20.0)) if self.log_ else values
        room = _RUNAWAY * np.maximum(high - low, 0.1 * np.abs(high))
        return np.clip(raw * self.scale_, np.minimum(low - room, 0.0), high + room)

    def _check(self, y: pd.Series, X: pd.DataFrame | None) -> None:
        name = type(self).__name__
        if not isinstance(y.index, pd.DatetimeIndex | pd.PeriodIndex):
            raise UserError(f"{name}: the series needs a DatetimeIndex or PeriodIndex")
        if len(y) < self.min_values:
            raise UserError(f"{name} needs at least {self.min_values} values, got {len(y)}")
        values = y.to_numpy(float)
        if np.isinf(values).any():
            raise UserError(f"{name}: the series holds infinite values")
        missing = np.isnan(values)
        if missing.any() and Ability.MISSING not in self.supports:
            raise UserError(
                f"{name}: {int(missing.sum())} missing values, the first at {y.index[missing][0]}",
                "data.gaps=fill fills them; sarimax and unobserved_components take them",
            )
        if X is not None and Ability.EXOGENOUS not in self.supports:
            raise UserError(f"{name} takes no regressors", "sarimax, ridge and hgb do")
        if X is not None and X.isna().to_numpy().any():
            row, column = np.argwhere(X.isna().to_numpy())[0]
            raise UserError(
                f"{name}: regressor '{X.columns[column]}' has no value at {X.index[row]}"
            )

    def _check_fitted(self) -> None:
        if not getattr(self, "fitted_", False):
            raise NotFittedError(f"{type(self).__name__} was not fitted; call fit(y) first")
