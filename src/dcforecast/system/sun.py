"""Sun at the sites: clear sky on tracking panels, and the scale to each site's mean output."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dcforecast.system.arrays import Hours
from dcforecast.system.shapes import parameters
from dcforecast.system.weather_noise import tables
from dcforecast.system.weather_sites import BASE_YEAR, SITES, hours_of, local_calendar

__all__ = ["clear_output", "clear_sky", "day_factors"]


def clear_output(site: str, year: int) -> Hours:
    """Return what a clear sky would make at a site by hour, before the inverter's limit [1].

    Parameters
    ----------
    site : str
        One of ``SITES``.
    year : int
        UTC year.

    Returns
    -------
    ndarray of shape (hours,)
        May exceed 1: plants have more panels than inverters (308 MWp on 230 MW [G059]).
    """
    return np.asarray(clear_sky(site, len(hours_of(year)) > 8760) * _scale(site), np.float32)


@lru_cache(maxsize=16)
def clear_sky(site: str, leap: bool) -> Hours:
    """Return clear-sky irradiance on panels that follow the sun from east to west, kW/m2.

    Ineichen and Perez (2002) with Linke turbidity 3 and the isotropic sky of `pvlib`; axis north
    to south, +-60 degrees, ground cover 0.35 (assumption: all large plants track).  The sun of
    one leap year and one common year stands for all: it moves by under a quarter of a day.
    """
    import pvlib

    place = pvlib.location.Location(SITES[site].latitude, SITES[site].longitude)
    middles = hours_of(2024 if leap else 2023) + pd.Timedelta(minutes=30)
    sun = place.get_solarposition(middles, method="nrel_numpy")
    sky = place.get_clearsky(middles, solar_position=sun, linke_turbidity=3.0)
    panel = pvlib.tracking.singleaxis(
        sun["apparent_zenith"],
        sun["azimuth"],
        axis_tilt=0,
        axis_azimuth=180,
        max_angle=60,
        gcr=0.35,
    )
    plane = pvlib.irradiance.get_total_irradiance(
        panel["surface_tilt"].fillna(0.0),
        panel["surface_azimuth"].fillna(180.0),
        sun["apparent_zenith"],
        sun["azimuth"],
        sky["dni"],
        sky["ghi"],
        sky["dhi"],
    )
    return np.asarray(plane["poa_global"].fillna(0.0).to_numpy() / 1000.0, np.float32)


@lru_cache(maxsize=2)
def day_factors(seasonal: bool = True) -> NDArray[np.float32]:
    """Return quantiles of the day factor by month over normal scores, shape (12, 801).

    The donor's, bent month by month so that the mainland's months stand to one another as
    Azerbaijan's published months do.
    """
    from scipy.optimize import brentq

    fitted = parameters()["solar"]
    plain = tables(fitted)
    if not seasonal:
        return plain
    month, _, _ = local_calendar(BASE_YEAR)
    clear = clear_sky("absheron", leap=True)
    means = np.array([clear[month == m].mean() for m in range(1, 13)])
    weights = _weights(plain.shape[1])
    season = np.asarray(fitted["season"]) / means
    level = (plain.astype(float) @ weights * means).mean() * season
    powers = [
        brentq(lambda p, row=row, w=wanted: float((row**p) @ weights) - w, 0.02, 8.0)
        for row, wanted in zip(plain.astype(float), np.minimum(level, 0.97), strict=True)
    ]
    return tables(fitted, np.array(powers))


def _weights(steps: int) -> NDArray[np.float64]:
    weights = np.exp(-0.5 * np.linspace(-4.0, 4.0, steps) ** 2)
    return np.asarray(weights / weights.sum(), float)


@lru_cache(maxsize=16)
def _scale(site: str) -> float:
    """Return the factor that gives a site its mean capacity factor, with the inverter's limit."""
    from scipy.optimize import brentq

    levels = day_factors()[:, ::20]
    weights = _weights(levels.shape[1])
    month, _, _ = local_calendar(BASE_YEAR)
    every = slice(None, None, 5)  # five runs through all hours of the day: 5 and 24 have no divisor
    clear = clear_sky(site, leap=True)[every, None] * levels[month[every] - 1]

    def gap(scale: float) -> float:
        return float((np.minimum(clear * scale, 1.0) @ weights).mean()) - SITES[site].solar_cf

    return float(brentq(gap, 0.1, 5.0, xtol=1e-4))
