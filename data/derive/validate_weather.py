"""Compare drawn wind, sun and temperature with the statistics of their donors.

    python data/derive/validate_weather.py FOLDER

A site is set up where the donor stands, with the donor's mean, and drawn for many members.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from unittest.mock import patch

import donors
import numpy as np
import pandas as pd

from dcforecast.system import sun, weather
from dcforecast.system.draws import Draws
from dcforecast.system.shapes import parameters
from dcforecast.system.weather_sites import SITES, Site, local_calendar

YEAR, MEMBERS = 2023, 30


def correlation(y: np.ndarray, lag: int) -> float:
    """Return the correlation at a lag, of each row around its own mean, gaps left out."""
    a, b = y[:, :-lag], y[:, lag:]
    good = np.isfinite(a) & np.isfinite(b)
    return float(np.corrcoef(a[good], b[good])[0, 1])


def hours(y: np.ndarray, month: np.ndarray) -> dict[str, float]:
    """Return mean, quantiles, ramps and persistence of hourly capacity factors (rows, hours)."""
    flat = y[np.isfinite(y)]
    ramp = np.diff(y, axis=1)
    ramp = np.abs(ramp[np.isfinite(ramp)])
    monthly = np.array([np.nanmean(y[:, month == m], axis=1) for m in range(1, 13)])
    with np.errstate(all="ignore"):
        daily = np.nanmean(y[:, : y.shape[1] // 24 * 24].reshape(len(y), -1, 24), axis=2)
    return {
        "mean": float(flat.mean()),
        **{f"p{int(100 * q):02d}": float(np.quantile(flat, q)) for q in (0.05, 0.5, 0.95)},
        "ramp_mean": float(ramp.mean()),
        "ramp_p99": float(np.quantile(ramp, 0.99)),
        "corr_1h": correlation(y, 1),
        "corr_24h": correlation(y, 24),
        "sd_of_day": float(np.nanstd(daily)),
        "sd_of_month": float(np.nanstd(monthly, axis=1).mean()),
    }


def by_year(series: pd.Series) -> np.ndarray:
    """Return whole years of a UTC series as rows (29 February left out)."""
    series = series.asfreq("h")
    series = series[~((series.index.month == 2) & (series.index.day == 29))]
    years = [g.to_numpy() for _, g in series.groupby(series.index.year) if len(g) == 8760]
    return np.stack(years)


def drawn(donor: pd.DataFrame) -> weather.WeatherYear:
    """Return a drawn year of a site with the donor's place, means and season."""
    SITES["donor"] = Site(44.4, 26.1, float(donor["solar"].mean()), float(donor["wind"].mean()))
    plain_wind = partial(weather.wind_table, seasonal=False)
    plain_sun = partial(sun.day_factors, False)
    with (
        patch.object(weather, "wind_table", plain_wind),
        patch.object(weather, "day_factors", plain_sun),
        patch.object(sun, "day_factors", plain_sun),
    ):
        return weather.WeatherModel(Draws(MEMBERS, 7)).year(YEAR)


def clearness(y: np.ndarray) -> np.ndarray:
    """Return normal scores of the days' energy within their month (rows, days)."""
    from scipy.stats import norm

    daily = y.reshape(len(y), -1, 24).sum(axis=2)
    month = pd.date_range("2023-01-01", periods=365).month.to_numpy()
    out = np.full_like(daily, np.nan)
    for m in range(1, 13):
        block = daily[:, month == m]
        good = np.isfinite(block)
        rank = pd.Series(block[good]).rank(pct=True).clip(0.002, 0.998)
        scored = np.full(block.shape, np.nan)
        scored[good] = norm.ppf(rank)
        out[:, month == m] = scored
    return out


def relative_days(y: np.ndarray) -> dict[str, float]:
    """Return the spread of the sun's days and months relative to the month's mean."""
    month = pd.date_range("2023-01-01", periods=365).month.to_numpy()
    daily = y.reshape(len(y), -1, 24).sum(axis=2)
    out = {}
    for name, months in (("winter", (12, 1, 2)), ("summer", (6, 7, 8))):
        parts = [daily[:, month == m] / np.nanmean(daily[:, month == m]) for m in months]
        out[f"day_cv_{name}"] = float(np.nanstd(np.concatenate(parts, axis=1)))
        out[f"month_cv_{name}"] = float(np.mean([np.nanstd(np.nanmean(p, axis=1)) for p in parts]))
    return out


