"""One year of exact hourly allocation: capability, the gas budget, and what is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dcforecast.config.allocation import AllocationSettings
from dcforecast.config.network import HOME_NODES
from dcforecast.errors import InternalError
from dcforecast.system.allocation_dispatch import Dispatch, dispatch
from dcforecast.system.allocation_gas import fuelled
from dcforecast.system.allocation_loads import contracted_load, total
from dcforecast.system.allocation_worth import feeding, link_worth, node_prices
from dcforecast.system.columns import Columns, assemble
from dcforecast.system.ensemble_types import YearLike
from dcforecast.system.kernel import Solution
from dcforecast.system.kernel_hourly import solve_members
from dcforecast.system.network import Network
from dcforecast.system.storage import Store, operate

__all__ = ["Flows", "Prepared", "allocate", "home_losses", "node_uses", "prepare", "settle"]

Hours = NDArray[np.float32]


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


@dataclass(frozen=True)
class Prepared:
    """A year ready to be solved: its programme and bounds, batteries run.

    Attributes
    ----------
    year : YearLike
        The year in which what the batteries take is load and what they give a plant.
    columns : Columns
    bounds : ndarray of shape (columns, members, hours)
        MW.
    charge : ndarray of shape (members, hours), or None
        What the batteries take, MW; None without batteries.
    gained : dict of str to float
        ``storage_rule_eur`` and ``storage_foresight_eur``: what the batteries gained in the judged
        members, by their rule and with all hours known.
    """

    year: YearLike
    columns: Columns
    bounds: Hours
    charge: Hours | None
    gained: dict[str, float]


def prepare(
    network: Network,
    year: YearLike,
    capacity: Mapping[str, Hours],
    settings: AllocationSettings,
    judged: int = 0,
    prices: Mapping[str, Hours] | None = None,
) -> Prepared:
    """Write the programme of a year, and run its batteries by what power is worth in it.

    Parameters
    ----------
    network, year, capacity, settings
        As for `allocate`.
    judged : int
        Members whose batteries are also run with all hours known, to tell how good the rule is.
    prices : mapping of str to ndarray (members, hours) or (members, 1), optional
        What each corridor's buyer pays, EUR/MWh; moves the optimum in value order.
    """
    columns = assemble(
        network, year, capacity, settings, contracted=contracted_load(year), prices=prices
    )
    bounds = columns.bounds
    gained = {"storage_rule_eur": 0.0, "storage_foresight_eur": 0.0}
    if year.store is None:
        return Prepared(year, columns, bounds, None, gained)
    programme, row = columns.programme, columns.rows.index("AZ")
    ran = operate(programme, bounds, year.store, row=row, moves=columns.moves)
    few = Store(year.store.power_mw[:judged], year.store.energy_mwh[:judged])
    hours = columns.shape[1]
    best = operate(
        programme,
        bounds[:, :judged],
        few,
        row=row,
        ahead=hours,
        every=hours,
        moves=columns.moves,
    )
    gained["storage_rule_eur"] = float(ran.gained_eur[:judged].sum())
    gained["storage_foresight_eur"] = float(best.gained_eur.sum())
    bounds[columns.where("domestic")["AZ"]] += ran.charge
    bounds[columns.where("supply")["AZ:0"]] += ran.discharge
    after = year.with_store_run(ran.charge, ran.discharge)
    return Prepared(after, columns, bounds, ran.charge, gained)


def allocate(
    network: Network,
    year: YearLike,
    capacity: Mapping[str, Hours],
    settings: AllocationSettings,
    gas_limit_bcm: float | None = None,
    prices: Mapping[str, Hours] | None = None,
) -> Flows:
    """Prepare a year and settle it.

    Parameters
    ----------
    network : Network
    year : YearLike
    capacity : mapping of str to ndarray (members, hours)
        Hourly link capacities, MW.
    settings : AllocationSettings
    gas_limit_bcm : float, optional
        Gas for power plants in the year, bcm.
    prices : mapping of str to ndarray (members, hours) or (members, 1), optional
        As for `prepare`.
    """
    ready = prepare(network, year, capacity, settings, prices=prices)
    return settle(network, ready, gas_limit_bcm if settings.gas_limit else None)


def settle(network: Network, ready: Prepared, gas_limit_bcm: float | None = None) -> Flows:
    """Solve every hour of a year exactly, then again under the gas budget if that binds.

    Notes
    -----
    The budget couples the hours of a year.  Domestic demand has the gas first; what is left is
    poured over the hours from below ("water filling"): in every hour at most the same rate of gas
    goes into surplus power, the rate at which the year's use meets the budget.
    """
    year, columns, bounds = ready.year, ready.columns, ready.bounds
    flows = _solve(network, year, columns, bounds)
    if gas_limit_bcm is None:
        return flows
    limited = fuelled(year, _at_home(network, flows), node_uses(network, flows), gas_limit_bcm)
    if not limited:
        return flows
    _limit_supply(columns, bounds, year, flows.reserve, limited)
    return _solve(network, year, columns, bounds, limited=limited)


def _at_home(network: Network, flows: Flows) -> dict[str, Hours]:
    """Output each home node's plants need for domestic demand alone, the other node's too, MW."""
    found = dict(flows.domestic)
    for node, load in flows.domestic.items():
        ways = [
            (link, flows.home[f"{link.link}:{'reverse' if link.reverse else 'forward'}"])
            for link in network.home_links
            if link.end == node
        ]
        arriving = total({link.link: f * np.float32(link.gain) for link, f in ways}, load.shape)
        missing = np.maximum(load - flows.supply[node], np.float32(0.0))
        share = np.minimum(missing / np.maximum(arriving, np.float32(1e-6)), np.float32(1.0))
        for link, flow in ways:
            found[link.start] = found[link.start] + flow * share
        found[node] = found[node] - arriving * share
    return found


def _limit_supply(
    columns: Columns, bounds: Hours, year: YearLike, reserve: Hours, limited: Mapping[str, Hours]
) -> None:
    """Lower the supply columns to what has fuel, and the capacity held in reserve."""
    for node in HOME_NODES:
        cut = np.zeros(columns.shape, np.float32)
        for tranche in year.tranches:
            if tranche.node == node and tranche.name in limited:
                cut += tranche.available_mw - limited[tranche.name]
        if node == "AZ":  # reserve is held on plants that need not burn
            cut = np.maximum(cut - reserve, 0.0)
        for name, j in reversed(columns.where("supply").items()):
            if name.startswith(f"{node}:"):
                taken = np.minimum(bounds[j], cut)
                bounds[j] -= taken
                cut -= taken


def _solve(
    network: Network,
    year: YearLike,
    columns: Columns,
    bounds: Hours,
    *,
    limited: Mapping[str, Hours] | None = None,
) -> Flows:
    kinds = ("domestic", "reserve", "data_centre", "home", "corridor")
    places = [(kind, name, j) for kind in kinds for name, j in columns.where(kind).items()]
    solution = solve_members(
        columns.programme,
        bounds,
        np.array([j for *_, j in places]),
        feeding=feeding(columns),
        moves=columns.moves,
    )
    found: dict[str, dict[str, Hours]] = {kind: {} for kind in kinds}
    for k, (kind, name, _) in enumerate(places):
        found[kind][name] = solution.values[k].astype(np.float32, copy=False)
    available = {node: _available(year, node, columns.shape) for node in HOME_NODES}
    losses = home_losses(network, found["home"], columns.shape)
    used = found["reserve"]["AZ"] + losses.astype(np.float64)
    for kind in ("domestic", "data_centre", "corridor"):
        for flow in found[kind].values():
            used += flow
    everything = total(available, columns.shape)
    unused = (everything - used).astype(np.float32)
    prices = node_prices(columns, solution)
    residual = float(np.max(-unused / np.maximum(everything, 1.0), initial=0.0))
    if residual > 1e-6:
        raise InternalError(f"{year.year}: an hour uses {residual:.1e} more than is available")
    groups = columns.where("supply")
    supply = {
        node: total(
            {name: bounds[j] for name, j in groups.items() if name.startswith(f"{node}:")},
            columns.shape,
        )
        for node in HOME_NODES
    }
    partial = Flows(
        available=available,
        supply=supply,
        domestic=found["domestic"],
        data_centres=found["data_centre"],
        reserve=found["reserve"]["AZ"],
        home=found["home"],
        corridors=found["corridor"],
        losses=losses,
        unused=np.maximum(unused, 0.0),
        dispatch=Dispatch.empty(),
        limited=limited or {},
        solution=solution,
        gains=link_worth(network, columns, solution, prices),
        prices=prices,
        residual=max(residual, solution.residual),
    )
    return replace(partial, dispatch=dispatch(year.tranches, node_uses(network, partial), limited))


def _available(year: YearLike, node: str, shape: tuple[int, int]) -> Hours:
    total = np.zeros(shape, np.float32)
    for tranche in year.tranches:
        if tranche.node == node:
            total += tranche.available_mw
    return total


def home_losses(network: Network, flows: Mapping[str, Hours], shape: tuple[int, int]) -> Hours:
    """Lost on the links between the home nodes, MW (members, hours)."""
    total = np.zeros(shape, np.float32)
    for link in network.home_links:
        key = f"{link.link}:{'reverse' if link.reverse else 'forward'}"
        total += flows[key] * np.float32(1.0 - link.gain)
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
        flow = flows.home[f"{link.link}:{'reverse' if link.reverse else 'forward'}"]
        if link.start == node:
            total += flow
        elif link.end == node:
            total -= flow * np.float32(link.gain)
    return np.maximum(total, 0.0, out=total)


def node_uses(network: Network, flows: Flows) -> dict[str, Hours]:
    """Output the plants of each home node make, MW (members, hours)."""
    return {node: _node_use(network, flows, node) for node in HOME_NODES}
