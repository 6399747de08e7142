"""Transit: foreign power in the room the own exports leave, or bought like any other supply."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from dcforecast.system.allocation_loads import energy_twh
from dcforecast.system.answers import AnnualRows
from dcforecast.system.arrays import Hours
from dcforecast.system.model import SystemYear
from dcforecast.system.network import Corridor, Hop, Network

__all__ = ["FOREIGN", "foreign_rows", "transit", "with_foreign_power"]

#: Name of the tranche of foreign power.
FOREIGN = "transit"


def transit(
    network: Network,
    corridors: Mapping[str, Hours],
    home: Mapping[str, Hours],
    capacity: Mapping[str, Hours],
) -> NDArray[np.float64] | None:
    """Energy that could cross the country from its neighbour in the east, TWh, one a member.

    The power of the transit link (reverse direction, after losses, taken as always filled: an upper
    bound) is poured into the room that the own flows leave, corridor after corridor.  It serves
    nobody at home and is in no other row.

    Parameters
    ----------
    network : Network
    corridors, home : mapping of str to ndarray (members, hours)
        Own power sent by each corridor and over each home link, MW.
    capacity : mapping of str to ndarray (members, hours)
        Hourly link capacities, MW.

    Returns
    -------
    ndarray of shape (members,), or None
        None when the network knows no ring-fenced transit, or no member has the link yet.
    """
    settings = network.settings.transit
    left = _arriving(network, capacity)
    if settings is None or left is None or settings.mode == "free":
        return None
    sent = np.zeros_like(left)
    room = _room(network, corridors, home, capacity)
    ways = {corridor.name: corridor for corridor in network.corridors}
    for name in settings.corridors:
        flow = _fill(ways[name], left, room)
        left = left - flow
        sent += flow
    return energy_twh(sent)


def _arriving(network: Network, capacity: Mapping[str, Hours]) -> Hours | None:
    """What the link could bring at home, MW; None when it is not there in any member."""
    settings = network.settings.transit
    if settings is None or not capacity[settings.link].any():
        return None
    link = network.settings.links[settings.link]
    share = np.float32(link.reverse_mw / link.capacity_mw * (1 - link.loss_fraction))
    return np.asarray(capacity[settings.link] * share)


def with_foreign_power(
    network: Network, year: SystemYear, capacity: Mapping[str, Hours]
) -> tuple[SystemYear, Mapping[str, Hours]]:
    """Make free transit a plant of the year; the link then carries nothing outward.

    Returns
    -------
    year : SystemYear
        With the foreign power as a tranche, where it is free.
    capacity : mapping of str to ndarray (members, hours)
        Of the links, MW.
    """
    settings = network.settings.transit
    power = _arriving(network, capacity)
    if settings is None or power is None or settings.mode != "free":
        return year, capacity
    home = network.settings.links[settings.link].from_node
    closed = {settings.link: np.zeros_like(power)}
    return year.with_import(FOREIGN, home, power, settings.price_eur_mwh), {**capacity, **closed}


def foreign_rows(
    rows: AnnualRows, network: Network, answer: str, energy_twh: Mapping[str, NDArray[np.float64]]
) -> None:
    """Add what was taken of free transit, and what it cost.

    Parameters
    ----------
    rows : AnnualRows
    network : Network
    answer : str
    energy_twh : mapping of str to ndarray (members,)
        Output by tranche under this answer.
    """
    settings, taken = network.settings.transit, energy_twh.get(FOREIGN)
    if settings is not None and taken is not None:
        rows.add(settings.sink, answer, "transit_twh", taken)
        rows.add(settings.sink, answer, "transit_cost_meur", taken * settings.price_eur_mwh)


def _stations(corridor: Corridor) -> list[tuple[Hop, float]]:
    """Hops from the mainland on, with the share of the power sent that enters each."""
    found, gain = [], 1.0
    for hop in (*corridor.upstream, *corridor.hops):
        found.append((hop, gain))
        gain *= hop.gain
    return found


def _room(
    network: Network,
    corridors: Mapping[str, Hours],
    home: Mapping[str, Hours],
    capacity: Mapping[str, Hours],
) -> dict[tuple[str, ...], Hours]:
    room: dict[tuple[str, ...], Hours] = {}
    for corridor in network.corridors:
        for hop in (*corridor.upstream, *corridor.hops):
            room.setdefault(hop.links, hop.capacity(capacity).copy())
        for hop in corridor.upstream:
            for link in hop.links:
                room[hop.links] -= home.get(f"{link}:forward", np.float32(0.0))
        for hop, gain in zip(corridor.hops, corridor.gains, strict=True):
            room[hop.links] -= corridors[corridor.name] * np.float32(gain)
    return {links: np.maximum(left, np.float32(0.0)) for links, left in room.items()}


def _fill(corridor: Corridor, power: Hours, room: dict[tuple[str, ...], Hours]) -> Hours:
    flow = power
    for hop, gain in _stations(corridor):
        flow = np.minimum(flow, room[hop.links] / np.float32(gain))
    for hop, gain in _stations(corridor):
        room[hop.links] = np.maximum(room[hop.links] - flow * np.float32(gain), np.float32(0.0))
    return flow
