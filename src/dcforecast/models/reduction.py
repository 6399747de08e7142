"""Any scikit-learn regressor as a forecaster: lags, calendar and regressors as its inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from dcforecast.errors import UserError
from dcforecast.features import calendar_features, parse_lags
from dcforecast.models.base import PATHS, Ability, Forecaster, future_index
from dcforecast.models.day_kinds import DayKinds
from dcforecast.models.periods import years_of
from dcforecast.models.reduction_design import (
    Block,
    Prepared,
    check_choices,
    design_for,
    usual_calendar,
)
from dcforecast.models.reduction_learner import Learner
from dcforecast.models.reduction_spread import Spread
from dcforecast.models.regressors import quantile_params

__all__ = ["ReducedRegressor"]

#: Rows predicted together at most: memory does not grow with the number of origins.
_ROWS = 100_000


class ReducedRegressor(Forecaster):
    """Forecast by regression (Bontempi, Ben Taieb and Le Borgne 2013), all origins in lock-step.

    The point forecast is that of the regressor; under ``transform=log`` it is a median.  Spread
    is measured only when quantiles or paths are asked for, in one of two ways:

    ``paths``
        One-step errors of blocked cross-validation are fed back through the recursion.
    ``holdout``
        A second fit on the first three quarters forecasts the last quarter from many origins (at
        the forecast's time of day); whole rows of its errors are added to the point forecast,
        on hourly records brought to the size that is usual on the kind of day (`KindSizes`).

    Parameters
    ----------
    regressor : str
        Class of a scikit-learn regressor, for example ``"sklearn.linear_model.Ridge"``.
    params : dict, optional
        Its parameters.
    lags : int or list
        How many past changes it sees, or which: ``["1-48", 168]``.
    rolling : dict, optional
        Windows of past changes by statistic, for example ``{"mean": [24, 168]}``.
    calendar : list of str, optional
        Parts of the calendar; None: what the step and length of the series can show; []: none.
    season_length : int, optional
        Periods of a season; by the series' step when None.
    strategy : {"recursive", "direct", "multi_output"}
        One model stepped on; one model a step; one model of all steps.
    difference : {"seasonal", "previous", "none"}
        What is predicted: the change against one season or one period before, or the value.  The
        lags are lags of the same; a change is explained by changes of the regressors.
    transform : {"log", "none", "standard"}
        Scale of the series; standard: the target is centred and scaled.
    scale : bool
        Whether the inputs are standardised (trees do not need it).
    damping : float
        Share of a predicted seasonal change that is left a season later [1].
    half_life : float, optional
        Age at which a row counts half [periods].
    holidays : str, optional
        ISO country code for public holidays (daily and finer series).
    timezone : str, optional
        Zone whose clock the calendar shows.
    spread : {"auto", "paths", "holdout", "native"}
        Where quantiles come from; auto: holdout where the record is long enough; native: one
        regressor a level, of those that have quantiles (direct and multi-output).
    """

    supports: ClassVar[frozenset[Ability]] = frozenset(
        {Ability.EXOGENOUS, Ability.ROLL_FORWARD, Ability.LOCK_STEP, Ability.MANY}
    )
    min_values: ClassVar[int] = 8
    transforms: ClassVar[tuple[str, ...]] = ("log", "none", "standard")

    def __init__(
        self,
        regressor: str = "sklearn.linear_model.Ridge",
        params: dict[str, Any] | None = None,
        lags: int | Sequence[int | str] = 3,
        rolling: dict[str, Sequence[int]] | None = None,
        calendar: Sequence[str] | None = None,
        season_length: int | None = None,
        strategy: str = "recursive",
        difference: str = "seasonal",
        transform: str = "log",
        scale: bool = True,
        damping: float = 0.9,
        half_life: float | None = None,
        holidays: str | None = None,
        timezone: str | None = None,
        spread: str = "auto",
    ) -> None:
        self.regressor = regressor
        self.params = params
        self.lags = lags
        self.rolling = rolling
        self.calendar = calendar
        self.season_length = season_length
        self.strategy = strategy
        self.difference = difference
        self.transform = transform
        self.scale = scale
        self.damping = damping
        self.half_life = half_life
        self.holidays = holidays
        self.timezone = timezone
        self.spread = spread

    # -- data --------------------------------------------------------------------------------

    def prepare(self, y: pd.Series, X: pd.DataFrame | None, horizon: int) -> Prepared:
        """Build calendar and regressors of the whole series, and room for its lags."""
        longer = y.index.append(future_index(y.index, max(horizon, 2)))
        static = self._calendar(longer)
        if X is not None:
            given = X.to_numpy(float)[: len(longer)]
            ahead = np.full((len(longer) - len(given), X.shape[1]), np.nan)
            static = np.column_stack([static, np.concatenate([given, ahead])])
        return Prepared(y.to_numpy(float), static)

    def using(self, prepared: Prepared) -> Self:
        """Slice the features of the whole series at every fit."""
        self.prepared_ = prepared
        return self

    def _calendar(self, index: Any) -> np.ndarray:
        return calendar_features(index, self.holidays, parts=self.calendar, timezone=self.timezone)

    def _prepared(self, y: pd.Series, X: pd.DataFrame | None, horizon: int = 2) -> Prepared:
        """Return what was prepared for a series that begins with `y`, else build it."""
        shared: Prepared | None = getattr(self, "prepared_", None)
        if shared is None or len(shared.static) < len(y) + horizon:
            return self.prepare(y, X, horizon)
        same = np.array_equal(shared.values[: len(y)], y.to_numpy(float))
        return shared if same else self.prepare(y, X, horizon)

    @property
    def _width(self) -> int:
        return 0 if self.regressors_ is None else int(self.regressors_.shape[1])

    def _static(self, static: np.ndarray) -> np.ndarray:
        """Return the calendar (the usual one as far as it is known), changes of the regressors."""
        width = self._width
        if self.calendar is None:
            static = usual_calendar(static, width, self.season_, self.years_)
        if width and self.design_.delay:
            static = static.copy()
            static[:, -width:] = self.design_.changes(static[:, -width:].T).T
        return static

    def _scale(self, values: np.ndarray) -> float:
        # One of many series is divided by its size, a power of two: that is exact.
        if self.transform == "none" and not self.scale and not getattr(self, "joint_", False):
            return 1.0  # the regressor sees the user's very numbers
        return float(2.0 ** np.round(np.log2(super()._scale(values))))

    # -- learning ----------------------------------------------------------------------------

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:  # noqa: ARG002
        self.years_ = years_of(self.index_)
        self._lay(values)
        self._learned(self._learner().fit(), 0)

    def _lay(self, values: np.ndarray) -> None:
        """Choose the inputs the record can bear, and lay them out."""
        check_choices(self)
        if self.spread == "native":
            quantile_params(self.regressor, 0.5)
            if self.strategy == "recursive":
                raise UserError("model.spread=native needs model.strategy=direct or multi_output")
        delay = {"seasonal": self.season_, "previous": 1, "none": 0}[self.difference]
        count = len(values)
        self.design_ = design_for(parse_lags(self.lags), self.rolling or {}, delay, count)
        self._roll(values)
        shared = self._prepared(pd.Series(self.values_, index=self.index_), self.regressors_)
        key = f"{self.scale_} {self.log_}"
        table = shared.table(self.design_, key, self._forward(shared.values))
        static = self._static(shared.static)[:count]
        self.block_ = Block(values, table[: count - self.design_.depth + 1], static)

    def _roll(self, values: np.ndarray) -> None:
        self.history_ = values

    def _learner(self) -> Learner:
        return Learner(
            self.regressor, self.params or {}, self.strategy, self.scale,
            self.transform == "standard", self.half_life, self.design_, self._width, [self.block_],
        )  # fmt: skip

    def fit_many(
        self, panel: Mapping[str, pd.Series], X: Mapping[str, pd.DataFrame] | None = None
    ) -> dict[str, Self]:
        """Fit one model to many series, each divided by its own size.

        See `Forecaster.fit_many`.
        """
        out = {name: self.clone() for name in panel}
        years = max((years_of(y.index) for y in panel.values()), default=0.0)
        beside = {name: None if X is None else X[name] for name in panel}
        learners = [one.unlearned(panel[name], beside[name], years) for name, one in out.items()]
        if len({repr(one.design) for one in learners}) != 1:
            raise UserError(
                "one model of many series needs records that bear the same season and lags",
                "Leave out the shortest series, or make model.lags smaller",
            )
        joint = learners[0].joined(learners).fit()
        for place, one in enumerate(out.values()):
            one.take(joint, place)
        return out

    def unlearned(self, y: pd.Series, X: pd.DataFrame | None, years: float) -> Learner:
        """Take the record of one of many series, the longest of `years`; return its own learner."""
        self.joint_, self.years_ = True, years
        self._begin(y, X)
        self._lay(self._forward(self.values_))
        return self._learner()

    def take(self, learner: Learner, place: int) -> None:
        """Take what was learned from many series, of which this one is number `place`."""
        self._learned(learner, place)
        self.fitted_ = True

    def _learned(self, learner: Learner, place: int) -> None:
        self.learner_ = learner
        kinds = DayKinds.of(self.index_, self.season_, self.holidays, self.timezone)
        self.spread_ = Spread(
            learner, self.block_, place, self.season_, self.spread, self.damping, kinds
        )

    # -- forecasting -------------------------------------------------------------------------

    @property
    def _tail(self) -> np.ndarray:
        """Last transformed values that the inputs look back on, shape (1, depth)."""
        return np.asarray(self.history_[len(self.history_) - self.design_.depth :][None])

    def _ahead(self, horizon: int, X: np.ndarray | None) -> np.ndarray:
        """Return calendar and regressors of the next periods, shape (1, horizon, columns)."""
        static = self._calendar(future_index(self.index_, max(horizon, 2)))[:horizon]
        if X is None or self.regressors_ is None:
            return self._static(static)[None]
        before = self.regressors_.to_numpy(float)[len(self.regressors_) - self.design_.delay :]
        whole = np.concatenate([before, X[:horizon]])
        padded = np.concatenate([np.zeros((len(before), static.shape[1])), static])
        return self._static(np.column_stack([padded, whole]))[None, len(before) :]

    def _sample(
        self, horizon: int, n: int, rng: np.random.Generator, X: np.ndarray | None
    ) -> np.ndarray:
        ahead = self._ahead(horizon, X)
        return np.asarray(self.spread_.paths(self._tail, ahead, len(self.index_), n, rng)[0])

    def _marginals(self, horizon: int, levels: Sequence[float], X: np.ndarray | None) -> np.ndarray:
        starts = np.array([len(self.index_)])
        rim = self.values_.min(keepdims=True), self.values_.max(keepdims=True)
        return np.asarray(self._from(self._tail, self._ahead(horizon, X), starts, levels, *rim)[0])

    def _lock_step(
        self,
        values: np.ndarray,
        X: np.ndarray | None,
        starts: np.ndarray,
        horizon: int,
        levels: Sequence[float],
    ) -> np.ndarray:
        last = int(starts.max())
        index = self.index_
        if last > len(index):
            index = index.append(future_index(index, last - len(index)))
        frame = None if X is None else pd.DataFrame(X)
        shared = self._prepared(pd.Series(values[:last], index=index[:last]), frame, horizon)
        static, whole = self._static(shared.static), self._forward(values[:last])
        depth, together = self.design_.depth, max(1, _ROWS // horizon)
        low, high = np.minimum.accumulate(values), np.maximum.accumulate(values)
        out = []
        for first in range(0, len(starts), together):
            part = starts[first : first + together]
            ahead = static[part[:, None] + np.arange(horizon)]
            if self._width and np.isnan(ahead).any():
                raise UserError("regressors are missing for periods that are to be forecast")
            tails = whole[part[:, None] + np.arange(-depth, 0)]
            out.append(self._from(tails, ahead, part, levels, low[part - 1], high[part - 1]))
        return np.concatenate(out)

    def _from(
        self,
        tails: np.ndarray,
        ahead: np.ndarray,
        starts: np.ndarray,
        levels: Sequence[float],
        low: np.ndarray,
        high: np.ndarray,
    ) -> np.ndarray:
        """Return the point forecast and quantiles from many origins, untransformed."""
        point = self.learner_.point(tails, ahead, self.damping)
        out = np.empty((*point.shape, 1 + len(levels)))
        out[..., 0] = self._held(point, low[:, None], high[:, None])
        if not len(levels):
            return out
        together = max(1, _ROWS // PATHS)
        for first in range(0, len(starts), together):
            part = slice(first, first + together)
            found = self.spread_.quantiles(
                tails[part], ahead[part], point[part], starts[part], levels
            )
            out[part, :, 1:] = self._held(found, low[part, None, None], high[part, None, None])
        return out
