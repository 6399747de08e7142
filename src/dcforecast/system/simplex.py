"""The memoised dual simplex, compiled: bases and pivots are looked up, not recomputed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    def njit(**_options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]: ...
else:
    from numba import njit

__all__ = ["run"]

_CAPACITY = 1024  # bases remembered before the table is emptied
_BUCKETS = 4096
_PIVOTS = 400  # more in one hour means trouble
_TOLERANCE = 1e-7  # MW outside a bound that still counts as inside
_SMALLEST_PIVOT = 1e-9


@njit(nogil=True, cache=True)
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
        pivot = i
        for r in range(i + 1, rows):
            if abs(work[r, basic[i]]) > abs(work[pivot, basic[i]]):
                pivot = r
        if abs(work[pivot, basic[i]]) < 1e-11:
            return False
        if pivot != i:
            for j in range(columns):
                work[i, j], work[pivot, j] = work[pivot, j], work[i, j]
        scale = 1.0 / work[i, basic[i]]
        for j in range(columns):
            work[i, j] *= scale
        for r in range(rows):
            factor = work[r, basic[i]]
            if r != i and factor != 0.0:
                for j in range(columns):
                    work[r, j] -= factor * work[i, j]
    for j in range(columns):
        for i in range(rows):
            table[j, i] = work[i, j]
    return True


@njit(nogil=True, cache=True)
def _reduced(cost: Any, basic: Any, table: Any, mask: Any, reduced: Any, upper: Any) -> int:
    """Write the reduced costs and the list of columns at their upper bound; return its length."""
    columns, rows = table.shape
    number = 0
    for j in range(columns):
        value = cost[j]
        for i in range(rows):
            value -= cost[basic[i]] * table[j, i]
        if (mask >> np.uint64(j)) & np.uint64(1):
            value = 0.0
        elif value < 0.0:
            upper[number] = j
            number += 1
        reduced[j] = value
    return number


@njit(nogil=True, cache=True)
def _entering(reduced: Any, table: Any, mask: Any, row: int, above: bool) -> int:
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


@njit(nogil=True, cache=True)
def _find(mask: Any, masks: Any, buckets: Any) -> tuple[int, int]:
    """Look `mask` up; return (basis or -1, bucket)."""
    place = np.int64((mask * np.uint64(11400714819323198485)) >> np.uint64(52))
    while buckets[place] >= 0:
        if masks[buckets[place]] == mask:
            return buckets[place], place
        place = (place + 1) % _BUCKETS
    return -1, place


@njit(nogil=True, cache=True)
def _violated(x: Any, basic: Any, u: Any) -> tuple[int, bool]:
    """Row furthest outside its bounds and whether it is above; -1 when all are inside."""
    worst, row, above = _TOLERANCE, -1, False
    for i in range(len(x)):
        if -x[i] > worst:
            worst, row, above = -x[i], i, False
        excess = x[i] - u[basic[i]]
        if excess > worst:
            worst, row, above = excess, i, True
    return row, above


@njit(nogil=True, cache=True)
def _primal(x: Any, table: Any, upper: Any, number: int, u: Any) -> None:
    """Values of the basic columns, ``-sum of the columns at upper``."""
    x[:] = 0.0
    for k in range(number):
        j = upper[k]
        if u[j] != 0.0:
            for i in range(len(x)):
                x[i] -= table[j, i] * u[j]


@njit(nogil=True, cache=True)
def _residual(matrix: Any, basic: Any, x: Any, upper: Any, number: int, u: Any) -> float:
    """Largest ``|A x|`` over the rows relative to the largest bound."""
    largest, scale = 0.0, 1.0
    for j in range(len(u)):
        scale = max(scale, u[j])
    for r in range(matrix.shape[0]):
        total = 0.0
        for i in range(len(x)):
            total += matrix[r, basic[i]] * x[i]
        for k in range(number):
            total += matrix[r, upper[k]] * u[upper[k]]
        largest = max(largest, abs(total))
    return largest / scale


@njit(nogil=True, cache=True)
def _write(values: Any, m: int, t: int, wanted: Any, solution: Any) -> None:
    for k in range(len(wanted)):
        values[k, m, t] = solution[wanted[k]]


@njit(nogil=True, cache=True)
def run(  # noqa: C901, PLR0912, PLR0915  one loop: calls inside it cost more than the arithmetic
    matrix: Any,
    costs: Any,
    index: Any,
    bounds: Any,
    wanted: Any,
    start: Any,
    values: Any,
    failed: Any,
    count: Any,
) -> float:
    """Walk from hour to hour; fill `values` and `failed`; return the largest relative residual."""
    rows, columns = matrix.shape
    _, members, hours = bounds.shape
    basic = np.empty((_CAPACITY, rows), np.int64)
    table = np.empty((_CAPACITY, columns, rows))
    reduced = np.empty((_CAPACITY, columns))
    upper = np.empty((_CAPACITY, columns), np.int64)
    number = np.zeros(_CAPACITY, np.int64)
    priced = np.full(_CAPACITY, -1, np.int64)
    masks = np.zeros(_CAPACITY, np.uint64)
    following = np.full((_CAPACITY, rows, 2), -1, np.int64)
    buckets = np.full(_BUCKETS, -1, np.int64)
    known, residual = 0, 0.0
    x, u, solution = np.zeros(rows), np.zeros(columns), np.zeros(columns)
    first = np.uint64(0)
    for j in start:
        first |= np.uint64(1) << np.uint64(j)
    for m in range(members):
        mask, basis = first, -1
        for t in range(hours):
            price = index[t]
            for j in range(columns):
                u[j] = bounds[j, m, t]
            done = False
            for _ in range(_PIVOTS):
                if basis < 0:
                    basis, place = _find(mask, masks, buckets)
                    if basis < 0:
                        if known == _CAPACITY:
                            known = 0
                            buckets[:] = -1
                            basis, place = _find(mask, masks, buckets)
                        if not _tableau(matrix, mask, basic[known], table[known]):
                            break
                        basis = known
                        known += 1
                        count[1] += 1
                        masks[basis] = mask
                        buckets[place] = basis
                        priced[basis] = -1
                if priced[basis] != price:
                    number[basis] = _reduced(
                        costs[price],
                        basic[basis],
                        table[basis],
                        mask,
                        reduced[basis],
                        upper[basis],
                    )
                    priced[basis] = price
                    following[basis] = -1
                _primal(x, table[basis], upper[basis], number[basis], u)
                row, above = _violated(x, basic[basis], u)
                if row < 0:
                    done = True
                    break
                side = 1 if above else 0
                target = following[basis, row, side]
                count[0] += 1
                if target < 0:
                    enters = _entering(reduced[basis], table[basis], mask, row, above)
                    if enters < 0:
                        break
                    target = enters
                    following[basis, row, side] = enters
                mask ^= np.uint64(1) << np.uint64(basic[basis, row])
                mask |= np.uint64(1) << np.uint64(target)
                basis = -1
            if not done:
                failed[m, t] = True
                mask, basis = first, -1
                continue
            solution[:] = 0.0
            for k in range(number[basis]):
                solution[upper[basis, k]] = u[upper[basis, k]]
            for i in range(rows):
                j = basic[basis, i]
                solution[j] = min(max(x[i], 0.0), u[j])
            _write(values, m, t, wanted, solution)
            if t % 64 == 0:
                residual = max(
                    residual,
                    _residual(matrix, basic[basis], x, upper[basis], number[basis], u),
                )
    return residual
