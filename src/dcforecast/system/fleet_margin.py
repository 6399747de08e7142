"""From nameplate to what is to spare at a peak: the difference carried openly."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dcforecast.config.fleet import FleetSettings
from dcforecast.system.draws import Draws
from dcforecast.system.fleet import installed
from dcforecast.system.outages import RELIABILITY
from dcforecast.system.supply import OWN_USE_MW, Supply
from dcforecast.system.weather import WeatherModel
from dcforecast.system.weather_sites import local_calendar

__all__ = ["paper_margin"]

#: The record peak and its clock hour in Baku, 6 August 2025 [G030].
PEAK_MW, _YEAR, _MONTH, _HOUR = 4_871.0, 2025, 8, 15
#: Hydro made 283 GWh in August 2025 (reconstructed from the releases of that year).
_HYDRO_GWH = 283.0
#: Mean load of the record day: 100 GWh [G017].
_MEAN_MW = 4_167.0


def paper_margin(settings: FleetSettings, draws: Draws) -> pd.DataFrame:
    """Explain the 4.9 GW between nameplate and the peak of 2025, of which 2 GW are called unused.

    The fleet of August 2025 in the afternoon hours of the month, drawn for all members.

    Parameters
    ----------
    settings : FleetSettings
    draws : Draws

    Returns
    -------
    pandas.DataFrame
        Columns: step, mw (mean), p10_mw, p90_mw.  The steps of loss add up, with the spare, to the
        paper margin.
    """
    weather = WeatherModel(draws).year(_YEAR)
    month, hour, _ = local_calendar(_YEAR)
    at = (month == _MONTH) & (hour == _HOUR)
    swing = 1 + (PEAK_MW / _MEAN_MW - 1) * np.cos((hour - _HOUR) / 24 * 2 * np.pi)
    load = np.broadcast_to((_MEAN_MW * swing).astype(np.float32), (draws.members, len(hour)))
    supply = Supply(settings, draws)
    monthly = np.full((draws.members, 12), _HYDRO_GWH)
    tranches = supply.tranches(weather, load, monthly)
    given: dict[str, np.ndarray] = {}
    for tranche in tranches:
        kind = tranche.technology
        given[kind] = given.get(kind, 0.0) + tranche.available_mw[:, at].mean(axis=1)
    plate = installed("2025-08-06")
    gas = {kind: float(plate[kind]) for kind in RELIABILITY}
    thermal = sum(gas[kind] - given[kind] for kind in gas)
    idle = gas["steam"] * (1.0 - supply.steam_usable().astype(float))
    clean = float(plate[["solar", "hybrid", "old_wind"]].sum()) - given["solar"] - given["wind"]
    spare = sum(given.values()) - PEAK_MW
    steps = {
        "paper margin": np.full(draws.members, float(plate.sum()) - PEAK_MW),
        "own-use plants beyond their own load": np.full(
            draws.members, float(plate["own_use"]) - OWN_USE_MW
        ),
        "hydro without water": float(plate["hydro"]) - given["hydro"],
        "wind, sun and waste not there": clean + float(plate["waste"]) - given["waste"],
        "old steam blocks that give nothing": idle,
        "outages, maintenance and heat": thermal - idle,
        "spare": spare,
    }
    return pd.DataFrame(
        {
            "step": list(steps),
            "mw": [float(np.mean(mw)) for mw in steps.values()],
            "p10_mw": [float(np.quantile(mw, 0.1)) for mw in steps.values()],
            "p90_mw": [float(np.quantile(mw, 0.9)) for mw in steps.values()],
        }
    )
