"""Folders and files that may not be used: one message, exit code 2, nothing left behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

#: Root may write everywhere unless it gives these up; another user never could.
_AS_A_USER = (
    []
    if os.geteuid() != 0
    else ["setpriv", "--bounding-set=-dac_override,-dac_read_search",
          "--inh-caps=-dac_override,-dac_read_search"]
)  # fmt: skip


def _typed(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*_AS_A_USER, sys.executable, *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        env={**os.environ, "COLUMNS": "200"},
    )


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A folder that may be read and not written, with a file that may not be read."""
    folder = tmp_path / "locked"
    folder.mkdir()
    rows = (f"{2018 + n // 12}-{n % 12 + 1:02d}-01,{10 + n}" for n in range(48))
    (folder / "load.csv").write_text("time,load\n" + "\n".join(rows) + "\n")
    shutil.copy(folder / "load.csv", folder / "secret.csv")
    (folder / "secret.csv").chmod(0o000)
    folder.chmod(0o555)
    if _AS_A_USER and shutil.which("setpriv") is None:
        pytest.skip("root cannot give up its rights here")
    if _typed("-c", "open('new', 'w')", cwd=folder).returncode == 0:
        pytest.skip("rights of files do not count here")
    yield folder
    folder.chmod(0o755)


_FILE = ("data=csv", "data.time=time", "data.target=load", "compute=serial", "tracking=off")
_MODEL = ("model=seasonal_naive", "evaluation.horizon=2", "evaluation.origins=2")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (("backtest", *_FILE, *_MODEL, "data.path=load.csv"), ["cannot create a run there"]),
        (
            ("backtest", "-m", *_FILE, *_MODEL, "data.path=load.csv", "evaluation.step=1,2"),
            ["cannot create a run there", "Permission denied"],
        ),
        (("backtest", *_FILE, *_MODEL, "data.path=secret.csv"), ["secret.csv", "may not read"]),
        (("tune", *_FILE, "model=ridge", *_MODEL[1:], "data.path=load.csv"), ["Permission denied"]),
    ],
)
def test_a_place_that_may_not_be_used_is_told(
    locked: Path, line: tuple[str, ...], words: list[str]
) -> None:
    done = _typed("-m", "dcforecast", *line, cwd=locked)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("Permission denied") <= 1, "told once"
    for word in words:
        assert word in done.stderr
    assert sorted(file.name for file in locked.iterdir()) == ["load.csv", "secret.csv"]


def test_the_doctor_sees_that_nothing_can_be_written(locked: Path) -> None:
    done = _typed("-m", "dcforecast", "doctor", cwd=locked)
    assert done.returncode == 1, done.stdout
    failed = [line.split()[1] for line in done.stdout.splitlines() if line.startswith(" no ")]
    assert failed == ["store", "tracking"]
