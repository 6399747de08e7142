"""Fixtures shared by all rooms."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
# A shell starts background jobs deaf to Ctrl-C, and so would be the programs that tests interrupt.
if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    and threading.current_thread() is threading.main_thread()
):
    signal.signal(signal.SIGINT, signal.default_int_handler)

import pytest  # noqa: E402  (threads are limited before anything numerical is imported)

DATA_VARIABLE = "DCFORECAST_TEST_DATA"
_DESELECTED: pytest.StashKey[list[str]] = pytest.StashKey()


def _postgres() -> Path | None:
    """Folder of ``initdb`` and ``postgres``; Debian keeps them off the PATH."""
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((p for p in places if (p / "initdb").exists() and (p / "postgres").exists()), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests whose outside needs are not there: data sets, a PostgreSQL server."""
    told = config.stash.setdefault(_DESELECTED, [])
    data = f"they read data from the folder named by {DATA_VARIABLE}"
    server = "no PostgreSQL here, .ci/install-postgres installs one"
    for marker, there, why in (
        ("needs_data", bool(os.environ.get(DATA_VARIABLE)), data),
        ("needs_postgres", _postgres() is not None, server),
    ):
        needing = [] if there else [item for item in items if item.get_closest_marker(marker)]
        if needing:
            config.hook.pytest_deselected(items=needing)
            items[:] = [item for item in items if item not in set(needing)]
            told.append(f"{len(needing)} tests deselected: {why}")


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    """Say in one line each what was left out, and for want of what."""
    for line in config.stash.get(_DESELECTED, []):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Folder of the outside data sets; only for tests marked ``needs_data``."""
    folder = Path(os.environ[DATA_VARIABLE])
    assert folder.is_dir(), f"{DATA_VARIABLE}={folder} is not a folder"
    return folder


@pytest.fixture(scope="session")
def postgres_programs() -> Path:
    """Folder of PostgreSQL's programs; only for tests marked ``needs_postgres``."""
    found = _postgres()
    assert found is not None, "no PostgreSQL: .ci/install-postgres installs one"
    return found
