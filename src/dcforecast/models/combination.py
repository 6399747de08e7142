"""Combinations of models."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from dcforecast.errors import UserError, choices_text
from dcforecast.models import checks
from dcforecast.models.base import SEED, Ability, Forecaster
from dcforecast.models.holdouts import Holdout, Record
from dcforecast.models.learned import CENTRES, MEASURES, Learned, learn
from dcforecast.models.registry import create, spec_of
from dcforecast.models.sharing import Sharing

__all__ = ["Combination"]

#: Paths of a member on a held-out end.
_PATHS = 500
#: Tasks that the series of a held-out end are dealt into: what a panel taught is sent with each.
_CHUNKS = 16

#: A series, periods to hold out of its end, and its regressors.
_End = tuple[pd.Series, int, pd.DataFrame | None]


@dataclass(frozen=True)
class _Shared:
    """What a panel taught: how to join members, and members that have learned themselves."""

    rule: Learned | None
    members: Mapping[int, Sharing]


class Combination(Sharing):
    """A linear pool of models, moved to a centre and calibrated on held-out ends of the record.

    `update` moves each member on as it can and keeps what was learned from held-out ends.

    Each path comes from one of the members; a pool is at least as good as the mean of its
    members' scores (Gneiting and Ranjan 2013). The centre is the pool's own median, or is made
    of the members' medians: the median of a few simple models did best among the combinations of
    the M4 entry of Petropoulos and Svetunkov (2020).

    Parameters
    ----------
    models : sequence of str or dict
        Members: names, or ``name`` with the parameters that differ from those of its YAML file.
    season_length : int, optional
        Periods of a season; by the series' step when None.
    centre : {"pool", "median", "mean", "weights", "stack", "best"}
        ``weights`` fall with held-out errors, ``stack`` minimises them, ``best`` is the median
        of those members that have the least error together.
    measure : {"mase", "mae", "crps"}
        Held-out score that weights are learned from; ``crps`` weighs members by theirs.
    calibrate : bool
        Whether widths of intervals are learned from held-out errors.
    origins : int
        Held-out origins; fewer where the record is short.
    horizon : int, optional
        Held-out periods of each; a season, or 4 without one, when None.
    every : int, optional
        Periods between origins; a horizon when None.
    power : float
        ``weights`` are errors to minus this power: 0 is the mean, 4 all but a choice.
    own : bool
        Whether each series learns from its own held-out ends, also among many.
    """

    min_values: ClassVar[int] = 6
    shared_: _Shared | None = None

    def __init__(
        self,
        models: Sequence[str | Mapping[str, Any]],
        season_length: int | None = None,
        centre: str = "pool",
        measure: str = "mase",
        calibrate: bool = False,
        origins: int = 2,
        horizon: int | None = None,
        every: int | None = None,
        power: float = 1.0,
        own: bool = False,
    ) -> None:
        self.models = models
        self.season_length = season_length
        self.centre = centre
        self.measure = measure
        self.calibrate = calibrate
        self.origins = origins
        self.horizon = horizon
        self.every = every
        self.power = power
        self.own = own

    @property
    def supports(self) -> frozenset[Ability]:  # type: ignore[override]
        """What it can do: it takes regressors if one of its members does."""
        own = {Ability.MANY, Ability.ROLL_FORWARD}
        taken = any(Ability.EXOGENOUS in member.supports for member in self._created(1))
        return frozenset(own | {Ability.EXOGENOUS} if taken else own)

    # -- many series -----------------------------------------------------------------------

    def fit_many(
        self, panel: Mapping[str, pd.Series], X: Mapping[str, pd.DataFrame] | None = None
    ) -> dict[str, Self]:
        """Fit to many series, with regressors if one of the members takes them.

        See `Forecaster.fit_many`.
        """
        if X is None or Ability.EXOGENOUS not in self.supports:
            return super().fit_many(panel, X)
        ready = self.learned_from(list(panel.values()), X=[X[name] for name in panel])
        return {name: ready.sharing(ready.shared_).fit(y, X[name]) for name, y in panel.items()}

    @property
    def learns(self) -> bool:
        """Whether weights or widths are learned from held-out ends."""
        return self.calibrate or CENTRES[self.centre] is not None

    def learned_from(
        self,
        panel: Sequence[pd.Series],
        horizons: Sequence[int] | None = None,
        run: Callable[[Iterable[Any]], Iterable[list[Holdout]]] | None = None,
        X: Sequence[pd.DataFrame] | None = None,
    ) -> Self:
        """Return an unfitted copy with weights, widths and shared members of many series.

        Parameters
        ----------
        panel : sequence of Series
            The series.
        horizons : sequence of int, optional
            Periods to hold out of each; the parameter ``horizon`` when None.
        run : callable, optional
            Does the tasks, for example ``joblib.Parallel(n_jobs=2)``; in turn when None.
        X : sequence of DataFrame, optional
            Regressors of each series.
        """
        from joblib import Parallel

        self._check_parameters()
        if self.own:
            return self.clone()
        run = run or Parallel(n_jobs=1)
        steps = list(horizons) if horizons is not None else [self.held_periods(y) for y in panel]
        beside = list(X) if X is not None else [None] * len(panel)
        series = list(zip(panel, steps, beside, strict=True))
        lengths = [self._lengths(y, h) for y, h, _ in series]
        found: list[Holdout] = []
        for k in range(max(map(len, lengths))):
            ends = [
                (y.iloc[: one[k]], h, x)
                for (y, h, x), one in zip(series, lengths, strict=True)
                if k < len(one)
            ]
            found += self._held_out(ends, max(steps), run)
        whole = self._learners(panel, max(steps))
        return self.sharing(replace(whole, rule=self._rule(found)))

    def _held_out(
        self,
        ends: Sequence[_End],
        horizon: int,
        run: Callable[[Iterable[Any]], Iterable[list[Holdout]]],
    ) -> list[Holdout]:
        """Return the held-out forecasts of one end of each series, learned from all before it."""
        from joblib import delayed

        known = [y.iloc[:-h] for y, h, _ in ends]
        ready = self.sharing(self._learners(known, horizon))
        tasks = [delayed(_holdouts)(ready, ends[k::_CHUNKS]) for k in range(_CHUNKS)]
        return [holdout for some in run(tasks) for holdout in some]

    def _learners(self, panel: Sequence[pd.Series], horizon: int) -> _Shared:
        """Return what shared members learn from the panel."""
        created = enumerate(self._created(horizon))
        learners = {k: m.learned_from(panel) for k, m in created if isinstance(m, Sharing)}
        # One that learned nothing from the panel is made anew, with each series' horizon.
        members = {k: m for k, m in learners.items() if m.shared_ is not None}
        return _Shared(None, members)

    def _rule(self, holdouts: Sequence[Holdout]) -> Learned:
        return learn(holdouts, self.centre, self.measure, self.calibrate, self.power)

    def held_periods(self, y: pd.Series) -> int:
        """Return how many periods to hold out of a series."""
        season = self._season(y.index)
        return int(self.horizon or (season if season > 1 else 4))

    def known_periods(self, y: pd.Series, horizon: int) -> int:
        """Return how many periods must lie before a held-out end."""
        return max(self.min_values, 2 * self._season(y.index), horizon // 2)

    def _lengths(self, y: pd.Series, horizon: int) -> list[int]:
        """Return the series' lengths to each of its held-out ends, the latest first."""
        count, fewest = self.origins if self.learns else 0, self.known_periods(y, horizon)
        lengths = [len(y) - k * (self.every or horizon) for k in range(count)]
        return [length for length in lengths if length - horizon >= fewest]

    def _record(self, y: pd.Series) -> Record:
        return Record.of(y.to_numpy(float), self._season(y.index))

    def holdout(self, y: pd.Series, horizon: int, X: pd.DataFrame | None = None) -> Holdout:
        """Return the members' forecasts of the last periods, made without them."""
        known, actual = y.iloc[:-horizon], y.iloc[-horizon:].to_numpy(float)
        rng = np.random.default_rng(SEED)
        members = self._fitted(known, horizon, None if X is None else X.iloc[: len(known)])
        ahead = None if X is None else X.iloc[len(known) : len(y)]
        paths = [m.sample(horizon, _PATHS, _of(m, ahead), rng) for m in members]
        return Holdout.of(actual, paths, self._record(known))

    # -- one series ------------------------------------------------------------------------

    def _check_parameters(self) -> None:
        if not self.models:
            raise UserError("Combination: models is empty")
        for name, value, known in (
            ("centre", self.centre, CENTRES), ("measure", self.measure, MEASURES)
        ):  # fmt: skip
            if value not in known:
                raise UserError(f"{name}={value}: unknown", choices_text(value, known))
        checks.check_counts(origins=self.origins)
        for name in ("horizon", "every"):
            if getattr(self, name) is not None:
                checks.check_counts(**{name: getattr(self, name)})
        if self.power < 0:
            raise UserError(f"power={self.power}: must not be negative")
        if self.calibrate and self.centre == "pool":
            raise UserError("calibrate=true needs a centre", "For example centre=median")

    def _created(self, horizon: int) -> list[Forecaster]:
        ours = {"season_length": self.season_length, "horizon": horizon}
        members = []
        for one in self.models:
            spec = spec_of(one)
            untold = {name: value for name, value in ours.items() if name not in spec}
            members.append(create(**spec).set_known(**untold))
        return members

    def _fitted(self, y: pd.Series, horizon: int, X: pd.DataFrame | None) -> list[Forecaster]:
        ready = self.shared_.members if self.shared_ is not None else {}
        return [
            (ready[k].sharing(ready[k].shared_) if k in ready else member).fit(
                y, X if Ability.EXOGENOUS in member.supports else None
            )
            for k, member in enumerate(self._created(horizon))
        ]

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:  # noqa: ARG002
        self._check_parameters()
        raw = pd.Series(self.values_, index=self.index_)
        rule = self.shared_.rule if self.shared_ is not None else None
        self.rule_ = rule or self._rule(self.own_holdouts(raw, self.regressors_))
        self.members_ = self._fitted(raw, self.held_periods(raw), self.regressors_)

    def _roll(self, values: np.ndarray) -> None:  # noqa: ARG002
        raw, X = pd.Series(self.values_, index=self.index_), self.regressors_
        # Members are copied: what was forecast from before stays as it was.
        self.members_ = [
            copy.copy(member).update(
                raw.iloc[len(member.index_) :],
                _of(member, None if X is None else X.iloc[len(member.index_) :]),
            )
            for member in self.members_
        ]

    def own_holdouts(self, y: pd.Series, X: pd.DataFrame | None = None) -> list[Holdout]:
        """Return the held-out forecasts of one series, the latest first; none if it is short."""
        horizon = self.held_periods(y)
        return [self.holdout(y.iloc[:n], horizon, X) for n in self._lengths(y, horizon)]

    def _sample(
        self, horizon: int, n: int, rng: np.random.Generator, X: np.ndarray | None
    ) -> np.ndarray:
        ahead = self._frame_ahead(horizon, X)
        paths = _pool(self.members_, horizon, n, rng, ahead) / self.scale_
        if self.centre == "pool":
            return paths
        # The members' own paths, as many each as for quantiles: the centre is no matter of n.
        own = [m.predict(horizon, _of(m, ahead), quantiles=(0.5,))["q500"] for m in self.members_]
        centre = self.rule_.centre(np.array(own) / self.scale_)
        record = self._record(pd.Series(self.values_ / self.scale_, index=self.index_))
        return self.rule_.spread(paths, centre, record)


def _of(member: Forecaster, X: pd.DataFrame | None) -> pd.DataFrame | None:
    """Return the regressors for a member that was fitted with them."""
    return None if member.regressors_ is None else X


def _holdouts(model: Combination, ends: Sequence[_End]) -> list[Holdout]:
    return [model.holdout(*end) for end in ends]


def _pool(
    members: Sequence[Forecaster],
    horizon: int,
    n: int,
    rng: np.random.Generator,
    X: pd.DataFrame | None,
) -> np.ndarray:
    """Return paths of all members in turn, shape (n, horizon)."""
    share = -(-n // len(members))
    blocks = [m.sample(horizon, share, _of(m, X), rng) for m in members]
    paths = np.concatenate(blocks)
    # Interleaved, so that the first paths hold every model too.
    order = np.arange(len(paths)).reshape(len(blocks), share).T.ravel()
    return np.asarray(paths[order][:n])
