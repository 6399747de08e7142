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
#: Groups of neighbouring targets with a likeness of their own.
_GROUPS = 3


@dataclass(frozen=True)
class _Group:
    """Weighted sums over the rows learned from, by their likeness; targets of one group.

    Attributes
    ----------
    axes : ndarray of shape (columns, axes)
        Makes places of centred inputs; rows are alike whose places are near.
    places : ndarray of shape (rows, axes)
        Places of the rows learned from.
    level : ndarray of shape (outputs,)
        Forecast of the middle.
    weights : ndarray of shape (rows, outputs)
        Weights of the likenesses.
    """

    axes: np.ndarray
    places: np.ndarray
    level: np.ndarray
    weights: np.ndarray

    def forecast(self, centred: np.ndarray) -> np.ndarray:
        likeness = _likeness(centred @ self.axes, self.places)
        return np.asarray(self.level + likeness @ self.weights)


@dataclass(frozen=True)
class KernelEquations:
    """What each group of targets taught.

    Attributes
    ----------
    middle : ndarray of shape (columns,)
        Centre of the inputs.
    groups : tuple
        Equations of the groups, in the order of the targets.
    """

    middle: np.ndarray
    groups: tuple[_Group, ...]

    def forecast(self, inputs: np.ndarray) -> np.ndarray:
        """Return the targets of inputs of shape (rows, columns)."""
        centred = inputs - self.middle
        return np.column_stack([group.forecast(centred) for group in self.groups])


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

    It is the mean of a Gaussian process whose kernel is a Matern 3/2 and a linear one (Rasmussen
    and Williams 2006, sections 2.2 and 4.2): a bend on top of straight lines, which go on beyond
    what was seen.  Two rows are alike if their inputs are, each weighed by its slopes in
    ridge equations of the same targets, and if what these equations forecast is; an input whose
    effect is the same on both sides has no slope and is not seen.  Neighbouring targets share
    a likeness: what moves the night is not what moves the evening.  Errors of rows left out
    come from the inverse (section 5.4.2), for a block of rows as for one; the slopes are learned
    without the newest rows, which would else know the distances they are judged by.

    Parameters
    ----------
    features : ndarray of shape (rows, columns)
        Inputs; the first column is the day, counted from any day.
    targets : ndarray of shape (rows, outputs)
        Outputs.
    held : int
        Newest rows to leave out together, for `KernelFit.newest`.
    """
    older = slice(len(features) - held)
    linear, _ = leave_one_out_equations(features[older, 1:], targets[older])
    right, weights = linear.slopes
    slopes = right @ weights / linear.spread[:, None]
    middle = np.append(features[-1, 0], linear.middle)
    groups, errors, newest = [], np.zeros_like(targets), np.zeros((held, targets.shape[1]))
    outputs = np.arange(targets.shape[1])
    for own in np.array_split(outputs, min(_GROUPS, len(outputs))):
        group, errors[:, own], newest[:, own] = _solved(
            features - middle, targets[:, own], slopes[:, own], held
        )
        groups.append(group)
    return KernelFit(KernelEquations(middle, tuple(groups)), errors, newest)


def _solved(
    centred: np.ndarray, targets: np.ndarray, slopes: np.ndarray, held: int
) -> tuple[_Group, np.ndarray, np.ndarray]:
    """Return the equations of one group, and errors of single rows and of the newest together."""
    axes = _axes(centred[:, 1:], slopes)
    places = centred @ axes
    likeness = _likeness(places, places)
    level = targets.mean(axis=0)
    best = np.full(targets.shape[1], np.inf)
    found, errors = np.zeros_like(targets), np.zeros_like(targets)
    newest = np.zeros((held, targets.shape[1]))
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
    return _Group(axes, places, level, found), errors, newest


def _axes(centred: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """Return what makes places of inputs: the day, inputs by their slopes, ridge forecasts."""
    own = np.column_stack([np.diag(np.sqrt((slopes**2).sum(axis=1))), slopes])
    places = centred @ own
    typical = float(np.median(_squared(places, places, places @ places.T))) or 1.0
    axes = np.zeros((own.shape[0] + 1, own.shape[1] + 1))
    axes[0, 0] = 1.0 / _DAYS
    axes[1:, 1:] = own / np.sqrt(_LENGTH * typical)
    return axes


def _squared(one: np.ndarray, other: np.ndarray, inner: np.ndarray) -> np.ndarray:
    """Return squared distances of all pairs of rows from their inner products."""
    sums = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1)
    return np.asarray(np.maximum(sums - 2.0 * inner, 0.0))


def _likeness(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the kernel of all pairs of places: of their distance, and linear but for the day."""
    inner = one @ other.T
    distance = np.sqrt(3.0 * _squared(one, other, inner))
    linear = inner - np.outer(one[:, 0], other[:, 0])
    return np.asarray((1.0 + distance) * np.exp(-distance) + linear)


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
