"""The optimum where prices move by the hour and member: one member after the other."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from dcforecast.system.kernel import Programme, Solution, solve

__all__ = ["Moves", "costs_of", "solve_members"]

#: By column: what its cost is above the programme's, EUR/MWh (members, hours).
Moves = Mapping[int, NDArray[np.float32]]


def costs_of(programme: Programme, moves: Moves, member: int, hours: int) -> NDArray[np.float64]:
    """Costs of a member's hours, EUR/MWh (hours, columns)."""
    costs = np.tile(programme.cost, (hours, 1))
    for column, above in moves.items():
        costs[:, column] += above[member]
    return costs


def solve_members(
    programme: Programme,
    bounds: NDArray[np.float32],
    wanted: NDArray[np.int64],
    *,
    feeding: NDArray[np.int64],
    moves: Moves,
) -> Solution:
    """Solve as `solve` does, each member at its own hourly costs.

    Parameters
    ----------
    programme, bounds, wanted, feeding
        As for `solve`.
    moves : mapping of int to ndarray (members, hours)
        Columns whose costs move; without any all members are solved together.
    """
    if not moves:
        return solve(programme, bounds, wanted, feeding=feeding)
    _, members, hours = bounds.shape
    parts = [
        solve(
            programme,
            bounds[:, [m]],
            wanted,
            feeding=feeding,
            prices=costs_of(programme, moves, m, hours),
        )
        for m in range(members)
    ]
    return Solution(
        values=np.concatenate([part.values for part in parts], axis=1),
        prices=np.concatenate([part.prices for part in parts], axis=1),
        gains=np.concatenate([part.gains for part in parts], axis=1),
        hours=sum(part.hours for part in parts),
        pivots=sum(part.pivots for part in parts),
        bases=max(part.bases for part in parts),
        fallbacks=sum(part.fallbacks for part in parts),
        residual=max(part.residual for part in parts),
    )
