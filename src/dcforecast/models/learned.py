"""What a combination learns from held-out ends of records: weights and widths of intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import NamedTuple

import numpy as np

from dcforecast.models.holdouts import Holdout, Record, half_widths
from dcforecast.models.widths import Widths, learned_widths

__all__ = ["CENTRES", "MEASURES", "Learned", "learn"]


@dataclass(frozen=True)
class Learned:
    """How to join members, and how wide intervals are.

    Attributes
    ----------
    weights : ndarray of shape (members,), optional
        Weights of the members' medians; None: a median of them.
    chosen : tuple of int, optional
        Members of that median; None: all.
    widths : Widths, optional
        Errors that widths of intervals follow; None: they are the pool's own.
    """

    weights: np.ndarray | None = None
    chosen: tuple[int, ...] | None = None
    widths: Widths | None = None

    def centre(self, medians: np.ndarray) -> np.ndarray:
        """Return the centre of members' medians, shape (..., members, horizon)."""
        if self.weights is None:
            kept = medians if self.chosen is None else medians[..., list(self.chosen), :]
            return np.asarray(np.median(kept, axis=-2))
        return np.asarray(np.tensordot(self.weights, medians, axes=(0, -2)))

    def spread(self, paths: np.ndarray, centre: np.ndarray, record: Record) -> np.ndarray:
        """Return paths of a record moved to the centre, with learned widths.

        Each path keeps its rank at each step; its distance from the centre becomes the error
        that had this rank on held-out periods.
        """
        if self.widths is None:
            return np.asarray(paths + centre - np.median(paths, axis=0))
        n, horizon = paths.shape
        below, above = (self.widths.units(half, record) for half in half_widths(paths))
        ranks = (paths.argsort(axis=0, kind="stable").argsort(axis=0) + 0.5) / n
        out = np.empty_like(paths)
        for step in range(horizon):
            size = self.widths.sizes(step, np.abs(2 * ranks[:, step] - 1))
            up = ranks[:, step] > 0.5
            out[:, step] = centre[step] + np.where(up, above[step], -below[step]) * size
        return out


def _equal(holdouts: Sequence[Holdout], measure: str, power: float) -> Learned:  # noqa: ARG001
    count = len(holdouts[0].centres)
    return Learned(np.full(count, 1.0 / count))


def _inverse(holdouts: Sequence[Holdout], measure: str, power: float) -> Learned:
    """Return weights in inverse proportion to a power of the members' held-out errors."""
    errors = _errors(holdouts, measure)
    # A member without an error, as on a flat end, is not thereby without a rival.
    found = np.maximum(errors, 0.02 * errors.mean() + 1e-12) ** -power
    return Learned(np.asarray(found / found.sum()))


def _stack(holdouts: Sequence[Holdout], measure: str, power: float) -> Learned:  # noqa: ARG001
    """Return weights of sum one, none negative, of least held-out absolute error.

    Stacking (Breiman 1996) with absolute in place of squared errors: a linear programme.
    """
    from scipy import sparse
    from scipy.optimize import linprog

    units = np.concatenate([np.full(len(h.actual), _unit(h, measure)) for h in holdouts])
    goal = np.concatenate([h.actual for h in holdouts]) / units
    design = np.concatenate([h.centres.T for h in holdouts]) / units[:, None]
    rows, members = design.shape
    eye = sparse.eye_array(rows)
    cost = np.concatenate([np.zeros(members), np.ones(2 * rows)])
    fit = sparse.hstack([sparse.csr_array(design), eye, -eye])
    one = sparse.csr_array((np.arange(len(cost)) < members)[None].astype(float))
    found = linprog(cost, A_eq=sparse.vstack([fit, one]), b_eq=np.append(goal, 1.0), method="highs")
    return Learned(np.asarray(found.x[:members])) if found.success else _equal(holdouts, measure, 0)


def _best(holdouts: Sequence[Holdout], measure: str, power: float) -> Learned:  # noqa: ARG001
    """Return the median of those members that have the least held-out error together."""
    members = range(len(holdouts[0].centres))
    rules = [Learned(chosen=c) for k in members for c in combinations(members, k + 1)]
    return min(rules, key=lambda rule: error_of(holdouts, rule, measure))


def _errors(holdouts: Sequence[Holdout], measure: str) -> np.ndarray:
    one = MEASURES[measure]
    return np.asarray(np.mean([one.score(h) / one.unit(h) for h in holdouts], axis=0))


def error_of(holdouts: Sequence[Holdout], rule: Learned, measure: str) -> float:
    """Return the mean held-out error of a rule."""
    return float(
        np.mean(
            [np.abs(h.actual - rule.centre(h.centres)).mean() / _unit(h, measure) for h in holdouts]
        )
    )


class Measure(NamedTuple):
    """Score of each member on a held-out end, and what it and errors are divided by."""

    score: Callable[[Holdout], np.ndarray]
    unit: Callable[[Holdout], float]


def _absolute(holdout: Holdout) -> np.ndarray:
    return np.asarray(np.abs(holdout.actual - holdout.centres).mean(axis=1))


def _change(holdout: Holdout) -> float:
    return max(holdout.record.scale, 1e-9)


#: Held-out errors that rules are learned by.
MEASURES: dict[str, Measure] = {
    "mae": Measure(_absolute, lambda _: 1.0),
    "mase": Measure(_absolute, _change),
    "crps": Measure(lambda h: h.crps, _change),
}


def _unit(holdout: Holdout, measure: str) -> float:
    return MEASURES[measure].unit(holdout)


#: How the centre is made: pool and median learn nothing.
CENTRES: dict[str, Callable[[Sequence[Holdout], str, float], Learned] | None] = {
    "pool": None,
    "median": None,
    "mean": _equal,
    "weights": _inverse,
    "stack": _stack,
    "best": _best,
}


def learn(
    holdouts: Sequence[Holdout], centre: str, measure: str, calibrate: bool, power: float = 1.0
) -> Learned:
    """Learn weights and widths.

    Parameters
    ----------
    holdouts : sequence of Holdout
        Of one series or of many; their horizons may differ.
    centre : str
        Key of `CENTRES`.
    measure : str
        Key of `MEASURES`: the error that weights are chosen by.
    calibrate : bool
        Whether widths are learned.
    power : float
        Weights of the centre ``weights`` are errors to minus this power.
    """
    rule = CENTRES[centre]
    found = rule(holdouts, measure, power) if rule is not None and holdouts else Learned()
    if not calibrate:
        return found
    errors = [h.actual - found.centre(h.centres) for h in holdouts]
    return replace(found, widths=learned_widths(holdouts, errors))
