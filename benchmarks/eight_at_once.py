"""Eight processes upload at the same moment to a SQLite tracking store that is not there yet.

    python benchmarks/eight_at_once.py --repetitions 20

Each repetition has a fresh folder with eight finished runs.  Eight processes wait for one signal
and upload one run each: the first contact with the database, its migration and the making of the
experiment are raced for.  None may fail, and every run must be in MLflow once and whole.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sqlite3
import tempfile
import time
from multiprocessing.synchronize import Event
from pathlib import Path

import mlflow  # noqa: F401  (before the processes part, so that they all start at once)
import pandas as pd

from dcforecast.config.tracking import TrackingSettings
from dcforecast.store import Run, Store
from dcforecast.tracking import upload

PROCESSES = 8
SETTINGS = TrackingSettings(name="sqlite", description="for a benchmark")


def finished(folder: Path, number: int) -> Run:
    """Make a small finished backtest."""
    config = {"data": {"name": "embedded"}}
    run = Store(folder / "outputs").create("backtest", config, scenario="none", model="drift")
    rows = [
        {"series": s, "model": m, "metric": "crps", "step_group": "all", "value": 1.0 + number,
         "se": 0.1, "skill_vs_naive": 0.1, "n": 9}
        for s in ("a", "b") for m in ("drift", "ets")
    ]  # fmt: skip
    run.write("scores", pd.DataFrame(rows))
    run.finish("finished")
    return run


def work(path: Path, project: Path, start: Event) -> None:
    """Upload one run when the signal comes; leave with 1 when it failed."""
    start.wait()
    done = upload(Run(path), SETTINGS, project_dir=project, batch="b")
    raise SystemExit(0 if done else 1)


def repetition(folder: Path) -> None:
    """Let eight processes upload at once, and look for every run."""
    runs = [finished(folder, number) for number in range(PROCESSES)]
    context = multiprocessing.get_context("fork")
    start = context.Event()
    processes = [context.Process(target=work, args=(r.path, folder, start)) for r in runs]
    for process in processes:
        process.start()
    start.set()
    for process in processes:
        process.join(300)
    assert [process.exitcode for process in processes] == [0] * PROCESSES
    with sqlite3.connect(folder / "mlflow.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found = connection.execute(
            "select s.value, count(*) from tags s join tags u on s.run_uuid = u.run_uuid "
            "where s.key = 'store_run_id' and u.key = 'uploaded' and u.value = 'whole' "
            "group by s.value"
        ).fetchall()
    assert dict(found) == {run.id: 2 for run in runs}, found  # two models each


def main() -> None:
    """Repeat and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=20)
    given = parser.parse_args()
    begun = time.perf_counter()
    for number in range(given.repetitions):
        with tempfile.TemporaryDirectory() as name:
            repetition(Path(name))
        print(f"{number + 1} of {given.repetitions}", flush=True)
    seconds = time.perf_counter() - begun
    print(
        f"{given.repetitions} repetitions of {PROCESSES} processes in {seconds:.0f} s: none "
        "failed, no run lost"
    )


if __name__ == "__main__":
    main()
