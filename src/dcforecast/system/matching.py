"""Hourly clean matching of a load: what of it is met by clean power in the hour it runs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["annual_score", "hourly_score"]

Hours = NDArray[np.floating]


def hourly_score(
    load: Hours, grid_share: Hours, contracted: Hours | None = None
) -> NDArray[np.float64]:
    """Share of the load that is clean hour by hour (CFE), one a member.

    Contracted clean power counts up to the load of its own hour; the rest of the load takes the
    clean share of the grid.  Excess of one hour never counts in another.

    Parameters
    ----------
    load : ndarray of shape (members, hours)
        MW.
    grid_share : ndarray of shape (members, hours)
        Clean share of the grid's output [1].
    contracted : ndarray of shape (members, hours), optional
        Clean power under contract, after losses, MW; none by default (grid mix).

    Returns
    -------
    ndarray of shape (members,)
        0 where there is no load.
    """
    energy = load.sum(axis=1, dtype=np.float64)
    if contracted is None:
        clean = np.einsum("mh,mh->m", load.astype(np.float64), grid_share)
    else:
        own = np.minimum(load, contracted).astype(np.float64)
        clean = own.sum(axis=1) + np.einsum("mh,mh->m", load - own, grid_share)
    return _share(clean, energy)


def annual_score(load: Hours, contracted: Hours) -> NDArray[np.float64]:
    """Share of the year's load that contracted clean power of the year covers, one a member."""
    energy = load.sum(axis=1, dtype=np.float64)
    return _share(np.minimum(contracted.sum(axis=1, dtype=np.float64), energy), energy)


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)
