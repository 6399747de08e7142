"""What more power, or one more MW of a link, would be worth: the dual side of the optimum."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from dcforecast.config.network import HOME_NODES
from dcforecast.system.arrays import Hours, Values
from dcforecast.system.columns import HURDLE, Columns
from dcforecast.system.kernel import Solution
from dcforecast.system.network import Network

__all__ = ["campus_worth", "feeding", "link_worth", "mean_price", "node_prices"]


def feeding(columns: Columns) -> NDArray[np.int64]:
    """Columns that feed the home nodes, in their order."""
    supply = columns.where("supply")
    return np.array([supply[f"{node}:0"] for node in HOME_NODES])


def node_prices(columns: Columns, solution: Solution) -> dict[str, Hours]:
    """Worth of one more MWh at each home node, EUR/MWh (members, hours).

    Not a number where a load at home, or the reserve, goes short: those stand in an order, they
    have no price.
    """
    priced = np.where(solution.prices < np.float32(columns.scarce_eur_mwh), solution.prices, np.nan)
    return {node: priced[k] for k, node in enumerate(HOME_NODES)}


def mean_price(price: Hours) -> Values:
    """Mean over the hours that have a price, EUR/MWh (members,); not a number when none has."""
    there = ~np.isnan(price)
    number = np.count_nonzero(there, axis=1)
    total = np.sum(price, axis=1, dtype=np.float64, where=there)
    return np.asarray(np.where(number > 0, total / np.maximum(number, 1), np.nan))


def campus_worth(price: Hours, tariff_eur_mwh: float, *, ranked: bool) -> Values:
    """Worth of one more MW under contract at a node over the year, EUR/MW (members,).

    Parameters
    ----------
    price : ndarray of shape (members, hours)
        Price of the node.
    tariff_eur_mwh : float
        What the data centre pays.
    ranked : bool
        Data centres come before corridors (policy order) and take the power also where it would
        fetch more abroad; else only where the tariff is the better price.
    """
    gain = np.float64(tariff_eur_mwh) - price
    return np.asarray(np.nansum(gain if ranked else np.maximum(gain, 0.0), axis=1))


def link_worth(
    network: Network, columns: Columns, solution: Solution, prices: Mapping[str, Hours]
) -> dict[str, Values]:
    """Worth of one more MW of each link in every hour of the year, EUR/MW (members,).

    Between the home nodes only hours count in which both have a price.
    """
    hops, corridors = columns.where("hop"), columns.where("corridor")
    found: dict[str, Values] = {}
    for corridor in network.corridors:
        for hop, gain in zip(corridor.hops, corridor.gains, strict=True):
            column = hops.get("+".join(hop.links))
            if column is not None:
                worth = solution.gains[column]
            else:  # its own column is bounded by this hop alone
                worth = solution.gains[corridors[corridor.name]] / gain
            found |= dict.fromkeys(hop.links, worth)
    for link in network.home_links:
        beyond = prices[link.end] * np.float32(link.gain) - prices[link.start]
        more = np.nansum(np.maximum(beyond - np.float32(HURDLE), 0.0), axis=1, dtype=np.float64)
        found[link.link] = np.asarray(found.get(link.link, 0.0) + link.share * more)
    return found
