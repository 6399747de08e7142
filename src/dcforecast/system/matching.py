"""Hourly clean matching of a load: what of it is met by clean power in the hour it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["CleanHours", "contract_parts", "mixed", "share_of", "surplus_share"]

Hours = NDArray[np.floating]

_LITTLE = np.float32(1e-3)  # MW; keeps a node without power from dividing by nothing


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


def contract_parts(
    energy: Mapping[str, NDArray[np.float64]], there: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Part of the clean output that each load holds under contract [1], one a member.

    Each contracts for as much clean energy a year as it uses, in the hours it is made; where all
    together want more than there is, each gets the same part of its wish.

    Parameters
    ----------
    energy : mapping of str to ndarray (members,)
        Use of each load in the year, MWh.
    there : ndarray of shape (members,)
        Clean output of the year, MWh.
    """
    everything = np.maximum(sum(energy.values(), np.zeros(len(there))), there)
    return {name: share_of(used, everything) for name, used in energy.items()}


@dataclass(frozen=True)
class CleanHours:
    """What a load is matched with, hour by hour, each of shape (members, hours).

    Attributes
    ----------
    left : ndarray
        Clean share of what domestic demand leaves [1].
    clean : ndarray
        Clean output [MW].
    """

    left: Hours
    clean: Hours

    def sums(
        self, flow: Hours, share: Hours, carbon: Hours, part: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Clean energy and emissions of a flow in the year.

        Excess of one hour never counts in another.

        Parameters
        ----------
        flow : ndarray of shape (members, hours)
            MW.
        share, carbon : ndarray of shape (members, hours)
            Clean share [1] and emissions [t/MWh] of the mix it takes.
        part : ndarray of shape (members,)
            Part of the clean output it holds under contract [1].

        Returns
        -------
        ndarray of shape (4, members)
            MWh clean by the mix, by contract and of the surplus; tonnes of CO2.
        """
        from dcforecast.system.matching_walk import clean_sums  # brings numba

        hours = (flow, share, carbon, self.left, self.clean)
        found = clean_sums(*(np.ascontiguousarray(a, np.float32) for a in hours), part)
        return np.asarray(found)


def share_of(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of a whole, one a member; 0 of nothing."""
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)
