"""Prices at home, the worth of one more MW, and gas forgone as rows of the answers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dcforecast.config.allocation import AllocationSettings
from dcforecast.system.allocation_dispatch import Dispatch
from dcforecast.system.allocation_flows import Flows
from dcforecast.system.allocation_worth import campus_worth, mean_price
from dcforecast.system.answers import AnnualRows
from dcforecast.system.arrays import Hours
from dcforecast.system.ensemble_campus import campus_sink
from dcforecast.system.ensemble_clean import deliveries
from dcforecast.system.gas import KWH_PER_M3
from dcforecast.system.matching import mixed
from dcforecast.system.model import SystemYear
from dcforecast.system.network import Network

__all__ = ["forgone_rows", "worth_rows"]


def worth_rows(
    rows: AnnualRows,
    network: Network,
    system: SystemYear,
    flows: Flows,
    settings: AllocationSettings,
) -> None:
    """Add the price of each home node, and what one more MW of each link and campus is worth.

    Notes
    -----
    Rows ``node_az`` and ``node_nx``: mean price over the hours that have one, and the hours that
    have none because a load at home or the reserve goes short.  Rows ``link_NAME``, ``campus_NAME``
    and those of the corridors (their last hop): ``added_mw_value_eur``.
    """
    for node, price in flows.prices.items():
        sink = f"node_{node.lower()}"
        if not np.isnan(price).all():
            rows.add(sink, "capability", "node_price_eur_mwh", mean_price(price))
        rows.add(sink, "capability", "scarce_h", np.count_nonzero(np.isnan(price), axis=1))
    for link, worth in flows.gains.items():
        rows.add(f"link_{link}", "capability", "added_mw_value_eur", worth)
    for corridor in network.corridors:
        worth = flows.gains[corridor.hops[-1].links[0]]
        rows.add(corridor.name, "capability", "added_mw_value_eur", worth)
    tariff, ranked = settings.data_centre_price_eur_mwh, settings.order == "policy"
    by_node = {node: campus_worth(p, tariff, ranked=ranked) for node, p in flows.prices.items()}
    for campus in system.campuses:
        sink = campus_sink(campus.name)
        rows.add(sink, "capability", "added_mw_value_eur", by_node[campus.node])


def forgone_rows(
    rows: AnnualRows,
    answer: str,
    plants: Dispatch,
    domestic: Mapping[str, Hours],
    sinks: Mapping[str, Mapping[str, Hours]],
    price_eur_mwh_th: float | None,
) -> None:
    """Add what the gas burnt would have fetched abroad: all of it, and a MWh of each sink.

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
    price_eur_mwh_th : float or None
        Price of gas abroad, lower heating value; None: no rows.

    Notes
    -----
    A sink burns the gas of the mix of its node (``mixed``), like the grid mix of clean power.
    """
    if price_eur_mwh_th is None:
        return
    per_bcm = KWH_PER_M3 * 1e6 * price_eur_mwh_th  # bcm x 1e9 m3 x kWh/m3 / 1e3 = MWh
    burnt = plants.gas_bcm_h.sum(axis=1, dtype=np.float64)
    rows.add("system", answer, "gas_value_forgone_meur", burnt * per_bcm / 1e6)
    mix = mixed(plants.made_mw, deliveries(domestic, sinks), plants.gas_bcm)
    for name, parts in sinks.items():
        energy = sum(flow.sum(axis=1, dtype=np.float64) for flow in parts.values())
        gas = sum(np.einsum("mh,mh->m", flow, mix[node]) for node, flow in parts.items())
        if np.any(energy):
            value = gas * per_bcm / np.where(energy > 0, energy, np.nan)
            rows.add(name, answer, "gas_value_forgone_eur_mwh", value)
