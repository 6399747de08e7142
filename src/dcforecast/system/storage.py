"""Batteries, run by the value of stored energy on what the hours' power is worth in the network.

Each day at midnight UTC the operator plans the 48 hours ahead, whose load, weather, outages and
prices he knows, and carries out the first 24.  The plan is exact; energy left at its end counts for
nothing.  Such a rule never loses: what is stored today has its use within the plan, and the next
plan may only find a better one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dcforecast.system.arrays import Hours
from dcforecast.system.kernel import Programme
from dcforecast.system.kernel_hourly import Moves, costs_of

__all__ = ["AHEAD_HOURS", "EVERY_HOURS", "ROUND_TRIP", "Store", "StoreRun", "operate"]

#: AC round-trip efficiency (assumption for lithium-ion of this size).
ROUND_TRIP = 0.86
#: Hours the operator knows, and hours between two plans: the day-ahead market's clock (judgement).
AHEAD_HOURS, EVERY_HOURS = 48, 24
#: EUR/MWh; so low that power fed in is never what the programme varies.
_ALWAYS = -1e7


@dataclass(frozen=True)
class Store:
    """Batteries of the mainland, as one.

    Attributes
    ----------
    power_mw : ndarray of shape (members, hours)
        Largest power from and to the grid.
    energy_mwh : ndarray of shape (members, hours)
        Largest energy held at the end of the hour, as delivered.
    """

    power_mw: Hours
    energy_mwh: Hours


@dataclass(frozen=True)
class StoreRun:
    """What a store did.

    Attributes
    ----------
    charge, discharge : ndarray of shape (members, hours)
        MW from and to the grid; nothing in an hour the programme of which could not be solved.
    gained_eur : ndarray of shape (members,)
        What the year's objective gained.
    """

    charge: Hours
    discharge: Hours
    gained_eur: NDArray[np.float64]


def operate(
    programme: Programme,
    bounds: Hours,
    store: Store,
    *,
    row: int = 0,
    ahead: int = AHEAD_HOURS,
    every: int = EVERY_HOURS,
    round_trip: float = ROUND_TRIP,
    moves: Moves | None = None,
) -> StoreRun:
    """Run a store through the hours of every member.

    Parameters
    ----------
    programme : Programme
        The hourly programme without the store.
    bounds : ndarray of shape (columns, members, hours)
        MW.
    store : Store
    row : int
        Node (row of the matrix) the store hangs on.
    ahead, every : int
        Hours known ahead, and hours between two plans.
    round_trip : float
        What comes back of what goes in.
    moves : mapping of int to ndarray (members, hours), optional
        Columns whose cost moves, and what it is above the programme's, EUR/MWh.

    Returns
    -------
    StoreRun
    """
    from dcforecast.system.storage_walk import operate as walk  # brings numba

    feed = np.zeros((len(programme.matrix), 1))
    feed[row] = 1.0
    matrix = np.hstack([programme.matrix, feed])
    power, energy = (np.ascontiguousarray(size) for size in (store.power_mw, store.energy_mwh))
    charge, discharge = np.zeros_like(power), np.zeros_like(power)
    gained = np.zeros(len(charge))
    members, hours = charge.shape
    for part in [slice(m, m + 1) for m in range(members)] if moves else [slice(members)]:
        costs = programme.cost[None, :]
        if moves:
            costs = costs_of(programme, moves, part.start, hours)
        walk(
            (np.ascontiguousarray(matrix), np.insert(costs, costs.shape[1], _ALWAYS, axis=1)),
            np.ascontiguousarray(bounds[:, part], np.float32),
            programme.start,
            (power[part], energy[part], round_trip),
            (ahead, every),
            (charge[part], discharge[part], gained[part]),
        )
    return StoreRun(charge, discharge, gained)
