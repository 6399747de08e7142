"""Fit the hours of the buyers' day-ahead prices; write data/shapes/markets.json.

    python data/derive/fit_markets.py FOLDER

Türkiye: hourly prices 2024-01 to 2025-11, with the cap that bound in a seventh of the hours.
Romania: no hourly prices are at hand, only daily means 2019 to 2025; within the day they follow the
residual load (consumption less wind and sun) by the elasticity found between days.  Both relative
to the month's mean.  Only fitted parameters are written, no series.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import donors
import numpy as np
import pandas as pd

OUT = Path(__file__).resolve().parents[1] / "shapes" / "markets.json"
DAILY = "eu_day_ahead_price_daily_eur_mwh.csv"


def relative(price: pd.Series) -> pd.Series:
    """Return prices over their month's mean."""
    return price / price.groupby(price.index.to_period("M")).transform("mean")


def turkiye(folder: Path) -> pd.Series:
    """Return hourly prices in TRY on Baku's clock (UTC+4), over the month's mean."""
    raw = pd.read_parquet(folder / "epias_turkiye" / "turkiye_hourly.parquet")
    price = raw["dam_price_try_mwh"].dropna()["2024":"2025-11"]
    price.index = price.index + pd.Timedelta(hours=1)
    return relative(price)


def daily(folder: Path) -> pd.Series:
    """Return Romania's daily prices, EUR/MWh."""
    table = pd.read_csv(folder / "ember" / DAILY, parse_dates=["date"])
    return table.set_index("date")["ROU"].clip(lower=5.0)


def within_month(values: pd.Series) -> pd.Series:
    """Return departures from the month's mean."""
    return values - values.groupby(values.index.to_period("M")).transform("mean")


def romania(folder: Path) -> tuple[pd.Series, float]:
    """Return modelled hourly prices on Baku's clock over the month's mean, and the elasticity."""
    raw = pd.read_parquet(folder / "transelectrica_romania" / "romania_hourly_by_source.parquet")
    raw = raw[~raw.index.duplicated()]
    clean = raw[["wind_mw", "solar_mw"]].clip(lower=0).sum(axis=1)
    rest = np.log((raw["consumption_mw"] - clean).clip(lower=1_500.0))
    days = rest.groupby(rest.index.normalize()).mean()
    pair = pd.DataFrame({"price": np.log(daily(folder)), "rest": days}).dropna()
    moved = pair.apply(within_month)
    slope = float(moved["price"] @ moved["rest"] / (moved["rest"] @ moved["rest"]))
    hours = slope * (rest - rest.groupby(rest.index.normalize()).transform("mean"))
    level = np.log(daily(folder)).reindex(rest.index.normalize()).to_numpy()
    price = np.exp(hours + level).dropna()
    price.index = price.index + pd.Timedelta(hours=2)  # Bucharest to Baku, in winter
    return relative(price[~price.index.duplicated()]), slope


def hours(price: pd.Series) -> dict[str, object]:
    """Return days of the week, quantiles by month, daily cycle and persistence."""
    kind = np.where(price.index.day_of_week == 6, 2, np.where(price.index.day_of_week == 5, 1, 0))
    factor = price.groupby(kind).mean()
    plain = price / factor.to_numpy()[kind]
    month, quarter, hour = plain.index.month, plain.index.quarter, plain.index.hour
    table = [np.quantile(plain[month == m], donors.LEVELS).round(3) for m in range(1, 13)]
    score = donors.scores(plain, month)
    cycle = score.groupby([quarter, hour]).mean().unstack()
    fit = cycle.to_numpy()[quarter - 1, hour]
    rest = (score - fit).asfreq("h")
    return {
        "by_day_type": factor.round(3).tolist(),
        "levels": donors.LEVELS.tolist(),
        "quantiles_by_month": np.array(table).tolist(),
        "cycle_by_quarter_local_hour": cycle.round(3).to_numpy().tolist(),
        "cycle_share": round(float(np.var(fit)), 4),
        "hourly": donors.subset_ar(rest),
        "sd": round(float(price.std()), 3),
    }


def months(folder: Path) -> list[float]:
    """Return the season of Romania's price, mean 1 (2015 to 2025)."""
    monthly = daily(folder)[:"2025"].resample("MS").mean()
    share = np.log(monthly / monthly.groupby(monthly.index.year).transform("mean"))
    season = np.exp(share.groupby(share.index.month).mean())
    return (season / season.mean()).round(3).tolist()


def warm_days(folder: Path, price: pd.Series) -> float:
    """Return what a degree above 21 C at Baku adds to a day's price in Türkiye, as a share."""
    baku = donors.baku_temperature(folder)
    heat = (baku - 21.0).clip(lower=0.0)
    frame = pd.DataFrame(
        {
            "price": price.groupby(price.index.normalize()).mean(),
            "heat": heat.groupby(heat.index.normalize()).mean(),
        }
    ).dropna()
    frame["weekend"] = (frame.index.day_of_week >= 5).astype(float)
    frame = frame.apply(within_month)
    beta, *_ = np.linalg.lstsq(frame[["heat", "weekend"]], frame["price"], rcond=None)
    return round(float(beta[0]), 4)


def main(folder: Path) -> None:
    """Write data/shapes/markets.json."""
    turkish = turkiye(folder)
    romanian, slope = romania(folder)
    found = {
        "turkiye": {
            "donor": "EPIAS hourly 2024-01 to 2025-11",
            **hours(turkish),
            "season": [1.0] * 12,
            "per_warm_degree": warm_days(folder, turkish),
        },
        "romania": {
            "donor": "Ember daily 2019 to 2025-03; hours by residual load (modelled)",
            **hours(romanian),
            "season": months(folder),
            "residual_load_elasticity": round(slope, 3),
            "per_warm_degree": 0.0,
        },
    }
    text = json.dumps(found, indent=1, ensure_ascii=False)
    OUT.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
