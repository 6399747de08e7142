"""Perfect foresight over a whole year with a store: what the storage rule is measured against.

The hours of a year are coupled by the store's level, so HiGHS solves them as one programme.  No
promise can rest on it (nobody knows the year ahead); its value is the most any rule could reach.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dcforecast.errors import InternalError
from dcforecast.system.kernel import Programme
from dcforecast.system.storage import ROUND_TRIP

__all__ = ["Foresight", "foresight"]


@dataclass(frozen=True)
class Foresight:
    """Optimum of one member's year.

    Attributes
    ----------
    objective : float
        ``c'x`` over the hours, EUR.
    values : ndarray of shape (columns, hours)
    charge, discharge : ndarray of shape (hours,)
        From and to the grid, MW.
    level : ndarray of shape (hours,)
        Energy that could be delivered at the end of the hour, MWh.
    """

    objective: float
    values: NDArray[np.float64]
    charge: NDArray[np.float64]
    discharge: NDArray[np.float64]
    level: NDArray[np.float64]


def foresight(
    programme: Programme,
    bounds: NDArray[np.floating],
    *,
    row: int = 0,
    power_mw: float = 0.0,
    energy_mwh: float = 0.0,
    round_trip: float = ROUND_TRIP,
    costs: NDArray[np.float64] | None = None,
) -> Foresight:
    """Solve all hours of one member together, with a store at one node.

    Parameters
    ----------
    programme : Programme
    bounds : ndarray of shape (columns, hours)
        MW.
    row : int
        Node (row of the matrix) the store hangs on.
    power_mw, energy_mwh : float
        Size of the store, energy as delivered; the year ends at the level it began with.
    round_trip : float
        What comes back of what goes in.
    costs : ndarray of shape (hours, columns), optional
        Costs that replace ``programme.cost`` hour by hour.

    Raises
    ------
    InternalError
        HiGHS finds no optimum, though doing nothing is feasible.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, eye_array, hstack, kron, vstack

    columns, hours = bounds.shape
    one = eye_array(hours, format="csr")
    at = np.zeros((len(programme.matrix), 1))
    at[row] = 1.0
    at_node = csr_array(at)
    balance = hstack(
        [
            kron(one, csr_array(programme.matrix)),
            kron(one, -at_node),
            kron(one, at_node),
            csr_array((len(at) * hours, hours)),
        ]
    )
    place = np.arange(hours)
    before = csr_array((np.ones(hours), (place, np.roll(place, 1))))
    store = hstack([csr_array((hours, columns * hours)), round_trip * one, -one, before - one])
    size = np.repeat([power_mw, power_mw, energy_mwh], hours)
    price = np.tile(programme.cost, (hours, 1)) if costs is None else costs
    upper = np.concatenate([np.asarray(bounds, float).T.ravel(), size])
    found = linprog(
        np.concatenate([price.ravel(), np.zeros(3 * hours)]),
        A_eq=vstack([balance, store], format="csc"),
        b_eq=np.zeros((len(at) + 1) * hours),
        bounds=np.column_stack([np.zeros(len(upper)), upper]),
        method="highs",
    )
    if found.x is None:
        raise InternalError(f"HiGHS could not solve the year: {found.message}")
    split = np.split(found.x, columns * hours + hours * np.arange(3))
    values, charge, discharge, level = split
    return Foresight(
        float(found.fun), values.reshape(hours, columns).T.copy(), charge, discharge, level
    )
