"""The hours of a campus' own engines and battery, and those in which it may stop, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from dcforecast.compute.compiled import njit
from dcforecast.system.campus_site import DARK, ENGINES_RUN

__all__ = ["carry", "short_runs"]


@njit(nogil=True)
def carry(short: Any, room: Any, engines: Any, battery: Any, battery_first: bool, out: Any) -> None:
    """Walk through the hours of all members; see `campus_site.carry`.

    Parameters
    ----------
    short, room : ndarray of shape (members, hours)
    engines : tuple
        Power (members,), and hours a year.
    battery : tuple
        Power and energy (members,), and round-trip efficiency.
    battery_first : bool
    out : tuple
        Filled here: state (members, hours); MWh of engines, battery, charging and what is missing
        (4, members).
    """
    state, found = out
    members, hours = short.shape
    for m in range(members):
        left, most = engines[1], engines[0][m]
        power, energy = battery[0][m], battery[1][m]
        stored = energy
        for t in range(hours):
            need = float(short[m, t])
            if need <= 0.0:
                if stored < energy:
                    taken = min(power, float(room[m, t]), (energy - stored) / battery[2])
                    stored += taken * battery[2]
                    found[2, m] += taken
                continue
            given = 0.0
            if battery_first:
                given = min(need, power, stored)
            if left > 0 and most > 0.0 and need > given:
                made = min(need - given, most)
                found[0, m] += made
                need -= made
                left -= 1
                state[m, t] |= ENGINES_RUN
            if not battery_first:
                given = min(need, power, stored)
            stored -= given
            found[1, m] += given
            need -= given
            if need > 1e-6:  # MW; the flows are good to a few watts
                found[3, m] += need
                state[m, t] |= DARK


@njit(nogil=True)
def short_runs(order: Any, count: int, longest: int) -> Any:
    """Choose hours, the first of an order first, so that no run of them gets too long.

    Parameters
    ----------
    order : ndarray of shape (members, hours)
        Hours, the most wanted first.
    count, longest : int
        Hours to choose, and hours on end at most.

    Returns
    -------
    ndarray of bool, shape (members, hours)
    """
    members, hours = order.shape
    chosen = np.zeros((members, hours), np.bool_)
    for m in range(members):
        number = 0
        for t in order[m]:
            if number == count:
                break
            before, after = t, t
            while before > 0 and chosen[m, before - 1]:
                before -= 1
            while after < hours - 1 and chosen[m, after + 1]:
                after += 1
            if after - before < longest:
                chosen[m, t] = True
                number += 1
    return chosen
