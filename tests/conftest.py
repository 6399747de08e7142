"""Fixtures shared by all rooms."""

from __future__ import annotations

import os
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

import pytest  # noqa: E402  (threads are limited before anything numerical is imported)

DATA_VARIABLE = "DCFORECAST_TEST_DATA"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests that need the outside data sets when no folder is named."""
    if os.environ.get(DATA_VARIABLE):
        return
    needing = [item for item in items if item.get_closest_marker("needs_data")]
    if needing:
        config.hook.pytest_deselected(items=needing)
        items[:] = [item for item in items if item not in set(needing)]
        config.stash[_DESELECTED] = len(needing)


_DESELECTED: pytest.StashKey[int] = pytest.StashKey()


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    """Say in one line what was left out for want of data."""
    count = config.stash.get(_DESELECTED, 0)
    if count:
        terminalreporter.write_line(
            f"{count} tests deselected: they read data from the folder named by {DATA_VARIABLE}"
        )


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Folder of the outside data sets; only for tests marked ``needs_data``."""
    folder = Path(os.environ[DATA_VARIABLE])
    assert folder.is_dir(), f"{DATA_VARIABLE}={folder} is not a folder"
    return folder
