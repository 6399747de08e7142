"""One year of exact hourly allocation: capability, the gas budget, and what is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from dcforecast.config.allocation import AllocationSettings
from dcforecast.config.network import HOME_NODES
from dcforecast.errors import InternalError
from dcforecast.system.allocation_dispatch import Dispatch, dispatch
from dcforecast.system.allocation_flows import Flows, at_home, home_losses, node_uses
from dcforecast.system.allocation_gas import fuelled
from dcforecast.system.allocation_loads import contracted_load, total
from dcforecast.system.allocation_worth import feeding, link_worth, node_prices
from dcforecast.system.arrays import Hours
from dcforecast.system.columns import Columns, assemble
from dcforecast.system.kernel_hourly import solve_members
from dcforecast.system.model import SystemYear
from dcforecast.system.network import Network
from dcforecast.system.storage import Store, operate

__all__ = ["Prepared", "allocate", "prepare", "settle"]


@dataclass(frozen=True)
class Prepared:
    """A year ready to be solved: its programme and bounds, batteries run.

    Attributes
    ----------
    year : SystemYear
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

    year: SystemYear
    columns: Columns
    bounds: Hours
    charge: Hours | None
    gained: dict[str, float]


def prepare(
    network: Network,
    year: SystemYear,
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
    year: SystemYear,
    capacity: Mapping[str, Hours],
    settings: AllocationSettings,
    gas_limit_bcm: float | None = None,
    prices: Mapping[str, Hours] | None = None,
) -> Flows:
    """Prepare a year and settle it.

    Parameters
    ----------
    network : Network
    year : SystemYear
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
    limited = fuelled(year, at_home(network, flows), node_uses(network, flows), gas_limit_bcm)
    if not limited:
        return flows
    _limit_supply(columns, bounds, year, flows.reserve, limited)
    return _solve(network, year, columns, bounds, limited=limited)


def _limit_supply(
    columns: Columns, bounds: Hours, year: SystemYear, reserve: Hours, limited: Mapping[str, Hours]
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
    year: SystemYear,
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
    unused, residual = _left_over(found, total(available, columns.shape), losses)
    if residual > 1e-6:
        raise InternalError(f"{year.year}: an hour uses {residual:.1e} more than is available")
    prices = node_prices(columns, solution)
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
        unused=unused,
        dispatch=Dispatch.empty(),
        limited=limited or {},
        solution=solution,
        gains=link_worth(network, columns, solution, prices),
        prices=prices,
        residual=max(residual, solution.residual),
    )
    return replace(partial, dispatch=dispatch(year.tranches, node_uses(network, partial), limited))


def _left_over(
    found: Mapping[str, Mapping[str, Hours]], available: Hours, losses: Hours
) -> tuple[Hours, float]:
    """What is neither used nor held back, MW, and the largest excess of an hour's use [1]."""
    used = found["reserve"]["AZ"] + losses.astype(np.float64)
    for kind in ("domestic", "data_centre", "corridor"):
        for flow in found[kind].values():
            used += flow
    left = (available - used).astype(np.float32)
    excess = float(np.max(-left / np.maximum(available, 1.0), initial=0.0))
    return np.maximum(left, 0.0), excess


def _available(year: SystemYear, node: str, shape: tuple[int, int]) -> Hours:
    total = np.zeros(shape, np.float32)
    for tranche in year.tranches:
        if tranche.node == node:
            total += tranche.available_mw
    return total
