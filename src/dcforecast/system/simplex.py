"""The memoised dual simplex with long steps, compiled: bases and pivots are looked up."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from dcforecast.compute.compiled import njit

__all__ = [
    "UNKNOWN",
    "candidates",
    "enters",
    "following",
    "mask_of",
    "outside",
    "recall",
    "remember_nothing",
    "run",
    "value_at",
]

# Other files compile these functions in, and numba's cache looks at the date of the calling file
# alone: after a change here delete __pycache__/*.nb? or touch storage_walk.py.
_CAPACITY = 4096  # bases remembered before the table is emptied
_BUCKETS = 16384
_PIVOTS = 400  # more in one hour means trouble
_TOLERANCE = 1e-7  # MW outside a bound that still counts as inside
_SMALLEST_PIVOT = 1e-9
#: In the place of the first candidate: not worked out yet.
UNKNOWN = -2


class _Memory(NamedTuple):
    """Everything remembered of the bases met; the first axis counts the bases."""

    basic: Any  # (rows,) columns of the basis
    table: Any  # (columns, rows) its tableau
    reduced: Any  # (columns,) reduced costs at the price last used
    upper: Any  # (columns,) columns at their upper bound, `number` of them
    number: Any
    term: Any  # (rows, columns) the upper columns that move a basic one, `terms` (rows,) of them
    weight: Any  # (rows, columns) and by how much
    terms: Any
    price: Any  # index of the price last used
    mask: Any
    order: Any  # (rows, 2, columns) columns that may enter when a row leaves below or above
    following: Any  # (rows, 2, columns) basis when that column enters
    bucket: Any  # hash table of the masks
    known: Any  # (1,) bases held


@njit(nogil=True)
def remember_nothing(rows: int, columns: int) -> Any:
    """Return empty tables."""
    return _Memory(
        np.empty((_CAPACITY, rows), np.int64),
        np.empty((_CAPACITY, columns, rows)),
        np.empty((_CAPACITY, columns)),
        np.empty((_CAPACITY, columns), np.int64),
        np.zeros(_CAPACITY, np.int64),
        np.empty((_CAPACITY, rows, columns), np.int64),
        np.empty((_CAPACITY, rows, columns)),
        np.empty((_CAPACITY, rows), np.int64),
        np.full(_CAPACITY, -1, np.int64),
        np.zeros(_CAPACITY, np.uint64),
        np.empty((_CAPACITY, rows, 2, columns + 1), np.int16),
        np.empty((_CAPACITY, rows, 2, columns), np.int16),
        np.full(_BUCKETS, -1, np.int64),
        np.zeros(1, np.int64),
    )


@njit(nogil=True)
def _eliminate(work: Any, i: int, column: int) -> bool:
    """Make `column` of `work` the unit vector of row `i`; False when it cannot be."""
    pivot = i + np.argmax(np.abs(work[i:, column]))
    if abs(work[pivot, column]) < 1e-11:
        return False
    if pivot != i:
        held = work[i].copy()
        work[i] = work[pivot]
        work[pivot] = held
    work[i] /= work[i, column]
    for r in range(work.shape[0]):
        if r != i and work[r, column] != 0.0:
            work[r] -= work[r, column] * work[i]
    return True


@njit(nogil=True)
def _tableau(matrix: Any, mask: Any, basic: Any, table: Any) -> bool:
    """Write ``A_B^-1 A`` of the basis `mask` to `table` (columns, rows); False when singular."""
    rows, columns = matrix.shape
    k = 0
    for j in range(columns):
        if (mask >> np.uint64(j)) & np.uint64(1):
            basic[k] = j
            k += 1
    work = matrix.copy()
    for i in range(rows):
        if not _eliminate(work, i, basic[i]):
            return False
    table[:] = work.T
    return True


@njit(nogil=True)
def _reduce(cost: Any, memory: Any, b: int) -> None:
    """Work out the reduced costs of basis `b` and the columns they put at the upper bound."""
    table, basic, reduced, upper = memory.table, memory.basic, memory.reduced, memory.upper
    columns, rows = table.shape[1:]
    mask, number = memory.mask[b], 0
    for j in range(columns):
        value = 0.0
        if not (mask >> np.uint64(j)) & np.uint64(1):
            value = cost[j]
            for i in range(rows):
                value -= cost[basic[b, i]] * table[b, j, i]
            if value < 0.0:
                upper[b, number] = j
                number += 1
        reduced[b, j] = value
    memory.number[b] = number
    term, weight, terms = memory.term, memory.weight, memory.terms
    for i in range(rows):
        n = 0
        for k in range(number):
            j = upper[b, k]
            if table[b, j, i] != 0.0:
                term[b, i, n], weight[b, i, n] = j, table[b, j, i]
                n += 1
        terms[b, i] = n


@njit(nogil=True)
def candidates(b: int, row: int, side: int, memory: Any) -> None:
    """Dual ratio test: the columns that may enter when `row` leaves, the least ratio first."""
    order, table, reduced = memory.order[b, row, side], memory.table[b], memory.reduced[b]
    mask, ratio, n = memory.mask[b], np.empty(len(table)), 0
    for j in range(len(table)):
        alpha = table[j, row]
        if (mask >> np.uint64(j)) & np.uint64(1) or abs(alpha) < _SMALLEST_PIVOT:
            continue
        if (alpha > 0.0) == ((side == 1) != (reduced[j] < 0.0)):
            value, k = abs(reduced[j] / alpha), n
            while k > 0 and ratio[k - 1] > value:
                ratio[k], order[k] = ratio[k - 1], order[k - 1]
                k -= 1
            ratio[k], order[k] = value, j
            n += 1
    order[n] = -1


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
def _find(mask: Any, masks: Any, buckets: Any) -> Any:
    """Look `mask` up; return (basis or -1, bucket)."""
    place = np.int64((mask * np.uint64(11400714819323198485)) >> np.uint64(50))
    while buckets[place] >= 0:
        if masks[buckets[place]] == mask:
            return buckets[place], place
        place = (place + 1) % _BUCKETS
    return -1, place


@njit(nogil=True)
def recall(mask: Any, matrix: Any, memory: Any) -> Any:
    """Find or make the basis `mask`; -1 when it is singular."""
    b, place = _find(mask, memory.mask, memory.bucket)
    if b >= 0:
        return b
    if memory.known[0] == _CAPACITY:  # start afresh rather than grow
        memory.known[0] = 0
        memory.bucket[:] = -1
        b, place = _find(mask, memory.mask, memory.bucket)
    b = memory.known[0]
    if not _tableau(matrix, mask, memory.basic[b], memory.table[b]):
        return -1
    memory.known[0] += 1
    memory.mask[b] = mask
    memory.price[b] = -1
    memory.following[b] = -1
    memory.bucket[place] = b
    return b


@njit(nogil=True)
def mask_of(start: Any) -> Any:
    """Mask of a basis given by its columns."""
    mask = np.uint64(0)
    for j in start:
        mask |= np.uint64(1) << np.uint64(j)
    return mask


@njit(nogil=True)
def value_at(b: int, price: int, problem: Any, memory: Any) -> None:
    """Set a basis for another price."""
    _reduce(problem[1][price], memory, b)
    memory.price[b] = price
    order, rows = memory.order, memory.order.shape[1]
    for i in range(rows):
        order[b, i, 0, 0] = order[b, i, 1, 0] = UNKNOWN


@njit(nogil=True)
def following(leaving: Any, column: int, problem: Any, memory: Any) -> Any:
    """Look up or make the basis after `column` replaced (basis, row, side); set for the same price.

    It is -1 when there is none.
    """
    b, row, side = leaving
    price = memory.price[b]
    target = np.int64(memory.following[b, row, side, column])
    if target < 0:
        mask = memory.mask[b] ^ (np.uint64(1) << np.uint64(memory.basic[b, row]))
        held = memory.known[0]
        target = recall(mask | (np.uint64(1) << np.uint64(column)), problem[0], memory)
        if target >= 0 and memory.known[0] >= held:  # else the table was emptied, and b is gone
            memory.following[b, row, side, column] = target
    if target >= 0 and memory.price[target] != price:
        value_at(target, price, problem, memory)
    return target


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
        for _ in range(_PIVOTS):
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
