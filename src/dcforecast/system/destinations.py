"""Who buys the exports: shares of the destinations, and their seasons."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dcforecast import sources
from dcforecast.config.allocation import AllocationSettings
from dcforecast.system.draws import Draws

__all__ = ["destination_shares", "draw_shares", "seasons", "split_by_month"]

Values = NDArray[np.float64]

#: Half-life of the record of destinations, years: Georgia's share fell by half from 2019 to 2025
#: (judgement).
_HALF_LIFE = 3.0
#: Rank correlation of Georgia's share with the member's own water: yearly changes of hydro in the
#: two countries correlate by 0.6 (2000 to 2021); a wet Georgia needs less, not always from
#: Azerbaijan (judgement).
_GEORGIA_WATER = -0.5
_ROUNDS = 30


@lru_cache(maxsize=1)
def destination_shares() -> tuple[dict[str, float], float]:
    """Mean shares of the destinations in past exports, and how firmly they hold.

    Returns
    -------
    shares : dict of str to float
        Mean share of each destination, adding up to one; records count by length and age.
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
    age = (table["end"].max() - table["end"]).dt.days / 365.25
    table["weight"] = table["length"] * 0.5 ** (age / _HALF_LIFE)
    means: dict[str, float] = {}
    ratios = []
    for name, rows in table.groupby("destination", sort=True):
        weight = rows["weight"] / rows["weight"].sum()
        mean = float((weight * rows["share"]).sum())
        variance = float((weight * (rows["share"] - mean) ** 2).sum())
        means[str(name)] = mean
        if len(rows) > 2 and variance > 0:
            ratios.append(mean * (1 - mean) / variance - 1)
    total = sum(means.values())
    return {k: v / total for k, v in means.items()}, float(np.clip(np.median(ratios), 1.0, 200.0))


def draw_shares(
    settings: AllocationSettings, draws: Draws, year: int, water: Values | None
) -> dict[str, Values]:
    """Destination shares of each member in a year; Georgia's is large where water is short."""
    shares, concentration = destination_shares()
    weight = settings.share_concentration or concentration
    rng = draws.rng("destination_shares", year)
    drawn = rng.dirichlet([weight * share for share in shares.values()], draws.members)
    if water is not None and "georgia" in shares:
        score = (water.argsort().argsort() + 0.5) / draws.members - 0.5
        noise = rng.standard_normal(draws.members) / np.sqrt(12.0)
        wanted = _GEORGIA_WATER * score + np.sqrt(1 - _GEORGIA_WATER**2) * noise
        by_share = drawn[:, list(shares).index("georgia")].argsort(kind="stable")
        drawn = drawn[by_share][wanted.argsort().argsort()]
    return {name: drawn[:, k] for k, name in enumerate(shares)}


def split_by_month(
    export: Values, shares: Mapping[str, Values], seasons: Mapping[str, Values]
) -> dict[str, Values]:
    """Split monthly exports over the buyers, who each have a season.

    Proportional fitting: months add up to the exports, a buyer's year to its share of them.

    Parameters
    ----------
    export : ndarray (members, 12)
    shares : mapping of str to ndarray (members,)
        Adding up to one.
    seasons : mapping of str to ndarray (12,)
        Weights of the months; a buyer without a season buys evenly.
    """
    names = list(shares)
    even = np.ones(12)
    part = np.stack([np.tile(seasons.get(name, even), (len(export), 1)) for name in names])
    wanted = np.stack([shares[name] for name in names]) * export.sum(axis=1)
    part = part * export
    for _ in range(_ROUNDS):
        part *= (wanted / np.maximum(part.sum(axis=2), 1e-12))[:, :, None]
        part *= export / np.maximum(part.sum(axis=0), 1e-12)
    return dict(zip(names, part, strict=True))


def seasons() -> dict[str, Values]:
    """Return the weights of the months of each buyer with a season on record, mean 1."""
    table = sources.table("export_seasons")
    return {
        str(name): rows.sort_values("month")["weight"].to_numpy(float)
        for name, rows in table.groupby("destination")
    }
