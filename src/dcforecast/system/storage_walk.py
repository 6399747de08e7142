"""The store's hours, compiled: what a MW is worth in each hour, and the plan of the coming days.

The worth of power at the store's node is a falling step function of what the store gives or takes.
The hour's optimum and its pivots are those of the kernel, `simplex`.

A plan looks for the best path of the level; backwards in time the worth of stored energy is a
falling step function too, and one hour's worth merges with that of the hours after it by sorting
the steps (the sup-convolution of concave functions), so the plan is exact.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from dcforecast.compute.compiled import njit
from dcforecast.system.simplex import PIVOTS, enters, outside
from dcforecast.system.simplex_bases import (
    UNKNOWN,
    candidates,
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


class _Worth(NamedTuple):
    """Step functions, one a row: value of a step (EUR/MWh), its length (MWh), steps in use."""

    value: Any
    length: Any
    number: Any


@njit(nogil=True)
def _nothing(rows: int, steps: int) -> Any:
    return _Worth(np.zeros((rows, steps)), np.zeros((rows, steps)), np.zeros(rows, np.int64))


@njit(nogil=True, inline="always")
def _reach(b: int, u: Any, x: Any, most: float, column: int, basic: Any, table: Any) -> Any:
    """How far the injection can grow until a basic column meets a bound: MW, its row and side."""
    step, row, side = most, -1, 0
    for i in range(len(x)):
        rate = table[b, column, i]
        if rate > _TINY and x[i] < step * rate:
            step, row, side = max(x[i] / rate, 0.0), i, 0
        elif rate < -_TINY and u[basic[b, i]] - x[i] < -step * rate:
            step, row, side = max((x[i] - u[basic[b, i]]) / rate, 0.0), i, 1
    return step, row, side


@njit(nogil=True, inline="always")
def _note(t: int, n: int, gain: float, parts: Any, back: float, value: Any, length: Any) -> int:
    """Write the worth of an hour's next MW taken and given; the number of steps then."""
    taken, given = parts
    most = value.shape[1] - 1
    if taken > _TINY:  # energy taken is worth less once it is lost on the way
        value[t, n], length[t, n] = max(gain, gain / back) + _HURDLE, taken * back
        n = min(n + 1, most)
    if given > _TINY:
        value[t, n], length[t, n] = gain - _HURDLE, given
        n = min(n + 1, most)
    return n


@njit(nogil=True)
def _worths(  # noqa: C901, PLR0912 - one loop over plain arrays, as in the kernel
    m: int, problem: Any, bounds: Any, start: Any, memory: Any, store: Any, hour: Any
) -> Any:
    """Write what a member's power is worth in every hour, from taking all to giving all.

    The injection at the node grows from one end to the other; where a basic column meets a bound,
    the basis changes and the worth falls.  Returns the hours that could not be solved.
    """
    power, back = store
    rows, columns = problem[0].shape
    column, hours = columns - 1, len(power)
    table, basic, reduced, order = memory.table, memory.basic, memory.reduced, memory.order
    term, weight, terms, known = memory.term, memory.weight, memory.terms, memory.known
    follow, priced = memory.following, memory.price
    value, length, steps = hour
    u, x = np.zeros(columns), np.zeros(rows)
    b, failed = recall(start, problem[0], memory), 0
    for t in range(hours):
        steps[t] = 0
        size = power[t]
        if size <= 0.0:
            continue
        price = t if len(problem[1]) > 1 else 0
        if priced[b] != price:
            value_at(b, price, problem, memory)
        for j in range(column):
            u[j] = bounds[j, m, t]
        at, n, first, held = -size, 0, -1, known[0]
        for _ in range(PIVOTS):
            u[column] = at
            # While the hour is not at its optimum the row furthest outside leaves; after that the
            # row that the growing injection drives to a bound first.
            excess, row, side = outside(b, u, x, basic, term, weight, terms)
            if row < 0 or first >= 0:
                if first < 0:
                    first, held = b, known[0]
                step, row, side = _reach(b, u, x, size - at, column, basic, table)
                end, excess = at + step, _TINY
                taken = min(end, 0.0) - min(at, 0.0)
                gain = problem[1][price, column] - reduced[b, column]
                n = _note(t, n, gain, (taken, step - taken), back, value, length)
                at = end
                if row < 0:
                    break
            if order[b, row, side, 0] == UNKNOWN:
                candidates(b, row, side, memory)
            enter = enters(b, row, side, excess, u, order, table)
            target = np.int64(follow[b, row, side, enter]) if enter >= 0 else -1
            if enter >= 0 and (target < 0 or priced[target] != price):
                target = following((b, row, side), enter, problem, memory)
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
def _look_back(hour: Any, store: Any, window: Any, held: Any) -> None:
    """Write the worth of stored energy before each hour of a plan, from the last to the first.

    Row k of `held` is that before hour ``start + k``: the hour's steps and those of row k + 1 in
    order of value, less what the hour's power skips, as far as the store can hold it.
    """
    power, energy, back = store
    start, end = window
    value, length, number = hour.value, hour.length, hour.number
    kept_value, kept_length, kept_number = held.value, held.length, held.number
    most = kept_value.shape[1]
    for t in range(end - 1, start - 1, -1):
        k, n, i, j = t - start, 0, 0, 0
        later, steps = kept_number[k + 1], number[t]
        skip, keep = power[t] * back, energy[max(t - 1, 0)]
        while keep > _TINY and (i < steps or j < later):
            if j >= later or (i < steps and value[t, i] > kept_value[k + 1, j]):
                worth, part = value[t, i], length[t, i]
                i += 1
            else:
                worth, part = kept_value[k + 1, j], kept_length[k + 1, j]
                j += 1
            dropped = min(skip, part)
            skip -= dropped
            part = min(part - dropped, keep)
            keep -= part
            if part <= 0.0:
                continue
            if n > 0 and (n == most or kept_value[k, n - 1] - worth < _TINY):  # become one step
                whole = kept_length[k, n - 1] + part
                kept_value[k, n - 1] += (worth - kept_value[k, n - 1]) * part / whole
                kept_length[k, n - 1] = whole
            else:
                kept_value[k, n], kept_length[k, n] = worth, part
                n += 1
        kept_number[k] = n


