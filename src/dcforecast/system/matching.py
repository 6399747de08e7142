"""Hourly clean matching of a load: what of it is met by clean power in the hour it runs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

__all__ = ["annual_score", "contracts", "hourly_score", "mixed", "surplus_share"]

Hours = NDArray[np.floating]

_LITTLE = np.float32(1e-3)  # MW; keeps a node without power from dividing by nothing


def hourly_score(
    load: Hours, grid_share: Hours | float, contracted: Hours | None = None
) -> NDArray[np.float64]:
    """Share of the load that is clean hour by hour (CFE), one a member.

    Contracted clean power counts up to the load of its own hour; the rest of the load takes the
    clean share of the grid.  Excess of one hour never counts in another.

    Parameters
    ----------
    load : ndarray of shape (members, hours)
        MW.
    grid_share : ndarray of shape (members, hours), or number
        Clean share of the grid's output [1]; 0 where only contracts count.
    contracted : ndarray of shape (members, hours), optional
        Clean power under contract, after losses, MW; none by default (grid mix).

    Returns
    -------
    ndarray of shape (members,)
        0 where there is no load.
    """
    energy = load.sum(axis=1, dtype=np.float64)
    grid = np.broadcast_to(grid_share, load.shape)
    if contracted is None:
        clean = np.einsum("mh,mh->m", load, grid)
    else:
        own = np.minimum(load, contracted)
        clean = np.einsum("mh->m", own)
        if np.any(grid_share):
            clean = clean + np.einsum("mh,mh->m", load - own, grid)
    return _share(clean, energy)


def mixed(
    made: Mapping[str, Hours], delivered: Mapping[str, Hours], content: Mapping[str, Hours]
) -> dict[str, Hours]:
    """Content of a MWh delivered at each of two nodes, by proportional mixing.

    Whatever enters a node, own output or arrivals, leaves it in the same proportions (Bialek
    1996).  With two nodes one of them exports to the other, so its mix is that of its own plants.

    Parameters
    ----------
    made, delivered : mapping of str to ndarray (members, hours)
        Output and deliveries of each node, MW.
    content : mapping of str to ndarray (members, hours)
        Of what is made, in units an hour: clean MW, or tonnes of CO2.

    Returns
    -------
    dict of str to ndarray (members, hours)
        Content per MWh delivered.
    """
    own = {node: content[node] / np.maximum(made[node], _LITTLE) for node in made}
    found: dict[str, Hours] = {}
    for node, power in made.items():
        (other,) = [name for name in made if name != node]
        arrives = np.maximum(delivered[node] - power, 0.0)
        whole = np.maximum(power + arrives, _LITTLE)
        found[node] = (content[node] + arrives * own[other]) / whole
    return found


def surplus_share(clean: Hours, domestic: Hours, sent: Hours) -> Hours:
    """Clean share of what is sent when domestic demand takes the clean power first [1].

    Parameters
    ----------
    clean, domestic, sent : ndarray of shape (members, hours)
        Clean output, domestic demand served, and power to data centres and corridors, MW.
    """
    left = np.maximum(clean - domestic, 0.0)
    return np.asarray(np.minimum(left / np.maximum(sent, _LITTLE), 1.0))


def contracts(loads: Mapping[str, Hours], clean: Hours) -> dict[str, Hours]:
    """Clean power under contract of each load, MW (members, hours).

    Each contracts for as much clean energy a year as it uses, in the hours it is made; where all
    together want more than there is, each gets the same part of its wish.

    Parameters
    ----------
    loads : mapping of str to ndarray (members, hours)
        MW.
    clean : ndarray of shape (members, hours)
        Clean output, MW.
    """
    wanted = {name: load.sum(axis=1, dtype=np.float64) for name, load in loads.items()}
    there = clean.sum(axis=1, dtype=np.float64)
    everything = np.maximum(sum(wanted.values(), np.zeros(len(clean))), there)
    parts = {name: _share(energy, everything) for name, energy in wanted.items()}
    return {name: clean * part.astype(np.float32)[:, None] for name, part in parts.items()}


def annual_score(load: Hours, contracted: Hours) -> NDArray[np.float64]:
    """Share of the year's load that contracted clean power of the year covers, one a member."""
    energy = load.sum(axis=1, dtype=np.float64)
    return _share(np.minimum(contracted.sum(axis=1, dtype=np.float64), energy), energy)


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)
