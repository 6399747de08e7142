"""Recovery of masked monthly records by the history engine and by its rivals.

    python benchmarks/history_recovery.py FOLDER [--only development] [--out FILE]

FOLDER holds ember/, benchmarks/eia_us_generation_a/, armenia_statistics/ and, for the engine with
temperatures on national demand, owid_era5_monthly_temperature/.  Complete records are
scaled to Azerbaijan's size and masked to the pattern of its published figures (history_truths);
scored are the months that exact figures do not give by differencing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from history_rivals import RIVALS, blocks, with_spread
from history_truths import ISO, Case, cases
from scipy.stats import norm

from dcforecast import history, sources
from dcforecast.config.compose import compose
from dcforecast.config.history import HistorySettings

ENGINE, HEATED = "engine", "engine +temperature"


def main() -> int:
    """Run all cases and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", choices=("development", "test"))
    parser.add_argument("--out", type=Path, help="write the score of every case to this CSV")
    arguments = parser.parse_args()
    observations = sources.observations(compose([]).settings.data)
    began = time.perf_counter()
    rows = []
    for case in cases(arguments.folder, observations):
        if arguments.only and case.development != (arguments.only == "development"):
            continue
        rows += score_case(case, temperatures(arguments.folder, case))
    table = pd.DataFrame(rows)
    if arguments.out:
        table.to_csv(arguments.out, index=False)
    report(table)
    print(f"{table['case'].nunique()} cases in {time.perf_counter() - began:.0f} s")
    return 0


def temperatures(folder: Path, case: Case) -> str | None:
    """Write the national temperatures of a record of demand to a file of the engine's form."""
    if not case.group.startswith("demand"):
        return None
    table = pd.read_csv(folder / "owid_era5_monthly_temperature/monthly_mean_temperature.csv")
    iso = next(long for long, short in ISO.items() if short == case.group.split()[1])
    rows = table[(table["iso3"] == iso) & (table["year"] >= 1995)]
    if rows.empty:
        return None
    month = rows["year"].astype(str) + "-" + rows["month"].astype(str).str.zfill(2) + "-01"
    target = Path(tempfile.gettempdir()) / f"dcforecast-temperature-{iso}.csv"
    pd.DataFrame({"month": month, "celsius": rows["mean_temp_c"]}).to_csv(target, index=False)
    return str(target)


def score_case(case: Case, temperature: str | None = None) -> list[dict[str, object]]:
    """Score the engine and each rival on the months that exact figures do not give."""
    truth = case.truth.to_numpy()
    days = case.truth.index.days_in_month.to_numpy().astype(float)
    exact = blocks(case.figures, max(0.1, 0.005 * truth.mean()))
    hidden = np.zeros(len(truth), bool)
    for a, b in zip(exact.first, exact.last, strict=True):
        hidden[a : b + 1] = b > a
    label = {
        "case": f"{case.group} {case.name} {case.mask} {case.truth.index[0]}",
        "group": case.group,
        "name": case.name,
        "mask": case.mask,
        "development": case.development,
        "hidden": int(hidden.sum()),
    }
    out = [{**label, "method": ENGINE, **scores(truth, *engine(case), hidden)}]
    if temperature:
        heated = scores(truth, *engine(case, temperature), hidden)
        out.append({**label, "method": HEATED, **heated})
    for name, method in RIVALS.items():
        for how, known in (("", exact), (" +rounded", blocks(case.figures, np.inf))):
            mean, sd = with_spread(method, known, days)
            out.append({**label, "method": name + how, **scores(truth, mean, sd, hidden)})
    return out


def engine(case: Case, temperature: str | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return the engine's months and their spread."""
    found = history.reconstruct(
        case.figures.drop(columns=["first", "last"]),
        settings=HistorySettings(
            start=case.truth.index[0].start_time.date(), temperature=temperature
        ),
        structure=history.Structure({case.name: history.Prior()}),
    )
    # Months of a year without any figure are not rebuilt: they stay unscored, as for the rivals.
    months = case.truth.index
    mean, sd = found.monthly(case.name).reindex(months), found.sd(case.name).reindex(months)
    return mean.to_numpy(), sd.to_numpy()


def scores(
    truth: np.ndarray, mean: np.ndarray, sd: np.ndarray, hidden: np.ndarray
) -> dict[str, float]:
    """Return MAPE, MAE and CRPS in % of the mean month, and the coverage of three intervals."""
    at = hidden & np.isfinite(mean) & np.isfinite(sd)
    y, m, s = truth[at], mean[at], np.maximum(sd[at], 1e-9)
    z = (y - m) / s
    crps = s * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))
    out = {
        "mape": 100 * float(np.mean(np.abs(y - m) / np.maximum(y, 0.05 * truth.mean()))),
        "mae": 100 * float(np.mean(np.abs(y - m)) / truth.mean()),
        "crps": 100 * float(np.mean(crps) / truth.mean()),
    }
    for level in (50, 80, 90):
        out[f"c{level}"] = 100 * float(np.mean(np.abs(z) <= norm.ppf(0.5 + level / 200)))
    return out


def report(table: pd.DataFrame) -> None:
    """Print one line a group: the engine beside the best rival, then all methods together."""
    weighted = ["mape", "mae", "crps", "c50", "c80", "c90"]
    for half, part in table.groupby("development"):
        print(f"\n== {'development' if half else 'test'}")
        for keys, rows in part.groupby(["group", "mask"]):
            print(line(" ".join(keys), _mean(rows, weighted)))
        whole = _mean(part[part["method"] != HEATED], weighted)
        print(line("all", whole))
        whole["ratio"] = ratios(part)
        print(whole.round(2).to_string())
        warm = part[part["case"].isin(part.loc[part["method"] == HEATED, "case"])]
        print("cases with temperatures")
        print(_mean(warm, weighted).loc[[ENGINE, HEATED]].round(2).to_string())


def ratios(part: pd.DataFrame) -> pd.Series:
    """Return the geometric mean over cases of the engine's CRPS relative to each method's.

    A few records on which a rival's spread breaks down weigh no more than the others.
    """
    wide = part[part["hidden"] > 0].pivot_table(index="case", columns="method", values="crps")
    return np.exp(-np.log(wide.div(wide[ENGINE], axis=0)).mean())


def _mean(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    weights = rows["hidden"]
    sums = rows[columns].mul(weights, axis=0).groupby(rows["method"]).sum()
    return sums.div(weights.groupby(rows["method"]).sum(), axis=0)


def line(label: str, found: pd.DataFrame) -> str:
    """Say how the engine stands beside the best rival, as a point and with a spread."""
    own, others = found.loc[ENGINE], found.drop(index=[ENGINE, HEATED], errors="ignore")
    point, spread = others["mae"].min(), others["crps"].min()
    return (
        f"{label:28s} engine MAPE {own['mape']:5.1f} MAE {own['mae']:5.2f} CRPS {own['crps']:5.2f}"
        f" cover {own['c50']:3.0f} {own['c80']:3.0f} {own['c90']:3.0f}"
        f" | best MAE {point:5.2f} ({others['mae'].idxmin()}) best CRPS {spread:5.2f}"
        f" ({others['crps'].idxmin()}) | ratio to MAE {own['crps'] / point:4.2f}"
        f" to CRPS {own['crps'] / spread:4.2f}"
    )


if __name__ == "__main__":
    sys.exit(main())
