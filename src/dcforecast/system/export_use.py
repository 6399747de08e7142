"""Expected flows: how much of what could be sent is likely to be sent.

Existing corridors follow the forecast of the country's exports, which knows the record; new ones
have no record, so their use is drawn around that of the existing ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dcforecast import sources
from dcforecast.config.allocation import AllocationSettings
from dcforecast.system.draws import Draws
from dcforecast.system.network import Network

if TYPE_CHECKING:
    from typing import Protocol

    class Paths(Protocol):
        """Monthly sample paths, GWh."""

        @property
        def months(self) -> pd.PeriodIndex: ...
        @property
        def values(self) -> Mapping[str, NDArray[np.floating]]: ...


__all__ = ["destination_shares", "expected_corridors", "level_flow", "new_use"]

Hours = NDArray[np.float32]


def destination_shares() -> tuple[dict[str, float], float]:
    """Mean shares of the destinations in past exports, and how firmly they hold.

    Returns
    -------
    shares : dict of str to float
        Mean share of each destination (records weighted by length), adding up to one.
    concentration : float
        Of a Dirichlet law with the same mean and the variance seen between records (moments).
    """
    table = sources.table("export_destinations")
    for column in ("start", "end"):
        table[column] = pd.to_datetime(table[column])
    table["share"] = table["energy_gwh"] / table["total_gwh"]
    table["length"] = (table["end"] - table["start"]).dt.days
    inner = [
        bool(
            (
                (table["destination"] == r.destination)
                & (table["start"] <= r.start)
                & (table["end"] >= r.end)
                & (table["length"] > r.length)
            ).any()
        )
        for r in table.itertuples()
    ]
    table = table[~np.array(inner)]
    means: dict[str, float] = {}
    ratios = []
    for name, rows in table.groupby("destination", sort=True):
        weight = rows["length"] / rows["length"].sum()
        mean = float((weight * rows["share"]).sum())
        variance = float((weight * (rows["share"] - mean) ** 2).sum())
        means[str(name)] = mean
        if len(rows) > 2 and variance > 0:
            ratios.append(mean * (1 - mean) / variance - 1)
    total = sum(means.values())
    return {k: v / total for k, v in means.items()}, float(np.clip(np.median(ratios), 1.0, 200.0))


def _draw_shares(
    settings: AllocationSettings, draws: Draws, year: int
) -> dict[str, NDArray[np.float64]]:
    """Destination shares of each member in a year."""
    shares, concentration = destination_shares()
    weight = settings.share_concentration or concentration
    rng = draws.rng("destination_shares", year)
    drawn = rng.dirichlet([weight * share for share in shares.values()], draws.members)
    return {name: drawn[:, k] for k, name in enumerate(shares)}


def new_use(
    network: Network, settings: AllocationSettings, draws: Draws
) -> dict[str, NDArray[np.float64]]:
    """Use of each new corridor, the same in all years of a member: a beta law.

    Its mean is the corridor's ``use_mean`` or ``new_use_mean``, its spread ``new_use_sd``.
    """
    found = {}
    for corridor in network.corridors:
        if corridor.settings.destination is not None:
            continue
        mean = corridor.settings.use_mean or settings.new_use_mean
        spread = min(settings.new_use_sd, 0.9 * np.sqrt(mean * (1 - mean)))
        size = mean * (1 - mean) / spread**2 - 1
        rng = draws.rng("corridor_use", corridor.name)
        found[corridor.name] = rng.beta(mean * size, (1 - mean) * size, draws.members)
    return found


def level_flow(capability: Hours, energy_mwh: NDArray[np.floating]) -> Hours:
    """Flow ``min(capability, L)`` whose energy is the wanted one, or all there is.

    Parameters
    ----------
    capability : ndarray of shape (members, hours)
        MW.
    energy_mwh : ndarray of shape (members,)
        Wanted energy.
    """
    hours = capability.shape[1]
    level = np.asarray(energy_mwh, np.float64) / hours
    top = capability.max(axis=1).astype(np.float64)
    for _ in range(12):  # raising the level by the missing energy over the free hours converges
        flow = np.minimum(capability, level[:, None].astype(np.float32))
        missing = energy_mwh - flow.sum(axis=1, dtype=np.float64)
        free = np.count_nonzero(capability > level[:, None], axis=1)
        open_ = (missing > 1e-6 * np.maximum(energy_mwh, 1.0)) & (free > 0)
        if not open_.any():
            break
        level = np.where(open_, np.minimum(level + missing / np.maximum(free, 1), top), level)
    flow = np.minimum(capability, level[:, None].astype(np.float32))
    return np.asarray(flow, np.float32)


def expected_corridors(
    network: Network,
    capability: Mapping[str, Hours],
    timestamps: pd.DatetimeIndex,
    paths: Paths,
    *,
    settings: AllocationSettings,
    draws: Draws,
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
    """
    year = timestamps[0].year
    shares = _draw_shares(settings, draws, year)
    use = new_use(network, settings, draws)
    first = int(np.flatnonzero(paths.months == pd.Period(f"{year}-01", "M"))[0])
    export = np.maximum(paths.values["export"][:, first : first + 12], 0.0)
    edges = np.searchsorted(timestamps.month.to_numpy(), np.arange(1, 14))
    found = {}
    for corridor in network.corridors:
        able = capability[corridor.name]
        name = corridor.settings.destination
        if name is None:
            found[corridor.name] = able * use[corridor.name][:, None].astype(np.float32)
            continue
        flow = np.zeros_like(able)
        share = shares.get(name, np.zeros(draws.members)) * corridor.settings.destination_share
        for m in range(12):
            part = slice(edges[m], edges[m + 1])
            if able[:, part].any():
                flow[:, part] = level_flow(able[:, part], export[:, m] * share * 1e3)
        found[corridor.name] = flow
    return found
