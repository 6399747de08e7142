"""Combinations of models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from dcforecast.errors import UserError, choices_text
from dcforecast.models.base import Forecaster, season_of
from dcforecast.models.learned import CENTRES, MEASURES, Holdout, Learned, half_widths, learn

__all__ = ["Combination"]

_PATHS = 500


class Combination(Forecaster):
    """A linear pool of models, moved to a centre and calibrated on held-out ends of the record.

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
        ``weights`` are in inverse proportion to held-out errors, ``stack`` minimises them,
        ``best`` takes the member, mean or median of the least.
    measure : {"mase", "mae", "crps"}
        Held-out score that weights are learned from; ``crps`` weighs members by theirs.
    calibrate : bool
        Whether widths of intervals are learned from held-out errors.
    origins : int
        Held-out origins, one horizon apart; fewer where the record is short.
    horizon : int, optional
        Held-out periods of each; a season, or 4 without one, when None.
    """

    min_values: ClassVar[int] = 6
    #: What was learned from a panel; None: each series learns from its own record.
    shared_: Learned | None = None

    def __init__(
        self,
        models: Sequence[str | Mapping[str, Any]],
        season_length: int | None = None,
        centre: str = "pool",
        measure: str = "mase",
        calibrate: bool = False,
        origins: int = 2,
        horizon: int | None = None,
    ) -> None:
        self.models = models
        self.season_length = season_length
        self.centre = centre
        self.measure = measure
        self.calibrate = calibrate
        self.origins = origins
        self.horizon = horizon

    # -- many series -----------------------------------------------------------------------

    def fit_many(
        self, panel: Mapping[str, pd.Series], X: Mapping[str, pd.DataFrame] | None = None
    ) -> dict[str, Self]:
        """Fit to many series that share weights and widths; members are each series' own.

        Parameters
        ----------
        panel : mapping of str to Series
            Series by name.
        X : mapping of str to DataFrame, optional
            Refused: the members take no regressors here.

        Returns
        -------
        dict of str to Combination
        """
        if X is not None:
            raise UserError("Combination takes no regressors")
        shared = self.learn_from([(y, None) for y in panel.values()])
        return {name: self.sharing(shared).fit(y) for name, y in panel.items()}

    @property
    def learns(self) -> bool:
        """Whether weights or widths are learned from held-out ends."""
        return self.calibrate or CENTRES[self.centre] is not None

    def learn_from(
        self,
        panel: Sequence[tuple[pd.Series, int | None]],
        run: Callable[[Iterable[Any]], Iterable[list[Holdout]]] | None = None,
    ) -> Learned:
        """Return the weights and widths of many series.

        Parameters
        ----------
        panel : sequence of (Series, int or None)
            Series, each with the periods to hold out; None for the parameter ``horizon``.
        run : callable, optional
            Does the tasks, for example ``joblib.Parallel(n_jobs=2)``; in turn when None.
        """
        from joblib import Parallel, delayed

        self._check_parameters()
        tasks = [delayed(_holdouts)(self, y, horizon) for y, horizon in panel]
        return self.learned([h for one in (run or Parallel(n_jobs=1))(tasks) for h in one])

    def sharing(self, learned: Learned) -> Self:
        """Return an unfitted copy that takes weights and widths as they were learned elsewhere."""
        copy = self.clone()
        copy.shared_ = learned
        return copy

    def learned(self, holdouts: Sequence[Holdout]) -> Learned:
        """Return the weights and widths of held-out forecasts."""
        return learn(holdouts, self.centre, self.measure, self.calibrate)

    def holdouts(self, y: pd.Series) -> list[Holdout]:
        """Return the members' forecasts of the last periods, made without them."""
        self._check_parameters()
        if not self.learns:
            return []
        season = int(self.season_length or season_of(y.index))
        horizon = int(self.horizon or (season if season > 1 else 4))
        found = []
        for back in range(1, self.origins + 1):
            known = y.iloc[: len(y) - back * horizon]
            if len(known) < max(self.min_values, 2 * season, horizon // 2):
                break
            actual = y.iloc[len(known) : len(known) + horizon].to_numpy(float)
            found.append(self._holdout(known, actual, season))
        return found

    def _holdout(self, known: pd.Series, actual: np.ndarray, season: int) -> Holdout:
        from scoringrules import crps_ensemble

        members = self._fitted(known)
        rng = np.random.default_rng(20_260)
        blocks = [m.sample(len(actual), _PATHS, random_state=rng) for m in members]
        below, above = half_widths(np.concatenate(blocks))
        values = known.to_numpy(float)
        lag = season if len(values) > season else 1
        return Holdout(
            actual,
            np.array([np.median(block, axis=0) for block in blocks]),
            below,
            above,
            np.array([crps_ensemble(actual, block.T).mean() for block in blocks]),
            float(np.abs(values[lag:] - values[:-lag]).mean()),
        )

    # -- one series ------------------------------------------------------------------------

    def _check_parameters(self) -> None:
        if not self.models:
            raise UserError("Combination: models is empty")
        for name, value, known in (
            ("centre", self.centre, CENTRES), ("measure", self.measure, MEASURES)
        ):  # fmt: skip
            if value not in known:
                raise UserError(f"{name}={value}: unknown", choices_text(value, known))
        if self.calibrate and self.centre == "pool":
            raise UserError("calibrate=true needs a centre", "For example centre=median")

    def _fitted(self, y: pd.Series) -> list[Forecaster]:
        from dcforecast.models.registry import create

        members = []
        for one in self.models:
            params: dict[str, Any] = {"season_length": self.season_length}
            params.update({"name": one} if isinstance(one, str) else one)
            members.append(create(**params).fit(y))
        return members

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:  # noqa: ARG002
        self._check_parameters()
        raw = pd.Series(self.values_, index=self.index_)
        self.learned_ = self.shared_ or self.learned(self.holdouts(raw))
        self.members_ = self._fitted(raw)

    def _sample(
        self,
        horizon: int,
        n: int,
        rng: np.random.Generator,
        X: np.ndarray | None,  # noqa: ARG002
    ) -> np.ndarray:
        paths = _pool(self.members_, horizon, n, rng) / self.scale_
        learned = self.learned_
        if self.centre == "pool":
            return paths
        # The members' own paths, as many each as for quantiles: the centre is no matter of n.
        own = [m.predict(horizon, quantiles=(0.5,))["q500"].to_numpy() for m in self.members_]
        return learned.spread(paths, learned.centre(np.array(own) / self.scale_))


def _holdouts(model: Combination, y: pd.Series, horizon: int | None) -> list[Holdout]:
    return model.clone().set_params(horizon=horizon or model.horizon).holdouts(y)


def _pool(
    members: Sequence[Forecaster], horizon: int, n: int, rng: np.random.Generator
) -> np.ndarray:
    """Return paths of all members in turn, shape (n, horizon)."""
    share = -(-n // len(members))
    blocks = [m.sample(horizon, share, random_state=rng) for m in members]
    paths = np.concatenate(blocks)
    # Interleaved, so that the first paths hold every model too.
    order = np.arange(len(paths)).reshape(len(blocks), share).T.ravel()
    return np.asarray(paths[order][:n])
