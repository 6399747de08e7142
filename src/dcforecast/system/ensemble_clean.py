"""How clean every MWh is that data centres and corridors get, under three conventions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from dcforecast.system.allocation_dispatch import Dispatch
from dcforecast.system.allocation_loads import total
from dcforecast.system.answers import AnnualRows
from dcforecast.system.arrays import Hours
from dcforecast.system.ensemble_site import CampusFlow
from dcforecast.system.matching import (
    CleanHours,
    contract_parts,
    mixed,
    share_of,
    surplus_share,
)

__all__ = ["clean_rows", "deliveries"]


def clean_rows(
    rows: AnnualRows,
    answer: str,
    plants: Dispatch,
    domestic: Mapping[str, Hours],
    sinks: Mapping[str, Mapping[str, Hours]],
    campuses: Mapping[str, CampusFlow],
) -> None:
    """Add the hourly clean share and the emissions of what each sink gets.

    Parameters
    ----------
    rows : AnnualRows
    answer : str
    plants : Dispatch
        What ran under this answer.
    domestic : mapping of str to ndarray (members, hours)
        Domestic demand served at each home node, MW.
    sinks : mapping of str to mapping of str to ndarray (members, hours)
        Power of each sink by the home node it is taken from, MW.
    campuses : mapping of str to CampusFlow
        What of the data centres' power each campus gets.

    Notes
    -----
    ``cfe_grid``: the sink takes the mix of its node.  ``cfe_contracted``: it holds contracts for as
    much clean energy a year as it uses, and only those count.  ``cfe_surplus``: domestic demand has
    taken the clean power first.  What a battery gives back counts as neither clean nor emitting.
    """
    delivered = deliveries(domestic, sinks)
    share = mixed(plants.made_mw, delivered, plants.clean_mw)
    carbon = mixed(plants.made_mw, delivered, plants.co2_t_h)
    shape = next(iter(plants.made_mw.values())).shape
    flows = {name: _whole(parts, shape) for name, parts in sinks.items()}
    energy = {name: _mwh(flow) for name, flow in flows.items()}
    clean, sent = total(plants.clean_mw, shape), total(flows, shape)
    hours = CleanHours(surplus_share(clean, total(domestic, shape), sent), clean)
    own = contract_parts(energy, _mwh(clean))
    for name, flow in flows.items():
        if not energy[name].any():
            continue
        at_nodes = [
            hours.sums(taken, share[node], carbon[node], own[name])
            for node, taken in sinks[name].items()
        ]
        found = np.asarray(np.sum(at_nodes, axis=0))
        if len(sinks[name]) > 1:  # a contract is matched with what the sink takes at all nodes
            found[1] = hours.sums(flow, share["AZ"], carbon["AZ"], own[name])[1]
        _add(rows, name, answer, found, energy[name])
    known: dict[int, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
    for name, campus in campuses.items():
        flow, node = campus.like, campus.campus.node
        if id(flow) not in known:
            used = _mwh(flow)
            # Its part of the contracts of all data centres, by what it uses.
            part = own["data_centres"] * share_of(used, energy["data_centres"])
            known[id(flow)] = hours.sums(flow, share[node], carbon[node], part), used
        found, used = known[id(flow)]
        _add(rows, name, answer, found, np.where(campus.got.any(axis=1), used, 0.0))


def deliveries(
    domestic: Mapping[str, Hours], sinks: Mapping[str, Mapping[str, Hours]]
) -> dict[str, Hours]:
    """Power delivered at each home node, to domestic demand and to all sinks, MW."""
    delivered = {node: np.array(load) for node, load in domestic.items()}
    for parts in sinks.values():
        for node, flow in parts.items():
            delivered[node] += flow
    return delivered


def _whole(parts: Mapping[str, Hours], shape: tuple[int, ...]) -> Hours:
    return next(iter(parts.values())) if len(parts) == 1 else total(parts, shape)


def _mwh(flow: Hours) -> NDArray[np.float64]:
    return np.asarray(flow.sum(axis=1, dtype=np.float64))


def _add(
    rows: AnnualRows,
    name: str,
    answer: str,
    found: NDArray[np.float64],
    energy: NDArray[np.float64],
) -> None:
    """Add the scores of one sink from its sums.

    A sink that gets nothing has no score; the mean is over the members in which it gets something.
    """
    if not energy.any():
        return
    scores = found / np.where(energy > 0, energy, np.nan)
    names = ("cfe_grid", "cfe_contracted", "cfe_surplus", "co2_t_per_mwh")
    for quantity, values in zip(names, scores, strict=True):
        rows.add(name, answer, quantity, values)
    if name == "data_centres":
        rows.add(name, answer, "cfe", np.nan_to_num(scores[0]))
