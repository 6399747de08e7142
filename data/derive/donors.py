"""Readers of the donor series and the small statistics that the fits share.

Readers take the folder of downloaded series and give UTC or local hourly series; nothing of
them is written to the project.
"""

from __future__ import annotations

from pathlib import Path

import holidays
import numpy as np
import pandas as pd
from scipy.optimize import least_squares
from scipy.signal import lfilter
from scipy.stats import norm

LEVELS = np.round(np.linspace(0.0, 1.0, 41), 4)
#: Standard-time zones of the hourly load of each country.
ZONES = {
    "GE": "Asia/Tbilisi",
    "RO": "Europe/Bucharest",
    "HU": "Europe/Budapest",
    "BG": "Europe/Sofia",
    "MD": "Europe/Chisinau",
    "TR": "Europe/Istanbul",
}
#: Installed wind of Romania, flat over 2019-2024 [MW] (Transelectrica yearbooks).
_ROMANIA_WIND_MW = 3015.0


def day_types(local: pd.DatetimeIndex, country: str) -> np.ndarray:
    """Return 0 for workdays, 1 for Saturdays, 2 for Sundays and public holidays."""
    free = pd.DatetimeIndex(list(holidays.country_holidays(country, years=local.year.unique())))
    kind = np.where(local.day_of_week == 5, 1, np.where(local.day_of_week == 6, 2, 0))
    return np.where(local.normalize().isin(free), 2, kind)


def clean_load(raw: pd.Series) -> pd.Series:
    """Drop gaps, and hours far off the same hour of the fifteen days around."""
    y = raw.dropna()
    usual = y.groupby(y.index.hour).transform(
        lambda g: g.rolling(15, center=True, min_periods=5).median()
    )
    return y[(y < 1.4 * usual) & (y > 0.5 * usual)]


def load(folder: Path, country: str) -> pd.Series:
    """Return a country's hourly load [MW] on its local clock (no zone), cleaned."""
    if country == "TR":
        raw = pd.read_parquet(folder / "epias_turkiye" / "turkiye_hourly.parquet")
        return clean_load(raw["consumption_mwh"]["2021":])
    raw = pd.read_parquet(folder / "entsoe_load" / "hourly_load_mw_utc.parquet")
    series = clean_load(raw[f"load_mw_{country}"])
    stamps = pd.DatetimeIndex(series.index.as_unit("us"))
    stamps = stamps if stamps.tz is not None else stamps.tz_localize("UTC")
    series.index = stamps.tz_convert(ZONES[country]).tz_localize(None)
    series = series[~series.index.duplicated()]
    return series["2019":]


def national_temperature(folder: Path, iso3: str) -> pd.Series:
    """Return the monthly mean temperature of a country [C], PeriodIndex."""
    table = pd.read_csv(folder / "owid_era5_monthly_temperature" / "monthly_mean_temperature.csv")
    table = table[table["iso3"] == iso3].sort_values(["year", "month"])
    index = pd.PeriodIndex.from_fields(year=table["year"], month=table["month"], freq="M")
    return pd.Series(table["mean_temp_c"].to_numpy(float), index=index)


def baku_temperature(folder: Path) -> pd.Series:
    """Return the hourly temperature of Baku [C], local clock (UTC+4)."""
    raw = pd.read_parquet(folder / "baku_weather" / "baku_temperature_hourly.parquet")
    return raw["filled_temperature_c"].dropna()


def romania(folder: Path) -> pd.DataFrame:
    """Return hourly capacity factors of wind and solar, UTC (columns wind, solar).

    Solar capacity is unknown by hour: the moving 99.5 % quantile of output stands for it.
    """
    raw = pd.read_parquet(folder / "transelectrica_romania" / "romania_hourly_by_source.parquet")
    raw = raw[~raw.index.duplicated()]
    index = raw.index.tz_localize("Europe/Bucharest", ambiguous="NaT", nonexistent="NaT")
    raw = raw[~index.isna()]
    raw.index = index[~index.isna()].tz_convert("UTC")
    raw = raw[~raw.index.duplicated()].asfreq("h")["2019":]
    proxy = raw["solar_mw"].rolling(24 * 365, min_periods=24 * 120, center=True).quantile(0.995)
    wind = (raw["wind_mw"].clip(lower=0) / _ROMANIA_WIND_MW).clip(upper=1)
    return pd.DataFrame({"wind": wind, "solar": raw["solar_mw"].clip(lower=0) / proxy})


def scores(y: pd.Series, keys: pd.Index) -> pd.Series:
    """Return the normal scores of a series within groups."""
    rank = y.groupby(keys).rank(pct=True).clip(0.0005, 0.9995)
    return pd.Series(norm.ppf(rank), index=y.index)


def theoretical(phi: np.ndarray, lags: tuple[int, ...], length: int = 4096) -> np.ndarray:
    """Return the autocovariance of an autoregression with unit shocks (by impulse response)."""
    denominator = np.zeros(max(lags) + 1)
    denominator[0] = 1.0
    denominator[list(lags)] = -np.asarray(phi)
    impulse = np.zeros(length)
    impulse[0] = 1.0
    response = lfilter([1.0], denominator, impulse)
    return np.fft.irfft(np.abs(np.fft.rfft(response, 2 * length)) ** 2)[:length]


def _of_mean(cov: np.ndarray, window: int | None) -> float:
    """Return the variance of a window's mean, relative to the process."""
    if window is None:
        return 0.0
    k = np.arange(1, window)
    return float((cov[0] + 2 * ((1 - k / window) * cov[1:window]).sum()) / window / cov[0])


def subset_ar(
    rest: pd.Series, lags: tuple[int, ...] = (1, 2, 24), window: int | None = None
) -> dict[str, object]:
    """Return the autoregression on a few lags whose correlation is nearest the series'.

    Least squares over the correlations at 1 hour to 3 days; lag 1, which decides the ramps, and
    lag 24 weigh more.  With `window`, the series is a departure from means of so many hours, and
    the model's correlations are taken the same way.  ``innovation_sd`` is the shock that gives
    the process unit variance, ``window_variance`` the part of it that the window's mean takes.
    """
    at = np.array([1, 2, 3, 6, 12, 18, 24, 36, 48, 72])
    target = np.array([rest.autocorr(int(k)) for k in at])
    weight = np.select([at == 1, at == 24], [10.0, 3.0], 1.0)

    def gap(phi: np.ndarray) -> np.ndarray:
        cov = theoretical(phi, lags)
        if not np.isfinite(cov[0]) or cov[0] > 1e6 or abs(cov[2000]) > 1e-3 * cov[0]:
            return np.full(len(at), 10.0)
        v = _of_mean(cov, window)
        return weight * ((cov[at] / cov[0] - v) / (1 - v) - target)

    start = np.array([0.9, 0.0, 0.03])
    phi = np.round(least_squares(gap, start, diff_step=1e-4).x, 5)
    cov = theoretical(phi, lags)
    v = _of_mean(cov, window)
    shown = (cov[[1, 24, 48]] / cov[0] - v) / (1 - v)
    return {
        "lags": list(lags),
        "phi": phi.tolist(),
        "innovation_sd": round(float(1.0 / np.sqrt(cov[0])), 5),
        "correlation_at_1_24_48_h": shown.round(3).tolist(),
        "window_variance": round(v, 4),
        "donor_correlation_at_1_24_48_h": target[[0, 6, 8]].round(3).tolist(),
    }
