"""Weather years: temperature, wind and sun of every member from one draw."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dcforecast.system.draws import Draws
from dcforecast.system.shapes import parameters

__all__ = ["SITES", "Site", "WeatherModel", "WeatherYear", "hours_of", "local_calendar"]

Hours = NDArray[np.float32]

#: Baku and Tbilisi keep UTC+4 all year.
LOCAL_OFFSET = pd.Timedelta(hours=4)
#: Year the temperature record stands for.
_BASE_YEAR = 2024
#: Correlation of the wind scores (and day factors) of two sites (judgement).
_SHARED = 0.8


@dataclass(frozen=True)
class Site:
    """Where plants stand, and what they make in a mean year.

    Attributes
    ----------
    latitude, longitude : float
        Degrees.
    solar_cf, wind_cf : float
        Mean capacity factors [1]; 0 where there is none.
    """

    latitude: float
    longitude: float
    solar_cf: float
    wind_cf: float


#: Solar 20.5-24.8 % [G065, G111, G060]; wind 42.5 % by the lender's figure for Khizi [G071];
#: offshore 48 % (judgement between the sources' 42-48 %); Kalbajar 32 % (judgement, mountain site).
SITES: dict[str, Site] = {
    "absheron": Site(40.5, 49.7, 0.21, 0.425),
    "south": Site(39.5, 48.4, 0.226, 0.0),
    "southwest": Site(39.4, 47.0, 0.238, 0.32),
    "nakhchivan": Site(39.2, 45.4, 0.235, 0.0),
    "offshore": Site(40.3, 50.8, 0.0, 0.48),
}


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


def hours_of(year: int) -> pd.DatetimeIndex:
    """Return the hours of a UTC year (8,760 or 8,784)."""
    return pd.date_range(f"{year}-01-01", f"{year + 1}-01-01", freq="h", inclusive="left", tz="UTC")


@lru_cache(maxsize=64)
def local_calendar(year: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return month (1-12, UTC), local hour and local day type of each hour of a UTC year.

    Day types: 0 workday, 1 Saturday, 2 Sunday or public holiday of Azerbaijan.
    """
    import holidays

    stamps = hours_of(year)
    local = stamps.tz_localize(None) + LOCAL_OFFSET
    free = pd.DatetimeIndex(list(holidays.country_holidays("AZ", years=[year, year + 1])))
    weekday = local.day_of_week.to_numpy()
    kind = np.where(weekday == 5, 1, np.where(weekday == 6, 2, 0))
    kind = np.where(local.normalize().isin(free), 2, kind)
    return stamps.month.to_numpy(), local.hour.to_numpy(), kind


def _ar(
    rng: np.random.Generator, members: int, steps: int, phi: tuple[float, ...], burn: int = 96
) -> Hours:
    """Return unit-variance autoregressive noise of order one or two, shape (members, steps)."""
    from scipy.signal import lfilter

    first = phi[0]
    second = phi[1] if len(phi) > 1 else 0.0
    spread = (1 + second) * ((1 - second) ** 2 - first**2) / (1 - second)
    shocks = rng.standard_normal((members, burn + steps), dtype=np.float32)
    filtered = lfilter([np.sqrt(spread)], [1.0, -first, -second], shocks, axis=1)
    return np.asarray(filtered[:, burn:], np.float32)


