"""Domestic demand by hour, from monthly energy, the day's shape and the weather."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dcforecast.config.demand import DemandSettings
from dcforecast.system.arrays import Hours
from dcforecast.system.draws import Draws
from dcforecast.system.paths import MonthlyPaths
from dcforecast.system.shapes import load_shape, parameters
from dcforecast.system.weather import WeatherYear
from dcforecast.system.weather_noise import noise
from dcforecast.system.weather_sites import local_calendar

__all__ = ["growth_factor", "hourly_domestic", "monthly_energy", "response"]

_FIRST_LEVER_YEAR = 2025
#: No hour falls below this part of its month's mean (a guard; not reached in the donor's record).
_FLOOR = np.float32(0.2)


def growth_factor(settings: DemandSettings, year: int) -> float:
    """Return what the levers in per cent make of a year's demand [1]."""
    years = max(0, year - _FIRST_LEVER_YEAR)
    growth = (1 + settings.growth_adjustment_percent / 100.0) ** years
    saving = (1 - settings.efficiency_percent / 100.0) ** years
    return float(growth * saving)


def monthly_energy(settings: DemandSettings, paths: MonthlyPaths, year: int) -> NDArray[np.float64]:
    """Return demand by month with all levers but hydrogen, GWh (members, 12).

    Savings in GWh fall on the months in proportion to their demand, and take at most nine tenths.
    """
    energy = paths.year("demand_gross", year) * growth_factor(settings, year)
    saved = settings.efficiency_gwh * max(0, year - _FIRST_LEVER_YEAR)
    if saved:
        total = energy.sum(axis=1, keepdims=True)
        energy = energy * np.maximum(1.0 - saved / np.maximum(total, 1e-9), 0.1)
    return energy


def response(temperature: NDArray[np.floating], hour: NDArray[np.int64]) -> NDArray[np.floating]:
    """Return what the weather of hours adds to the month's mean demand [1].

    The slopes are those of days within a month, fitted on the donor of shape and noise: half of
    what a warm *month* does in Azerbaijan, because buildings and habits are slow.

    Parameters
    ----------
    temperature : ndarray (..., hours)
        At Baku, C.
    hour : ndarray (hours,)
        Local hour.
    """
    fitted = parameters()["load"]
    by_hour = {
        kind: np.asarray(fitted[f"{kind}_by_local_hour"], np.float32)[hour]
        * np.float32(fitted[f"within_month_{kind}_per_c"])
        for kind in ("heating", "cooling")
    }
    heat = np.maximum(np.float32(fitted["heat_below_c"]) - temperature, 0) * by_hour["heating"]
    cool = np.maximum(temperature - np.float32(fitted["cool_above_c"]), 0) * by_hour["cooling"]
    return np.asarray(heat + cool)


def hourly_domestic(
    settings: DemandSettings, paths: MonthlyPaths, weather: WeatherYear, draws: Draws
) -> dict[str, Hours]:
    """Return gross domestic demand without data centres.

    The shape of the hour (Georgia's, by month and day type) is moved by the temperature's
    departure from its mean, with the donor's response within a month, and by persistent noise;
    then each member's month is scaled to its energy exactly.  Months are UTC months; their four
    hours of difference to local months are kept in the energy, not corrected.

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
    energy = monthly_energy(settings, paths, year)
    hours = np.bincount(month, minlength=13)[1:]
    mean_mw = (energy * 1000.0 / hours).astype(np.float32)
    shape = load_shape()[month - 1, kind, hour].astype(np.float32)
    relative = np.tile(shape, (draws.members, 1))
    spread = parameters()["load"]["sd"]
    if settings.temperature_response:
        relative += response(weather.temperature_c, hour) - response(weather.normal_c, hour)
        # The donor's noise holds its weather, which here has just been added.
        spread *= float(np.sqrt(1.0 - parameters()["load"]["weather_r2"]))
    unrest = noise(draws.rng("load noise", year), draws.members, len(month), parameters()["load"])
    unrest *= np.float32(spread)
    relative *= np.exp(unrest, out=unrest)
    np.maximum(relative, _FLOOR, out=relative)
    starts = np.flatnonzero(np.diff(month, prepend=0))
    sums = np.add.reduceat(relative, starts, axis=1, dtype=np.float64) / hours
    factor = (mean_mw / sums).astype(np.float32)
    relative *= factor[:, month - 1]
    share = np.float32(settings.nakhchivan_share)
    mainland = relative * (1 - share)
    if settings.hydrogen_mw and year >= settings.hydrogen_from_year:
        mainland += np.float32(settings.hydrogen_mw)
    return {"AZ": mainland, "NX": relative * share}
