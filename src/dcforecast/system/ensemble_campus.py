"""What each campus gets: the data centres' power of its node, shared in proportion."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from dcforecast.system.allocation_flows import Flows
from dcforecast.system.allocation_loads import contract_of, energy_twh
from dcforecast.system.answers import AnnualRows
from dcforecast.system.arrays import Hours
from dcforecast.system.ensemble_site import CampusFlow, own_supply, step_rows
from dcforecast.system.model import SystemYear
from dcforecast.system.network import Network

__all__ = ["campus_flows", "campus_rows", "campus_sink", "spare_power"]


def campus_sink(name: str) -> str:
    """Sink of a campus in the table ``annual``."""
    return f"campus_{name}"


def campus_flows(
    system: SystemYear, wanted: Mapping[str, Hours], served: Mapping[str, Hours], answer: str
) -> dict[str, CampusFlow]:
    """Power each campus gets, by its sink.

    A shortage at a node is shared in proportion to what its campuses want.

    Parameters
    ----------
    system : SystemYear
    wanted, served : mapping of str to ndarray (members, 1 or hours), (members, hours)
        Data-centre power wanted and served at each node, MW.
    answer : str
        ``capability`` (the contract is wanted) or ``expected`` (the load).
    """
    ratio = {
        node: np.minimum(served[node] / np.maximum(load, np.float32(1e-3)), np.float32(1.0))
        for node, load in wanted.items()
    }
    found = {}
    for campus in system.campuses:
        able = answer == "capability"
        load = contract_of(campus) if able else np.asarray(campus.demand_mw, np.float32)
        got = load * ratio[campus.node]
        like = ratio[campus.node] if load.shape[1] == 1 else got
        found[campus_sink(campus.name)] = CampusFlow(
            campus, np.broadcast_to(load, got.shape), got, like
        )
    return found


def spare_power(
    network: Network, flows: Flows, need: Mapping[str, Hours], node: str, members: NDArray[np.intp]
) -> Hours:
    """What a node's plants could still give, and what leaves it for corridors [MW].

    Data centres come before corridors, so this is what batteries on the campuses can be filled
    from; what they take is too little to move a corridor's energy and is not taken off it.

    Parameters
    ----------
    network : Network
    flows : Flows
    need : mapping of str to ndarray (members, hours)
        Output of each node's plants, MW.
    node : str
    members : ndarray of int
        Members wanted.
    """
    room = flows.supply[node][members] - need[node][members]
    if node == "AZ":
        room -= flows.reserve[members]
    room = np.maximum(room, np.float32(0.0))
    for corridor in network.corridors:
        if corridor.home == node:
            room += flows.corridors[corridor.name][members]
    return np.asarray(room, np.float32)


def campus_rows(
    rows: AnnualRows,
    system: SystemYear,
    campuses: Mapping[str, Mapping[str, CampusFlow]],
    spare: Callable[[str, NDArray[np.intp]], Hours],
    tariff_eur_mwh: float,
) -> None:
    """Add what each campus gets from the grid, its cost, its firm power and its own supply.

    Parameters
    ----------
    rows : AnnualRows
    system : SystemYear
    campuses : mapping of str to mapping of str to CampusFlow
        By answer, then by sink.
    spare : callable
        Takes a node and members, returns the power beyond all contracts there, MW.
    tariff_eur_mwh : float
        What a data centre pays.
    """
    able = campuses["capability"]
    for answer, flows in campuses.items():
        short = {}
        for sink, flow in flows.items():
            node, got = flow.campus.node, flow.got
            short[sink] = rows.shortfall(sink, answer, {node: flow.wanted}, {node: got}, got.shape)
            energy = energy_twh(got)
            rows.add(sink, answer, "served_twh", energy)
            rows.add(sink, answer, "unserved_twh", energy_twh(short[sink]))
            rows.add(sink, answer, "cost_meur", energy * tariff_eur_mwh)
            if answer == "capability":
                rows.firm(sink, got)

        room = partial(_room, able, flows if answer == "expected" else None, spare)
        own_supply(rows, answer, flows, short, room)
        step_rows(rows, answer, flows, system.contingency_mw)
    for campus in system.campuses:
        sink = campus_sink(campus.name)
        rows.add(sink, "expected", "flexible_twh", campus.stopped_mwh / 1e6)


def _room(
    able: Mapping[str, CampusFlow],
    likely: Mapping[str, CampusFlow] | None,
    spare: Callable[[str, NDArray[np.intp]], Hours],
    sink: str,
    members: NDArray[np.intp],
) -> Hours:
    """What the grid could give a campus beyond its load [MW].

    Where the load is wanted, up to the contract; where the contract is, a part of what is spare.
    """
    mine = able[sink]
    if likely is not None:
        within = mine.got[members] - likely[sink].got[members]
        return np.asarray(np.maximum(within, np.float32(0.0)))
    node = mine.campus.node
    together = sum(flow.wanted[members] for flow in able.values() if flow.campus.node == node)
    part = mine.wanted[members] / np.maximum(together, np.float32(1e-3))
    return np.asarray(spare(node, members) * part, np.float32)
