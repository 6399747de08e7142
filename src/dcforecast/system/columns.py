"""From network and year to the columns of the hourly linear programme.

One column a supply group, a delivery at home (domestic demand, reserve, data centres), a direction
of a home link, and a corridor.  Rows balance the home nodes; a row more for every hop that several
corridors share (its column is the flow over the hop) and for every shared limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dcforecast.config.allocation import AllocationSettings
from dcforecast.config.network import HOME_NODES
from dcforecast.system.allocation_loads import summed
from dcforecast.system.arrays import Hours
from dcforecast.system.kernel import Programme
from dcforecast.system.model import SystemYear
from dcforecast.system.network import Corridor, Hop, Network

__all__ = ["HURDLE", "Columns", "assemble"]

#: Values that make the order strict: losses are under 10 %, so each step is worth at least
#: ten of the next (EUR/MWh; only their order matters, they are in no result).
DOMESTIC_VALUE, RESERVE_VALUE, DATA_CENTRE_VALUE, RELEASED_VALUE = 1e5, 3e4, 1e4, 3e3
#: A row's price above this, EUR/MWh, is one of those values and not the price of anything.
_SCARCE = {"policy": 1e3, "value": 1e4}
#: EUR/MWh on home links, so that nothing runs in circles.
HURDLE = 0.01
_LEAST_VALUE = 0.1  # capability asks what can be sent, also at a bad price


@dataclass
class Columns:
    """Columns under construction, then the programme and its bounds.

    Attributes
    ----------
    names : list of str
        ``kind:what`` of every column, for example ``corridor:georgia``.
    programme : Programme
    bounds : ndarray of shape (columns, members, hours), float32
    moves : dict of int to ndarray (members, hours)
        Columns whose cost moves, and what it is above the programme's, EUR/MWh.
    scarce_eur_mwh : float
        Where a node's price is above this, a load at home or the reserve goes short.
    """

    rows: list[str]
    shape: tuple[int, int]
    scarce_eur_mwh: float
    names: list[str] = field(default_factory=list)
    entries: list[dict[str, float]] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)
    uppers: list[Hours | float] = field(default_factory=list)
    moves: dict[int, Hours] = field(default_factory=dict)

    def add(self, name: str, entries: dict[str, float], cost: float, upper: Hours | float) -> None:
        """Add one column with its coefficients by row name."""
        self.names.append(name)
        self.entries.append(entries)
        self.costs.append(cost)
        self.uppers.append(upper)

    @property
    def programme(self) -> Programme:
        """Matrix and costs."""
        matrix = np.zeros((len(self.rows), len(self.names)))
        place = {row: i for i, row in enumerate(self.rows)}
        for j, entries in enumerate(self.entries):
            for row, value in entries.items():
                matrix[place[row], j] = value
        return Programme.build(matrix, np.array(self.costs))

    @property
    def bounds(self) -> NDArray[np.float32]:
        """Upper bounds of all columns, MW."""
        bounds = np.empty((len(self.names), *self.shape), np.float32)
        for j, upper in enumerate(self.uppers):
            bounds[j] = upper
        return np.maximum(bounds, 0.0, out=bounds)

    def where(self, kind: str) -> dict[str, int]:
        """Positions of the columns of a kind, by what follows the colon."""
        return {
            name.partition(":")[2]: j
            for j, name in enumerate(self.names)
            if name.partition(":")[0] == kind
        }


def assemble(
    network: Network,
    year: SystemYear,
    capacity: Mapping[str, Hours],
    settings: AllocationSettings,
    *,
    contracted: Mapping[str, NDArray[np.floating]],
    prices: Mapping[str, Hours] | None = None,
) -> Columns:
    """Write the programme of one year.

    Parameters
    ----------
    network : Network
    year : SystemYear
    capacity : mapping of str to ndarray (members, hours)
        Hourly capacity of each link, MW.
    settings : AllocationSettings
    contracted : mapping of str to ndarray (members, hours) or (members, 1)
        Data-centre load to serve at each home node, MW.
    prices : mapping of str to ndarray (members, hours) or (members, 1), optional
        What each corridor's buyer pays, EUR/MWh: in value order the cost of its column hour by
        hour.  Policy order has one rank for all hours, by the prices of the network.
    """
    shared = _hops_with_rows(network)
    limits = network.settings.shared_limits
    rows = [
        *HOME_NODES,
        *(f"hop:{'+'.join(h.links)}" for h in shared),
        *(f"limit:{n}" for n in limits),
    ]
    columns = Columns(rows, year.reserve_mw.shape, _SCARCE[settings.order])
    _add_home(columns, year, settings, contracted)
    for link in network.home_links:
        upper = capacity[link.link] * np.float32(link.share)
        columns.add(f"home:{link.key}", {link.start: -1.0, link.end: link.gain}, HURDLE, upper)
    for corridor in network.corridors:
        _add_corridor(
            columns,
            corridor,
            network,
            capacity,
            policy=settings.order == "policy",
            shared=shared,
        )
    if settings.order == "value":
        places = columns.where("corridor")
        for corridor in network.corridors:
            above = _above_the_mean(corridor, prices or {})
            if above is not None:
                columns.moves[places[corridor.name]] = np.broadcast_to(above, columns.shape)
    for hop in shared:
        columns.add(
            f"hop:{'+'.join(hop.links)}",
            {f"hop:{'+'.join(hop.links)}": -1.0},
            0.0,
            hop.capacity(capacity),
        )
    for name, limit in limits.items():
        columns.add(f"limit:{name}", {f"limit:{name}": -1.0}, 0.0, limit.capacity_mw)
    return columns


def _above_the_mean(corridor: Corridor, prices: Mapping[str, Hours]) -> Hours | None:
    """What a corridor's cost is above that at its mean price, EUR/MWh; None if it never moves."""
    price = prices.get(corridor.name)
    if price is None:
        return None
    above = np.float32(corridor.gain) * (np.float32(corridor.settings.price_eur_mwh) - price)
    return above if above.any() else None


