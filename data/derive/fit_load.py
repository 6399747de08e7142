"""Fit the shape, the noise and the temperature response of hourly load."""

from __future__ import annotations

from pathlib import Path

import donors
import numpy as np
import pandas as pd

#: Ember's months of Azerbaijan add up to this part of the year (own-use plants are left out).
EMBER_SHARE = 0.92
#: The usual 15 and 18 C of the national mean, at Baku 3 C warmer [C].  The fit is flat in them: a
#: free search ends at 18 and 25 C with R2 0.755, and a slope that no other evidence supports.
HEAT_BELOW, COOL_ABOVE = 18.0, 21.0


def keys(local: pd.DatetimeIndex, country: str) -> pd.DataFrame:
    """Return month, day type and hour of local stamps."""
    kind = donors.day_types(local, country)
    return pd.DataFrame({"month": local.month, "kind": kind, "hour": local.hour}, index=local)


def shape(load: pd.Series, country: str) -> pd.Series:
    """Return mean load by month, day type and local hour, relative to its month's mean."""
    frame = keys(load.index, country)
    frame["share"] = load / load.groupby(load.index.to_period("M")).transform("mean")
    return frame.groupby(["month", "kind", "hour"])["share"].mean()


def expected(index: pd.DatetimeIndex, country: str, fitted: pd.Series) -> np.ndarray:
    """Return the shape at local stamps."""
    wanted = pd.MultiIndex.from_frame(keys(index, country))
    return fitted.reindex(wanted).to_numpy()


def noise(load: pd.Series, country: str, fitted: pd.Series) -> dict[str, object]:
    """Return spread and persistence of the log of load over its shape, within months."""
    month = load.index.to_period("M")
    mean = load.groupby(month).transform("mean")
    rest = np.log(load / (mean * expected(load.index, country, fitted)))
    rest = (rest - rest.groupby(month).transform("mean")).asfreq("h")
    return {"sd": round(float(rest.std()), 5), **donors.subset_ar(rest)}


def weather_part(
    load: pd.Series, country: str, fitted: pd.Series, baku: pd.Series
) -> dict[str, float]:
    """Return what Baku's temperature does to the noise within a month: R2 and slopes of days.

    Georgia has no open hourly temperature; Baku, 450 km east, stands for it.  Slopes and R2 are
    therefore lower than at home, but they belong together: weather by these slopes and the noise
    that is left add up to the spread the donor shows.
    """
    month = load.index.to_period("M")
    mean = load.groupby(month).transform("mean")
    rest = np.log(load / (mean * expected(load.index, country, fitted)))
    day = rest.groupby(rest.index.normalize()).mean()
    degrees = pd.DataFrame(
        {"heat": (HEAT_BELOW - baku).clip(0), "cool": (baku - COOL_ABOVE).clip(0)}
    )
    degrees = degrees.groupby(degrees.index.normalize()).mean()
    frame = degrees.assign(y=day).dropna()
    frame -= frame.groupby(frame.index.to_period("M")).transform("mean")
    beta, *_ = np.linalg.lstsq(frame[["heat", "cool"]], frame["y"], rcond=None)
    left = frame["y"] - frame[["heat", "cool"]] @ beta
    return {
        "weather_r2": round(1 - float(left.var() / frame["y"].var()), 3),
        "within_month_heating_per_c": round(float(beta[0]), 5),
        "within_month_cooling_per_c": round(float(beta[1]), 5),
    }


def response(folder: Path) -> dict[str, object]:
    """Return MW per degree of heating and cooling, on Azerbaijan's months.

    Monthly demand is regressed on a trend and on mean degree-hours of Baku: the national month
    plus the usual difference of Baku to it, spread by Baku's hours of that calendar month.
    """
    demand = pd.read_csv(folder / "ember" / "monthly_demand.csv", parse_dates=["date"])
    demand = demand[demand["country_code"] == "AZE"].set_index("date")["demand_twh"]
    demand.index = demand.index.to_period("M")
    national = donors.national_temperature(folder, "AZE")
    baku = donors.baku_temperature(folder)
    months = baku.groupby(baku.index.to_period("M")).agg(["mean", "count"])
    gap = (months["mean"][months["count"] > 600] - national).dropna()
    offset = gap.groupby(gap.index.month).mean()
    used = demand.index.intersection(national.index)
    level = 1e6 * demand[used] / (used.days_in_month * 24) / EMBER_SHARE
    spread = {
        m: (h - h.groupby(h.index.to_period("M")).transform("mean")).to_numpy()
        for m, h in baku.groupby(baku.index.month)
    }
    hours = [national[p] + offset[p.month] + spread[p.month] for p in used]
    trend = np.arange(len(used)) / 12.0
    heat = [np.maximum(HEAT_BELOW - t, 0).mean() for t in hours]
    cool = [np.maximum(t - COOL_ABOVE, 0).mean() for t in hours]
    X = np.column_stack([np.ones(len(used)), trend, heat, cool])
    beta, *_ = np.linalg.lstsq(X, level.to_numpy(), rcond=None)
    rest = level.to_numpy() - X @ beta
    se = np.sqrt(np.diag(np.linalg.inv(X.T @ X)) * (rest**2).sum() / (len(rest) - 4))
    return {
        "heat_below_c": HEAT_BELOW,
        "cool_above_c": COOL_ABOVE,
        "heating_mw_per_c": round(float(beta[2]), 2),
        "heating_se": round(float(se[2]), 2),
        "cooling_mw_per_c": round(float(beta[3]), 2),
        "cooling_se": round(float(se[3]), 2),
        "mean_mw": round(float(level.mean()), 1),
        "months": len(used),
        "r2": round(1 - float(rest.var() / level.var(ddof=0)), 3),
        "baku_minus_national_c": round(float(offset.mean()), 2),
    }


def hour_weights(folder: Path) -> dict[str, object]:
    """Return how the response to a warm or cold month spreads over the clock, mean 1.

    Türkiye 2016 to March 2024: load of each hour against the month's degrees, with effects of
    the calendar month and of the year taken out, so that only unusual months speak.
    """
    raw = pd.read_parquet(folder / "epias_turkiye" / "turkiye_hourly.parquet")["consumption_mwh"]
    raw = donors.clean_load(raw["2016-04":"2024-03"])
    national = donors.national_temperature(folder, "TUR")
    month = raw.index.to_period("M")
    table = raw.groupby([month, raw.index.hour]).mean().unstack()
    table = table.div(raw.groupby(raw.index.year).mean().reindex(table.index.year).to_numpy(), 0)
    t = national.reindex(table.index).to_numpy()
    effects = pd.get_dummies(table.index.month).to_numpy(float)
    years = pd.get_dummies(table.index.year).to_numpy(float)[:, 1:]
    X = np.column_stack([effects, years, np.maximum(15 - t, 0), np.maximum(t - 18, 0)])
    beta, *_ = np.linalg.lstsq(X, table.to_numpy(), rcond=None)
    smooth = [np.convolve(np.tile(b, 3), np.ones(3) / 3, "same")[24:48] for b in beta[-2:]]
    heat, cool = (np.maximum(b / b.mean(), 0.0).round(3).tolist() for b in smooth)
    return {"heating_by_local_hour": heat, "cooling_by_local_hour": cool}
