"""Fit the parameters of the hourly method on donor series; write data/shapes/.

    python data/derive/fit_hourly.py FOLDER

Donors: Georgia's hourly load (day shape), Ember's monthly demand and ERA5 monthly temperature of
Azerbaijan (temperature response), hourly temperature of Baku, Romania's hourly wind and solar.
Only fitted parameters are written, no series.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import holidays
import numpy as np
import pandas as pd
from scipy.stats import norm

OUT = Path(__file__).resolve().parents[1] / "shapes"
LEVELS = np.round(np.linspace(0.0, 1.0, 41), 4)
LOCAL_HOURS = pd.Timedelta(hours=4)  # Tbilisi and Baku keep UTC+4 all year


def day_types(local: pd.DatetimeIndex, country: str) -> np.ndarray:
    """0 workday, 1 Saturday, 2 Sunday or public holiday."""
    free = pd.DatetimeIndex(list(holidays.country_holidays(country, years=local.year.unique())))
    kind = np.where(local.dayofweek == 5, 1, np.where(local.dayofweek == 6, 2, 0))
    return np.where(local.normalize().isin(free), 2, kind)


def load_shape(load: pd.Series, country: str) -> pd.DataFrame:
    """Mean load by month, day type and local hour, relative to its month's mean."""
    local = load.index + LOCAL_HOURS
    frame = pd.DataFrame({"load": load.to_numpy(), "month": local.month, "hour": local.hour,
                          "kind": day_types(local, country), "year": local.year})
    monthly = frame.groupby(["year", "month"])["load"].transform("mean")
    frame["share"] = frame["load"] / monthly
    shape = frame.groupby(["month", "kind", "hour"])["share"].mean().reset_index()
    frame = frame.merge(shape.rename(columns={"share": "fit"}), on=["month", "kind", "hour"])
    frame = frame.sort_index()
    return shape


def clean_load(raw: pd.Series) -> pd.Series:
    """Drop gaps and spikes (a factor of two against the same hour's median)."""
    y = raw.dropna()
    middle = y.rolling(24 * 7, center=True, min_periods=24).median()
    return y[(y < 2 * middle) & (y > 0.5 * middle)]


def load_noise(load: pd.Series, shape: pd.DataFrame, country: str) -> dict[str, float]:
    """Spread and hourly persistence of what the shape leaves."""
    local = load.index + LOCAL_HOURS
    key = pd.DataFrame({"month": local.month, "kind": day_types(local, country),
                        "hour": local.hour})
    fit = key.merge(shape, on=["month", "kind", "hour"], how="left")["share"].to_numpy()
    day = load.groupby(pd.PeriodIndex(local, freq="M")).transform("mean")
    rest = pd.Series(np.log(load.to_numpy() / (day.to_numpy() * fit)), index=load.index)
    rest = rest.asfreq("h")
    rho = rest.autocorr(1)
    return {"sd": float(rest.std()), "rho": float(rho)}


def response(folder: Path) -> dict[str, float]:
    """MW per degree below 15 and above 18 C, from monthly demand and temperature."""
    demand = pd.read_csv(folder / "ember" / "monthly_demand.csv", parse_dates=["date"])
    demand = demand[(demand["country_code"] == "AZE") & (demand["date"] < "2024-07-01")]
    warm = pd.read_csv(folder / "owid_era5_monthly_temperature" / "monthly_mean_temperature.csv")
    warm = warm[warm["iso3"] == "AZE"].set_index(["year", "month"])["mean_temp_c"]
    demand = demand[[(d.year, d.month) in warm.index for d in demand["date"]]]
    mean_mw = 1e6 * demand["demand_twh"] / (demand["date"].dt.days_in_month * 24) / 0.92
    t = np.array([warm[(d.year, d.month)] for d in demand["date"]])
    X = np.column_stack([np.ones(len(t)), np.arange(len(t)), np.maximum(15 - t, 0),
                         np.maximum(t - 18, 0)])
    beta, *_ = np.linalg.lstsq(X, mean_mw.to_numpy(), rcond=None)
    return {"heating_mw_per_c": float(beta[2]), "cooling_mw_per_c": float(beta[3]),
            "mean_mw": float(mean_mw.mean()), "months": len(t)}


def temperature(folder: Path) -> dict[str, object]:
    """Mean by month and hour, hourly anomaly, and spread of months from year to year."""
    raw = pd.read_parquet(folder / "baku_weather" / "baku_temperature_hourly.parquet")
    t = raw["filled_temperature_c"].dropna()
    table = t.groupby([t.index.month, t.index.hour]).mean().unstack()
    fit = table.to_numpy()[t.index.month - 1, t.index.hour]
    rest = pd.Series(t.to_numpy() - fit, index=t.index)
    monthly = rest.groupby(pd.PeriodIndex(rest.index, freq="M")).transform("mean")
    fast = (rest - monthly).asfreq("h")
    era = pd.read_csv(folder / "owid_era5_monthly_temperature" / "monthly_mean_temperature.csv")
    era = era[(era["iso3"] == "AZE") & (era["year"] >= 1991)]
    slow = era.groupby("month").apply(lambda g: float(np.std(
        g["mean_temp_c"] - np.polyval(np.polyfit(g["year"], g["mean_temp_c"], 1), g["year"]))))
    slope = np.polyfit(era["year"], era["mean_temp_c"], 1)[0] * 10
    return {"mean_by_month_hour": table.round(2).to_numpy().tolist(),
            "hourly_sd_by_month": fast.groupby(fast.index.month).std().round(3).tolist(),
            "hourly_rho": round(float(fast.autocorr(1)), 4),
            "monthly_sd": slow.round(3).tolist(),
            "trend_c_per_decade_1991_2024": round(float(slope), 3)}


