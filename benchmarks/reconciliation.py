"""Do forecasts of months and years, and of parts and totals, get better by adding up?

    python benchmarks/reconciliation.py FOLDER [--half development|test] [--model theta]

FOLDER holds benchmarks/eia_us_generation_a/ (monthly generation of the United States by source).
Each January from ten years into the record on, one model forecasts 24 months and another of its
kind two years, each alone; then both are made to add up in three ways.  Development: origins to
1990; test: every third from 1991.  The score is the CRPS of months, quarters and years in % of
the mean.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import scoringrules
from history_truths import US

from dcforecast.models import create
from dcforecast.models.reconcile import over_parts, over_time

PATHS, YEARS, RECORD = 400, 5, 12
LEVELS = {"month": 1, "quarter": 3, "year": 12}


def main() -> int:
    """Score every origin and print one table a comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", choices=("development", "test"), default="development")
    parser.add_argument("--model", default="theta")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    file = arguments.folder / "benchmarks/eia_us_generation_a/monthly.csv"
    records = pd.read_csv(file, index_col="month").astype(float)
    records.index = pd.PeriodIndex(records.index, freq="M")
    parts = [code for code in US if code != "ELETPUS"]
    records["total"] = records[parts].sum(axis=1)
    last = (records.index[-1] + 1).year - 1  # the last whole year
    years = range(1983, 1989) if arguments.half == "development" else range(1991, last, 3)
    began, over, across = time.perf_counter(), [], []
    for year in years:
        base = {name: forecasts(records[name], year, arguments.model) for name in records}
        for name, (annual, monthly) in base.items():
            truth = records.loc[f"{year}-01" : f"{year + 1}-12", name].to_numpy()
            over += time_scores(name, annual, monthly, truth)
        across += part_scores(records, year, {name: base[name][1] for name in [*parts, "total"]})
    print(f"{arguments.half}, {arguments.model}, {len(years)} origins, {PATHS} paths")
    for label, rows in (("years and months", over), ("parts and total", across)):
        table = pd.DataFrame(rows)
        relative = table.pivot_table(index=["name", "level"], columns="how", values="crps")
        print(f"\n{label}: CRPS in % of the mean, mean over series")
        print(relative.groupby("level").mean().round(3).to_string())
        print("series on which it is below the base, of", table["name"].nunique())
        below = relative.lt(relative["base"], axis=0).groupby("level").sum()
        print(below.drop(columns="base").to_string())
    print(f"\n{time.perf_counter() - began:.0f} s")
    return 0


def forecasts(record: pd.Series, year: int, model: str) -> tuple[np.ndarray, np.ndarray]:
    """Return paths of years and of 24 months from the twelve years before."""
    known = record[f"{year - RECORD}-01" : f"{year - 1}-12"]
    annual = known.groupby(known.index.year).sum()
    annual.index = pd.PeriodIndex([str(y) for y in annual.index], freq="Y")
    draws = [
        np.maximum(create(model).fit(y).sample(ahead, PATHS, random_state=seed), 0.0)
        for y, ahead, seed in ((annual, YEARS, 1), (known, 24, 2))
    ]
    return draws[0], draws[1]


def time_scores(
    name: str, annual: np.ndarray, monthly: np.ndarray, truth: np.ndarray
) -> list[dict[str, object]]:
    """Score months and years alone, months from below, years from above, and both reconciled."""
    sums = monthly.reshape(PATHS, 2, 12).sum(axis=2)
    shares = monthly / np.repeat(np.maximum(sums, 1e-9), 12, axis=1)
    whole, months = over_time(annual, monthly)
    methods = {
        "base": {"month": monthly, "quarter": added(monthly, 3), "year": annual[:, :2]},
        "from months": {level: added(monthly, n) for level, n in LEVELS.items()},
        "from years": {
            level: added(shares * np.repeat(annual[:, :2], 12, axis=1), n)
            for level, n in LEVELS.items()
        },
        "reconciled": {level: added(months, n) for level, n in LEVELS.items()},
    }
    assert np.allclose(methods["reconciled"]["year"], whole[:, :2])
    return [
        {"name": name, "level": level, "how": how,
         "crps": score(paths, added(truth[None], LEVELS[level])[0])}
        for how, levels in methods.items()
        for level, paths in levels.items()
    ]  # fmt: skip


def part_scores(
    records: pd.DataFrame, year: int, base: dict[str, np.ndarray]
) -> list[dict[str, object]]:
    """Score parts and total alone, the total from its parts, and both reconciled."""
    parts = {name: 1.0 for name in base if name != "total"}
    below = {**base, "total": np.sum([base[name] for name in parts], axis=0)}
    methods = {"base": base, "from parts": below, "reconciled": over_parts(base, {"total": parts})}
    return [
        {"name": name, "level": level, "how": how,
         "crps": score(added(paths, n), added(truth[None], n)[0])}
        for how, samples in methods.items()
        for name, paths in samples.items()
        for truth in [records.loc[f"{year}-01" : f"{year + 1}-12", name].to_numpy()]
        for level, n in LEVELS.items()
    ]  # fmt: skip


def added(months: np.ndarray, count: int) -> np.ndarray:
    """Add every so many months."""
    return months.reshape(len(months), -1, count).sum(axis=2)


def score(paths: np.ndarray, truth: np.ndarray) -> float:
    """Return the mean CRPS in % of the mean truth."""
    crps = scoringrules.crps_ensemble(truth, paths.T, estimator="fair")
    return 100 * float(np.mean(crps)) / float(truth.mean())


if __name__ == "__main__":
    sys.exit(main())
