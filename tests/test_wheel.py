"""The wheel carries its configuration, experiments and data, and works from an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_it_holds_everything(unpacked: Path) -> None:
    for name in (
        "conf/dcforecast.yaml",
        "conf/scenario/tripp_2030.yaml",
        "data/observations.csv",
        "data/shapes/hourly.json",
        "reports/report.html.j2",
        "py.typed",
    ):
        assert (unpacked / "dcforecast" / name).is_file(), name
    assert list((unpacked / "dcforecast" / "experiments").glob("*.yaml"))
    assert not list(unpacked.rglob("*.parquet"))


def test_it_works_from_an_empty_folder(unpacked: Path, tmp_path: Path) -> None:
    def call(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "dcforecast", *words], cwd=tmp_path, capture_output=True,
            text=True, check=False, env={**os.environ, "PYTHONPATH": str(unpacked)},
        )  # fmt: skip

    done = call("run", "--cfg", "job", "experiment=quick_look")
    assert done.returncode == 0, done.stderr
    assert "members: 20" in done.stdout
    assert "observations" in call("data").stdout
    where = subprocess.run(
        [sys.executable, "-c", "import dcforecast; print(dcforecast.__file__)"], cwd=tmp_path,
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(unpacked)},
    )  # fmt: skip
    assert str(unpacked) in where.stdout
    assert list(tmp_path.iterdir()) == []
