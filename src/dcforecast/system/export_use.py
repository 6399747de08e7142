"""Expected flows: how much of what could be sent is likely to be sent, and to whom.

Existing corridors share the country's exports, whose level comes from the record and its price
(`year_levels`); a member with much less to send than in the record's years sends less in
proportion.  New corridors have no record: they are used as the Georgian border is, moved by what
their buyer pays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dcforecast.config.allocation import AllocationSettings
from dcforecast.system.arrays import Hours, Values
from dcforecast.system.buyers import appetite
from dcforecast.system.destinations import draw_shares, seasons, split_by_month
from dcforecast.system.draws import Draws
from dcforecast.system.network import Corridor, Network
from dcforecast.system.paths import MonthlyPaths

__all__ = [
    "border_links",
    "expected_corridors",
    "fit_to_room",
    "level_flow",
    "new_use",
]

#: Share of the wires that power was there for in the record's years, in nine of ten members
#: (modelled for 2019 to 2024: 10.7 to 12.0 TWh of 16.4, P10 8.4).  More did not mean more exports
#: then, so only a member with less than that sends less.
_PLENTY = 0.5


def fit_to_room(wanted: Values, room: Values) -> Values:
    """Move what does not fit one corridor to the others, in proportion to their room.

    Parameters
    ----------
    wanted, room : ndarray (corridors, members)
        Energy; what fits nowhere is not sent.
    """
    flow = np.minimum(wanted, room)
    left = (wanted - flow).sum(axis=0)
    spare = room - flow
    share = np.minimum(left / np.maximum(spare.sum(axis=0), 1e-12), 1.0)
    return np.asarray(flow + spare * share)


def new_use(
    network: Network,
    settings: AllocationSettings,
    draws: Draws,
    border_use: Values,
) -> dict[str, Values]:
    """Use of each new corridor in a year: that of the existing border, moved by the price.

    ``use = border use * (buyer's price / border's price) ** elasticity * own factor``; the own
    factor of a member is lognormal and the same in all years.  A corridor's ``use_mean``, or
    ``allocation.new_use_mean``, replaces the first two by a number.

    Parameters
    ----------
    network : Network
    settings : AllocationSettings
    draws : Draws
    border_use : ndarray (members,)
        Share of the existing border's wires that the year's exports would use.
    """
    prices = [
        c.settings.price_eur_mwh
        for c in network.corridors
        if c.settings.destination is not None and c.hops[0].links == border_links(network)
    ]
    found = {}
    for corridor in network.corridors:
        if corridor.settings.destination is not None:
            continue
        mean = corridor.settings.use_mean or settings.new_use_mean
        ratio = corridor.settings.price_eur_mwh / float(np.mean(prices)) if prices else 1.0
        use = border_use * ratio**settings.new_use_elasticity
        if mean is not None:
            use = np.full(draws.members, mean)
        own = draws.rng("corridor_use", corridor.name).standard_normal(draws.members)
        found[corridor.name] = np.clip(use * np.exp(settings.new_use_sigma * own), 0.0, 0.95)
    return found


def _wires(network: Network, links: tuple[str, ...]) -> float:
    """What the existing links of a hop carry on average, MW."""
    every = network.settings.links
    return sum(
        every[name].capacity_mw * (1.0 - every[name].forced_outage_rate)
        for name in links
        if every[name].status == "existing"
    )


def border_links(network: Network) -> tuple[str, ...]:
    """First hop of the existing corridors that carries most: the border others are measured by."""
    hops = {c.hops[0].links for c in network.corridors if c.settings.destination is not None}
    return max(sorted(hops), key=lambda links: _wires(network, links))


def level_flow(
    capability: Hours, energy_mwh: NDArray[np.floating], appetite: Hours | None = None
) -> Hours:
    """Flow ``min(capability, L * appetite)`` whose energy is the wanted one, or all there is.

    Parameters
    ----------
    capability : ndarray of shape (members, hours)
        MW.
    energy_mwh : ndarray of shape (members,)
        Wanted energy.
    appetite : ndarray of shape (members, hours), optional
        Weight of each hour, not negative; level without it.
    """
    weight = np.ones((1, 1), np.float32) if appetite is None else appetite
    # An hour nobody wants is filled only when there is no other: a thousandth is left.
    weight = np.broadcast_to(np.maximum(weight, np.float32(1e-3)), capability.shape)
    limit = capability / weight
    level = np.asarray(energy_mwh, np.float64) / weight.sum(axis=1, dtype=np.float64)
    top = limit.max(axis=1).astype(np.float64)
    for _ in range(12):  # raising the level by the missing energy over the free hours converges
        flow = np.minimum(capability, level[:, None].astype(np.float32) * weight)
        missing = energy_mwh - flow.sum(axis=1, dtype=np.float64)
        free = np.where(limit > level[:, None], weight, 0).sum(axis=1, dtype=np.float64)
        open_ = (missing > 1e-6 * np.maximum(energy_mwh, 1.0)) & (free > 0)
        if not open_.any():
            break
        level = np.where(open_, np.minimum(level + missing / np.maximum(free, 1e-9), top), level)
    flow = np.minimum(capability, level[:, None].astype(np.float32) * weight)
    return np.asarray(flow, np.float32)


def expected_corridors(
    network: Network,
    capability: Mapping[str, Hours],
    timestamps: pd.DatetimeIndex,
    paths: MonthlyPaths,
    *,
    settings: AllocationSettings,
    draws: Draws,
    prices: Mapping[str, Hours] | None = None,
) -> dict[str, Hours]:
    """Expected power leaving home for each corridor, never above its capability, MW.

    Parameters
    ----------
    network : Network
    capability : mapping of str to ndarray (members, hours)
        Power that could leave home for each corridor.
    timestamps : DatetimeIndex
        Hours of the year, UTC.
    paths : MonthlyPaths
        With the monthly ``export`` of the country, GWh, of each member.
    settings : AllocationSettings
    draws : Draws
    prices : mapping of str to ndarray (members, hours), optional
        What each corridor's buyer pays by the hour: dear hours are sold to first.
    """
    year = timestamps[0].year
    wish = appetite(prices or {}, timestamps)
    first = int(np.flatnonzero(paths.months == pd.Period(f"{year}-01", "M"))[0])
    export = np.maximum(paths.values["export"][:, first : first + 12], 0.0) * 1e3
    existing = [c for c in network.corridors if c.settings.destination is not None]
    wires = sum(_wires(network, links) for links in {c.hops[0].links for c in existing})
    # Power there is for the wires, whether or not a new corridor would take it before them.
    there = sum(capability[c.name] for c in network.corridors)
    able = np.minimum(there, wires).sum(axis=1, dtype=np.float64)
    export = export * np.minimum(able / (_PLENTY * wires * len(timestamps)), 1.0)[:, None]
    hydro = paths.values.get("generation_hydro")
    water = None if hydro is None else hydro[:, first : first + 12].sum(axis=1)
    romania = paths.values.get("price_romania")
    price = None if romania is None else romania[:, first : first + 12].mean(axis=1)
    shares = draw_shares(settings, draws, year, water, price)
    wanted = _wanted(existing, export, shares)
    found = _existing(existing, capability, wish, timestamps, wanted)
    # The border's use is what buyers want over it: a new corridor over the same wires leaves less
    # of them, and would be used the less for that the larger it is.
    border = border_links(network)
    over = np.array([c.hops[0].links == border for c in existing])
    most_mwh = _wires(network, border) * len(timestamps)
    use = new_use(network, settings, draws, wanted[over].sum(axis=(0, 2)) / most_mwh)
    for name, share in use.items():
        able = capability[name]
        part = share[:, None].astype(np.float32) * wish.get(name, np.float32(1.0))
        found[name] = able * np.minimum(part, np.float32(1.0))
    return {corridor.name: found[corridor.name] for corridor in network.corridors}


def _wanted(corridors: Sequence[Corridor], export: Values, shares: Mapping[str, Values]) -> Values:
    """Split monthly exports, MWh (members, 12), to the existing corridors by what buyers take."""
    buyers = split_by_month(export, shares, seasons())
    nothing = np.zeros_like(export)
    return np.stack(
        [
            buyers.get(c.settings.destination or "", nothing) * c.settings.destination_share
            for c in corridors
        ]
    )


def _existing(
    corridors: Sequence[Corridor],
    capability: Mapping[str, Hours],
    wish: Mapping[str, Hours],
    timestamps: pd.DatetimeIndex,
    wanted: Values,
) -> dict[str, Hours]:
    """Flows of the existing corridors from what is wanted by month, (corridors, members, 12)."""
    edges = np.searchsorted(timestamps.month.to_numpy(), np.arange(1, 14))
    found = {c.name: np.zeros_like(capability[c.name]) for c in corridors}
    for month in range(12):
        part = slice(edges[month], edges[month + 1])
        room = np.stack(
            [capability[c.name][:, part].sum(axis=1, dtype=np.float64) for c in corridors]
        )
        flow = fit_to_room(wanted[:, :, month], room)
        for k, corridor in enumerate(corridors):
            if not room[k].any():
                continue
            hours = wish.get(corridor.name)
            hours = hours[:, part] if hours is not None and hours.shape[1] > 1 else None
            able = capability[corridor.name][:, part]
            found[corridor.name][:, part] = level_flow(able, flow[k], hours)
    return found
