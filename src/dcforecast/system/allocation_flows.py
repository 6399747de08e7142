"""Hourly flows of one year, and what they mean at each home node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dcforecast.config.network import HOME_NODES
from dcforecast.system.allocation_dispatch import Dispatch
from dcforecast.system.allocation_loads import total
from dcforecast.system.arrays import Hours
from dcforecast.system.kernel import Solution
from dcforecast.system.network import Network

__all__ = ["Flows", "at_home", "home_losses", "node_uses"]


@dataclass(frozen=True)
class Flows:
    """Hourly flows of one year, MW, each of shape (members, hours).

    Attributes
    ----------
    available : dict of str to ndarray
        What the plants of each home node could make.
    supply : dict of str to ndarray
        The same, within the gas budget.
    domestic, data_centres : dict of str to ndarray
        Load served at each home node.
    reserve : ndarray
        Capacity held back.
    home : dict of str to ndarray
        Flow into each direction of the home links, ``link:forward`` or ``link:reverse``.
    corridors : dict of str to ndarray
        Power leaving home for each corridor (losses on the way still to come).
    losses : ndarray
        Lost on home links.
    unused : ndarray
        Available, but neither used nor held back.
    dispatch : Dispatch
        Which plants ran.
    limited : mapping of str to ndarray
        What the gas budget leaves of tranches that it cut, MW; empty when it does not bind.
    solution : Solution
        What the solver saw.
    gains : dict of str to ndarray (members,)
        Worth of one more MW of each link in every hour of the year, EUR (prices of the network).
    prices : dict of str to ndarray (members, hours)
        Worth of one more MWh at each home node, EUR/MWh; not a number where a load at home or the
        reserve goes short.
    residual : float
        Largest gap in the energy balance of an hour, relative to what is available.
    """

    available: dict[str, Hours]
    supply: dict[str, Hours]
    domestic: dict[str, Hours]
    data_centres: dict[str, Hours]
    reserve: Hours
    home: dict[str, Hours]
    corridors: dict[str, Hours]
    losses: Hours
    unused: Hours
    dispatch: Dispatch
    limited: Mapping[str, Hours]
    solution: Solution
    gains: dict[str, NDArray[np.float64]]
    prices: dict[str, Hours]
    residual: float


def home_losses(network: Network, flows: Mapping[str, Hours], shape: tuple[int, int]) -> Hours:
    """Lost on the links between the home nodes, MW (members, hours)."""
    total = np.zeros(shape, np.float32)
    for link in network.home_links:
        total += flows[link.key] * np.float32(1.0 - link.gain)
    return total


def _node_use(network: Network, flows: Flows, node: str) -> Hours:
    """Power the plants of a node make, MW: its deliveries and what leaves, less what arrives."""
    total = np.zeros_like(flows.reserve)
    for served in (flows.domestic, flows.data_centres):
        if node in served:
            total += served[node]
    for corridor in network.corridors:
        if corridor.home == node:
            total += flows.corridors[corridor.name]
    for link in network.home_links:
        flow = flows.home[link.key]
        if link.start == node:
            total += flow
        elif link.end == node:
            total -= flow * np.float32(link.gain)
    return np.maximum(total, 0.0, out=total)


def node_uses(network: Network, flows: Flows) -> dict[str, Hours]:
    """Output the plants of each home node make, MW (members, hours)."""
    return {node: _node_use(network, flows, node) for node in HOME_NODES}


def at_home(network: Network, flows: Flows) -> dict[str, Hours]:
    """Output each home node's plants need for domestic demand alone, the other node's too, MW."""
    found = dict(flows.domestic)
    for node, load in flows.domestic.items():
        ways = [(link, flows.home[link.key]) for link in network.home_links if link.end == node]
        arriving = total({link.link: f * np.float32(link.gain) for link, f in ways}, load.shape)
        missing = np.maximum(load - flows.supply[node], np.float32(0.0))
        share = np.minimum(missing / np.maximum(arriving, np.float32(1e-6)), np.float32(1.0))
        for link, flow in ways:
            found[link.start] = found[link.start] + flow * share
        found[node] = found[node] - arriving * share
    return found
