"""A year of day-ahead backtests: bare scikit-learn, this package, and its peers.

Run: python benchmarks/backtest_speed.py [--peers] [--days 365]

Three years of synthetic hourly load; gradient boosting (200 iterations, no early stop) on lags 1
to 48 and 168, hour, weekday and month; 24 hours ahead from midnight, recursive.  Fitted once, and
every 30 days.  The bare time is what a careful user would write: the matrix once, ``fit``, and one
``predict`` a step for all origins.  CPU seconds of one process, one thread, the least of the
repetitions, bare and ours in turn; two processes by wall time and by the longest chain of CPU time.
With --peers darts, skforecast, mlforecast and OpenSTEF 4 do the same task (`backtest_peers`) in
environments that the script makes.
"""

from __future__ import annotations

import os

from backtest_peers import PEERS
from peers import ONE_THREAD, command, environment, machine, run, table

os.environ.update(ONE_THREAD)

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor

from dcforecast.evaluation import backtest
from dcforecast.models import create
from dcforecast.models.base import Forecaster

#: Of the regressor, everywhere; the rest is scikit-learn's default.
SETTINGS: dict[str, Any] = {"max_iter": 200, "early_stopping": False, "random_state": 0}
LAGS = np.array([*range(1, 49), 168])
HORIZON = 24


def load(hours: int = 3 * 8760) -> pd.Series:
    """Return synthetic load: day, week, year and autoregressive noise [MW]."""
    rng = np.random.default_rng(0)
    index = pd.date_range("2021-01-01", periods=hours, freq="h", tz="UTC")
    t = np.arange(hours)
    noise = np.zeros(hours)
    for i in range(1, hours):
        noise[i] = 0.9 * noise[i - 1] + rng.normal(0, 12)
    values = 1000 + 150 * np.sin(2 * np.pi * (index.hour - 9) / 24) + noise
    values -= 80.0 * (index.day_of_week >= 5)
    values += 120 * np.cos(2 * np.pi * t / 8766)
    return pd.Series(np.asarray(values), index=index, name="load")


def model() -> Forecaster:
    return create(
        "hgb", **SETTINGS, learning_rate=0.1, max_leaf_nodes=31, min_samples_leaf=20,
        lags=["1-48", 168], calendar=["hour", "weekday", "month"],
        difference="none", transform="none",
    )  # fmt: skip


def bare(y: pd.Series, days: int, refit: int) -> np.ndarray:
    """What a careful user writes: shape (days, 24)."""
    values, index = y.to_numpy(), y.index
    static = np.column_stack([index.hour, index.day_of_week, index.month]).astype(float)
    rows = np.arange(LAGS.max(), len(values))
    past = values[rows[:, None] - LAGS]
    matrix = np.concatenate([past, static[rows]], axis=1)
    starts = len(values) - HORIZON * np.arange(days, 0, -1)
    out = []
    for first in range(0, days, refit or days):
        block = starts[first : first + (refit or days)]
        count = block[0] - LAGS.max()
        fitted = HistGradientBoostingRegressor(**SETTINGS)
        fitted.fit(matrix[:count], values[LAGS.max() : block[0]])
        levels = np.empty((len(block), LAGS.max() + HORIZON))
        levels[:, : LAGS.max()] = values[block[:, None] + np.arange(-LAGS.max(), 0)]
        for step in range(HORIZON):
            at = LAGS.max() + step
            inputs = np.concatenate([levels[:, at - LAGS], static[block + step]], axis=1)
            levels[:, at] = fitted.predict(inputs)
        out.append(levels[:, LAGS.max() :])
    return np.concatenate(out)


def ours(
    y: pd.Series, days: int, refit: int, jobs: int = 1, quantiles: bool = False
) -> pd.DataFrame:
    return backtest(
        {"hgb": model()}, y, horizon=HORIZON, origins=days, step=HORIZON, refit=refit,
        n_jobs=jobs, quantiles=quantiles,
    )  # fmt: skip


def timed(make: Callable[[], object], clock: Callable[[], float]) -> tuple[float, object]:
    began = clock()
    made = make()
    return clock() - began, made


MEMORY = """
import resource, sys
sys.path.insert(0, sys.argv[2])
from backtest_speed import load, ours
y = load()
found = ours(y, int(sys.argv[1]), 0)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(peak, found.memory_usage(deep=True).sum() / 2**20)
"""


def repeated(y: pd.Series, days: int, refit: int, times: int) -> list[dict[str, object]]:
    """Measure bare and ours in turn, so that both meet the same neighbours."""
    clocks: dict[str, list[float]] = {}
    for _ in range(times):
        seconds, plain = timed(lambda: bare(y, days, refit), time.process_time)
        clocks.setdefault("bare scikit-learn", []).append(seconds)
        seconds, found = timed(lambda: ours(y, days, refit), time.process_time)
        clocks.setdefault("dcforecast, point forecasts", []).append(seconds)
    assert isinstance(plain, np.ndarray)
    assert isinstance(found, pd.DataFrame)
    same = np.array_equal(found["mean"].to_numpy(), plain.ravel())
    error = np.abs(plain.ravel() - found["actual"].to_numpy()).mean()
    base = min(clocks["bare scikit-learn"])
    return [
        {"who": who, "seconds": f"{min(all_):.2f}", "of bare": f"{min(all_) / base:.2f}",
         "MAE, MW": f"{error:.3f}", "numbers": "identical" if same else "DIFFERENT"}
        for who, all_ in clocks.items()
    ]  # fmt: skip


