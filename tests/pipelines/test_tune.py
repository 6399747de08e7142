"""A search goes on after it was killed, stops poor trials early, and its result can be used."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from dcforecast.cli import main
from dcforecast.config.compose import compose
from dcforecast.errors import UserError
from dcforecast.evaluation import backtest
from dcforecast.evaluation.scores import pointwise
from dcforecast.models import create
from dcforecast.pipelines import tune as tuning
from dcforecast.pipelines.tune_tasks import tune_tasks
from dcforecast.store import Store

_WORDS = (
    "model=drift", "data=csv", "data.path=y.csv", "data.time=time", "data.target=y",
    "data.season_length=1", "evaluation.horizon=3", "evaluation.origins=6", "tracking=off",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A straight line with a little noise: a drift that is not damped is best."""
    rng = np.random.default_rng(0)
    months = pd.date_range("2010-01-01", periods=120, freq="MS")
    values = 100 + 5 * np.arange(120) + rng.normal(0, 2, 120)
    pd.DataFrame({"time": months, "y": values}).to_csv(tmp_path / "y.csv", index=False)
    return tmp_path


def _command(*more: str) -> list[str]:
    return [sys.executable, "-m", "dcforecast", "tune", *_WORDS, *more]


def test_a_killed_search_goes_on_and_its_result_can_be_used(folder: Path, monkeypatch) -> None:
    began = subprocess.Popen(
        _command("--trials", "500"), cwd=folder, stderr=subprocess.PIPE, text=True
    )
    assert began.stderr is not None
    told = [began.stderr.readline() for _ in range(5)]
    os.kill(began.pid, signal.SIGKILL)
    began.wait()
    began.stderr.close()
    assert "0 trials on record" in told[0]
    assert "trial   3" in told[4]
    done = subprocess.run(
        _command("--trials", "9"), cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    on_record = int(done.stderr.split(" trials on record")[0].rsplit(maxsplit=1)[-1])
    assert on_record >= 4
    lines = dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
    assert f"best of {max(9, on_record)} trials" in lines
    option = yaml.safe_load(Path(lines["or copy to your conf/model/"]).read_text())
    assert 0.5 <= option["damping"] <= 1.0
    assert f"model.damping={option['damping']}" in lines["use it with"]
    # Dropped into conf/model of the user's folder it is a model like any other.
    (folder / "conf" / "model").mkdir(parents=True)
    (folder / "conf/model/drift_tuned.yaml").write_text(yaml.safe_dump(option))
    monkeypatch.chdir(folder)
    assert create("drift_tuned").get_params()["damping"] == option["damping"]


def test_what_the_backtest_compares_on_is_not_tuned_on(folder: Path, monkeypatch) -> None:
    monkeypatch.chdir(folder)
    (task,) = tune_tasks(compose(list(_WORDS)))
    # The backtest's first origin is before month 112 of 120 (6 origins, 3 months ahead).
    assert len(task.series[0].y) == 112
    assert len(task.folds) == 5
    assert max(task.folds[-1]) + pd.DateOffset(months=2) <= task.series[0].y.index[-1]


def test_a_poor_trial_is_stopped_after_a_fold(folder: Path, monkeypatch) -> None:
    import optuna

    monkeypatch.chdir(folder)
    composed = compose(list(_WORDS))
    tasks = tune_tasks(composed)
    study = optuna.create_study(pruner=optuna.pruners.MedianPruner(n_startup_trials=2))
    for damping in (1.0, 0.99, 0.98, 0.5):
        study.enqueue_trial({"damping": damping})
    study.optimize(lambda trial: tuning._objective(trial, composed, tasks), n_trials=4)
    states = [t.state.name for t in study.trials]
    assert states[-1] == "PRUNED"
    assert len(study.trials[-1].intermediate_values) < 5
    assert study.best_params["damping"] > 0.95


def test_time_is_a_budget(folder: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(folder)
    began = time.perf_counter()
    arguments = tuning.argparse.Namespace(overrides=list(_WORDS), trials=100_000, seconds=1.0)
    assert tuning.tune(arguments) == 0
    said = capsys.readouterr().out
    assert "use it with" in said
    (run,) = Store(folder / "outputs")
    assert run.manifest["seconds"] >= 1.0
    with pytest.raises(SystemExit):
        main(["show", run.id])
    assert said.splitlines()[0] in capsys.readouterr().out
    assert time.perf_counter() - began < 60


@pytest.mark.parametrize("seconds", ["-5", "0", "nan", "inf", "long"])
def test_a_budget_that_is_none_is_refused(seconds: str, capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["tune", "model=ridge", "--seconds", seconds])
    assert ended.value.code == 2
    assert "no number of seconds above 0" in capsys.readouterr().err


def test_a_model_without_ranges_cannot_be_tuned(folder: Path, monkeypatch) -> None:
    monkeypatch.chdir(folder)
    words = ["model=seasonal_naive", *_WORDS[1:]]
    arguments = tuning.argparse.Namespace(overrides=words, trials=1, seconds=1.0)
    with pytest.raises(UserError, match="no ranges"):
        tuning.tune(arguments)


@pytest.fixture
def panel(tmp_path: Path, monkeypatch) -> list[str]:
    """Five series of few months that share their shape; two begin late, one ends early."""
    rng = np.random.default_rng(1)
    months = pd.date_range("2016-01-01", periods=66, freq="MS")
    wave = 1 + 0.3 * np.sin(2 * np.pi * np.arange(66) / 12)
    table = {
        f"s{k}": 10.0 ** (k % 3) * (50 + 10 * np.cumsum(rng.normal(0, 0.2, 66))) * wave
        for k in range(5)
    }
    frame = pd.DataFrame({"time": months, **table})
    frame.loc[:5, ["s1", "s2"]] = np.nan
    frame.loc[64:, "s3"] = np.nan
    frame.to_csv(tmp_path / "panel.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return [
        "model=ridge", "model.lags=2", "data=csv", "data.path=panel.csv", "data.time=time",
        f"data.target=[{','.join(table)}]", "evaluation.horizon=3", "evaluation.origins=5",
        "tracking=off",
    ]  # fmt: skip


def test_one_model_of_many_series_is_judged_on_all_of_them(panel: list[str]) -> None:
    alone = tune_tasks(compose(panel))
    (task,) = tune_tasks(compose([*panel, "evaluation.together=true"]))
    assert len(alone) == len(task.series) == 5
    ends = {one.y.index[-1] for one in task.series}
    # 5 origins and 3 periods before month 64, where the first series ends.
    assert ends == {pd.Timestamp("2020-09-01", tz="UTC")}
    assert max(task.folds[-1]) <= pd.Timestamp("2020-07-01", tz="UTC")
    model = create("ridge", lags=2)
    found = tuning._scored(model.clone(), task, 0)
    one = [tuning._scored(model.clone(), single, 0)[0] for single in alone]
    assert len(found) == 5
    assert not np.allclose(found, one, rtol=1e-3)
    again = backtest(
        {"ridge": model}, {one.name: one.y for one in task.series}, horizon=3,
        origins=task.folds[-1], refit=0, together=True,
    )  # fmt: skip
    crps = pointwise(again)["crps"].groupby(again["series"]).mean()
    assert found[0] == pytest.approx(crps["s0"] / task.scales["s0"])


def test_the_words_say_that_series_were_together(panel: list[str], capsys) -> None:
    words = [*panel, "evaluation.together=true"]
    arguments = tuning.argparse.Namespace(overrides=words, trials=2, seconds=60.0)
    assert tuning.tune(arguments) == 0
    told = capsys.readouterr()
    assert "5 series, one model of all together" in told.err
    assert "'s3' ends" in told.err
    assert "5 series, one model of all together" in told.out
    (manifest,) = Path().rglob("manifest.json")
    assert json.loads(manifest.read_text())["judged_on"]["together"] is True
    with pytest.raises(UserError, match="one series at a time"):
        tuning.tune(
            tuning.argparse.Namespace(
                overrides=["model=ets", "model.tune={transform: {choices: [log, none]}}",
                           *words[2:]],
                trials=1, seconds=9.0,
            )
        )  # fmt: skip
