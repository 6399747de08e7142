"""The tracking store: where it is, and its first use under a lock."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

from filelock import FileLock

from dcforecast.config.tracking import TrackingSettings

__all__ = ["client_for", "experiment_id", "probe", "reason", "tracking_uri"]

#: How long a process waits while another one migrates the database; minutes on a busy machine [s].
_WAIT_SECONDS = 600

#: Longest reason told on a line.
_SHORT = 160

#: SQLite files this process has migrated and set to write-ahead mode.
_READY: set[str] = set()


def tracking_uri(settings: TrackingSettings, project_dir: Path) -> str:
    """Return the tracking URI: the given one, or ``mlflow.db`` in the project folder."""
    if settings.uri is not None:
        # SQLAlchemy 2.1 would take psycopg 3 by default; the extra "postgres" brings psycopg2.
        return settings.uri.replace("postgresql://", "postgresql+psycopg2://", 1)
    return f"sqlite:///{project_dir.absolute() / 'mlflow.db'}"


def client_for(settings: TrackingSettings, project_dir: Path) -> Any:
    """Return an MLflow client; a fresh database is migrated by one process at a time."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", str(settings.timeout_seconds))
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    import mlflow  # before the lock: it takes seconds

    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    uri = tracking_uri(settings, project_dir)
    if uri in _READY and Path(uri.removeprefix("sqlite:///")).exists():
        return mlflow.MlflowClient(tracking_uri=uri)
    project_dir.mkdir(parents=True, exist_ok=True)
    with FileLock(str(project_dir / ".mlflow.lock"), timeout=_WAIT_SECONDS):
        client = mlflow.MlflowClient(tracking_uri=uri)
        if not uri.startswith("http"):
            client.search_experiments(max_results=1)  # the migrations happen on first contact
        if uri.startswith("sqlite:///"):
            _write_ahead(Path(uri.removeprefix("sqlite:///")))
            _READY.add(uri)
    return client


def _write_ahead(file: Path) -> None:
    """Let readers and a writer work at once (SQLite's write-ahead log; it persists)."""
    import sqlite3

    with sqlite3.connect(file, timeout=20) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


def experiment_id(client: Any, name: str, settings: TrackingSettings, project_dir: Path) -> str:
    """Find or make an experiment; local artifacts lie in ``mlartifacts/`` of the project."""
    from mlflow.exceptions import MlflowException

    root = None
    if settings.kind == "sqlite" or not str(settings.uri).startswith("http"):
        root = (project_dir.absolute() / "mlartifacts" / name).as_uri()
    with FileLock(str(project_dir / ".mlflow.lock"), timeout=_WAIT_SECONDS):
        found = client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        try:
            return str(client.create_experiment(name, artifact_location=root))
        except MlflowException:  # another machine was faster
            return str(client.get_experiment_by_name(name).experiment_id)


def reason(error: Exception, place: str) -> str:
    """Say in a few words why a tracking store failed."""
    text = str(error).strip() or type(error).__name__
    if place.startswith("http") and ("Max retries" in text or "Connection" in text):
        return f"no MLflow server answers at {place}"
    line = " ".join(text.splitlines()[0].split())
    return line if len(line) <= _SHORT else line[:_SHORT] + " ..."


def probe(settings: TrackingSettings, *, project_dir: Path) -> str | None:
    """Return what is wrong with the tracking store, or None when it answers."""
    if (
        settings.kind == "sqlite"
        and settings.uri is None
        and not (project_dir / "mlflow.db").exists()
    ):
        # It is made by the first run, if that may write there.
        there = next(place for place in (project_dir, *project_dir.parents) if place.exists())
        return None if os.access(there, os.W_OK) else f"{there}: you may not write there"
    try:
        client_for(settings, project_dir).search_experiments(max_results=1)
    except Exception as error:  # noqa: BLE001  (any trouble is what is asked for)
        place = tracking_uri(settings, project_dir)
        return f"{place}: {reason(error, place)}"
    return None
