"""The same results whatever does the work; a failed task stays alone."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from dcforecast.compute import Failure, Pool
from dcforecast.config.compute import ComputeSettings
from dcforecast.errors import UserError

HERE = str(Path(__file__).parent)


@pytest.fixture(autouse=True)
def _workers_find_the_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(HERE)
    monkeypatch.setenv("PYTHONPATH", HERE)


def task(name: str) -> Callable[..., object]:
    return getattr(import_module("pool_tasks"), name)


def pool(kind: str, folder: Path, **more: object) -> Pool:
    return Pool(
        ComputeSettings(
            name=kind,
            description="for a test",
            kind=kind,
            workers=2,
            folder=str(folder / "slurm"),
            slurm_cluster="local",
            **more,
        )
    )


KINDS = [
    "serial",
    "local",
    pytest.param("dask", marks=pytest.mark.slow),
    pytest.param("slurm", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("kind", KINDS)
def test_results_in_order_and_failures_apart(kind: str, tmp_path: Path) -> None:
    told: dict[int, object] = {}
    results = pool(kind, tmp_path).map(task("square_but_three"), [1, 2, 3, 4], told.__setitem__)
    assert [results[0], results[1], results[3]] == [1, 4, 16]
    assert isinstance(results[2], Failure)
    assert "three is not squared" in results[2].message
    assert "square_but_three" in results[2].details
    assert told == dict(enumerate(results))


def test_local_works_in_other_processes(tmp_path: Path) -> None:
    assert os.getpid() not in pool("local", tmp_path).map(task("process_of"), [0, 1])
    assert set(pool("serial", tmp_path).map(task("process_of"), [0, 1])) == {os.getpid()}


def test_local_a_killed_process_costs_its_own_task_only(tmp_path: Path) -> None:
    results = pool("local", tmp_path).map(task("die_at_two"), list(range(6)))
    assert isinstance(results[2], Failure)
    assert "worker lost" in results[2].message
    assert [results[i] for i in (0, 1, 3, 4, 5)] == [0, 1, 9, 16, 25]
    assert pool("local", tmp_path).map(task("square"), [5]) == [25], "the next map works again"


@pytest.mark.slow
@pytest.mark.server
def test_dask_a_killed_worker_is_replaced(tmp_path: Path) -> None:
    tasks = [(number, str(tmp_path / "died")) for number in range(4)]
    assert pool("dask", tmp_path, retries=2).map(task("die_once"), tasks) == [0, 1, 4, 9]
    assert (tmp_path / "died").exists(), "the worker was really killed"


def test_dask_address_where_nobody_answers(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no Dask scheduler"):
        pool("dask", tmp_path, address="nonsense://127.0.0.1:1").map(task("square"), [1])
