"""Small finished runs of the store, to be uploaded."""

from __future__ import annotations

import shutil
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dcforecast.config.tracking import TrackingSettings
from dcforecast.store import LEVELS, QUANTILE_COLUMNS, Run, Store
from dcforecast.tracking.place import client_for

SERIES = ("generation_total", "export")
MODELS = ("ets", "seasonal_naive")


def scores_frame() -> pd.DataFrame:
    rows = []
    for s, series in enumerate(SERIES):
        for m, model in enumerate(MODELS):
            for metric, base in (("crps", 40.0), ("mase", 0.8), ("coverage_90", 0.9)):
                for group in ("all", "1-3", "4-6"):
                    value = base * (1 + 0.1 * s + 0.05 * m)
                    skill = 0.0 if m else 0.25 - 0.05 * s
                    rows.append((series, model, metric, group, value, 0.1, skill, 24))
    names = ["series", "model", "metric", "step_group", "value", "se", "skill_vs_naive", "n"]
    return pd.DataFrame(rows, columns=names)


def annual_frame(scenario: str) -> pd.DataFrame:
    rows = []
    for sink, kind, level in (
        ("data_centres", "data_centre", 2.0),
        ("tripp", "corridor", 1.0),
        ("georgia", "corridor", 3.0),
    ):
        for year in (2029, 2030, 2031):
            for answer in ("capability", "expected"):
                middle = level * (1.0 if answer == "capability" else 0.5) + (year - 2030) * 0.1
                spread = {
                    column: middle + (p - 0.5)
                    for column, p in zip(QUANTILE_COLUMNS, LEVELS, strict=True)
                }
                rows.append(
                    {
                        "scenario": scenario,
                        "sink": sink,
                        "kind": kind,
                        "year": year,
                        "answer": answer,
                        "quantity": "energy_twh",
                        "mean": middle,
                        **spread,
                    }
                )
            firm = dict.fromkeys(("mean", *QUANTILE_COLUMNS), 100.0 * level)
            rows.append(
                {
                    "scenario": scenario,
                    "sink": sink,
                    "kind": kind,
                    "year": year,
                    "answer": "firm",
                    "quantity": "power_mw",
                    **firm,
                }
            )
    frame = pd.DataFrame(rows)
    return frame.astype({"year": np.int32})


MakeRun = Callable[..., Run]


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Make a finished run of a pipeline in the store of this test."""

    def make(pipeline: str = "backtest", scenario: str = "baseline") -> Run:
        config = {
            "data": {"name": "embedded"},
            "network": {"name": "published"},
            "fleet": {"name": "default", "delay_years": 2},
            "scenario": {"name": scenario},
        }
        run = Store(tmp_path / "outputs").create(
            pipeline,
            config,
            scenario=scenario,
            model="champion",
            data_vintage="2026-10-20",
            git_commit="0123abc",
            members=50,
            seed=7,
            input_digest="feed",
            overrides=["fleet.delay_years=2"],
        )
        if pipeline == "backtest":
            run.write("scores", scores_frame())
        else:
            run.write("annual", annual_frame(scenario))
        figures = run.artifacts / "figures"
        figures.mkdir(parents=True)
        (figures / "one.png").write_bytes(b"\x89PNG\r\n")
        run.finish("finished")
        return run

    return make


@pytest.fixture
def sqlite() -> TrackingSettings:
    return TrackingSettings(name="sqlite", description="for a test")


@pytest.fixture(scope="session")
def _migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make one empty tracking store; its migrations take seconds, so tests copy it."""
    folder = tmp_path_factory.mktemp("migrated")
    client_for(TrackingSettings(name="sqlite", description="for a test"), folder)
    with sqlite3.connect(folder / "mlflow.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder / "mlflow.db"


@pytest.fixture
def project(_migrated: Path, tmp_path: Path) -> Path:
    """A project folder whose tracking store is there and empty."""
    shutil.copy(_migrated, tmp_path / "mlflow.db")
    return tmp_path


@pytest.fixture
def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
