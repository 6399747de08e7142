"""Monthly forecasts of what comes from the fleet: wind, solar, thermal, data centres."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dcforecast.config.datacentres import DatacentresSettings
from dcforecast.store.schemas import LEVELS, QUANTILE_COLUMNS
from dcforecast.system.datacentres import programme_rows
from dcforecast.system.draws import Draws
from dcforecast.system.weather import WeatherModel
from dcforecast.system.weather_sites import local_calendar

if TYPE_CHECKING:
    from dcforecast.system.supply import Supply

__all__ = ["component_rows"]


def component_rows(
    parts: Sequence[tuple[Supply, WeatherModel]],
    datacentres: DatacentresSettings,
    draws: Draws,
    years: Iterable[int],
) -> pd.DataFrame:
    """Return rows of ``forecast`` (without scenario, model, origin, step).

    The members, weather and outages are those of the hourly allocation: the same draws.
    """
    wanted = list(years)
    rows = []
    for year in wanted:
        blocks = [_block(supply, weather, year) for supply, weather in parts]
        # A block in which nobody has built a technology yet says nothing of it.
        nothing = [np.zeros_like(block["thermal_available"]) for block in blocks]
        for name in dict.fromkeys(name for block in blocks for name in block):
            pairs = zip(blocks, nothing, strict=True)
            monthly = np.concatenate([block.get(name, zero) for block, zero in pairs])
            rows.append(_rows(name, year, monthly, "MW" if name == "thermal_available" else "GWh"))
    rows.append(programme_rows(datacentres, draws, wanted))
    return pd.concat(rows, ignore_index=True)


def _block(supply: Supply, weather: WeatherModel, year: int) -> dict[str, NDArray[np.float64]]:
    """Monthly energy [GWh] and thermal power [MW] of one block of members (members, 12)."""
    month, _, _ = local_calendar(year)
    starts = np.flatnonzero(np.diff(month, prepend=0))
    hours = np.bincount(month, minlength=13)[1:]
    made: dict[str, NDArray[np.float64]] = {}
    drawn = weather.year(year)
    for tranche in supply.renewables(drawn):
        name = f"generation_{tranche.technology}"
        energy = np.add.reduceat(tranche.available_mw, starts, axis=1) / 1000.0
        made[name] = made.get(name, np.float64(0.0)) + energy
    thermal = sum((t.available_mw for t in supply.thermal(drawn)), np.float32(0.0))
    return {**made, "thermal_available": np.add.reduceat(thermal, starts, axis=1) / hours}


def _rows(series: str, year: int, monthly: NDArray[np.float64], unit: str) -> pd.DataFrame:
    stamps = pd.date_range(f"{year}-01-01", periods=12, freq="MS", tz="UTC")
    quantiles = np.quantile(monthly, LEVELS, axis=0)
    return pd.DataFrame(
        {
            "series": series,
            "timestamp": stamps,
            "unit": unit,
            "mean": monthly.mean(axis=0),
            **dict(zip(QUANTILE_COLUMNS, quantiles, strict=True)),
        }
    )
