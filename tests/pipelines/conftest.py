"""One real, small run that many tests look at."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dcforecast.store import Run, Store

#: Small but whole: three years, few members, fast models.
SMALL = (
    "evaluation=quick",
    "ensemble.members=12",
    "ensemble.years.last=2028",
    "compute=serial",
    "report.dpi=60",
)
Cli = Callable[..., subprocess.CompletedProcess[str]]


def call(
    *words: str, cwd: Path, timeout: float = 1200, **env: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dcforecast", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env={**os.environ, "COLUMNS": "100", **env},
    )


@pytest.fixture(scope="session")
def cli() -> Cli:
    """The command line in a process of its own."""
    return call


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one finished run, tracked in MLflow."""
    folder = tmp_path_factory.mktemp("project")
    done = call("run", *SMALL, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().splitlines()[-1].startswith("run_id: ")
    (folder / "stdout.txt").write_text(done.stdout)
    (folder / "stderr.txt").write_text(done.stderr)
    return folder


@pytest.fixture(scope="session")
def finished(project: Path) -> Run:
    """The finished run."""
    return Store(project / "outputs").get()
