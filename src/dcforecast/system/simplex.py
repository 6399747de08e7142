"""The memoised dual simplex, compiled: bases and pivots are looked up, not recomputed."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from dcforecast.compute.compiled import njit

__all__ = ["following", "mask_of", "recall", "remember_nothing", "run", "value_at"]

_CAPACITY = 1024  # bases remembered before the table is emptied
_BUCKETS = 4096
_PIVOTS = 400  # more in one hour means trouble
_TOLERANCE = 1e-7  # MW outside a bound that still counts as inside
_SMALLEST_PIVOT = 1e-9


class _Memory(NamedTuple):
    """Everything remembered of the bases met; the first axis counts the bases."""

    basic: Any  # (rows,) columns of the basis
    table: Any  # (columns, rows) its tableau
    reduced: Any  # (columns,) reduced costs at the price last used
    upper: Any  # (columns,) columns at their upper bound, `number` of them
    number: Any
    price: Any  # index of the price last used
    mask: Any
    following: Any  # (rows, 2) entering column when a row leaves below or above
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
        np.full(_CAPACITY, -1, np.int64),
        np.zeros(_CAPACITY, np.uint64),
        np.full((_CAPACITY, rows, 2), -1, np.int64),
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
    columns, rows = memory.table[b].shape
    number = 0
    for j in range(columns):
        value = cost[j]
        for i in range(rows):
            value -= cost[memory.basic[b, i]] * memory.table[b, j, i]
        if (memory.mask[b] >> np.uint64(j)) & np.uint64(1):
            value = 0.0
        elif value < 0.0:
            memory.upper[b, number] = j
            number += 1
        memory.reduced[b, j] = value
    memory.number[b] = number


@njit(nogil=True)
def _entering(reduced: Any, table: Any, mask: Any, row: int, above: bool) -> Any:
    """Dual ratio test: the column that enters when `row` leaves at its lower or upper bound."""
    best, chosen = np.inf, -1
    for j in range(table.shape[0]):
        if (mask >> np.uint64(j)) & np.uint64(1):
            continue
        alpha = table[j, row]
        if abs(alpha) < _SMALLEST_PIVOT:
            continue
        at_upper = reduced[j] < 0.0
        if (alpha > 0.0) == (above != at_upper):
            ratio = abs(reduced[j] / alpha)
            if ratio < best:
                best, chosen = ratio, j
    return chosen


@njit(nogil=True)
def _find(mask: Any, masks: Any, buckets: Any) -> Any:
    """Look `mask` up; return (basis or -1, bucket)."""
    place = np.int64((mask * np.uint64(11400714819323198485)) >> np.uint64(52))
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
def _pivot(b: int, leaving: Any, matrix: Any, memory: Any) -> Any:
    """Basis after `leaving` (row, above) leaves basis `b`; -1 when there is none."""
    row, above = leaving
    mask = memory.mask[b]
    enters = _entering(memory.reduced[b], memory.table[b], mask, row, above)
    if enters < 0:
        return -1
    mask ^= np.uint64(1) << np.uint64(memory.basic[b, row])
    mask |= np.uint64(1) << np.uint64(enters)
    held = memory.known[0]
    target = recall(mask, matrix, memory)
    if target >= 0 and memory.known[0] >= held:  # else the table was emptied, and b is gone
        memory.following[b, row, 1 if above else 0] = target
    return target


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
    memory.following[b] = -1


@njit(nogil=True)
def following(b: int, leaving: Any, problem: Any, memory: Any) -> Any:
    """Look up or make the basis after `leaving` (row, above); set for the same price; or -1."""
    price = memory.price[b]
    target = memory.following[b, leaving[0], 1 if leaving[1] else 0]
    if target < 0:
        target = _pivot(b, leaving, problem[0], memory)
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


@njit(nogil=True)
def run(  # noqa: C901, PLR0912, PLR0915 - one loop, see the notes
    problem: Any, index: Any, bounds: Any, start: Any, out: Any
) -> float:
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

    Notes
    -----
    One loop over plain arrays: to hand the tables to a function takes longer than a pivot.
    """
    matrix = problem[0]
    wanted, values, failed, count, gains, feeding, prices = out
    columns, members, hours = bounds.shape
    rows = len(matrix)
    memory = remember_nothing(rows, columns)
    table, upper, number, basic = memory.table, memory.upper, memory.number, memory.basic
    follow, priced, known = memory.following, memory.price, memory.known
    u, x, solution = np.zeros(columns), np.zeros(rows), np.zeros(columns)
    worth, reduced = np.zeros(columns), memory.reduced
    first, residual = mask_of(start), 0.0
    for m in range(members):
        b = recall(first, matrix, memory)
        worth[:] = 0.0
        for t in range(hours):
            for j in range(columns):
                u[j] = bounds[j, m, t]
            price = index[t]
            if priced[b] != price:
                value_at(b, price, problem, memory)
            found = False
            for _ in range(_PIVOTS):
                for i in range(rows):  # the basic columns: minus the sum of those at upper
                    x[i] = 0.0
                for k in range(number[b]):
                    j = upper[b, k]
                    value = u[j]
                    for i in range(rows):
                        x[i] -= table[b, j, i] * value
                worst, row, side = _TOLERANCE, -1, 0  # the row furthest outside leaves
                for i in range(rows):
                    if -x[i] > worst:
                        worst, row, side = -x[i], i, 0
                    excess = x[i] - u[basic[b, i]]
                    if excess > worst:
                        worst, row, side = excess, i, 1
                if row < 0:
                    found = True
                    break
                count[0] += 1
                target = follow[b, row, side]
                if target < 0 or priced[target] != price:
                    target = following(b, (row, side == 1), problem, memory)
                    if target < 0:
                        break
                b = target
            if not found:
                failed[m, t] = True
                b = recall(first, matrix, memory)
                continue
            for j in range(columns):
                solution[j] = 0.0
            for k in range(number[b]):
                j = upper[b, k]
                solution[j] = u[j]
                worth[j] -= reduced[b, j]
            for i in range(rows):
                j = basic[b, i]
                solution[j] = min(max(x[i], 0.0), u[j])
            for k in range(len(wanted)):
                values[k, m, t] = solution[wanted[k]]
            for k in range(len(feeding)):
                j = feeding[k]
                prices[k, m, t] = problem[1][price, j] - reduced[b, j]
            if t % 16 == 0:
                residual = max(residual, _residual(matrix, solution, u))
        gains[:, m] = worth
    count[1] = known[0]
    return residual
