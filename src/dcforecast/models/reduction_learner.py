"""What a reduction learns: one regressor, one a step, or one of all steps."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from dcforecast.errors import UserError
from dcforecast.models.reduction_design import Block, Design
from dcforecast.models.regressors import Fitted, learn, quantile_params

__all__ = ["Learner"]

#: Blocks of the cross-validation that measures errors out of sample.
_FOLDS = 5


@dataclass
class Learner:
    """Regressors of one or many series.

    Attributes
    ----------
    regressor, params, strategy, scale, standard, half_life
        As in `ReducedRegressor`.
    design : Design
        Inputs from the past.
    width : int
        How many of the last static columns are regressors.
    blocks : list of Block
        Series to learn from.
    models : dict
        Fitted regressors, by kind (``step`` or ``all``) and step.
    errors : dict
        Errors of cross-validation by step.
    earlier : Learner, optional
        That of the first part of the series.
    levels : dict
        Those of quantiles, by level.
    """

    regressor: str
    params: dict[str, Any]
    strategy: str
    scale: bool
    standard: bool
    half_life: float | None
    design: Design
    width: int
    blocks: list[Block]
    models: dict[tuple[str, int], Fitted] = field(default_factory=dict)
    errors: dict[int, list[np.ndarray]] = field(default_factory=dict)
    earlier: Learner | None = None
    levels: dict[float, Learner] = field(default_factory=dict)

    def fit(self) -> Learner:
        """Fit what does not depend on the horizon."""
        if self.strategy == "recursive":
            self._model("step", 0)
        return self

    def joined(self, others: list[Learner]) -> Learner:
        """Return an unfitted learner of the series of all learners."""
        blocks = [block for one in others for block in one.blocks]
        return self._anew(blocks=blocks)

    def holdout(self, share: float) -> Learner:
        """Return the learner of the series' first part, fitted."""
        if self.earlier is None:
            early = [b.until(int(len(b.values) * (1 - share))) for b in self.blocks]
            self.earlier = self._anew(blocks=early).fit()
        return self.earlier

    def at(self, level: float) -> Learner:
        """Return the learner of a quantile, for regressors that have quantiles of their own."""
        if level not in self.levels:
            params = {**self.params, **quantile_params(self.regressor, level)}
            self.levels[level] = self._anew(params=params)
        return self.levels[level]

    def _anew(self, **changes: Any) -> Learner:
        """Return an unfitted learner that differs in these attributes."""
        return replace(self, models={}, errors={}, earlier=None, levels={}, **changes)

    # -- rows --------------------------------------------------------------------------------

    def _rows(self, kind: str, step: int, block: Block) -> tuple[np.ndarray, np.ndarray]:
        """Return inputs and targets of one series; ``all`` has the steps to `step` as columns."""
        design = self.design
        last = len(block.values) - step  # origins are depth to last - 1
        origins = np.arange(design.depth, last)
        inputs = self._inputs(kind, step, block.table[: len(origins)], block.static, origins)
        if kind == "all":
            steps = np.arange(step + 1)
            back = np.array([design.base(h) for h in range(step + 1)])
            at = origins[:, None] + steps
        else:
            at, back = origins + step, np.array(design.base(step))
        targets = block.values[at]
        return inputs, targets - block.values[at - back] if design.delay else targets

    def _inputs(
        self, kind: str, step: int, past: np.ndarray, static: np.ndarray, origins: np.ndarray
    ) -> np.ndarray:
        if kind == "step":
            known = static[origins + step]
        else:
            known = static[origins]
            if self.width:  # the regressors of every step
                ahead = static[origins[:, None] + np.arange(1, step + 1), -self.width :]
                known = np.column_stack([known, ahead.reshape(len(origins), -1)])
        return np.concatenate([past, known], axis=1) if known.shape[1] else past

    def _gathered(
        self, kind: str, step: int
    ) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray] | None]:
        pairs = [self._rows(kind, step, block) for block in self.blocks]
        inputs, targets = [p[0] for p in pairs], [p[1] for p in pairs]
        if min(len(one) for one in targets) < 2:
            raise UserError(
                f"the record is too short for {step + 1} steps ahead by strategy={self.strategy}",
                "model.strategy=recursive needs no more than one step",
            )
        if self.half_life is None:
            return inputs, targets, None
        return inputs, targets, [0.5 ** (np.arange(len(t))[::-1] / self.half_life) for t in targets]

    # -- fitting -----------------------------------------------------------------------------

    def _learn(
        self,
        inputs: list[np.ndarray],
        targets: list[np.ndarray],
        weights: list[np.ndarray] | None,
    ) -> Fitted:
        return learn(
            self.regressor, self.params, *map(_joined, (inputs, targets, weights)),
            scale=self.scale, standard=self.standard,
        )  # fmt: skip

    def _model(self, kind: str, step: int) -> Fitted:
        if (kind, step) not in self.models:
            inputs, targets, weights = self._gathered(kind, step)
            self.models[kind, step] = self._learn(inputs, targets, weights)
        return self.models[kind, step]

    def cross_errors(self, step: int) -> list[np.ndarray]:
        """Return each series' errors at a step, every row predicted without its block of rows.

        Five consecutive blocks; the mean error is taken off.
        """
        if step not in self.errors:
            inputs, targets, weights = self._gathered("step", step)
            out = [np.empty_like(t) for t in targets]
            for fold in range(_FOLDS):
                parts = [np.array_split(np.arange(len(t)), _FOLDS)[fold] for t in targets]
                rests = [
                    np.setdiff1d(np.arange(len(t)), part)
                    for t, part in zip(targets, parts, strict=True)
                ]
                kept = [x[r] for x, r in zip(inputs, rests, strict=True)]
                rows = [t[r] for t, r in zip(targets, rests, strict=True)]
                weighed = weights and [w[r] for w, r in zip(weights, rests, strict=True)]
                model = self._learn(kept, rows, weighed)
                for place, part in enumerate(parts):
                    if len(part):
                        found = model.predict(inputs[place][part])
                        out[place][part] = targets[place][part] - found
            self.errors[step] = [one - one.mean() for one in out]
        return self.errors[step]

    # -- forecasting -------------------------------------------------------------------------

    def point(
        self,
        values: np.ndarray,
        static: np.ndarray,
        damping: float,
        shocks: np.ndarray | None = None,
    ) -> np.ndarray:
        """Forecast many series together.

        Parameters
        ----------
        values : ndarray of shape (series, depth)
            Last transformed values of each.
        static : ndarray of shape (series, horizon, columns)
            Calendar and regressors of each.
        damping : float
            Share of a predicted change that is left ``delay`` periods later.
        shocks : ndarray of shape (series, horizon), optional
            Added to the one-step forecasts (recursive).

        Returns
        -------
        ndarray of shape (series, horizon)
        """
        if self.strategy == "recursive":
            return self._recursive(values, static, damping, shocks)
        horizon, design = static.shape[1], self.design
        changes = design.changes(values)
        past = design.step(changes, values.shape[1])
        fade = _fade(damping, design.delay, horizon)
        if self.strategy == "direct":
            columns = []
            for h in range(horizon):
                inputs = np.concatenate([past, static[:, h]], axis=1)
                columns.append(self._model("step", h).predict(inputs))
            found = np.column_stack(columns)
        else:
            fitted = [step for kind, step in self.models if kind == "all" and step >= horizon - 1]
            steps = min(fitted, default=horizon - 1)
            known = static[:, 0]
            if self.width:
                ahead = static[:, 1:, -self.width :].reshape(len(static), -1)
                known = np.column_stack([known, ahead])
                steps = horizon - 1
            inputs = np.concatenate([past, known], axis=1)
            found = self._model("all", steps).predict(inputs).reshape(len(inputs), -1)[:, :horizon]
        if not design.delay:
            return found
        back = [values.shape[1] + h - design.base(h) for h in range(horizon)]
        # Each change is against the same last known season, so the fade applies to it whole.
        return np.asarray(values[:, back] + fade * found)

    def _recursive(
        self, values: np.ndarray, static: np.ndarray, damping: float, shocks: np.ndarray | None
    ) -> np.ndarray:
        design, (count, depth), horizon = self.design, values.shape, static.shape[1]
        levels = np.empty((count, depth + horizon))
        levels[:, :depth] = values
        changes = np.empty_like(levels)
        changes[:, :depth] = design.changes(values)
        fade = _fade(damping, design.delay, horizon)
        model = self._model("step", 0)
        for step in range(horizon):
            at = depth + step
            past = design.step(changes, at)
            known = static[:, step]
            inputs = np.concatenate([past, known], axis=1) if known.shape[1] else past
            change = model.predict(inputs)
            if design.delay:
                change = fade[step] * change
            if shocks is not None:
                change = change + shocks[:, step]
            changes[:, at] = change
            levels[:, at] = change + levels[:, at - design.delay] if design.delay else change
        return np.asarray(levels[:, depth:])


def _fade(damping: float, delay: int, horizon: int) -> np.ndarray:
    return np.asarray(damping ** (np.arange(horizon) // max(delay, 1)))


def _joined(parts: list[np.ndarray] | None) -> Any:
    if parts is None:
        return None
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
