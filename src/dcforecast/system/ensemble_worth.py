"""Prices at home and the worth of one more MW as rows of the answers."""

from __future__ import annotations

import numpy as np

from dcforecast.config.allocation import AllocationSettings
from dcforecast.system.allocation import Flows
from dcforecast.system.allocation_worth import campus_worth, mean_price
from dcforecast.system.answers import AnnualRows
from dcforecast.system.ensemble_campus import campus_sink
from dcforecast.system.ensemble_types import YearLike
from dcforecast.system.network import Network

__all__ = ["worth_rows"]


def worth_rows(
    rows: AnnualRows,
    network: Network,
    system: YearLike,
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
