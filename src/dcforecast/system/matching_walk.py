"""Clean power matched with a load hour by hour, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from dcforecast.compute.compiled import njit

__all__ = ["clean_sums"]


@njit(nogil=True)
def clean_sums(flow: Any, share: Any, carbon: Any, left: Any, clean: Any, part: Any) -> Any:
    """Add a flow up by how clean it is, one a member.

    Parameters
    ----------
    flow, share, carbon, left, clean : ndarray of shape (members, hours)
        Power [MW], clean share and emissions of the grid's mix [1, t/MWh], clean share of what
        domestic demand leaves [1], and clean output [MW].
    part : ndarray of shape (members,)
        Part of the clean output under contract [1].

    Returns
    -------
    ndarray of shape (4, members)
        MWh clean by the grid's mix, by contract, and of the surplus; tonnes of CO2.
    """
    members, hours = flow.shape
    found = np.zeros((4, members))
    for m in range(members):
        grid, own, over, co2 = 0.0, 0.0, 0.0, 0.0
        mine = part[m]
        for t in range(hours):
            power = float(flow[m, t])
            grid += power * share[m, t]
            own += min(power, clean[m, t] * mine)
            over += power * left[m, t]
            co2 += power * carbon[m, t]
        found[0, m], found[1, m], found[2, m], found[3, m] = grid, own, over, co2
    return found
