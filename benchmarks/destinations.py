"""Exports by buyer, one to seven years ahead, from what was known at each origin.

Run: python benchmarks/destinations.py

Origins at the ends of 2018 to 2024; the record of the buyers has no 2022 and 2023.  Two ways to
share the same draws of the country's exports: by the price (`BuyerShares`, as in a run), and a
Dirichlet law with the mean shares of the record, halved in weight every three years, and the
spread between its years.  CRPS and energy score in GWh; where nothing but the shares differs.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from arguments import arguments
from scoringrules import crps_ensemble, es_ensemble

from dcforecast import history, sources
from dcforecast.config.compose import compose
from dcforecast.pipelines.forecasting import with_nowcast
from dcforecast.system.destinations import BuyerShares, destination_record
from dcforecast.system.year_levels import ExportLevels

MEMBERS, SHOWN, HALF_LIFE = 4_000, (2019, 2021, 2023), 3.0
Shares = Mapping[str, np.ndarray]


def by_price(as_of: pd.Timestamp, price: np.ndarray) -> Shares:
    return BuyerShares.fit(as_of).sample(price, np.random.default_rng(1))


def without_price(as_of: pd.Timestamp, price: np.ndarray) -> Shares:
    record = destination_record(as_of)
    weight = 0.5 ** ((record.index[-1] - record.index.to_numpy()) / HALF_LIFE)
    means, ratios = {}, []
    for name, share in record.items():
        known = share.notna().to_numpy()
        part = weight[known] / weight[known].sum()
        values = share[known].to_numpy(float)
        means[str(name)] = mean = float(part @ values)
        variance = float(part @ (values - mean) ** 2)
        if variance > 0:
            ratios.append(mean * (1 - mean) / variance - 1)
    total = sum(means.values())
    strength = float(np.clip(np.median(ratios or [5.0]), 1.0, 200.0))
    alpha = [strength * mean / total for mean in means.values()]
    drawn = np.random.default_rng(1).dirichlet(alpha, price.shape)
    return {name: drawn[..., k] for k, name in enumerate(means)}


WAYS: dict[str, Callable[[pd.Timestamp, np.ndarray], Shares]] = {
    "by_price": by_price,
    "without_price": without_price,
}


def exports(observations: pd.DataFrame, origin: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw the country's exports [GWh] and the price after an origin, (members, years)."""
    as_of = pd.Timestamp(origin, 12, 31, tz="UTC")
    known = history.annual(observations, as_of=as_of)["export"]
    rebuilt = history.reconstruct(
        observations, as_of=as_of, settings=compose([]).settings.data.history
    )
    record = with_nowcast(known, rebuilt.monthly("export"))
    record = record.set_axis([period.year for period in record.index])
    last = np.full(MEMBERS, record.iloc[-1])
    model = ExportLevels.fit(record, as_of)
    return model.sample(last, 2025 - origin, np.random.default_rng(origin))


def told(
    origin: int, way: str, drawn: Shares, energy: np.ndarray, record: pd.DataFrame
) -> list[dict[str, Any]]:
    """Return one row a buyer and year."""
    rows = []
    for year, figures in record[record.index > origin].iterrows():
        step, actual = int(str(year)) - origin - 1, figures.dropna()
        members = np.stack([drawn[name][:, step] * energy[:, step] for name in actual.index], 1)
        vector = float(es_ensemble(actual.to_numpy(float), members, m_axis=0, v_axis=1))
        for k, (name, true) in enumerate(actual.items()):
            low, middle, high = np.quantile(members[:, k], (0.1, 0.5, 0.9))
            rows.append(
                {
                    "origin": origin, "year": year, "buyer": name, "way": way, "actual": true,
                    "p10": low, "p50": middle, "p90": high, "inside": low <= true <= high,
                    "crps": float(crps_ensemble(true, members[:, k])), "energy_score": vector,
                }
            )  # fmt: skip
    return rows


def main() -> None:
    observations = sources.observations(compose([]).settings.data)
    table = sources.table("export_destinations")
    table = table.assign(year=pd.to_datetime(table["start"]).dt.year)
    record = table.pivot(index="year", columns="destination", values="energy_gwh")
    rows = []
    for origin in range(2018, 2025):
        as_of = pd.Timestamp(origin, 12, 31, tz="UTC")
        energy, price = exports(observations, origin)
        for way, share in WAYS.items():
            rows += told(origin, way, share(as_of, price), energy, record)
    found = pd.DataFrame(rows)
    wide = found.pivot_table(
        index=["origin", "year", "buyer", "actual"], columns="way",
        values=["p10", "p50", "p90", "crps"],
    )  # fmt: skip
    print(wide[wide.index.get_level_values("origin").isin(SHOWN)].round(0).to_string())
    for keys in (["way"], ["buyer", "way"], ["origin", "way"]):
        groups = found.groupby(keys)
        means = groups[["inside", "crps"]].mean().join(groups.size().rename("n"))
        print(means.round(2).to_string())
    joint = found.drop_duplicates(["origin", "year", "way"])
    print(joint.groupby("way")["energy_score"].agg(["mean", "size"]).round(0).to_string())
    next_year = found[found["year"] == found["origin"] + 1]
    print("the year after")
    print(next_year.groupby("way")[["inside", "crps"]].agg(["mean", "size"]).round(2).to_string())


if __name__ == "__main__":
    main(*arguments(__doc__))
