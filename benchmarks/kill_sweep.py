"""Kill a sweep by ``kill -9`` at random moments, call it again, and look at what is left.

    python benchmarks/kill_sweep.py --kills 30

A sweep of six small backtests, tracked in MLflow, is started in a fresh folder and killed with all
its workers after a random time; then the same command is given again.  After every kill the store
must open and each job that was finished must still be there, once; after the last call every job is
finished once, tracked once and whole, and a further call finds nothing to do.  When a sweep ends
before it is killed, the next one starts in a new folder.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from dcforecast.store import Run, Store

WORDS = (
    "backtest", "-m", "data=csv", "data.path=y.csv", "data.time=t", "data.target=y",
    "model=drift,seasonal_naive,theta", "evaluation.horizon=3,6", "evaluation.origins=2",
    "report=none",
)  # fmt: skip
JOBS = 6


def prepare(folder: Path) -> None:
    """Write a small monthly file."""
    rows = [f"20{10 + i // 12}-{1 + i % 12:02d}-01,{100 + i + 10 * (i % 12)}" for i in range(60)]
    (folder / "y.csv").write_text("\n".join(["t,y", *rows]) + "\n")


def finished(folder: Path) -> dict[str, list[str]]:
    """Return the ids of the finished runs by job; every run of the store is opened and read."""
    found: dict[str, list[str]] = {}
    for run in Store(folder / "outputs"):
        assert run.status in {"finished", "interrupted"}, (run.id, run.status)
        if run.status == "finished":
            assert len(run.read("scores")), run.id
            found.setdefault(run.manifest["config_hash"], []).append(run.id)
    return found


def check_kept(before: dict[str, list[str]], after: dict[str, list[str]]) -> None:
    """Every finished job is kept, and was not done again."""
    for job, ids in before.items():
        assert after[job] == ids, f"job {job}: {ids} became {after[job]}"
    assert all(len(ids) == 1 for ids in after.values()), after


def check_tracking(folder: Path) -> None:
    """MLflow's database is whole and holds every finished run once."""
    with sqlite3.connect(folder / "mlflow.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = connection.execute(
            "select s.value, r.name from tags s join tags l on s.run_uuid = l.run_uuid "
            "join tags u on s.run_uuid = u.run_uuid join runs r on r.run_uuid = s.run_uuid "
            "where s.key = 'store_run_id' and l.key = 'level' and l.value = 'top' "
            "and u.key = 'uploaded' and u.value = 'whole' and r.lifecycle_stage = 'active'"
        ).fetchall()
    tracked = Counter(rows)  # a model and the baseline it is measured against, each a run
    runs = [run for run in Store(folder / "outputs") if run.status == "finished"]
    assert {run_id for run_id, _ in tracked} == {run.id for run in runs}
    assert set(tracked.values()) == {1}, tracked


def start(folder: Path, *more: str) -> subprocess.Popen[bytes]:
    """Start the sweep in a process group of its own."""
    command = [sys.executable, "-m", "dcforecast", *WORDS, *more]
    with (folder / "told.txt").open("ab") as told:
        return subprocess.Popen(
            command, cwd=folder, stdout=told, stderr=told, start_new_session=True
        )


def kill_at(folder: Path, seconds: float, *more: str) -> bool:
    """Start the sweep and kill its group after so many seconds; tell whether it was in time."""
    process = start(folder, *more)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        time.sleep(0.2)  # the workers go a moment later
        return True
    assert process.returncode == 0, (folder / "told.txt").read_text()
    return False


def kill_when(folder: Path, process: subprocess.Popen[bytes], finished: int) -> None:
    """Kill a sweep as soon as so many of its jobs are finished."""
    while sum(run.status == "finished" for run in Store(folder / "outputs")) < finished:
        assert process.poll() is None, (folder / "told.txt").read_text()
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    time.sleep(0.2)


def close(folder: Path, *more: str) -> list[Run]:
    """Let the sweep come to its end, twice; return its runs."""
    assert start(folder, *more).wait(600) == 0, (folder / "told.txt").read_text()
    runs = finished(folder)
    assert len(runs) == JOBS
    check_kept(runs, runs)
    check_tracking(folder)
    assert start(folder, *more).wait(600) == 0
    assert finished(folder) == runs, "a further call makes nothing new"
    return list(Store(folder / "outputs"))


def trial(kills: int, longest: float, seed: int, *more: str) -> tuple[int, int]:
    """Kill so many times; return how many kills and how many folders there were."""
    rng = random.Random(seed)
    done = folders = 0
    while done < kills:
        folders += 1
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            prepare(folder)
            known: dict[str, list[str]] = {}
            while done < kills and kill_at(folder, rng.uniform(0.1, longest), *more):
                done += 1
                now = finished(folder)
                check_kept(known, now)
                known = now
                print(f"kill {done}: {len(known)} of {JOBS} finished", flush=True)
            check_kept(known, finished(folder))
            close(folder, *more)
    return done, folders


def main() -> None:
    """Run the trials and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--longest", type=float, default=20.0, help="latest moment of a kill [s]")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("overrides", nargs="*")
    given = parser.parse_args()
    started = time.perf_counter()
    kills, folders = trial(given.kills, given.longest, given.seed, *given.overrides)
    seconds = time.perf_counter() - started
    print(
        f"{kills} kills over {folders} sweeps of {JOBS} jobs in {seconds:.0f} s: every finished "
        "job kept once, the rest resumed, store and MLflow whole"
    )


if __name__ == "__main__":
    main()
