"""The store's hours, compiled: what a MW is worth in each hour, and the plan of the coming days.

The worth of power at the store's node is a falling step function of what the store gives or takes.
A plan looks for the best path of the level; backwards in time the worth of stored energy is a
falling step function too, and one hour's worth merges with that of the hours after it by sorting
the steps (the sup-convolution of concave functions), so the plan is exact.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from dcforecast.compute.compiled import njit
from dcforecast.system.simplex import (
    following,
    mask_of,
    recall,
    remember_nothing,
    value_at,
)

__all__ = ["operate"]

_STEPS = 24  # steps of one hour's worth; more are merged into the last
_HELD = 128  # steps of the worth of stored energy
_HURDLE = 0.001  # EUR/MWh that moving energy must gain, so that the store does not run in circles
_TINY = 1e-9
_PIVOTS = 400  # more in one hour means trouble
_TOLERANCE = 1e-7  # MW


class _Worth(NamedTuple):
    """Step functions, one a row: value of a step (EUR/MWh), its length (MWh), steps in use."""

    value: Any
    length: Any
    number: Any


@njit(nogil=True)
def _nothing(rows: int, steps: int) -> Any:
    return _Worth(np.zeros((rows, steps)), np.zeros((rows, steps)), np.zeros(rows, np.int64))


@njit(nogil=True)
def _add(worth: Any, row: int, value: float, length: float) -> None:
    """Append a step; equal values become one."""
    n = worth.number[row]
    if length <= 0.0:
        return
    if n > 0 and (n == worth.value.shape[1] or worth.value[row, n - 1] - value < _TINY):
        whole = worth.length[row, n - 1] + length
        worth.value[row, n - 1] += (value - worth.value[row, n - 1]) * length / whole
        worth.length[row, n - 1] = whole
        return
    worth.value[row, n] = value
    worth.length[row, n] = length
    worth.number[row] = n + 1


@njit(nogil=True)
def _worths(  # noqa: C901, PLR0912, PLR0915 - one loop over plain arrays, as in simplex.run
    m: int, problem: Any, bounds: Any, start: Any, memory: Any, store: Any, hour: Any
) -> Any:
    """Write what a member's power is worth in every hour, from taking all to giving all.

    The injection at the node grows from one end to the other; where a basic column meets a bound,
    the basis changes and the worth falls.  Returns the hours that could not be solved.
    """
    power, back = store
    rows, columns = problem[0].shape
    column, hours = columns - 1, len(power)
    table, upper, number, basic = memory.table, memory.upper, memory.number, memory.basic
    follow, reduced, known = memory.following, memory.reduced, memory.known
    value, length, steps = hour
    u, x = np.zeros(columns), np.zeros(rows)
    b, failed = recall(start, problem[0], memory), 0
    for t in range(hours):
        steps[t] = 0
        size = power[t]
        if size <= 0.0:
            continue
        price = t if len(problem[1]) > 1 else 0
        if memory.price[b] != price:
            value_at(b, price, problem, memory)
        for j in range(column):
            u[j] = bounds[j, m, t]
        at, n, first, held = -size, 0, -1, known[0]
        u[column] = at
        for _ in range(_PIVOTS):
            for i in range(rows):
                x[i] = 0.0
            for k in range(number[b]):
                j = upper[b, k]
                feed = u[j]
                for i in range(rows):
                    x[i] -= table[b, j, i] * feed
            # While the hour is not at its optimum the row furthest outside leaves; after that the
            # row that the growing injection drives to a bound first.
            worst, row, side = _TOLERANCE, -1, 0
            for i in range(rows if first < 0 else 0):
                if -x[i] > worst:
                    worst, row, side = -x[i], i, 0
                excess = x[i] - u[basic[b, i]]
                if excess > worst:
                    worst, row, side = excess, i, 1
            if row < 0:
                if first < 0:
                    first, held = b, known[0]
                step = size - at
                for i in range(rows):
                    rate = table[b, column, i]
                    if rate > _TINY and x[i] < step * rate:
                        step, row, side = max(x[i] / rate, 0.0), i, 0
                    elif rate < -_TINY and u[basic[b, i]] - x[i] < -step * rate:
                        step, row, side = max((x[i] - u[basic[b, i]]) / rate, 0.0), i, 1
                end = at + step
                gain = problem[1][price, column] - reduced[b, column]
                taken, n_most = min(end, 0.0) - min(at, 0.0), value.shape[1] - 1
                if taken > _TINY:  # energy taken is worth less once it is lost on the way
                    value[t, n] = max(gain, gain / back) + _HURDLE
                    length[t, n] = taken * back
                    n = min(n + 1, n_most)
                if step - taken > _TINY:
                    value[t, n] = gain - _HURDLE
                    length[t, n] = step - taken
                    n = min(n + 1, n_most)
                at = end
                u[column] = at
                if row < 0:
                    break
            target = follow[b, row, side]
            if target < 0 or memory.price[target] != price:
                target = following(b, (row, side == 1), problem, memory)
            b = target
            if b < 0:
                break
        if b < 0 or at < size - _TINY:
            failed += 1
            power[t] = 0.0
            b = recall(start, problem[0], memory)
            continue
        steps[t] = n
        if known[0] >= held:  # else the table was emptied, and that basis is gone
            b = first
    return failed


@njit(nogil=True)
def _merge(hour: Any, t: int, held: Any, k: int, skip: float, keep: float) -> None:
    """Worth of stored energy before hour `t` (row `k`) from the hour's and that after (k + 1)."""
    held.number[k] = 0
    i = j = 0
    while keep > _TINY and (i < hour.number[t] or j < held.number[k + 1]):
        mine = j >= held.number[k + 1] or (
            i < hour.number[t] and hour.value[t, i] > held.value[k + 1, j]
        )
        value = hour.value[t, i] if mine else held.value[k + 1, j]
        length = hour.length[t, i] if mine else held.length[k + 1, j]
        if mine:
            i += 1
        else:
            j += 1
        dropped = min(skip, length)
        skip -= dropped
        length = min(length - dropped, keep)
        keep -= length
        _add(held, k, value, length)


