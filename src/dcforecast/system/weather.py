"""Weather years: temperature, wind and sun of every member from one draw."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dcforecast.system.arrays import Hours
from dcforecast.system.draws import Draws
from dcforecast.system.shapes import parameters
from dcforecast.system.sun import clear_output, day_factors
from dcforecast.system.weather_noise import (
    between_days,
    first_order,
    noise,
    sky_weight,
    tables,
    to_quantiles,
)
from dcforecast.system.weather_sites import BASE_YEAR, SITES, hours_of, local_calendar

__all__ = ["WeatherModel", "WeatherYear"]

#: Part of the variance of a site's wind score, or day factor, that all sites share (judgement:
#: the sites lie 100 to 400 km apart in one band of latitude).
_SHARED = 0.8


@dataclass(frozen=True)
class WeatherYear:
    """Weather of one UTC calendar year for all members.

    Attributes
    ----------
    year : int
    timestamps : DatetimeIndex
        Hours, UTC.
    temperature_c : ndarray (members, hours)
    normal_c : ndarray (hours,)
        Climatological mean of the hour, of the base year.
    solar_cf, wind_cf : dict of str to ndarray (members, hours)
        Capacity factors by site [1].
    """

    year: int
    timestamps: pd.DatetimeIndex
    temperature_c: Hours
    normal_c: Hours
    solar_cf: dict[str, Hours]
    wind_cf: dict[str, Hours]


class WeatherModel:
    """Draws weather years from the fitted parameters (data/shapes/hourly.json).

    Everything hangs on one daily score of the sky.  Sun: clear sky on tracking panels times the
    sky's day factor, with some unrest within the day.  Temperature: mean by month and hour, a
    monthly anomaly, an hourly one that leans on the sky, and warming.  Wind: autoregression in
    normal scores with a daily cycle, leaning on the sky, mapped to the donor's quantiles of the
    month.  Wind and sun are scaled to the mean capacity factor of each site.

    Parameters
    ----------
    draws : Draws
        Random streams.
    warming_c_per_decade : float
        Warming after 2024; the national months of 1991-2024 warmed by 0.59 C a decade.
    """

    def __init__(self, draws: Draws, warming_c_per_decade: float = 0.4) -> None:
        self.draws = draws
        self.warming = warming_c_per_decade

    def year(self, year: int) -> WeatherYear:
        """Draw one year for all members."""
        stamps = hours_of(year)
        normal = _normal_temperature(year)
        sky = self._sky(year)
        smooth = between_days(sky)
        return WeatherYear(
            year,
            stamps,
            self._temperature(year, normal, smooth),
            normal,
            self._solar(year, sky),
            self._wind(year, smooth),
        )

    def _sky(self, year: int) -> Hours:
        """Return the region's daily score of clearness, shape (members, days)."""
        days = len(hours_of(year)) // 24
        process = first_order(float(parameters()["solar"]["daily_rho"]))
        return noise(self.draws.rng("sky", year), self.draws.members, days, process)

    def _temperature(self, year: int, normal: Hours, sky: Hours) -> Hours:
        fitted = parameters()["temperature"]
        month, _, _ = local_calendar(year)
        rng = self.draws.rng("temperature", year)
        monthly = noise(rng, self.draws.members, 12, first_order(float(fitted["monthly_rho"])))
        monthly *= np.asarray(fitted["monthly_sd"], np.float32)
        own = noise(
            self.draws.rng("temperature hours", year),
            self.draws.members,
            len(normal),
            fitted["hourly"],
        )
        out = _leaning(own, sky, sky_weight(fitted, float(np.sqrt(_SHARED))), month)
        out *= np.asarray(fitted["hourly_sd_by_month"], np.float32)[month - 1]
        starts = np.flatnonzero(np.diff(month, prepend=0))
        means = np.add.reduceat(out, starts, axis=1) / np.bincount(month)[1:].astype(np.float32)
        monthly -= means
        out += normal + np.float32(self.warming * (year - BASE_YEAR) / 10.0)
        out += monthly[:, month - 1]
        return out

    def _wind(self, year: int, sky: Hours) -> dict[str, Hours]:
        fitted = parameters()["wind"]
        month, hour, _ = local_calendar(year)
        members = self.draws.members
        cycle = np.asarray(fitted["cycle_by_quarter_local_hour"], np.float32)
        daily = cycle[(month - 1) // 3, hour]
        size = np.float32(np.sqrt(1.0 - fitted["cycle_share"]))
        own_share = np.float32(np.sqrt(1 - _SHARED))
        region = noise(self.draws.rng("wind", year), members, len(month), fitted["hourly"])
        region = _leaning(region, sky, sky_weight(fitted, _SHARED), month)
        region *= np.float32(np.sqrt(_SHARED))
        out = {}
        for name, site in SITES.items():
            if site.wind_cf == 0:
                continue
            rng = self.draws.rng("wind", name, year)
            score = noise(rng, members, len(month), fitted["hourly"])
            score *= own_share
            score += region
            score *= size
            score += daily
            out[name] = to_quantiles(score, month, wind_table(site.wind_cf))
        return out

    def _solar(self, year: int, sky: Hours) -> dict[str, Hours]:
        fitted = parameters()["solar"]
        month, _, _ = local_calendar(year)
        members, days = sky.shape
        process = first_order(float(fitted["daily_rho"]))
        unrest = self._unrest(year)
        table = day_factors()
        out = {}
        for name, site in SITES.items():
            if site.solar_cf == 0:
                continue
            own = noise(self.draws.rng("sun", name, year), members, days, process)
            score = np.float32(np.sqrt(_SHARED)) * sky + np.float32(np.sqrt(1 - _SHARED)) * own
            factor = to_quantiles(score, month[::24], table)
            # Daylight at 45-50 E falls into one UTC date but for an hour before midsummer dawns.
            hourly = unrest * clear_output(name, year).reshape(days, 24)
            hourly *= factor[:, :, None]
            out[name] = np.minimum(hourly.reshape(members, -1), np.float32(1.0))
        return out

    def _unrest(self, year: int) -> Hours:
        """Return clouds within the day, mean 1 over a day's sunshine (members, days, 24)."""
        fitted = parameters()["solar"]
        clear = clear_output("absheron", year)
        out = noise(
            self.draws.rng("sun hours", year),
            self.draws.members,
            len(clear),
            first_order(float(fitted["within_day_rho"])),
        )
        out *= np.float32(fitted["within_day_sd"])
        np.exp(out, out=out)
        out = out.reshape(self.draws.members, -1, 24)
        sun = clear.reshape(-1, 24)
        out /= (np.einsum("mdh,dh->md", out, sun) / sun.sum(axis=1))[:, :, None]
        return out


def _leaning(
    own: Hours, sky: Hours, weight: NDArray[np.float32], month: NDArray[np.int64]
) -> Hours:
    """Mix the sky's score into a score of unit variance, by quarter."""
    a = weight[(month - 1) // 3]
    own *= np.sqrt(1 - a * a)
    own += a * sky
    return own


@lru_cache(maxsize=64)
def _normal_temperature(year: int) -> Hours:
    month, hour, _ = local_calendar(year)
    table = np.asarray(parameters()["temperature"]["mean_by_month_hour"], np.float32)
    return np.asarray(table[month - 1, hour], np.float32)


@lru_cache(maxsize=16)
def wind_table(target: float, seasonal: bool = True) -> NDArray[np.float32]:
    """Return the donor's quantiles, bent month by month to the mean `target` and the season."""
    from scipy.optimize import brentq

    fitted = parameters()["wind"]
    quantiles = np.asarray(fitted["quantiles_by_month"])
    middle = 0.5 * (quantiles[:, 1:] + quantiles[:, :-1])
    season = fitted["season"] if seasonal else middle.mean(axis=1) / middle.mean()
    powers = [
        brentq(lambda p, row=row, wanted=target * part: (row**p).mean() - wanted, 0.02, 8.0)
        for row, part in zip(middle, season, strict=True)
    ]
    return tables(fitted, np.array(powers))
