"""The yearly gas budget: what of the surplus has fuel, by water filling over the hours."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from dcforecast.system.allocation_dispatch import dispatch, running
from dcforecast.system.arrays import Hours
from dcforecast.system.model import SystemYear
from dcforecast.system.supply import Tranche

__all__ = ["fuelled", "water_level"]


def fuelled(
    year: SystemYear, domestic: Mapping[str, Hours], use: Mapping[str, Hours], limit_bcm: float
) -> dict[str, Hours]:
    """Find what the gas plants may make when the year's gas is limited.

    Domestic demand has the gas first.  What is left goes to the surplus at no more than one rate
    (bcm an hour) in any hour, the rate at which the year meets the budget; the least efficient
    plants stop first.

    Parameters
    ----------
    year : SystemYear
    domestic, use : mapping of str to ndarray (members, hours)
        Output needed at each node for domestic demand alone, and for everything, MW.
    limit_bcm : float
        Gas for power plants in the year, bcm.

    Returns
    -------
    dict of str to ndarray (members, hours)
        Available output of each gas tranche, MW; empty when the budget does not bind.
    """
    first = dispatch(year.tranches, domestic).gas_bcm_h
    everything = dispatch(year.tranches, use).gas_bcm_h
    rate = np.maximum(everything - first, 0.0)
    left = np.maximum(limit_bcm - first.sum(axis=1, dtype=np.float64), 0.0)
    short = np.flatnonzero(rate.sum(axis=1, dtype=np.float64) > left * (1 + 1e-6))
    if not len(short):
        return {}
    over = np.zeros_like(rate)
    for member in short:
        level = water_level(rate[member], float(left[member]))
        over[member] = np.maximum(rate[member] - level, 0.0)
    return _without(list(running(year.tranches, use)), over)


def _without(outputs: list[tuple[Tranche, Hours]], over: Hours) -> dict[str, Hours]:
    """Take the gas `over` (bcm an hour) from the plants that run, the last in merit order first."""
    limited: dict[str, Hours] = {}
    hit = over > 0
    for tranche, output in reversed(outputs):
        if not tranche.gas_bcm_per_mwh:
            continue
        less = np.minimum(output, over / np.float32(tranche.gas_bcm_per_mwh))
        over = np.maximum(over - less * np.float32(tranche.gas_bcm_per_mwh), 0.0)
        limited[tranche.name] = np.where(hit, output - less, tranche.available_mw)
    return limited


def water_level(rate: NDArray[np.floating], budget: float) -> float:
    """Level L with ``sum(min(rate, L)) = budget``; the largest rate when all of it fits."""
    ordered = np.sort(np.asarray(rate, np.float64))
    below = np.concatenate([[0.0], np.cumsum(ordered)[:-1]])
    above = np.arange(len(ordered), 0, -1)
    level = (budget - below) / above
    fits = np.flatnonzero(level <= ordered)
    return float(max(level[fits[0]], 0.0)) if len(fits) else float(ordered[-1])
