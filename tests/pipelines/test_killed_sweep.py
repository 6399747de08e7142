"""``kill -9`` in the middle of a sweep: what was finished is kept once, the rest resumes."""

from __future__ import annotations

import sys
from importlib import util
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def killing() -> ModuleType:
    """The benchmark that does the same many times at random moments."""
    file = Path(__file__).parents[2] / "benchmarks" / "kill_sweep.py"
    spec = util.spec_from_file_location("kill_sweep", file)
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    sys.modules["kill_sweep"] = module
    spec.loader.exec_module(module)
    return module


def test_a_killed_sweep_is_taken_up_again(killing: ModuleType, tmp_path: Path) -> None:
    killing.prepare(tmp_path)
    process = killing.start(tmp_path)
    killing.kill_when(tmp_path, process, finished=2)
    before = killing.finished(tmp_path)
    assert 2 <= len(before) < killing.JOBS
    runs = killing.close(tmp_path)
    killing.check_kept(before, killing.finished(tmp_path))
    assert sum(run.status == "finished" for run in runs) == killing.JOBS
    told = (tmp_path / "told.txt").read_text()
    assert f"{len(before)} finished earlier" in told
