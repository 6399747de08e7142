"""Yearly levels one to six years ahead, from what was known at each origin.

Run: python benchmarks/yearly_levels.py FOLDER_OF_A_RUN

Demand, generation, water and exports of the chain at the ends of 2018 to 2024, by the champions of
the run; 2025 is set against the nowcast of today's figures.  Water also at the ends of 2006 to
2023, from the yearly figures alone.  Told by horizon: outcomes inside P10-P90, CRPS (GWh), mean
miss of P50 and of the last figure, and how many times P90 is P10.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
from arguments import arguments, run_folder
from scoringrules import crps_ensemble

from dcforecast import history, sources
from dcforecast.config.compose import compose
from dcforecast.pipelines.backcasting import year_members
from dcforecast.pipelines.forecasting import with_nowcast
from dcforecast.system.draws import Draws
from dcforecast.system.year_levels import water_levels

MEMBERS, LAST, FARTHEST = 1_000, 2025, 6


def told(
    series: str, drawn: np.ndarray, actual: pd.Series, origin: int, last: float
) -> list[dict[str, Any]]:
    """Return one row a horizon, of years whose truth is known."""
    rows = []
    for step in range(1, min(drawn.shape[1], int(actual.index[-1]) - origin) + 1):
        members = drawn[:, step - 1]
        low, middle, high = np.quantile(members, (0.1, 0.5, 0.9))
        true = float(actual[origin + step])
        rows.append(
            {
                "series": series, "ahead": step, "inside": low <= true <= high,
                "crps": float(crps_ensemble(true, members)), "miss": abs(middle / true - 1),
                "last_figure": abs(last / true - 1), "p90_over_p10": high / low,
            }
        )  # fmt: skip
    return rows


def by_year(series: pd.Series) -> pd.Series:
    return series.set_axis([period.year for period in series.index])


def truths(observations: pd.DataFrame) -> dict[str, pd.Series]:
    """Yearly figures, with the nowcast of the last year."""
    rebuilt = history.reconstruct(observations, settings=compose([]).settings.data.history)
    names = ("demand_gross", "generation_total", "generation_hydro", "export")
    annual = history.annual(observations)
    return {name: by_year(with_nowcast(annual[name], rebuilt.monthly(name))) for name in names}


def chain(job: Any, observations: pd.DataFrame, actual: dict[str, pd.Series]) -> pd.DataFrame:
    """Score the components of a run at each origin."""
    rows = []
    for origin in range(2018, LAST):
        as_of = pd.Timestamp(origin, 12, 31, tz="UTC")
        before = observations[observations["vintage"] <= as_of]
        years, _ = year_members(job, before, as_of, origin + FARTHEST)
        ahead = {name: drawn[:, -FARTHEST:] for name, drawn in years.items()}
        ahead["generation_total"] = ahead["demand_gross"] + ahead["export"] - ahead["import"]
        known = history.annual(before)
        for name, true in actual.items():
            last = float(known[name].iloc[-1])
            rows += told(name, ahead[name], true, origin, last)
    return pd.DataFrame(rows)


def long_water(hydro: pd.Series) -> pd.DataFrame:
    """Score the water from its yearly figures alone."""
    rows, hydro = [], hydro[hydro.index < LAST]
    for origin in range(2006, LAST - 1):
        record = hydro[hydro.index <= origin]
        last = np.full(MEMBERS, record.iloc[-1])
        drawn = water_levels(record, last, FARTHEST, Draws(MEMBERS, origin))
        rows += told("water from 2006", drawn, hydro, origin, float(record.iloc[-1]))
    return pd.DataFrame(rows)


def main(folder: Path) -> None:
    run = SimpleNamespace(read=lambda table: pd.read_parquet(folder / f"{table}.parquet"))
    settings = compose(["scenario=baseline", f"ensemble.members={MEMBERS}"]).settings
    job = cast("Any", SimpleNamespace(settings=settings, run=run))
    observations = sources.observations(settings.data)
    actual = truths(observations)
    table = pd.concat(
        [chain(job, observations, actual), long_water(actual["generation_hydro"])],
        ignore_index=True,
    )
    for keys in (["series", "ahead"], ["series"]):
        groups = table.groupby(keys, sort=False)
        means = groups[["crps", "miss", "last_figure", "p90_over_p10"]].mean()
        print(groups["inside"].agg(["sum", "size"]).join(means).round(2).to_string())


if __name__ == "__main__":
    main(*arguments(__doc__, folder=(run_folder, ...)))