@njit(nogil=True)
def _given(hour: Any, t: int, held: Any, k: int, take: float) -> float:
    """Energy of the hour among the `take` MWh of most worth, of the hour's and what stays."""
    mine = 0.0
    i = j = 0
    while take > _TINY and (i < hour.number[t] or j < held.number[k]):
        if j >= held.number[k] or (i < hour.number[t] and hour.value[t, i] > held.value[k, j]):
            part = min(hour.length[t, i], take)
            mine += part
            i += 1
        else:
            part = min(held.length[k, j], take)
            j += 1
        take -= part
    return mine


@njit(nogil=True)
def _worth_of(hour: Any, t: int, energy: float) -> float:
    """Worth of the first `energy` MWh of an hour's steps, EUR."""
    total = 0.0
    for i in range(hour.number[t]):
        part = min(hour.length[t, i], energy)
        total += part * hour.value[t, i]
        energy -= part
        if energy <= 0.0:
            break
    return total


@njit(nogil=True)
def _plan(hour: Any, store: Any, days: Any, held: Any, out: Any) -> float:
    """Plan and run one member's year, every `every` hours knowing the next `ahead`; EUR gained."""
    power, energy, back = store
    ahead, every = days
    charge, discharge = out
    hours, level, gained = len(power), 0.0, 0.0
    for start in range(0, hours, every):
        end = min(start + ahead, hours)
        held.number[end - start] = 0
        _add(held, end - start, 0.0, energy[end - 1])
        for t in range(end - 1, start - 1, -1):
            _merge(hour, t, held, t - start, power[t] * back, energy[max(t - 1, 0)])
        for t in range(start, min(start + every, end)):
            rest = power[t] * back
            gives = _given(hour, t, held, t - start + 1, level + rest) - rest
            gives = min(max(gives, level - energy[t]), level)
            level -= gives
            gained += _worth_of(hour, t, rest + gives) - _worth_of(hour, t, rest)
            if gives > 1e-6:
                discharge[t] = gives
            elif gives < -1e-6:
                charge[t] = -gives / back
    return gained


@njit(nogil=True)
def operate(problem: Any, bounds: Any, start: Any, store: Any, days: Any, out: Any) -> int:
    """Plan the store of every member.

    Parameters
    ----------
    problem : tuple
        Matrix (rows, columns + 1) whose last column feeds the store's node, and costs (1 or
        hours, columns + 1), the last so low that the column never becomes basic.
    bounds : ndarray of shape (columns, members, hours)
    start : ndarray of shape (rows,)
        Columns of the first basis.
    store : tuple
        Power and energy (members, hours), MW and MWh as delivered; what comes back of a MWh.
    days : tuple of int
        Hours known ahead, and hours between two plans.
    out : tuple
        Charge and discharge (members, hours), zero before, and what was gained (members,), EUR;
        filled here.

    Returns
    -------
    int
        Hours that could not be solved, in which the store rests.
    """
    power, energy, back = store
    members, hours = power.shape
    memory = remember_nothing(*problem[0].shape)
    hour, held = _nothing(hours, _STEPS), _nothing(days[0] + 1, _HELD)
    failed = 0
    for m in range(members):
        size = power[m].astype(np.float64)
        failed += _worths(m, problem, bounds, mask_of(start), memory, (size, back), hour)
        out[2][m] = _plan(hour, (size, energy[m], back), days, held, (out[0][m], out[1][m]))
    return failed
