"""Ridge regression of many targets at once, each with its own leave-one-out penalty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Equations", "leave_one_out_equations"]

#: Penalties tried, as shares of the number of rows.
_PENALTIES = np.geomspace(1e-4, 30.0, 10)


@dataclass(frozen=True)
class Equations:
    """Linear equations of many targets on the same inputs.

    Attributes
    ----------
    middle, spread : ndarray of shape (columns,)
        Centre and scale of the inputs.
    level : ndarray of shape (outputs,)
        Forecast of the middle.
    slopes : tuple of ndarray
        Directions of shape (columns, kept), and weights of shape (kept, outputs).
    """

    middle: np.ndarray
    spread: np.ndarray
    level: np.ndarray
    slopes: tuple[np.ndarray, np.ndarray]

    def forecast(self, inputs: np.ndarray) -> np.ndarray:
        """Return the targets of inputs of shape (columns,) or (rows, columns)."""
        right, weights = self.slopes
        found = self.level + ((inputs - self.middle) / self.spread @ right) @ weights
        return np.asarray(found)


def leave_one_out_equations(
    features: np.ndarray, targets: np.ndarray
) -> tuple[Equations, np.ndarray]:
    """Fit ridge equations, the penalty of each target chosen by leave-one-out error.

    One decomposition of the features serves all targets and penalties; the error of a row left
    out is its residual over one minus its leverage (Golub, Heath and Wahba 1979, section 2).

    Parameters
    ----------
    features, targets : ndarray of shape (rows, columns), (rows, outputs)
        Inputs and outputs.

    Returns
    -------
    equations : Equations
    errors : ndarray of shape (rows, outputs)
        Errors of each row when it is left out.
    """
    rows = len(features)
    middle, spread = features.mean(axis=0), features.std(axis=0)
    # A column that hardly varied has no slope worth having.
    spread = np.where(spread > 1e-8 * (np.abs(middle) + 1e-8), spread, np.inf)
    scaled = (features - middle) / spread
    level = targets.mean(axis=0)
    values, left, right = _decompose(scaled)
    inner = left.T @ (targets - level)
    best = np.full(targets.shape[1], np.inf)
    errors = np.empty_like(targets)
    weights = np.zeros((len(values), targets.shape[1]))
    for penalty in _PENALTIES * rows:
        shrink = values / (values + penalty)
        # With more columns than rows both sides go to nought: the floor only stops 0 / 0.
        free = np.maximum(1.0 - 1.0 / rows - left**2 @ shrink, 1e-9)
        found = (targets - level - (left * shrink) @ inner) / free[:, None]
        loss = np.abs(found).mean(axis=0)
        better = loss < best
        best = np.where(better, loss, best)
        errors[:, better] = found[:, better]
        weights[:, better] = ((np.sqrt(values) / (values + penalty))[:, None] * inner)[:, better]
    return Equations(middle, spread, level, (right, weights)), errors


def _decompose(scaled: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return squared singular values, left and right vectors, by the smaller Gram matrix."""
    tall = scaled.shape[0] >= scaled.shape[1]
    values, vectors = np.linalg.eigh(scaled.T @ scaled if tall else scaled @ scaled.T)
    kept = values > 1e-10 * max(float(values[-1]), 1e-300)
    values, vectors = values[kept], vectors[:, kept]
    other = (scaled @ vectors if tall else scaled.T @ vectors) / np.sqrt(values)
    return (values, other, vectors) if tall else (values, vectors, other)
