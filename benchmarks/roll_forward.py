"""What a refit costs and what it gains: rolling backtests with fewer and fewer fits.

Run: python benchmarks/roll_forward.py --data FOLDER_OF_SETS [--series 20] [--only NAME ...]

Training parts alone: the longest monthly series of M3 (``m3_part_a``), 12 origins a month apart,
12 months ahead; the Spanish load before 2018 (``spain_entsoe_2015_2018``) with the mean temperature
of five cities, measured and taken as known, 14 origins a day apart, 48 hours ahead; and for
``hourly_blend_m4`` every twentieth series of M4 hourly (``m4_hourly``) of more than 900 hours.
Refitted at each origin, at every sixth (seventh day), and once.  CPU seconds of one process of one
thread; errors over those of the seasonal naive on record; share of actual values in 80 % intervals.
"""

from __future__ import annotations

import os

from peers import ONE_THREAD, command, machine, table

os.environ.update(ONE_THREAD)

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from dcforecast.evaluation import backtest
from dcforecast.models import create

MONTHLY = {"horizon": 12, "origins": 12}
HOURLY = {"horizon": 48, "origins": 14, "step": 24}
ALONE, TOGETHER = ("theta", "dynamic_theta", "mstl", "ces"), ("pooled", "dynamic_factor")
HOURS, WEEKS = ("hourly_blend", "weather_load", "day_ahead"), "hourly_blend_m4"


def monthly_of(folder: Path, count: int) -> dict[str, pd.Series]:
    """Return the training parts of the longest monthly series, ending together."""
    rows = pd.read_csv(folder / "m3_part_a" / "series.csv.gz")
    rows = rows[rows["period"] == "monthly"].nlargest(count, "n_train")
    return {
        str(row.id): pd.Series(
            values := [float(x) for x in str(row.train).replace(";", " ").split()],
            index=pd.period_range(end="2000-12", periods=len(values), freq="M"),
        )
        for row in rows.itertuples()
    }


def m4_of(folder: Path) -> dict[str, pd.Series]:
    """Return every twentieth training part of M4 hourly of more than 900 hours."""
    rows = pd.read_csv(folder / "m4_hourly" / "series.csv.gz").iloc[::20]
    return {
        str(row.id): pd.Series(
            values := [float(x) for x in str(row.train).split()],
            index=pd.date_range(end="2020-01-01", periods=len(values), freq="h"),
        )
        for row in rows[rows["n_train"] > 900].itertuples()
    }


def spain_of(folder: Path) -> tuple[pd.Series, pd.DataFrame]:
    """Return the load before the test year, and the temperature."""
    frames = [
        pd.read_csv(folder / "spain_entsoe_2015_2018" / f"{name}_hourly.csv.gz")
        for name in ("energy", "weather")
    ]
    load, weather = (one.set_index(pd.to_datetime(one["time_utc"])).asfreq("h") for one in frames)
    y = load["load_actual"].loc[:"2017-12-31 23:00"]
    warm = weather.filter(like="temp_c").mean(axis=1).reindex(y.index).interpolate()
    return y, warm.to_frame("temperature")


def measured(run: Callable[[int], pd.DataFrame], refits: tuple[int, ...], name: str) -> list[dict]:
    """Return a row a schedule."""
    rows, base = [], 0.0
    for refit in refits:
        began = time.process_time()
        found = run(refit)
        seconds = time.process_time() - began
        base = base or seconds
        inside = found["actual"].between(found["q100"], found["q900"])
        rows.append(
            {
                "model": name,
                "refit": {0: "once", 1: "each origin"}.get(refit, f"every {refit}"),
                "CPU s": f"{seconds:.1f}",
                "share": f"{seconds / base:.2f}",
                "error": f"{found['error'].mean():.4f}",
                "in 80 %": f"{100 * inside.mean():.1f}",
            }
        )
        print(rows[-1], flush=True)
    return rows


def scaled(found: pd.DataFrame, panel: dict[str, pd.Series], season: int) -> pd.DataFrame:
    naive = {name: float(y.diff(season).abs().mean()) for name, y in panel.items()}
    error = (found["mean"] - found["actual"]).abs()
    return found.assign(error=error / found["series"].map(naive))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--series", type=int, default=20)
    parser.add_argument("--only", nargs="*", default=[*ALONE, *TOGETHER, *HOURS, WEEKS])
    given = parser.parse_args()
    panel = monthly_of(given.data, given.series)
    y, X = spain_of(given.data)
    create("dynamic_theta").fit(next(iter(panel.values()))).predict(3)  # compiled now
    rows = []
    for name in given.only:
        if name in HOURS:
            taken = X if name != "hourly_blend" else None
            year = y if name != "hourly_blend" else y.iloc[-24 * 365 :]

            def run(refit: int, name: str = name, year=year, taken=taken) -> pd.DataFrame:
                found = backtest({name: create(name)}, year, series="load", refit=refit,
                                 X=taken, **HOURLY)  # fmt: skip
                return scaled(found, {"load": y.dropna()}, 168)

            rows += measured(run, (1, 7, 0), name)
            continue

        if name == WEEKS:
            weeks = m4_of(given.data)

            def run(refit: int, panel=weeks) -> pd.DataFrame:
                model = {"hourly_blend": create("hourly_blend")}
                found = backtest(model, panel, refit=refit, **HOURLY)
                return scaled(found, panel, 24)

            rows += measured(run, (1, 7, 0), name)
            continue

        def run(refit: int, name: str = name) -> pd.DataFrame:
            found = backtest({name: create(name)}, panel, refit=refit,
                             together=name in TOGETHER, **MONTHLY)  # fmt: skip
            return scaled(found, panel, 12)

        rows += measured(run, (1, 6, 0), name)
    print(f"`{command()}`\n\n{machine()}\n\n{table(rows)}")


if __name__ == "__main__":
    main()
