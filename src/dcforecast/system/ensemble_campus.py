"""What each campus gets: the data centres' power of its node, shared in proportion."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from dcforecast.system.allocation import Flows
from dcforecast.system.answers import AnnualRows
from dcforecast.system.ensemble_types import YearLike

__all__ = ["campus_parts", "campus_rows", "campus_sink"]

Hours = NDArray[np.float32]


def campus_sink(name: str) -> str:
    """Sink of a campus in the table ``annual``."""
    return f"campus_{name}"


def _wanted(system: YearLike, shape: tuple[int, ...]) -> dict[str, dict[str, tuple[str, Hours]]]:
    """Node and load of each campus by answer: under contract, and in use."""
    found: dict[str, dict[str, tuple[str, Hours]]] = {"capability": {}, "expected": {}}
    for campus in system.campuses:
        size = np.asarray(campus.contracted_mw, np.float32)
        size = np.broadcast_to(size[:, None] if size.ndim == 1 else size, shape)
        found["capability"][campus.name] = campus.node, size
        found["expected"][campus.name] = campus.node, np.asarray(campus.demand_mw, np.float32)
    return found


def campus_parts(
    system: YearLike, served: Mapping[str, Hours], answer: str
) -> dict[str, dict[str, Hours]]:
    """Power each campus gets, by its sink and home node, MW (members, hours).

    A shortage at a node is shared in proportion to what its campuses want.

    Parameters
    ----------
    system : YearLike
    served : mapping of str to ndarray (members, hours)
        Data-centre power served at each node, MW.
    answer : str
        ``capability`` (the contract is wanted) or ``expected`` (the load).
    """
    if not served:
        return {}
    wanted = _wanted(system, next(iter(served.values())).shape)[answer]
    total: dict[str, Hours] = {}
    for node, load in wanted.values():
        total[node] = total[node] + load if node in total else load
    ratio = {
        node: np.minimum(served[node] / np.maximum(load, np.float32(1e-3)), np.float32(1.0))
        for node, load in total.items()
    }
    return {campus_sink(name): {node: load * ratio[node]} for name, (node, load) in wanted.items()}


def campus_rows(
    rows: AnnualRows, system: YearLike, flows: Flows, used: Mapping[str, Hours], price: float
) -> None:
    """Add served and unserved energy, shortfall, firm power, flexible use and cost of each campus.

    Parameters
    ----------
    rows : AnnualRows
    system : YearLike
    flows : Flows
    used : mapping of str to ndarray (members, hours)
        Data-centre load served at each node, MW.
    price : float
        Tariff, EUR/MWh.
    """
    shape = flows.reserve.shape
    wanted = _wanted(system, shape)
    for answer, served in (("capability", flows.data_centres), ("expected", used)):
        parts = campus_parts(system, served, answer)
        for name, (node, load) in wanted[answer].items():
            sink = campus_sink(name)
            got = parts[sink][node]
            short = rows.shortfall(sink, answer, {node: load}, {node: got}, shape)
            energy = got.sum(axis=1, dtype=np.float64) / 1e6
            rows.add(sink, answer, "served_twh", energy)
            rows.add(sink, answer, "unserved_twh", short.sum(axis=1, dtype=np.float64) / 1e6)
            rows.add(sink, answer, "cost_meur", energy * price)
            if answer == "capability":
                rows.firm(sink, got)
    for campus in system.campuses:
        sink = campus_sink(campus.name)
        rows.add(sink, "expected", "flexible_twh", campus.stopped_mwh / 1e6)
