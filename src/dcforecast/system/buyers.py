"""What buyers abroad pay by the hour: their market's level, season, week, day and chance.

Levels follow the member's Romanian price of the year, which also drives its exports; hours are
drawn from parameters fitted on real day-ahead prices (data/derive/fit_markets.py), warm days of
Türkiye from the member's own weather.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dcforecast.system.allocation_loads import energy_twh
from dcforecast.system.arrays import Hours
from dcforecast.system.draws import Draws
from dcforecast.system.network import Corridor, Network
from dcforecast.system.paths import MonthlyPaths
from dcforecast.system.shapes import parameters
from dcforecast.system.weather_noise import noise, tables, to_quantiles
from dcforecast.system.weather_sites import local_calendar

__all__ = ["MARKETS", "appetite", "hourly_prices", "market_hours", "price_received", "revenue"]

#: Markets with fitted hours, and how much of a change of Romania's yearly price their level takes:
#: all at home; half in Türkiye, whose price is capped (judgement).
MARKETS = {"romania": 1.0, "turkiye": 0.5}
#: Romania's mean price of 2025, the year whose prices the corridors are quoted in, EUR/MWh.
_QUOTED_AT = 108.2
#: Above this the weather log's warm degrees count, C at Baku (as in the fit).
_WARM = 21.0


def market_hours(market: str, year: int, temperature: Hours, draws: Draws) -> Hours:
    """Draw a market's hourly prices relative to the year's level.

    Parameters
    ----------
    market : str
        One of `MARKETS`.
    year : int
    temperature : ndarray (members, hours)
        At Baku, C; a year may be cut short.
    draws : Draws

    Returns
    -------
    ndarray (members, hours)
        Means of the months are those of the season, whose mean is 1.
    """
    fitted = parameters("markets")[market]
    hours = temperature.shape[1]
    month, hour, kind = (values[:hours] for values in local_calendar(year))
    cycle = np.asarray(fitted["cycle_by_quarter_local_hour"], np.float32)
    score = noise(draws.rng("market", market, year), draws.members, hours, fitted["hourly"])
    score *= np.float32(np.sqrt(1.0 - fitted["cycle_share"]))
    score += cycle[(month - 1) // 3, hour]
    price = to_quantiles(score, month, tables(fitted))
    price *= np.asarray(fitted["by_day_type"], np.float32)[kind]
    if fitted["per_warm_degree"]:
        warm = np.maximum(temperature - np.float32(_WARM), np.float32(0.0))
        price *= 1 + np.float32(fitted["per_warm_degree"]) * warm
    starts = np.flatnonzero(np.diff(month, prepend=0))
    means = np.add.reduceat(price, starts, axis=1) / np.bincount(month)[month[starts]]
    season = np.asarray(fitted["season"], np.float32)[month[starts] - 1]
    price *= (season / means).astype(np.float32)[:, np.cumsum(np.diff(month, prepend=0) != 0) - 1]
    return price


def hourly_prices(
    network: Network,
    timestamps: pd.DatetimeIndex,
    temperature: Hours,
    paths: MonthlyPaths,
    draws: Draws,
) -> dict[str, Hours]:
    """Return the price at the buyer of every corridor, EUR/MWh (members, hours) or (members, 1).

    A corridor without a market pays its ``price_eur_mwh`` at all times.
    """
    year = timestamps[0].year
    romania = paths.values.get("price_romania")
    if romania is None:
        ratio = np.ones(draws.members)
    else:
        at = int(np.flatnonzero(paths.months == pd.Period(f"{year}-01", "M"))[0])
        ratio = np.asarray(romania[:, at], np.float64) / _QUOTED_AT
    shapes: dict[str, Hours] = {}
    found = {}
    for corridor in network.corridors:
        price = np.full((draws.members, 1), corridor.settings.price_eur_mwh, np.float32)
        market = corridor.settings.market
        if market is not None:
            if market not in shapes:
                shapes[market] = market_hours(market, year, temperature, draws)
            level = (ratio ** MARKETS[market]).astype(np.float32)[:, None]
            price = price * level * shapes[market]
        found[corridor.name] = price
    return found


def appetite(prices: Mapping[str, Hours], timestamps: pd.DatetimeIndex) -> dict[str, Hours]:
    """Return how the buyers' wish to take spreads over a month's hours, mean about 1.

    It follows the hour's price over the month's mean; without hourly prices it is level.
    """
    month = timestamps.month.to_numpy()
    starts = np.flatnonzero(np.diff(month, prepend=0))
    counts = np.diff([*starts, len(month)])
    found = {}
    for name, price in prices.items():
        if price.shape[1] == 1:
            found[name] = np.ones((1, 1), np.float32)
            continue
        means = np.add.reduceat(price, starts, axis=1) / counts
        found[name] = np.asarray(price / np.repeat(means, counts, axis=1), np.float32)
    return found


def price_received(flow: Hours, price: Hours) -> NDArray[np.float64]:
    """Return the mean price of what is sent, EUR/MWh (members,); of all hours where nothing is."""
    if price.shape[1] == 1:
        return np.asarray(price[:, 0], np.float64)
    energy = flow.sum(axis=1, dtype=np.float64)
    paid = (flow * price).sum(axis=1, dtype=np.float64)
    plain = price.mean(axis=1, dtype=np.float64)
    return np.asarray(np.where(energy > 0, paid / np.maximum(energy, 1e-9), plain))


def revenue(
    corridor: Corridor, flow: Hours, received_eur_mwh: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Money for what is sent, million EUR (members,): the price of what arrives, less wheeling.

    Parameters
    ----------
    corridor : Corridor
    flow : ndarray of shape (members, hours)
        Power leaving home, MW.
    received_eur_mwh : ndarray of shape (members,)
        Mean price of it at the buyer (`price_received`).
    """
    netback = received_eur_mwh * corridor.gain - corridor.settings.wheeling_eur_mwh
    return np.asarray(energy_twh(flow) * netback)
