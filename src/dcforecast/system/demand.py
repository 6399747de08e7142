"""Domestic demand by hour, from monthly energy, the day's shape and the weather."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dcforecast.config.demand import DemandSettings
from dcforecast.system.draws import Draws
from dcforecast.system.paths import MonthlyPaths
from dcforecast.system.shapes import load_shape, parameters
from dcforecast.system.weather import WeatherYear, local_calendar

__all__ = ["growth_factor", "hourly_domestic"]

Hours = NDArray[np.float32]

#: Comfort bounds of the temperature response [C] (data/derive/fit_hourly.py).
_HEAT_BELOW, _COOL_ABOVE = 15.0, 18.0
#: Part of the donor's hourly noise that is not the weather's (judgement).
_NOISE_SHARE = 0.5
_FIRST_LEVER_YEAR = 2025


def growth_factor(settings: DemandSettings, year: int) -> float:
    """Return what the levers make of a year's demand: growth added, efficiency taken off [1]."""
    years = max(0, year - _FIRST_LEVER_YEAR)
    growth = (1 + settings.growth_adjustment_percent / 100.0) ** years
    saving = (1 - settings.efficiency_percent / 100.0) ** years
    return float(growth * saving)


def _response(temperature: NDArray[np.floating]) -> NDArray[np.floating]:
    """MW of the whole country against mild weather, at the record's mean demand."""
    fitted = parameters()["load"]
    heat = np.maximum(_HEAT_BELOW - temperature, 0.0) * np.float32(fitted["heating_mw_per_c"])
    cool = np.maximum(temperature - _COOL_ABOVE, 0.0) * np.float32(fitted["cooling_mw_per_c"])
    return np.asarray(heat + cool)


def hourly_domestic(
    settings: DemandSettings, paths: MonthlyPaths, weather: WeatherYear, draws: Draws
) -> dict[str, Hours]:
    """Return gross domestic demand without data centres.

    The shape of the hour (Georgia's, by month and day type) is moved by the temperature's
    departure from its mean, with the response fitted on Azerbaijan, and by persistent noise;
    then each member's month is scaled to its energy exactly (months in UTC).

    Parameters
    ----------
    settings : DemandSettings
        Levers.
    paths : MonthlyPaths
        With ``demand_gross`` [GWh a month].
    weather : WeatherYear
        Weather of the members.
    draws : Draws
        Random streams.

    Returns
    -------
    dict of str to ndarray (members, hours)
        MW at the nodes ``AZ`` and ``NX``.
    """
    year = weather.year
    month, hour, kind = local_calendar(year)
    energy = paths.year("demand_gross", year) * growth_factor(settings, year)
    hours = np.bincount(month, minlength=13)[1:]
    mean_mw = (energy * 1000.0 / hours).astype(np.float32)
    shape = load_shape()[month - 1, kind, hour].astype(np.float32)
    relative = np.tile(shape, (draws.members, 1))
    if settings.temperature_response:
        base = np.float32(parameters()["load"]["mean_mw"])
        moved = _response(weather.temperature_c) - _response(weather.normal_c)
        relative += (moved / base).astype(np.float32)
    relative *= _noise(draws, year, len(month))
    np.maximum(relative, np.float32(0.2), out=relative)
    starts = np.flatnonzero(np.diff(month, prepend=0))
    sums = np.add.reduceat(relative, starts, axis=1, dtype=np.float64) / hours
    factor = (mean_mw / sums).astype(np.float32)
    relative *= factor[:, month - 1]
    share = np.float32(settings.nakhchivan_share)
    mainland = relative * (1 - share)
    if settings.hydrogen_mw and year >= settings.hydrogen_from_year:
        mainland += np.float32(settings.hydrogen_mw)
    return {"AZ": mainland, "NX": relative * share}


def _noise(draws: Draws, year: int, hours: int) -> Hours:
    from scipy.signal import lfilter

    fitted = parameters()["load"]
    rho = float(fitted["rho"])
    shocks = draws.rng("load noise", year).standard_normal((draws.members, hours), dtype=np.float32)
    noise = lfilter([np.sqrt(1 - rho**2)], [1.0, -rho], shocks, axis=1)
    return np.exp(noise * (_NOISE_SHARE * fitted["sd"])).astype(np.float32)
