"""A sweep spread over a real Dask cluster and by submitit: the same store, the same tracking."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dcforecast.store import Store

pytestmark = [pytest.mark.slow, pytest.mark.server]

WORDS = (
    "backtest", "-m", "data=csv", "data.path=y.csv", "data.time=t", "data.target=y",
    "model=drift,theta", "evaluation.horizon=3,600", "evaluation.origins=2", "report=none",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    months = pd.date_range("2010-01-01", periods=60, freq="MS")
    values = 100 + np.arange(60) + 10 * np.sin(np.arange(60) * np.pi / 6)
    pd.DataFrame({"t": months, "y": values}).to_csv(tmp_path / "y.csv", index=False)
    return tmp_path


@pytest.fixture
def cluster(folder: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers, each a process of its own on loopback."""
    file = folder / "scheduler.json"
    elsewhere = folder / "elsewhere"  # where a cluster's workers happen to be started
    elsewhere.mkdir()
    common = {"cwd": elsewhere, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    module = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    started = [
        subprocess.Popen(
            [*module, "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
             "--scheduler-file", str(file)],
            **common,
        )
    ]  # fmt: skip
    end = time.monotonic() + 120
    while not file.exists():
        assert started[0].poll() is None
        assert time.monotonic() < end
        time.sleep(0.1)
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--no-nanny", "--no-dashboard"]
    worker += ["--nthreads", "1", "--scheduler-file", str(file)]
    started += [subprocess.Popen(worker, **common) for _ in range(2)]
    while not (file.exists() and file.read_text().strip()):
        time.sleep(0.1)
    yield str(json.loads(file.read_text())["address"]), started[1:]
    for process in started:
        process.kill()
        process.wait()


def check(folder: Path, done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 1, done.stderr
    assert "2 of 4 jobs failed" in done.stderr
    assert "too few" in done.stderr
    runs = [run for run in Store(folder / "outputs") if run.status == "finished"]
    assert {run.config["model"]["name"] for run in runs} == {"drift", "theta"}
    assert len(runs) == 2
    assert all("tracking_url" in run.manifest for run in runs)


def test_a_sweep_on_a_dask_cluster_survives_a_killed_worker(cli, folder: Path, cluster) -> None:
    address, workers = cluster
    words = (*WORDS, "compute=dask", f"compute.address={address}", "compute.retries=2")

    def kill_one_at_work() -> None:
        while not [run for run in Store(folder / "outputs") if run.status == "running"]:
            time.sleep(0.05)
        pid = next(r for r in Store(folder / "outputs") if r.status == "running").manifest["pid"]
        assert pid in {worker.pid for worker in workers}, "the job runs in a worker of the cluster"
        os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill_one_at_work)
    killer.start()
    done = cli(*words, cwd=folder)
    killer.join(timeout=10)
    assert not killer.is_alive()
    assert sum(worker.poll() is not None for worker in workers) == 1
    check(folder, done)
    assert "interrupted" in {run.status for run in Store(folder / "outputs")}


def test_a_sweep_by_submitit(cli, folder: Path) -> None:
    words = (*WORDS, "compute=slurm", "compute.slurm_cluster=local", "compute.folder=papers")
    check(folder, cli(*words, cwd=folder))
    assert list((folder / "papers").glob("*.pkl")), "the jobs went the way of SLURM"