def with_peers(
    y: pd.Series, days: int, refit: int, base: float, truth: np.ndarray
) -> list[dict[str, object]]:
    """Measure the peers once each; one that cannot be had or run here is said so."""
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as name:
        file, out = Path(name) / "y.csv", Path(name) / "out.csv"
        y.to_csv(file)
        for peer in PEERS:
            try:
                python = environment(peer.environment, peer.packages, peer.python)
                settings = json.dumps(SETTINGS)
                found = run(python, peer.program, file, days, refit, out, settings)
            except (RuntimeError, subprocess.CalledProcessError) as error:
                rows.append({"who": f"{peer.name}: {error}", "seconds": "not run", "of bare": "",
                             "MAE, MW": "", "numbers": ""})  # fmt: skip
                continue
            predicted = pd.read_csv(out).iloc[:, -1].to_numpy()
            error = np.abs(predicted - truth).mean()
            rows.append(
                {"who": f"{peer.name} {found['version']}", "seconds": f"{found['seconds']:.2f}",
                 "of bare": f"{found['seconds'] / base:.2f}", "MAE, MW": f"{error:.3f}",
                 "numbers": ""}
            )  # fmt: skip
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--part", choices=("once", "refit", "memory"), help="this one alone")
    given = parser.parse_args()
    y, days = load(), given.days
    truth = y.to_numpy()[-HORIZON * days :]
    print(f"`{command()}`\n\n{machine()}\n")
    ours(y.iloc[-4000:], 2, 0)  # what is imported late is imported now
    parts = {"once": (0, "fitted once"), "refit": (30, "refitted every 30 days")}
    for part, (refit, title) in parts.items():
        if given.part not in (None, part):
            continue
        rows = repeated(y, days, refit, given.times)
        base = float(str(rows[0]["seconds"]))
        if refit == 0:
            seconds, _ = timed(lambda: ours(y, days, 0, quantiles=True), time.process_time)
            who = "dcforecast with quantiles (hold-out errors)"
            cells = {"seconds": f"{seconds:.2f}", "of bare": f"{seconds / base:.2f}"}
            rows.append({**rows[1], "who": who, **cells})
        else:
            rows += two_cores(y, days)
        if given.peers:
            rows += with_peers(y, days, refit, base, truth)
        print(f"**{days} days, {title}**\n\n{table(rows)}\n", flush=True)
    if given.part in (None, "memory"):
        memory()


def _workers() -> dict[str, float]:
    """CPU seconds of each process below this one."""
    tick, mine, out = os.sysconf("SC_CLK_TCK"), {str(os.getpid())}, {}
    facts = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            after = file.read_text().rpartition(")")[2].split()
        except OSError:  # it has gone meanwhile
            continue
        facts[file.parent.name] = after[1], (int(after[11]) + int(after[12])) / tick
    for _ in range(3):  # children of children
        mine |= {pid for pid, (parent, _) in facts.items() if parent in mine}
    for pid in mine - {str(os.getpid())}:
        out[pid] = facts[pid][1]
    return out


def two_cores(y: pd.Series, days: int) -> list[dict[str, object]]:
    """Measure two processes: wall time, and the longest chain of CPU time.

    The chain is this process and its busiest worker: the wall time where two cores are free.
    """
    ours(y, 60, 30, jobs=2)  # two processes are there
    began, plain = time.perf_counter(), time.process_time()
    bare(y, days, 30)
    plain, wall = time.process_time() - plain, time.perf_counter() - began
    before, began, parent = _workers(), time.perf_counter(), time.process_time()
    ours(y, days, 30, jobs=2)
    parent, ours_wall = time.process_time() - parent, time.perf_counter() - began
    busiest = max(seconds - before.get(pid, 0.0) for pid, seconds in _workers().items())
    measured = (
        ("bare scikit-learn, wall", wall, wall),
        ("dcforecast, two processes, wall", ours_wall, wall),
        ("dcforecast, two processes, longest chain of CPU", parent + busiest, plain),
    )
    rest = {"MAE, MW": "", "numbers": ""}
    return [
        {"who": who, "seconds": f"{s:.2f}", "of bare": f"{s / base:.2f}", **rest}
        for who, s, base in measured
    ]


def memory() -> None:
    """Peak memory of a process by the number of origins."""
    rows = []
    for origins in (91, 182, 365, 730):
        done = subprocess.run(
            [sys.executable, "-c", MEMORY, str(origins), str(Path(__file__).parent)],
            capture_output=True, text=True, check=True, env={**os.environ, **ONE_THREAD},
        )  # fmt: skip
        peak, result = map(float, done.stdout.split())
        rows.append({"origins": origins, "peak, MB": f"{peak:.0f}", "of it the table, MB":
                     f"{result:.1f}"})  # fmt: skip
    print(f"**Memory, fitted once**\n\n{table(rows)}\n")


if __name__ == "__main__":
    main()