def _hops_with_rows(network: Network) -> list[Hop]:
    """Hops of several corridors, and those beside another bound of their corridor.

    What is left bounds its corridor alone, so that the worth of the hop is that of the corridor.
    """
    hops = {hop.links: hop for corridor in network.corridors for hop in corridor.hops}
    users = {
        links: [c for c in network.corridors if links in {hop.links for hop in c.hops}]
        for links in hops
    }
    found = []
    for links, corridors in users.items():
        own = [hop for hop in corridors[0].hops if len(users[hop.links]) == 1]
        limited = corridors[0].settings.buyer_limit_mw is not None
        if len(corridors) > 1 or len(own) + limited > 1:
            found.append(hops[links])
    return found


def _add_home(
    columns: Columns,
    year: SystemYear,
    settings: AllocationSettings,
    contracted: Mapping[str, NDArray[np.floating]],
) -> None:
    # In policy order every MWh that can be made can be sent, so cost only orders the dispatch.
    priced = settings.order == "value"
    groups = summed(
        ((t.node, float(round(t.cost_eur_mwh)) if priced else 0.0), t.available_mw)
        for t in year.tranches
    )
    for node in HOME_NODES:
        groups.setdefault((node, 0.0), np.zeros(columns.shape, np.float32))
    for (node, cost), upper in groups.items():
        columns.add(f"supply:{node}:{cost:g}", {node: 1.0}, cost, upper)
    for node in HOME_NODES:
        load = year.domestic_mw.get(node)
        if load is not None:
            columns.add(f"domestic:{node}", {node: -1.0}, -DOMESTIC_VALUE, load)
    policy = settings.order == "policy"
    first = settings.reserve_before_data_centres or not policy
    held = RESERVE_VALUE if first else RELEASED_VALUE
    columns.add("reserve:AZ", {"AZ": -1.0}, -held, year.reserve_mw)
    value = DATA_CENTRE_VALUE if policy else settings.data_centre_price_eur_mwh
    for node, load in contracted.items():
        columns.add(f"data_centre:{node}", {node: -1.0}, -value, np.asarray(load, np.float32))


def _add_corridor(
    columns: Columns,
    corridor: Corridor,
    network: Network,
    capacity: Mapping[str, Hours],
    *,
    policy: bool,
    shared: list[Hop],
) -> None:
    shared_links = {hop.links for hop in shared}
    entries = {corridor.home: -1.0}
    upper = corridor.bound(capacity, without=shared_links)
    for hop, gain in zip(corridor.hops, corridor.gains, strict=True):
        if hop.links in shared_links:
            entries[f"hop:{'+'.join(hop.links)}"] = gain
    for name, limit in network.settings.shared_limits.items():
        flow = sum(
            gain
            for hop, gain in zip(corridor.hops, corridor.gains, strict=True)
            if set(hop.links) & set(limit.links)
        )
        if flow:
            entries[f"limit:{name}"] = flow
    value = corridor.value_eur_mwh
    if policy:
        value = max(value, _LEAST_VALUE)
    columns.add(f"corridor:{corridor.name}", entries, -value, upper)