def clock(y: np.ndarray, month: np.ndarray) -> np.ndarray:
    """Return mean output by month and hour of the day over its mean, shape (12, 24)."""
    hour = np.arange(y.shape[1]) % 24
    means = [np.nanmean(y[:, (month == m) & (hour == h)]) for m in range(1, 13) for h in range(24)]
    return np.reshape(means, (12, 24)) / np.nanmean(y)


def pair(wind: np.ndarray, sun: np.ndarray) -> float:
    """Return the correlation of daily wind and sun within months."""
    a, b = clearness(wind).ravel(), clearness(sun).ravel()
    good = np.isfinite(a) & np.isfinite(b)
    return float(np.corrcoef(a[good], b[good])[0, 1])


def table(folder: Path) -> pd.DataFrame:
    """Return donor and drawn statistics side by side."""
    donor = donors.romania(folder)
    year = drawn(donor)
    stamps = year.timestamps
    month = stamps.month.to_numpy()
    real = {k: by_year(donor[k]) for k in ("wind", "solar")}
    made = {"wind": year.wind_cf["donor"], "solar": year.solar_cf["donor"]}
    columns = {}
    for label, data in (("donor", real), ("drawn", made)):
        found = {f"wind {k}": v for k, v in hours(data["wind"], month).items()}
        days = relative_days(data["solar"])
        days["day_corr_1d"] = correlation(clearness(data["solar"]), 1)
        found |= {f"sun {k}": v for k, v in days.items()}
        found["wind-sun day correlation"] = pair(data["wind"], data["solar"])
        columns[label] = found
    out = pd.DataFrame(columns)
    clocks = [clock(data["wind"], month) for data in (real, made)]
    gap = float(np.sqrt(np.mean((clocks[1] - clocks[0]) ** 2)))
    out.loc["wind month-hour shape, gap"] = [0.0, gap]
    out.loc["wind month-hour shape, correlation"] = [1.0, np.corrcoef(*map(np.ravel, clocks))[0, 1]]
    return pd.concat([out, temperature(folder, year)])


def temperature(folder: Path, year: weather.WeatherYear) -> pd.DataFrame:
    """Return the statistics of Baku's temperature beside the drawn ones."""
    t = donors.baku_temperature(folder).asfreq("h")
    table = np.asarray(parameters()["temperature"]["mean_by_month_hour"])
    rest = t - table[t.index.month - 1, t.index.hour]
    rest = rest - rest.groupby(rest.index.to_period("M")).transform("mean")
    month, hour, _ = local_calendar(YEAR)
    made = year.temperature_c - table[month - 1, hour]
    for m in range(1, 13):
        made[:, month == m] -= made[:, month == m].mean(axis=1, keepdims=True)
    era = donors.national_temperature(folder, "AZE")["1991":]
    june = era[era.index.month == 6]
    june_off = june - np.polyval(np.polyfit(june.index.year, june, 1), june.index.year)
    july, january = t[t.index.month == 7], t[t.index.month == 1]

    def stats(
        anomaly: np.ndarray, hot: np.ndarray, cold: np.ndarray, junes: np.ndarray
    ) -> dict[str, float]:
        return {
            "temperature sd of june C": float(np.std(junes)),
            "temperature sd within month C": float(np.nanstd(anomaly)),
            "temperature corr_1h": correlation(anomaly, 1),
            "temperature corr_24h": correlation(anomaly, 24),
            "temperature july p99 C": float(np.nanquantile(hot, 0.99)),
            "temperature january p01 C": float(np.nanquantile(cold, 0.01)),
        }

    real = stats(rest.to_numpy()[None, :], july.to_numpy(), january.to_numpy(), june_off.to_numpy())
    hot, cold, mild = (year.temperature_c[:, month == m] for m in (7, 1, 6))
    drawn = stats(made, hot, cold, mild.mean(axis=1))
    return pd.DataFrame({"donor": real, "drawn": drawn})


if __name__ == "__main__":
    print(table(Path(sys.argv[1])).round(3).to_string())
