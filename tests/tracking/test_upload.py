"""What MLflow has after an upload, read back through its own client."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from dcforecast.config.tracking import TrackingSettings
from dcforecast.store import Run, Store
from dcforecast.tracking import link, probe, reason, upload
from dcforecast.tracking import upload as upload_function
from dcforecast.tracking.place import client_for


def all_runs(client: Any, experiment: str, level: str) -> list[Any]:
    found = client.get_experiment_by_name(experiment)
    return list(client.search_runs([found.experiment_id], f"tags.level = '{level}'"))


def test_backtest_one_top_run_a_model(make_run, sqlite, project) -> None:
    run = make_run("backtest")
    url = upload(run, sqlite, project_dir=project, batch="b1")
    client = client_for(sqlite, project)
    tops = {r.info.run_name: r for r in all_runs(client, "dcforecast/backtest", "top")}
    assert set(tops) == {"ets", "seasonal_naive"}
    experiment = client.get_experiment_by_name("dcforecast/backtest")
    assert url == f"#/experiments/{experiment.experiment_id}/runs?viewStateShareKey=b1"
    ets = tops["ets"]
    # mean over both series: MASE 0.8 and 0.88, skill 0.25 and 0.20
    assert ets.data.metrics["mase"] == pytest.approx(0.84)
    assert ets.data.metrics["skill_vs_naive"] == pytest.approx(0.225)
    assert ets.data.tags["batch"] == "b1"
    assert ets.data.tags["store_run_id"] == run.id
    assert ets.data.tags["mlflow.source.git.commit"] == "0123abc"
    assert ets.data.params["data_vintage"] == "2026-10-20"
    assert ets.data.params["fleet.delay_years"] == "2", "an override can be compared"
    assert ets.inputs.dataset_inputs[0].dataset.digest == "feed"
    steps = client.get_metric_history(ets.info.run_id, "mase_by_step")
    assert sorted(point.step for point in steps) == [3, 6]
    names = {one.path for one in client.list_artifacts(ets.info.run_id)}
    assert {"config.json", "scores.csv", "figures"} <= names


def test_backtest_children_are_the_series(make_run, sqlite, project) -> None:
    upload(make_run("backtest"), sqlite, project_dir=project, batch="b1")
    client = client_for(sqlite, project)
    tops = {r.info.run_id for r in all_runs(client, "dcforecast/backtest", "top")}
    children = all_runs(client, "dcforecast/backtest", "child")
    assert len(children) == 4
    assert {child.data.tags["mlflow.parentRunId"] for child in children} == tops
    crps = {child.info.run_name: child.data.metrics["crps"] for child in children}
    assert crps["ets generation_total"] == pytest.approx(40.0)
    assert crps["seasonal_naive export"] == pytest.approx(40.0 * 1.15)


def test_run_one_top_run_a_scenario_with_headlines(make_run, sqlite, project) -> None:
    run = make_run("run", "tripp_2030")
    upload(run, sqlite, project_dir=project, batch="b2")
    client = client_for(sqlite, project)
    (top,) = all_runs(client, "dcforecast/run", "top")
    assert top.data.params["scenario"] == "tripp_2030"
    assert top.data.metrics["tripp_capability_twh_2030"] == pytest.approx(1.0)
    assert top.data.metrics["data_centres_expected_twh_2030"] == pytest.approx(1.0)
    history = client.get_metric_history(top.info.run_id, "exports_capability_twh_by_year")
    assert top.data.metrics["exports_capability_twh_2030"] == pytest.approx(4.0)
    # corridors only: tripp 1.0 and georgia 3.0 in 2030; data centres are no export
    assert {p.step: p.value for p in history}[2030] == pytest.approx(4.0)
    children = {r.info.run_name: r for r in all_runs(client, "dcforecast/run", "child")}
    assert set(children) == {"data_centres", "tripp", "georgia"}
    assert children["georgia"].data.metrics["firm_power_mw"] == pytest.approx(300.0)


def test_uploading_twice_adds_nothing(make_run, sqlite, project) -> None:
    run = make_run("backtest")
    first = upload(run, sqlite, project_dir=project, batch="b")
    assert upload(run, sqlite, project_dir=project, batch="b") == first
    client = client_for(sqlite, project)
    assert len(all_runs(client, "dcforecast/backtest", "top")) == 2
    assert len(all_runs(client, "dcforecast/backtest", "child")) == 4


def test_a_broken_upload_is_taken_up_again(make_run, sqlite, project, monkeypatch, capsys) -> None:
    run = make_run("backtest")
    module = sys.modules[upload_function.__module__]
    honest = module._inputs
    calls = []

    def failing(client: Any, key: str, record: Any) -> None:
        calls.append(record.name)
        if record.name == "seasonal_naive export":
            raise ConnectionError("the line went dead")
        honest(client, key, record)

    monkeypatch.setattr(module, "_inputs", failing)
    assert upload(run, sqlite, project_dir=project, batch="b") is None
    told = capsys.readouterr().err
    assert "the line went dead" in told
    assert f"dcforecast track {run.id}" in told
    monkeypatch.setattr(module, "_inputs", honest)
    assert upload(run, sqlite, project_dir=project, batch="b") is not None
    client = client_for(sqlite, project)
    tops = all_runs(client, "dcforecast/backtest", "top")
    assert sorted(top.info.run_name for top in tops) == ["ets", "seasonal_naive"]
    assert len(all_runs(client, "dcforecast/backtest", "child")) == 4


def test_a_server_that_is_not_there_costs_no_run(make_run, tmp_path, capsys) -> None:
    nobody = TrackingSettings(
        name="server",
        description="for a test",
        kind="server",
        uri="http://127.0.0.1:9",
        timeout_seconds=1,
    )
    run = make_run("backtest")
    assert upload(run, nobody, project_dir=tmp_path, batch="b") is None
    told = capsys.readouterr().err
    assert "no MLflow server answers at http://127.0.0.1:9" in told
    assert "the run is safe in the store" in told
    assert len(told) < 200
    assert told.count("\n") == 1
    assert "127.0.0.1:9" in (probe(nobody, project_dir=tmp_path) or "")


def test_a_reason_is_told_even_without_a_message() -> None:
    assert reason(TimeoutError(), "sqlite:///mlflow.db") == "TimeoutError"


def view_of(client: Any, experiment: str, address: str) -> dict[str, Any]:
    key = address.partition("viewStateShareKey=")[2]
    tags = client.get_experiment_by_name(experiment).tags
    return dict(json.loads(tags[f"mlflow.sharedViewState.{key}"]))


def test_the_view_of_a_batch_shows_what_differs_and_the_metrics(make_run, sqlite, project) -> None:
    runs = [make_run("run", name) for name in ("baseline", "tripp_2030")]
    upload(make_run("run", "dry_years"), sqlite, project_dir=project, batch="another")
    for run in runs:
        address = upload(run, sqlite, project_dir=project, batch="b")
    client = client_for(sqlite, project)
    view = view_of(client, "dcforecast/run", str(address))
    shown = view["selectedColumns"]
    assert shown[:2] == ["params.`model`", "params.`scenario`"]
    assert "params.`series`" not in shown  # the same in all runs
    assert shown[2].startswith("metrics.`exports_")
    assert view["orderByKey"] == "attributes.`Created`"
    assert "metrics.`exports_expected_twh_2030`" in shown
    assert not [name for name in shown if "seconds" in name or "by_year" in name]
    found = client.search_runs([top_experiment(client)], view["searchFilter"])
    assert {one.data.params["scenario"] for one in found} == {"baseline", "tripp_2030"}
    assert {one.data.tags["level"] for one in found} == {"top"}


def test_a_backtest_is_shown_with_the_best_model_first(make_run, sqlite, project) -> None:
    address = upload(make_run("backtest"), sqlite, project_dir=project, batch="b")
    client = client_for(sqlite, project)
    view = view_of(client, "dcforecast/backtest", str(address))
    assert (view["orderByKey"], view["orderByAsc"]) == ("metrics.`skill_vs_naive`", False)
    # A run is called as its model, which needs no column of its own.
    assert view["selectedColumns"][:2] == ["metrics.`skill_vs_naive`", "metrics.`crps`"]
    assert "params.`model`" not in view["selectedColumns"]
    assert view["columnWidths"]["metrics.`skill_vs_naive`"] >= 70 + 8 * len("skill_vs_naive")
    experiment = client.get_experiment_by_name("dcforecast/backtest")
    assert "more is better" in experiment.tags["mlflow.note.content"]
    for top in all_runs(client, "dcforecast/backtest", "top"):
        assert all(len(f"{value!r}") <= 12 for value in top.data.metrics.values())


def test_a_note_of_the_users_stays(make_run, sqlite, project) -> None:
    upload(make_run("backtest"), sqlite, project_dir=project, batch="b")
    client = client_for(sqlite, project)
    experiment = client.get_experiment_by_name("dcforecast/backtest").experiment_id
    client.set_experiment_tag(experiment, "mlflow.note.content", "mine")
    upload(make_run("backtest"), sqlite, project_dir=project, batch="c")
    assert client.get_experiment(experiment).tags["mlflow.note.content"] == "mine"


def top_experiment(client: Any) -> str:
    return str(client.get_experiment_by_name("dcforecast/run").experiment_id)


def test_the_view_of_a_search_shows_its_trials(tmp_path, sqlite, project) -> None:
    run = Store(tmp_path / "outputs").create("tune", {"data": {"name": "embedded"}}, model="hgb")
    trials = [
        {"number": n, "params": {"lags": 2 + n, "alpha": 0.1}, "value": 1.0, "state": "COMPLETE"}
        for n in range(3)
    ]  # fmt: skip
    run.update(best=trials[-1], trials=trials)
    run.finish("finished")
    address = upload(run, sqlite, project_dir=project, batch="b")
    client = client_for(sqlite, project)
    view = view_of(client, "dcforecast/tune", str(address))
    assert view["selectedColumns"] == ["params.`model`", "params.`lags`", "metrics.`objective`"]
    experiment = client.get_experiment_by_name("dcforecast/tune").experiment_id
    found = client.search_runs([experiment], view["searchFilter"])
    assert {one.data.params["lags"] for one in found} == {"2", "3", "4"}


def test_link_compares_runs_of_several_batches(make_run, sqlite, project) -> None:
    runs = [make_run("run", name) for name in ("baseline", "tripp_2030")]
    for run, batch in zip(runs, ("early", "late"), strict=True):
        run.update(batch=batch)
        upload(run, sqlite, project_dir=project, batch=batch)
    client = client_for(sqlite, project)
    view = view_of(client, "dcforecast/run", link(runs, sqlite, project_dir=project))
    assert len(client.search_runs([top_experiment(client)], view["searchFilter"])) == 2


def test_two_uploads_of_one_run_at_once_do_not_double(make_run, sqlite, project) -> None:
    run = make_run("backtest")
    with ThreadPoolExecutor(4) as pool:
        jobs = [
            pool.submit(upload, Run(run.path), sqlite, project_dir=project, batch="b")
            for _ in range(4)
        ]
    assert len({job.result() for job in jobs}) == 1
    client = client_for(sqlite, project)
    assert len(all_runs(client, "dcforecast/backtest", "top")) == 2
    assert len(all_runs(client, "dcforecast/backtest", "child")) == 4


_UPLOADER = """
import sys
from pathlib import Path
from dcforecast.config.tracking import TrackingSettings
from dcforecast.store import Run, Store
from dcforecast.tracking import upload
settings = TrackingSettings(name="sqlite", description="for a test")
sys.exit(upload(Run(Path(sys.argv[1])), settings, project_dir=Path(sys.argv[2]), batch="b") is None)
"""


@pytest.mark.slow
def test_eight_processes_at_once_on_a_fresh_store(make_run, sqlite, tmp_path: Path) -> None:
    runs: list[Run] = [make_run("run", f"scenario_{i}") for i in range(8)]
    arguments = [[sys.executable, "-c", _UPLOADER, str(r.path), str(tmp_path)] for r in runs]
    processes = [subprocess.Popen(a, stderr=subprocess.PIPE) for a in arguments]
    told = [process.communicate(timeout=600)[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0] * 8, told
    client = client_for(sqlite, tmp_path)
    tops = all_runs(client, "dcforecast/run", "top")
    assert {top.data.tags["store_run_id"] for top in tops} == {run.id for run in runs}
    assert {top.data.tags["uploaded"] for top in tops} == {"whole"}
    with sqlite3.connect(tmp_path / "mlflow.db") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
