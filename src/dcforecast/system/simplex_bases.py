"""Bases of the dual simplex, compiled: each is worked out once and remembered."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from dcforecast.compute.compiled import njit

__all__ = [
    "UNKNOWN",
    "candidates",
    "following",
    "mask_of",
    "recall",
    "remember_nothing",
    "value_at",
]

_CAPACITY = 4096  # bases remembered before the table is emptied
_BUCKETS = 16384
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
