"""The memoised dual simplex with long steps, compiled: a walk from hour to hour."""

from __future__ import annotations

from typing import Any

import numpy as np

from dcforecast.compute.compiled import njit
from dcforecast.system.simplex_bases import (
    UNKNOWN,
    candidates,
    following,
    mask_of,
    recall,
    remember_nothing,
    value_at,
)

__all__ = ["PIVOTS", "enters", "outside", "run"]

PIVOTS = 400  # more in one hour means trouble
_TOLERANCE = 1e-7  # MW outside a bound that still counts as inside


@njit(nogil=True, inline="always")
def outside(b: int, u: Any, x: Any, basic: Any, term: Any, weight: Any, terms: Any) -> Any:
    """Write the values of the basic columns; the largest excess, its row and side (0 below).

    They are minus the sum of the columns at their upper bound.  Row -1: none is outside.
    """
    worst, row, side = _TOLERANCE, -1, 0
    for i in range(len(x)):
        value = 0.0
        for k in range(terms[b, i]):
            value -= weight[b, i, k] * u[term[b, i, k]]
        x[i] = value
        if -value > worst:
            worst, row, side = -value, i, 0
        excess = value - u[basic[b, i]]
        if excess > worst:
            worst, row, side = excess, i, 1
    return worst, row, side


@njit(nogil=True, inline="always")
def enters(b: int, row: int, side: int, excess: float, u: Any, order: Any, table: Any) -> Any:
    """Column that enters when a row leaves that is so far outside; -1 for none.

    A column whose whole way to its other bound does not bring the row inside changes sides and
    lets the next enter: the long step of the dual simplex for bounded columns (Maros 2003), which
    saves the pivots that would bring such columns in and out.  Inlined: it leaves at one place
    only, or the whole walk takes a sixth longer.
    """
    k, left, chosen = 0, excess, -1
    j = order[b, row, side, 0]
    while j >= 0 and left > 0.0:
        left -= abs(table[b, j, row]) * u[j]
        chosen = j
        k += 1
        j = order[b, row, side, k]
    return chosen


@njit(nogil=True)
def _residual(matrix: Any, solution: Any, u: Any) -> float:
    """Largest ``|A x|`` over the rows relative to the largest bound."""
    largest, scale = 0.0, 1.0
    for j in range(len(u)):
        scale = max(scale, u[j])
    for r in range(matrix.shape[0]):
        total = 0.0
        for j in range(matrix.shape[1]):
            total += matrix[r, j] * solution[j]
        largest = max(largest, abs(total))
    return largest / scale


@njit(nogil=True, inline="always")
def _fill(b: int, u: Any, x: Any, upper: Any, number: Any, basic: Any, solution: Any) -> None:
    """Write the values of all columns."""
    solution[:] = 0.0
    for k in range(number[b]):
        solution[upper[b, k]] = u[upper[b, k]]
    for i in range(len(x)):
        j = basic[b, i]
        solution[j] = min(max(x[i], 0.0), u[j])


@njit(nogil=True)
def _walk(  # noqa: C901, PLR0912 - one loop, see the notes
    m: int, problem: Any, index: Any, bounds: Any, first: Any, memory: Any, out: Any
) -> Any:
    """Walk through the hours of member `m`; the largest relative ``|A x|``.

    Notes
    -----
    One loop over plain arrays, with inlined parts: to hand the tables to a function takes longer
    than a pivot.
    """
    wanted, values, failed, count, gains, feeding, prices = out
    columns, _, hours = bounds.shape
    upper, number, basic, reduced = memory.upper, memory.number, memory.basic, memory.reduced
    term, weight, terms = memory.term, memory.weight, memory.terms
    order, table, follow, priced = memory.order, memory.table, memory.following, memory.price
    u, x, solution = np.zeros(columns), np.zeros(basic.shape[1]), np.zeros(columns)
    b, residual = recall(first, problem[0], memory), 0.0
    for t in range(hours):
        for j in range(columns):
            u[j] = bounds[j, m, t]
        price, row = index[t], 0
        if priced[b] != price:
            value_at(b, price, problem, memory)
        for _ in range(PIVOTS):
            excess, row, side = outside(b, u, x, basic, term, weight, terms)
            if row < 0:
                break
            count[0] += 1
            if order[b, row, side, 0] == UNKNOWN:
                candidates(b, row, side, memory)
            column = enters(b, row, side, excess, u, order, table)
            target = np.int64(follow[b, row, side, column]) if column >= 0 else -1
            if column >= 0 and (target < 0 or priced[target] != price):
                target = following((b, row, side), column, problem, memory)
            if target < 0:
                break
            b = target
        if row >= 0:
            failed[m, t] = True
            b = recall(first, problem[0], memory)
            continue
        _fill(b, u, x, upper, number, basic, solution)
        for k in range(number[b]):
            gains[upper[b, k], m] -= reduced[b, upper[b, k]]
        for k in range(len(wanted)):
            values[k, m, t] = solution[wanted[k]]
        for k in range(len(feeding)):
            prices[k, m, t] = problem[1][price, feeding[k]] - reduced[b, feeding[k]]
        if t % 16 == 0:
            residual = max(residual, _residual(problem[0], solution, u))
    return residual


@njit(nogil=True)
def run(problem: Any, index: Any, bounds: Any, start: Any, out: Any) -> float:
    """Walk from hour to hour through all members.

    Parameters
    ----------
    problem : tuple
        Matrix (rows, columns) and costs (prices, columns).
    index : ndarray of shape (hours,)
        Price of each hour.
    bounds : ndarray of shape (columns, members, hours)
    start : ndarray of shape (rows,)
        Columns of the first basis; every member begins there.
    out : tuple
        Wanted columns; and, filled here: values (wanted, members, hours), failed (members, hours),
        pivots and bases (2,), gains of one more MW (columns, members) summed over the hours;
        columns that feed a row each, and the rows' prices (such columns, members, hours).

    Returns
    -------
    float
        Largest relative ``|A x|``, looked at in every sixteenth hour.
    """
    columns, members, _ = bounds.shape
    memory = remember_nothing(len(problem[0]), columns)
    first, residual = mask_of(start), 0.0
    for m in range(members):
        residual = max(residual, _walk(m, problem, index, bounds, first, memory, out))
    out[3][1] = memory.known[0]
    return residual