def romania(folder: Path) -> pd.DataFrame:
    """Hourly wind and solar, local clock to UTC, relative to a moving proxy of capacity."""
    raw = pd.read_parquet(folder / "transelectrica_romania" / "romania_hourly_by_source.parquet")
    raw = raw[~raw.index.duplicated()]
    index = raw.index.tz_localize("Europe/Bucharest", ambiguous="NaT", nonexistent="NaT")
    raw = raw[~index.isna()]
    raw.index = index[~index.isna()].tz_convert("UTC")
    raw = raw[~raw.index.duplicated()].asfreq("h")
    wind = raw["wind_mw"].clip(lower=0) / 3015.0  # installed wind, unchanged 2019-2024
    proxy = raw["solar_mw"].rolling(24 * 365, min_periods=24 * 120, center=True).quantile(0.995)
    return pd.DataFrame({"wind": wind.clip(upper=1), "solar": raw["solar_mw"].clip(lower=0) / proxy})


def wind(cf: pd.Series) -> dict[str, object]:
    """Quantiles by month, daily cycle and persistence in normal scores."""
    y = cf.dropna()
    table = [np.quantile(y[y.index.month == m], LEVELS).round(4).tolist() for m in range(1, 13)]
    rank = y.groupby(y.index.month).rank(pct=True).clip(0.0005, 0.9995)
    z = pd.Series(norm.ppf(rank), index=y.index)
    hour = (y.index.hour + 4) % 24
    cycle = z.groupby([z.index.quarter, hour]).mean().unstack()
    fit = cycle.to_numpy()[z.index.quarter - 1, hour]
    rest = (z - fit).asfreq("h")
    r1, r2 = rest.autocorr(1), rest.autocorr(2)
    phi1 = r1 * (1 - r2) / (1 - r1**2)
    phi2 = (r2 - r1**2) / (1 - r1**2)
    return {"levels": LEVELS.tolist(), "quantiles_by_month": table,
            "cycle_by_quarter_local_hour": cycle.round(3).to_numpy().tolist(),
            "phi": [round(float(phi1), 5), round(float(phi2), 5)],
            "cycle_share": round(float(np.var(fit)), 4), "mean_cf": round(float(y.mean()), 4)}


def solar(cf: pd.Series) -> dict[str, object]:
    """Day factor against clear sky: quantiles by month and persistence in normal scores."""
    import pvlib

    y = cf.dropna()
    clear = pvlib.location.Location(44.4, 26.1).get_clearsky(y.index)["ghi"]
    day = pd.DataFrame({"y": y, "c": clear}).groupby(y.index.floor("D")).sum()
    factor = (day["y"] / day["c"].where(day["c"] > 500)).dropna()
    scale = factor.quantile(0.99)
    factor = (factor / scale).clip(0, 1)
    table = [np.quantile(factor[factor.index.month == m], LEVELS).round(4).tolist()
             for m in range(1, 13)]
    rank = factor.groupby(factor.index.month).rank(pct=True).clip(0.002, 0.998)
    z = pd.Series(norm.ppf(rank), index=factor.index).asfreq("D")
    return {"levels": LEVELS.tolist(), "quantiles_by_month": table,
            "daily_rho": round(float(z.autocorr(1)), 4),
            "cross_wind": 0.0}


def main(folder: Path) -> None:
    """Write data/shapes/."""
    OUT.mkdir(exist_ok=True)
    load = pd.read_parquet(folder / "entsoe_load" / "hourly_load_mw_utc.parquet")
    load.index = pd.DatetimeIndex(load.index.as_unit("us"))
    georgia = clean_load(load["load_mw_GE"])
    shape = load_shape(georgia, "GE")
    shape.assign(share=shape["share"].round(5)).rename(columns={"kind": "day_type"}).to_csv(
        OUT / "load_shape.csv", index=False)
    donor = romania(folder)
    parameters = {
        "load": {**load_noise(georgia, shape, "GE"), **response(folder),
                 "donor": "Georgia 2021-12 to 2025-03; response: Azerbaijan 2019-01 to 2024-06"},
        "temperature": temperature(folder),
        "wind": wind(donor["wind"]),
        "solar": solar(donor["solar"]),
    }
    (OUT / "hourly.json").write_text(json.dumps(parameters, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
