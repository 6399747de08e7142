"""The Forecaster contract: what every model does, and what it is checked for."""

from __future__ import annotations

import copy
import inspect
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from dcforecast.errors import UserError, choices_text
from dcforecast.store.schemas import quantile_column

__all__ = ["Ability", "Forecaster", "NotFittedError", "future_index", "quiet", "season_of"]

#: Sample paths behind quantiles: Monte-Carlo error of the 5 % quantile is about 3 % of the spread.
_PATHS = 1000
#: Seed of the paths behind quantiles, so that predict gives the same numbers every time.
_SEED = 20_260

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
        self._check(y, X)
        season = getattr(self, "season_length", None) or season_of(y.index)
        # Too short a record for a season is fitted without one.
        self.season_ = int(season) if len(y) >= self.min_seasons * int(season) else 1
        self.index_ = y.index
        values = y.to_numpy(float)
        self.values_ = values
        self.scale_ = float(np.nanmedian(np.abs(values))) or 1.0
        self.log_ = bool(
            getattr(self, "transform", "none") == "log" and np.nanmin(values) > 1e-3 * self.scale_
        )
        exogenous = None if X is None else X.to_numpy(float)
        self._fit(self._forward(values), exogenous)
        self.fitted_ = True
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
        if horizon < 1:
            raise UserError(f"horizon={horizon}: must be at least 1")
        paths = self.sample(horizon, _PATHS, X, random_state=_SEED)
        frame = pd.DataFrame({"mean": paths.mean(axis=0)}, index=future_index(self.index_, horizon))
        if quantiles is not None:
            levels = sorted(quantiles)
            if not levels or levels[0] <= 0 or levels[-1] >= 1:
                raise UserError(f"quantiles={list(quantiles)}: levels lie between 0 and 1")
            for level, row in zip(levels, np.quantile(paths, levels, axis=0), strict=True):
                frame[quantile_column(level)] = row
        return frame

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
        if Ability.ROLL_FORWARD not in self.supports or X_new is not None:
            return self.fit(whole)
        self.index_ = whole.index
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
        """Take the longer series with the parameters as they are."""
        raise NotImplementedError

    def _forward(self, values: np.ndarray) -> np.ndarray:
        scaled = values / self.scale_
        return np.log(np.maximum(scaled, 1e-6)) if self.log_ else scaled

    def _backward(self, values: np.ndarray) -> np.ndarray:
        raw = np.exp(np.clip(values, -20.0, 20.0)) if self.log_ else values
        # A path far outside the record is a runaway, not a forecast: it is held at the rim.
        low, high = float(np.nanmin(self.values_)), float(np.nanmax(self.values_))
        room = _RUNAWAY * max(high - low, 0.1 * abs(high))
        return np.clip(raw * self.scale_, min(low - room, 0.0), high + room)

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

    def _check_fitted(self) -> None:
        if not getattr(self, "fitted_", False):
            raise NotFittedError(f"{type(self).__name__} was not fitted; call fit(y) first")
