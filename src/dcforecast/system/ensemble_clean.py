"""How clean every MWh is that data centres and corridors get, under three conventions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from dcforecast.system.allocation_dispatch import Dispatch
from dcforecast.system.allocation_loads import total
from dcforecast.system.answers import AnnualRows
from dcforecast.system.matching import contracts, hourly_score, mixed, surplus_share

__all__ = ["clean_rows"]

Hours = NDArray[np.float32]


def clean_rows(
    rows: AnnualRows,
    answer: str,
    plants: Dispatch,
    domestic: Mapping[str, Hours],
    sinks: Mapping[str, Mapping[str, Hours]],
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

    Notes
    -----
    ``cfe_grid``: the sink takes the mix of its node.  ``cfe_contracted``: it holds contracts for as
    much clean energy a year as it uses, and only those count.  ``cfe_surplus``: domestic demand has
    taken the clean power first.  What a battery gives back counts as neither clean nor emitting.
    """
    delivered = {node: np.array(load) for node, load in domestic.items()}
    for parts in sinks.values():
        for node, flow in parts.items():
            delivered[node] = delivered[node] + flow
    share = mixed(plants.made_mw, delivered, plants.clean_mw)
    carbon = mixed(plants.made_mw, delivered, plants.co2_t_h)
    shape = next(iter(plants.made_mw.values())).shape
    clean, at_home = total(plants.clean_mw, shape), total(domestic, shape)
    flows = {name: total(parts, shape) for name, parts in sinks.items()}
    flows = {name: flow for name, flow in flows.items() if flow.any()}
    if not flows:
        return
    left = surplus_share(clean, at_home, total(flows, shape))
    own = contracts(flows, clean)
    for name, flow in flows.items():
        energy = flow.sum(axis=1, dtype=np.float64)
        there = energy > 0

        def over(parts: Mapping[str, Hours], sink: str = name) -> NDArray[np.float64]:
            whole = sum(
                np.einsum("mh,mh->m", power, parts[node]) for node, power in sinks[sink].items()
            )
            return np.asarray(whole)

        scores = {
            "cfe_grid": over(share) / np.where(there, energy, 1.0),
            "cfe_contracted": hourly_score(flow, 0.0, own[name]),
            "cfe_surplus": hourly_score(flow, left),
            "co2_t_per_mwh": over(carbon) / np.where(there, energy, 1.0),
        }
        for quantity, values in scores.items():
            # A sink that gets nothing has no score; the mean is over the members in which it does.
            rows.add(name, answer, quantity, np.where(there, values, np.nan))
        if name == "data_centres":
            rows.add(name, answer, "cfe", np.where(there, scores["cfe_grid"], 0.0))
