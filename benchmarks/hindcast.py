"""What the model says of years that are over, from what was published before each began.

Run: python benchmarks/hindcast.py FOLDER_OF_A_RUN

Two ways to choose the models: the kinds that are the run's champions today (fitted on the earlier
figures alone, but chosen with later ones in sight), and the combination, which needs no choice.
Beside them the plainest guess: the last yearly figure published by then.
"""

from __future__ import annotations

import os

# The linear algebra of a run uses one thread; another number moves the last digits of a fit.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pandas as pd

from dcforecast import history, sources
from dcforecast.config.compose import compose
from dcforecast.pipelines.backcasting import backcast

YEARS = (2019, 2020, 2021, 2022, 2023, 2024)
QUANTITIES = ("demand_gross", "generation_total", "generation_hydro", "export")
CHOICES = {"champions of today": [], "combination": ["model=combination"]}


def main(folder: Path) -> None:
    run = SimpleNamespace(read=lambda table: pd.read_parquet(folder / f"{table}.parquet"))
    observations = sources.observations(compose([]).settings.data)
    print("| year | quantity | models | P50 (P10 to P90), TWh | published | miss | inside |")
    print("|---|---|---|---|---|---|---|")
    told: list[dict[str, Any]] = []
    for year in YEARS:
        as_of = pd.Timestamp(year - 1, 12, 31, tz="UTC")
        known = history.annual(observations, as_of=as_of)
        for choice, overrides in CHOICES.items():
            settings = compose(["scenario=baseline", *overrides]).settings
            job = cast("Any", SimpleNamespace(settings=settings, run=run))
            for row in backcast(job, year, QUANTITIES)["rows"]:
                last = known[row["quantity"]]
                guess = 100.0 * (float(last.iloc[-1]) / 1000.0 / row["actual"] - 1.0)
                inside = row["p10"] <= row["actual"] <= row["p90"]
                told.append({**row, "choice": choice, "inside": inside, "guess": guess})
                print(
                    f"| {year} | {row['quantity']} | {choice} | "
                    f"{row['p50']:.2f} ({row['p10']:.2f} to {row['p90']:.2f}) | "
                    f"{row['actual']:.2f} | {row['miss_percent']:+.0f} % | "
                    f"{'yes' if inside else '**no**'} |",
                    flush=True,
                )
    table = pd.DataFrame(told)
    table["miss"] = table["miss_percent"].abs()
    table["guess"] = table["guess"].abs()
    print(table.groupby(["quantity", "choice"])[["miss", "guess", "inside"]].mean().round(2))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