@njit(nogil=True)
def _carry_out(hour: Any, store: Any, days: Any, held: Any, level: float, out: Any) -> Any:
    """Run the hours of a plan until the next one; the level after them, and EUR gained."""
    power, energy, back = store
    start, stop = days
    charge, discharge = out
    value, length, number = hour.value, hour.length, hour.number
    kept_value, kept_length, kept_number = held.value, held.length, held.number
    gained = 0.0
    for t in range(start, stop):
        rest = power[t] * back
        take, mine, i, j = level + rest, 0.0, 0, 0
        k, steps = t - start + 1, number[t]
        while take > _TINY and (i < steps or j < kept_number[k]):
            # Of the energy at hand the hour and what stays take the parts of most worth.
            if j >= kept_number[k] or (i < steps and value[t, i] > kept_value[k, j]):
                part = min(length[t, i], take)
                mine += part
                i += 1
            else:
                part = min(kept_length[k, j], take)
                j += 1
            take -= part
        gives = min(max(mine - rest, level - energy[t]), level)
        level -= gives
        gained += _worth_between(value[t, :steps], length[t, :steps], rest, rest + gives)
        if gives > 1e-6:
            discharge[t] = gives
        elif gives < -1e-6:
            charge[t] = -gives / back
    return level, gained


@njit(nogil=True)
def _worth_between(value: Any, length: Any, first: float, last: float) -> float:
    """Worth of an hour's energy from the first to the last MWh (negative downwards), EUR."""
    total, at = 0.0, 0.0
    low, high = min(first, last), max(first, last)
    for i in range(len(value)):
        end = at + length[i]
        total += max(min(end, high) - max(at, low), 0.0) * value[i]
        at = end
    return total if last >= first else -total


@njit(nogil=True)
def _plan(hour: Any, store: Any, days: Any, held: Any, out: Any) -> float:
    """Plan and run one member's year, every `every` hours knowing the next `ahead`; EUR gained."""
    energy = store[1]
    ahead, every = days
    hours, level, gained = len(energy), 0.0, 0.0
    for start in range(0, hours, every):
        end = min(start + ahead, hours)
        full = energy[end - 1]  # what is left at the end of a plan counts for nothing
        held.value[end - start, 0], held.length[end - start, 0] = 0.0, full
        held.number[end - start] = 1 if full > 0.0 else 0
        _look_back(hour, store, (start, end), held)
        level, more = _carry_out(hour, store, (start, min(start + every, end)), held, level, out)
        gained += more
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
