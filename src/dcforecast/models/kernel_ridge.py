"""Kernel ridge regression of many targets: what followed days that were like this one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

from dcforecast.models.ridge import leave_one_out_equations

__all__ = ["KernelEquations", "KernelFit", "leave_one_out_kernel"]

#: Penalties tried: variance of the noise over that of the function.
_PENALTIES = (0.03, 0.1, 0.3)
#: Squared length of the kernel over the median squared distance of two rows.
_LENGTH = 2.0
#: Length of the kernel in time [days]: rows of some years ago say less.
_DAYS = 4.2 * 365.25


@dataclass(frozen=True)
class KernelEquations:
    """Weighted sums over the rows learned from, by their likeness.

    Attributes
    ----------
    middle, factor : ndarray of shape (columns,)
        Centre of the inputs, and what distances multiply them by.
    rows : ndarray of shape (rows, columns)
        Inputs learned from, centred and multiplied.
    level : ndarray of shape (outputs,)
        Forecast of a row unlike all others.
    weights : ndarray of shape (rows, outputs)
        Weights of the likenesses.
    """

    middle: np.ndarray
    factor: np.ndarray
    rows: np.ndarray
    level: np.ndarray
    weights: np.ndarray

    def forecast(self, inputs: np.ndarray) -> np.ndarray:
        """Return the targets of inputs of shape (rows, columns)."""
        likeness = _likeness(_squared((inputs - self.middle) * self.factor, self.rows))
        return np.asarray(self.level + likeness @ self.weights)


@dataclass(frozen=True)
class KernelFit:
    """Equations and their errors.

    Attributes
    ----------
    equations : KernelEquations
    errors : ndarray of shape (rows, outputs)
        Errors of each row when it is left out.
    newest : ndarray of shape (held, outputs)
        Errors of the newest rows when they are all left out.
    """

    equations: KernelEquations
    errors: np.ndarray
    newest: np.ndarray


def leave_one_out_kernel(features: np.ndarray, targets: np.ndarray, held: int) -> KernelFit:
    """Fit, the penalty of each target chosen by leave-one-out error.

    It is the mean of a Gaussian process with a Matern 3/2 kernel (Rasmussen and Williams 2006,
    sections 2.2 and 4.2).  An input counts in the distance by its slopes in ridge equations of
    the same targets, so that two rows are alike if what moves the targets is; an input
    whose effect is the same on both sides has no slope and is not seen.  Errors of rows left out
    come from the inverse (section 5.4.2), for a block of rows as for one.

    Parameters
    ----------
    features : ndarray of shape (rows, columns)
        Inputs; the first column is the day, counted from any day.
    targets : ndarray of shape (rows, outputs)
        Outputs.
    held : int
        Newest rows to leave out together, for `KernelFit.newest`.
    """
    linear, _ = leave_one_out_equations(features[:, 1:], targets)
    right, weights = linear.slopes
    # The root mean square of each input's slopes: the slopes' Gram matrix is small.
    slopes = np.sqrt(np.maximum(((right @ (weights @ weights.T)) * right).sum(axis=1), 0.0))
    middle = np.append(features[-1, 0], linear.middle)
    scaled = (features[:, 1:] - linear.middle) * (slopes / linear.spread)
    squared = _squared(scaled, scaled)
    typical = float(np.median(squared)) or 1.0
    factor = np.append(1.0 / _DAYS, slopes / linear.spread / np.sqrt(_LENGTH * typical))
    rows = (features - middle) * factor
    level = targets.mean(axis=0)
    best = np.full(targets.shape[1], np.inf)
    found, errors = np.zeros_like(targets), np.zeros_like(targets)
    newest = np.zeros((held, targets.shape[1]))
    likeness = _likeness(squared / (_LENGTH * typical) + _squared(rows[:, :1], rows[:, :1]))
    for penalty in _PENALTIES:
        half = _half_inverse(likeness, penalty)
        tried = half.T @ (half @ (targets - level))
        left_out = tried / np.einsum("ij,ij->j", half, half)[:, None]
        loss = np.abs(left_out).mean(axis=0)
        better = loss < best
        best = np.where(better, loss, best)
        found[:, better], errors[:, better] = tried[:, better], left_out[:, better]
        if held:
            corner = half[-held:, -held:]
            block = np.linalg.solve(corner.T @ corner, tried[-held:])
            newest[:, better] = block[:, better]
    return KernelFit(KernelEquations(middle, factor, rows, level, found), errors, newest)


def _squared(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return squared distances of all pairs of rows."""
    sums = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1)
    return np.asarray(np.maximum(sums - 2.0 * (one @ other.T), 0.0))


def _likeness(squared: np.ndarray) -> np.ndarray:
    """Return the kernel of squared distances."""
    distance = np.sqrt(3.0 * squared)
    return np.asarray((1.0 + distance) * np.exp(-distance))


def _half_inverse(likeness: np.ndarray, penalty: float) -> np.ndarray:
    """Return a lower triangle whose transpose times itself inverts likenesses and penalty.

    What is asked of the inverse (its diagonal, a corner, products) follows from this half of it
    at two thirds of the cost.
    """
    whole = likeness.T.copy(order="F")
    np.fill_diagonal(whole, whole.diagonal() + penalty)
    lower, _ = lapack.dpotrf(whole, lower=1, clean=1, overwrite_a=1)
    half, _ = lapack.dtrtri(lower, lower=1, overwrite_c=1)
    return np.asarray(half)
