"""Champions in the model registry: a real SQLite store, and a real ``mlflow models serve``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dcforecast.config.compose import compose, from_dict
from dcforecast.config.tracking import TrackingSettings
from dcforecast.pipelines.execute import execute
from dcforecast.pipelines.registering import champions_of, judge_at, register_champions
from dcforecast.store import Run
from dcforecast.tracking import register
from dcforecast.tracking.place import client_for
from dcforecast.tracking.registry import Champion, digest, model_name

JUDGE = judge_at(0.05)


@pytest.fixture
def backtested(project: Path) -> Run:
    """A real, tracked backtest of two models on a file of sixty months."""
    months = pd.date_range("2019-01-01", periods=60, freq="MS")
    noise = np.random.default_rng(3).normal(0, 4, len(months))
    load = 500 + 3 * np.arange(60) + 40 * np.sin(np.arange(60) * np.pi / 6) + noise
    frame = pd.DataFrame({"month": months, "load_gwh": load})
    frame.to_csv(project / "load.csv", index=False)
    composed = compose(
        [
            "data=csv",
            f"data.path={project / 'load.csv'}",
            "data.time=month",
            "data.target=load_gwh",
            "data.freq=MS",
            "evaluation=quick",
            "evaluation.models=[ets]",
            "evaluation.horizon=6",
            "evaluation.origins=6",
            "compute=serial",
            f"store.path={project / 'outputs'}",
        ]
    )
    return execute("backtest", composed, quiet=True)


@pytest.fixture
def champion(backtested: Run) -> Champion:
    (found,) = champions_of(backtested, from_dict(backtested.config).settings)
    return found


def versions(client: Any, name: str) -> dict[int, dict[str, str]]:
    return {int(v.version): v.tags for v in client.search_model_versions(f"name = '{name}'")}


def alias(client: Any, name: str) -> int:
    return int(client.get_model_version_by_alias(name, "champion").version)


def test_names_are_plain() -> None:
    assert model_name("dcforecast", "export_annual") == "dcforecast-export_annual"
    assert model_name("mine", "a/b: c") == "mine-a-b-c"


def test_a_backtest_leaves_its_champion(backtested: Run, sqlite, project: Path) -> None:
    import mlflow

    client = client_for(sqlite, project)
    name = "dcforecast-load_gwh"
    (made,) = client.search_model_versions(f"name = '{name}'")
    assert alias(client, name) == int(made.version) == 1
    assert made.tags["store_run_id"] == backtested.id
    assert made.tags["decision"] == "first champion"
    assert client.get_run(made.run_id).info.run_name == made.tags["model"] == "ets"
    folder = Path(mlflow.artifacts.download_artifacts(made.source, dst_path=str(project / "got")))
    files = {file.name for file in folder.rglob("*") if file.is_file()}
    assert {"champion_model.py", "spec.json", "history.parquet", "input_example.json"} <= files
    assert not [file for file in files if file.endswith((".pkl", ".pickle", ".cloudpickle"))]
    pinned = (folder / "requirements.txt").read_text().split()
    assert all("==" in line for line in pinned)
    assert {"dcforecast", "pandas", "statsmodels"} <= {line.split("==")[0] for line in pinned}
    info = mlflow.models.get_model_info(str(folder))
    assert info.signature.inputs.input_names() == ["horizon"]
    assert info.signature.outputs.input_names() == ["period", "mean", "q100", "q500", "q900"]


def test_the_model_says_what_the_forecaster_says(champion, backtested, project, monkeypatch):
    import mlflow

    from dcforecast.models import create
    from dcforecast.sources import regular

    monkeypatch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "false")
    source = next((project / "mlartifacts").rglob("MLmodel")).parent
    model = mlflow.pyfunc.load_model(str(source))
    found = model.predict(pd.DataFrame({"horizon": [4]}), params={"quantiles": [0.05, 0.5]})
    assert list(found.columns) == ["period", "mean", "q050", "q500"]
    assert found["period"].iloc[0].startswith("2024-01")
    (one,) = regular(compose(backtested.manifest["overrides"]).settings.data)
    direct = create("ets").fit(one.y).predict(4, quantiles=[0.05, 0.5])
    np.testing.assert_allclose(found[["mean", "q050", "q500"]], direct, rtol=1e-9)
    for wrong in ([0], [10_001], [3, 4]):
        with pytest.raises(mlflow.exceptions.MlflowException, match="horizon"):
            model.predict(pd.DataFrame({"horizon": wrong}))


def test_a_second_time_adds_nothing(backtested: Run, sqlite, project: Path) -> None:
    assert register_champions(backtested, sqlite, project_dir=project) == ""
    assert len(versions(client_for(sqlite, project), "dcforecast-load_gwh")) == 1


def rival(champion: Champion, *, crps_factor: float, seed: int = 0) -> Champion:
    """Another model whose forecasts miss by `crps_factor` times as much, give or take."""
    rows = champion.backtest.copy()
    columns = ["mean", *(c for c in rows.columns if c.startswith("q"))]
    noise = np.random.default_rng(seed).uniform(0.9, 1.1, len(rows))
    for column in columns:
        miss = rows[column] - rows["actual"]
        rows[column] = rows["actual"] + miss * crps_factor * noise
    spec = {**champion.spec, "model": "other", "params": {"season_length": 12}}
    kept = {digest(champion.spec): champion.backtest}
    return replace(champion, model="other", spec=spec, backtest=rows, rivals=kept)


def put(champion: Champion, run: Run, settings: TrackingSettings, project: Path) -> Any:
    done = register(run, [champion], settings, project_dir=project, judge=JUDGE)
    return next(iter(done.values()), None)


@pytest.mark.parametrize("beside", [True, False], ids=["same backtest", "stored backtest"])
def test_only_a_better_model_takes_the_alias(
    champion, backtested, sqlite, project, beside: bool
) -> None:
    def made(factor: float, seed: int) -> Champion:
        other = rival(champion, crps_factor=factor, seed=seed)
        return other if beside else replace(other, rivals={})

    client, name = client_for(sqlite, project), "dcforecast-load_gwh"
    same = put(made(1.0, 1), backtested, sqlite, project)
    assert not same.promoted
    assert same.reason.startswith("against version 1: not significantly better (p = ")
    assert alias(client, name) == 1
    assert versions(client, name)[2]["promoted"] == "no"
    assert put(made(1.0, 1), backtested, sqlite, project) is None, "it lost once already"
    best = put(made(0.3, 2), backtested, sqlite, project)
    assert best.promoted
    assert best.reason.startswith("against version 1: better (p = ")
    assert alias(client, name) == 3


def test_other_data_are_no_evidence(champion, backtested, sqlite, project) -> None:
    best = replace(rival(champion, crps_factor=0.3), rivals={})
    moved = best.backtest.assign(actual=best.backtest["actual"] * 1.01)
    verdict = put(replace(best, backtest=moved), backtested, sqlite, project)
    assert verdict.reason == "against version 1: not tested on the same data"
    assert not verdict.promoted


def test_the_same_model_moves_on_with_the_data(champion, backtested, sqlite, project) -> None:
    client, name = client_for(sqlite, project), "dcforecast-load_gwh"
    longer = champion.history.assign(value=champion.history["value"] + 1.0)
    assert put(replace(champion, history=longer), backtested, sqlite, project).promoted
    assert alias(client, name) == 2
    backtested.update(data_vintage="2001-01-01")
    older = put(replace(champion, history=longer.iloc[:-9]), backtested, sqlite, project)
    assert older.reason == "older data than version 2"
    assert alias(client, name) == 2


def test_trouble_is_told_and_costs_nothing(backtested, project, capsys) -> None:
    nobody = TrackingSettings(
        name="server", description="t", kind="server", uri="http://127.0.0.1:9", timeout_seconds=1
    )
    assert register_champions(backtested, nobody, project_dir=project) == ""
    told = capsys.readouterr().err
    assert "the model registry failed" in told
    assert f"dcforecast track {backtested.id}" in told
    off = TrackingSettings(name="sqlite", description="t", registry=False)
    assert register_champions(backtested, off, project_dir=project) == ""
    assert capsys.readouterr().err == ""


@pytest.mark.slow
@pytest.mark.server
def test_served_over_http(backtested: Run, sqlite, project: Path, free_port: int) -> None:
    client_for(sqlite, project)
    address = f"http://127.0.0.1:{free_port}"
    command = [
        sys.executable, "-m", "mlflow", "models", "serve", "--env-manager", "local",
        "--model-uri", "models:/dcforecast-load_gwh@champion",
        "--host", "127.0.0.1", "--port", str(free_port), "--workers", "1",
    ]  # fmt: skip
    environment = {
        **os.environ,
        "MLFLOW_TRACKING_URI": f"sqlite:///{project / 'mlflow.db'}",
        "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    log = project / "serve.log"
    with log.open("wb") as out:
        # A group of its own: the command starts a server process below itself.
        process = subprocess.Popen(
            command, env=environment, cwd=project, stdout=out, stderr=out, start_new_session=True
        )
    try:
        wait_for(f"{address}/ping", process, log)
        answer = post(address, {"dataframe_split": {"columns": ["horizon"], "data": [[3]]}})
        rows = answer["predictions"]
        assert list(rows[0]) == ["period", "mean", "q100", "q500", "q900"]
        assert [row["period"][:7] for row in rows] == ["2024-01", "2024-02", "2024-03"]
        assert all(row["q100"] < row["q500"] < row["q900"] for row in rows)
        wanted = {
            "dataframe_records": [{"horizon": 2}],
            "params": {"quantiles": [0.25, 0.75]},
        }
        assert list(post(address, wanted)["predictions"][0]) == ["period", "mean", "q250", "q750"]
        with pytest.raises(urllib.error.HTTPError) as refused:
            post(address, {"dataframe_records": [{"horizon": 0}]})
        assert refused.value.code == 400
        assert "horizon=0" in refused.value.read().decode()
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=15)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        with suppress(OSError), urllib.request.urlopen(address, timeout=2):
            return
        time.sleep(0.3)
    pytest.fail(f"no answer from {address}: {log.read_text()}")


def post(address: str, body: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{address}/invocations",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return dict(json.loads(answer.read()))
