"""What Hydra and MLflow cost above the work, in CPU seconds of one process.

    python benchmarks/fixed_cost.py

Each figure is the least of several fresh processes.  The work is a backtest of one naive model on
five years of monthly data; the time of its stages, and of importing the numerical libraries it
needs in any case, is taken off.

* first job, tracked: with the imports of Hydra and MLflow and a fresh SQLite store (bar: 5 s);
* first job, tracking=off: the same untracked (bar: 1 s);
* further job: what each further job of a sweep in the same process costs (bar: 0.3 s, the mean).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

_CHILD = """
import json, sys, time
marks = {}
def mark(name): marks[name] = time.process_time()
kind, folder, repeats = sys.argv[1], sys.argv[2], int(sys.argv[3])
import os; os.chdir(folder)
if True:
    import pandas, pyarrow.parquet, scipy.stats, rich.console  # what the work needs anyway
    import dcforecast.evaluation, dcforecast.models, dcforecast.sources, dcforecast.reports
mark("libraries")
from dcforecast.pipelines import execute as module
from dcforecast.pipelines.sweep import sweep
spent = [0.0]
def timed(stage):
    def call(job):
        begun = time.process_time()
        stage(job)
        spent[0] += time.process_time() - begun
    return call
module.PIPELINES["backtest"] = tuple(timed(s) for s in module.PIPELINES["backtest"])
WORDS = ["data=csv", "data.path=y.csv", "data.time=t", "data.target=y", "model=seasonal_naive",
         "evaluation.horizon=3", "evaluation.origins=2", "report=none", "compute=serial",
         "store.reuse=false", "tracking=" + kind]
out, sys.stdout = sys.stdout, sys.stderr
begun = time.process_time()
assert sweep("backtest", [[*WORDS, "ensemble.seed=0"]], force=False) == 0
first = time.process_time() - begun - spent[0]
begun, spent[0] = time.process_time(), 0.0
jobs = [[*WORDS, f"ensemble.seed={1 + i}"] for i in range(repeats)]
assert sweep("backtest", jobs, force=False) == 0
further = (time.process_time() - begun - spent[0]) / repeats
sys.stdout = out
print(json.dumps({"libraries": marks["libraries"], "first": first, "further": further}))
"""


def child(kind: str, repeats: int) -> dict:  # type: ignore[type-arg]
    """Run the jobs in a fresh process and folder; return its figures."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [
            f"20{10 + i // 12}-{1 + i % 12:02d}-01,{100 + i + 10 * (i % 12)}" for i in range(60)
        ]
        (Path(folder) / "y.csv").write_text("\n".join(["t,y", *rows]) + "\n")
        done = subprocess.run(
            [sys.executable, "-c", _CHILD, kind, folder, str(repeats)],
            capture_output=True, text=True, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Measure and print the three figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=8, help="jobs of the sweep in one process")
    given = parser.parse_args()
    tracked = [child("sqlite", given.jobs) for _ in range(given.trials)]
    plain = [child("off", given.jobs) for _ in range(given.trials)]
    figures = {
        "libraries of the work": min(t["libraries"] for t in plain),
        "first job, tracked (bar 5)": min(t["first"] for t in tracked),
        "first job, tracking=off (bar 1)": min(t["first"] for t in plain),
        "further job, tracked (bar 0.3)": min(t["further"] for t in tracked),
        "further job, tracking=off": min(t["further"] for t in plain),
    }
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores")
    print("CPU seconds above the work, least of", given.trials, "processes")
    for name, seconds in figures.items():
        print(f"{name:<34} {seconds:6.2f}")


if __name__ == "__main__":
    main()
