"""Exact optimum of many small linear programmes that differ in their bounds only.

Every hour asks for ``min c'x`` with ``A x = 0`` and ``0 <= x <= u``.  ``A`` never moves, so a basis
and its tableau are worked out once and remembered; an hour starts at the basis of the hour before
and walks by dual simplex pivots, which are remembered too (Gal and Nedoma 1972; Borrelli, Bemporad
and Morari 2003 for the idea of visiting the bases of a multi-parametric programme).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dcforecast.errors import InternalError

__all__ = ["Programme", "Solution", "reference", "solve"]

_IMBALANCE = 1e-6  # relative |A x| beyond which a batch is refused
_LARGEST = 64  # a basis is one 64-bit mask over the columns


@dataclass(frozen=True)
class Programme:
    """The part of the linear programmes that does not move.

    Parameters
    ----------
    matrix : ndarray of shape (rows, columns)
        ``A`` of ``A x = 0``, of full row rank.
    cost : ndarray of shape (columns,)
        ``c``, EUR/MWh.
    start : ndarray of shape (rows,)
        Columns of the first basis.
    """

    matrix: NDArray[np.float64]
    cost: NDArray[np.float64]
    start: NDArray[np.int64]

    @classmethod
    def build(cls, matrix: NDArray[np.float64], cost: NDArray[np.float64]) -> Programme:
        """Perturb the costs, so that the optimum is unique, and find a first basis.

        Raises
        ------
        InternalError
            A row depends on the others, or there are more than 64 columns.
        """
        rows, columns = matrix.shape
        if columns > _LARGEST:
            raise InternalError(f"the network has {columns} columns; at most {_LARGEST} fit")
        # Equal costs make the bound-by-sign rule cycle; a regular sequence still does.
        jitter = np.random.default_rng(20_260).uniform(0.5, 1.5, columns) * 1e-7
        matrix = np.ascontiguousarray(matrix, dtype=np.float64)
        return cls(matrix, np.asarray(cost, dtype=np.float64) + jitter, _first_basis(matrix, rows))


def _first_basis(matrix: NDArray[np.float64], rows: int) -> NDArray[np.int64]:
    work, chosen = matrix.copy(), []
    for row in range(rows):
        column = int(np.argmax(np.abs(work[row])))
        if abs(work[row, column]) < 1e-9:
            raise InternalError(f"row {row} of the allocation depends on the rows before it")
        chosen.append(column)
        below = work[row + 1 :, column] / work[row, column]
        work[row + 1 :] -= np.outer(below, work[row])
    return np.array(sorted(chosen), dtype=np.int64)


@dataclass(frozen=True)
class Solution:
    """Optimal values of the wanted columns and what was seen on the way.

    Attributes
    ----------
    values : ndarray of shape (wanted, members, hours)
        float32 unless asked to be precise.
    prices : ndarray of shape (feeding, members, hours), float32
        What one more MW fed into the row of each feeding column is worth, EUR/MWh (the row's dual
        value); not a number in an hour of the reference solver.
    hours, pivots, bases : int
        Programmes solved, pivots made, bases met.
    gains : ndarray of shape (columns, members)
        What one more MW of each column's bound would have been worth over the hours, EUR: minus
        the sum of its reduced costs (hours of the reference solver left out).
    fallbacks : int
        Hours that the reference solver had to do.
    residual : float
        Largest ``|A x|`` before rounding to float32, relative to the largest bound.
    """

    values: NDArray[np.floating]
    prices: NDArray[np.float32]
    gains: NDArray[np.float64]
    hours: int
    pivots: int
    bases: int
    fallbacks: int
    residual: float


def solve(
    programme: Programme,
    bounds: NDArray[np.float32],
    wanted: NDArray[np.int64],
    *,
    feeding: NDArray[np.int64] | None = None,
    prices: NDArray[np.float64] | None = None,
    precise: bool = False,
) -> Solution:
    """Solve one programme for every member and hour.

    Parameters
    ----------
    programme : Programme
    bounds : ndarray of shape (columns, members, hours), float32
        ``u``, MW, not negative.
    wanted : ndarray of int
        Columns to return.
    feeding : ndarray of int, optional
        Columns with a one in a single row, whose price is wanted.
    prices : ndarray of shape (hours, columns), optional
        Costs that replace ``programme.cost`` hour by hour.
    precise : bool
        Return float64 values.

    Raises
    ------
    InternalError
        A balance is off by more than 1e-6 of the hour's largest bound.

    Notes
    -----
    Each member starts at the same basis, so the result does not depend on how members are batched.
    """
    from dcforecast.system.simplex import run  # brings numba

    columns, members, hours = bounds.shape
    costs = programme.cost[None, :] if prices is None else np.ascontiguousarray(prices, float)
    index = np.zeros(hours, np.int64) if prices is None else np.arange(hours, dtype=np.int64)
    values = np.empty((len(wanted), members, hours), np.float64 if precise else np.float32)
    failed = np.zeros((members, hours), np.bool_)
    count = np.zeros(2, np.int64)
    gains = np.zeros((columns, members))
    fed = np.asarray([] if feeding is None else feeding, np.int64)
    duals = np.full((len(fed), members, hours), np.nan, np.float32)
    residual = run(
        (programme.matrix, costs),
        index,
        np.ascontiguousarray(bounds, np.float32),
        programme.start,
        (np.asarray(wanted, np.int64), values, failed, count, gains, fed, duals),
    )
    if not residual <= _IMBALANCE:  # also when it is not a number
        raise InternalError(f"the balance of an hour is off by {residual:.1e} of its largest bound")
    where = np.argwhere(failed)
    for member, hour in where:
        x = reference(programme.matrix, costs[index[hour]], bounds[:, member, hour])
        values[:, member, hour] = x[wanted]
    return Solution(
        values=values,
        prices=duals,
        gains=gains,
        hours=members * hours,
        pivots=int(count[0]),
        bases=int(count[1]),
        fallbacks=len(where),
        residual=float(residual),
    )


def reference(
    matrix: NDArray[np.float64], cost: NDArray[np.float64], upper: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Solve one programme with HiGHS: the independent reference, and the way out of a failure.

    Raises
    ------
    InternalError
        HiGHS finds no optimum, though ``x = 0`` is feasible.
    """
    from scipy.optimize import linprog

    bounds = np.column_stack([np.zeros(len(cost)), np.asarray(upper, float)])
    found = linprog(
        cost,
        A_eq=matrix,
        b_eq=np.zeros(len(matrix)),
        bounds=bounds,
        method="highs",
        # Its usual 1e-7 is as large as our perturbation of the costs.
        options={"dual_feasibility_tolerance": 1e-10, "primal_feasibility_tolerance": 1e-10},
    )
    if found.x is None:
        raise InternalError(f"HiGHS could not solve an hour: {found.message}")
    x: NDArray[np.float64] = found.x
    return x