class WeatherModel:
    """Draws weather years from the fitted parameters.

    Temperature: mean by month and hour, a monthly anomaly, an hourly one, and warming.  Wind:
    second-order autoregression in normal scores with a daily cycle, mapped to the donor's
    quantiles of the month.  Sun: clear sky (Ineichen and Perez 2002, `pvlib`) times a persistent
    day factor.  Capacity factors are scaled to each site's mean.

    Parameters
    ----------
    draws : Draws
        Random streams.
    warming_c_per_decade : float
        Warming after 2024.
    """

    def __init__(self, draws: Draws, warming_c_per_decade: float = 0.4) -> None:
        self.draws = draws
        self.warming = warming_c_per_decade

    def year(self, year: int) -> WeatherYear:
        """Draw one year for all members."""
        stamps = hours_of(year)
        normal = _normal_temperature(year)
        return WeatherYear(
            year,
            stamps,
            self._temperature(year, normal),
            normal,
            self._solar(year),
            self._wind(year),
        )

    def _temperature(self, year: int, normal: Hours) -> Hours:
        fitted = parameters()["temperature"]
        month, _, _ = local_calendar(year)
        rng = self.draws.rng("temperature", year)
        # Neighbouring months share half of their anomaly's variance.
        monthly = _ar(rng, self.draws.members, 12, (0.5,)) * np.asarray(
            fitted["monthly_sd"], np.float32
        )
        hourly = _ar(rng, self.draws.members, len(normal), (fitted["hourly_rho"],))
        sd = np.asarray(fitted["hourly_sd_by_month"], np.float32)[month - 1]
        warming = np.float32(self.warming * (year - _BASE_YEAR) / 10.0)
        return np.asarray(normal + warming + monthly[:, month - 1] + hourly * sd, np.float32)

    def _wind(self, year: int) -> dict[str, Hours]:
        fitted = parameters()["wind"]
        month, hour, _ = local_calendar(year)
        members = self.draws.members
        phi = (float(fitted["phi"][0]), float(fitted["phi"][1]))
        cycle = np.asarray(fitted["cycle_by_quarter_local_hour"], np.float32)
        daily = cycle[(month - 1) // 3, hour]
        size = np.float32(np.sqrt(1.0 - fitted["cycle_share"]))
        region = _ar(self.draws.rng("wind", year), members, len(month), phi)
        out = {}
        for name, site in SITES.items():
            if site.wind_cf == 0:
                continue
            own = _ar(self.draws.rng("wind", name, year), members, len(month), phi)
            score = np.float32(np.sqrt(_SHARED)) * region + np.float32(np.sqrt(1 - _SHARED)) * own
            out[name] = _mapped(daily + size * score, month, "wind", _wind_power(site.wind_cf))
        return out

    def _solar(self, year: int) -> dict[str, Hours]:
        fitted = parameters()["solar"]
        month, _, _ = local_calendar(year)
        days = len(month) // 24
        day_month = month[::24]
        members = self.draws.members
        phi = (float(fitted["daily_rho"]),)
        region = _ar(self.draws.rng("sun", year), members, days, phi, burn=20)
        out = {}
        for name, site in SITES.items():
            if site.solar_cf == 0:
                continue
            own = _ar(self.draws.rng("sun", name, year), members, days, phi, burn=20)
            score = np.float32(np.sqrt(_SHARED)) * region + np.float32(np.sqrt(1 - _SHARED)) * own
            factor = _mapped(score, day_month, "solar", 1.0)
            # Days are local: the sun of a UTC date's first hours is that of the same local day.
            hourly = np.repeat(factor, 24, axis=1) * (clear_sky(name, year) * _solar_scale(name))
            out[name] = np.minimum(hourly, np.float32(1.0))
        return out


@lru_cache(maxsize=64)
def _normal_temperature(year: int) -> Hours:
    month, hour, _ = local_calendar(year)
    table = np.asarray(parameters()["temperature"]["mean_by_month_hour"], np.float32)
    return np.asarray(table[month - 1, hour], np.float32)


def _mapped(score: Hours, month: NDArray[np.int64], kind: str, power: float) -> Hours:
    """Map normal scores to the donor's quantiles of the month, through a fine table."""
    from scipy.stats import norm

    fitted = parameters()[kind]
    levels = np.asarray(fitted["levels"])
    quantiles = np.asarray(fitted["quantiles_by_month"])
    grid = np.linspace(-4.0, 4.0, 801)
    tables = np.stack([np.interp(norm.cdf(grid), levels, row) for row in quantiles]) ** power
    position = np.clip((score + 4.0) * 100.0, 0, 800).astype(np.int32)
    return np.asarray(tables.astype(np.float32)[month - 1, position])


@lru_cache(maxsize=16)
def _wind_power(target: float) -> float:
    """Return the exponent that takes the donor's mean capacity factor to `target`."""
    from scipy.optimize import brentq

    quantiles = np.asarray(parameters()["wind"]["quantiles_by_month"])
    middle = 0.5 * (quantiles[:, 1:] + quantiles[:, :-1])
    return float(brentq(lambda power: (middle**power).mean() - target, 0.05, 5.0))


@lru_cache(maxsize=128)
def clear_sky(name: str, year: int) -> Hours:
    """Return the clear-sky irradiance of a site by hour, relative to 1,000 W/m2 [1]."""
    import pvlib

    site = SITES[name]
    place = pvlib.location.Location(site.latitude, site.longitude)
    middles = hours_of(year) + pd.Timedelta(minutes=30)
    position = place.get_solarposition(middles, method="nrel_numpy")
    sky = place.get_clearsky(middles, solar_position=position, linke_turbidity=3.0)
    return np.asarray(sky["ghi"].to_numpy() / 1000.0, np.float32)


@lru_cache(maxsize=16)
def _solar_scale(name: str) -> np.float32:
    """Return the factor that gives a site its mean capacity factor."""
    fitted = parameters()["solar"]
    quantiles = np.asarray(fitted["quantiles_by_month"])
    factor = (0.5 * (quantiles[:, 1:] + quantiles[:, :-1])).mean(axis=1)
    month, _, _ = local_calendar(_BASE_YEAR)
    mean = float((clear_sky(name, _BASE_YEAR) * factor[month - 1]).mean())
    return np.float32(SITES[name].solar_cf / mean)
