"""What the model says of years that are over, from what was published before each began.

Run: python benchmarks/hindcast.py FOLDER_OF_A_RUN

Two ways to choose the models of demand: the kinds that are the run's champions today (fitted on the
earlier figures alone, but chosen with later ones in sight), with exports and water from their own
yearly levels; and the combination for everything, which needs no choice.  Beside them the plainest
guess, the last yearly figure published by then, and what the government expected.  2025 is set
against the nowcast of today's figures.  At the end 2025 as seen at the end of 2019.
"""

from __future__ import annotations

import os

# The linear algebra of a run uses one thread; another number moves the last digits of a fit.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pandas as pd
from arguments import arguments, run_folder

from dcforecast import history, sources
from dcforecast.config.compose import compose
from dcforecast.pipelines.backcasting import backcast
from dcforecast.system.year_levels import explain

YEARS = (2019, 2020, 2021, 2022, 2023, 2024, 2025)
CHOICES = {"champions": [], "combination": ["model=combination"]}


def show(row: dict[str, Any], year: int, choice: str) -> None:
    digits = 0 if row["unit"] == "MW" else 2
    low, middle, high, actual = (f"{row[k]:.{digits}f}" for k in ("p10", "p50", "p90", "actual"))
    inside = "" if row["inside"] else " **out**"
    basis = "" if row["basis"] == "published" else " (nowcast)"
    print(
        f"| {year} | {row['quantity']} | {choice} | {actual}{basis} | "
        f"{middle} ({low}–{high}){inside} | {row['miss_percent']:+z.0f} % | "
        f"{row['official'] or '–'} |",
        flush=True,
    )


def main(folder: Path) -> None:
    run = SimpleNamespace(read=lambda table: pd.read_parquet(folder / f"{table}.parquet"))
    observations = sources.observations(compose([]).settings.data)
    print("| year | quantity | models | actual | P50 (P10–P90) | miss | official |")
    print("|---|---|---|---|---|---|---|")
    told: list[dict[str, Any]] = []
    cases = [(year, pd.Timestamp(year - 1, 12, 31, tz="UTC")) for year in YEARS]
    for year, as_of in [*cases, (2025, pd.Timestamp(2019, 12, 31, tz="UTC"))]:
        known = history.annual(observations, as_of=as_of)
        clean = known["generation_wind"].add(known["generation_solar"], fill_value=0.0)
        known["generation_wind_solar"] = clean
        for choice, overrides in CHOICES.items():
            settings = compose(["scenario=baseline", *overrides]).settings
            job = cast("Any", SimpleNamespace(settings=settings, run=run))
            for row in backcast(job, year, as_of=as_of):
                show(row, year, choice)
                if as_of.year < year - 1 or row["quantity"] not in known:
                    continue
                guess = float(known[row["quantity"]].iloc[-1]) / 1000.0
                told.append({**row, "choice": choice, "guess": 100 * (guess / row["actual"] - 1)})
    table = pd.DataFrame(told)
    table[["miss", "guess"]] = table[["miss_percent", "guess"]].abs()
    mean = table.groupby(["quantity", "choice"])[["miss", "guess"]].mean().round(1)
    print(mean.join(table.groupby(["quantity", "choice"])["inside"].agg(["sum", "size"])))
    exports = history.annual(observations)["export"]
    exports.index = [period.year for period in exports.index]
    print(pd.DataFrame({year: explain(exports, year) for year in (2022, 2023, 2024)}).T.round(2))


if __name__ == "__main__":
    main(*arguments(__doc__, folder=(run_folder, ...)))
