"""``dcforecast tune``: search the hyper-parameters of one model over the YAML's ranges."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dcforecast.config.compose import Composed, compose
from dcforecast.config.model import TuneRange
from dcforecast.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

    from dcforecast.models.base import Forecaster

__all__ = ["tune"]


@dataclass(frozen=True)
class _Task:
    """A series to tune on, with its place in the backtest."""

    name: str
    y: pd.Series
    season: int | None
    horizon: int
    origins: int
    step: int


def tune(arguments: argparse.Namespace) -> int:
    """Search with Optuna; every trial is kept in a journal, so that a search can go on later."""
    composed = compose(arguments.overrides)
    settings = composed.settings.model
    if settings.target is None:
        raise UserError("tune needs one model", "For example: dcforecast tune model=ridge")
    if not settings.tune:
        raise UserError(
            f"model '{settings.name}' declares no ranges to search",
            "Add a key 'tune' to its YAML file: tune: {alpha: {low: 0.1, high: 10, log: true}}",
        )
    tasks = _tasks(composed)
    study = _study(composed)
    done = len(study.trials)
    print(f"{len(tasks)} series, {done} trials on record", file=sys.stderr)
    study.optimize(
        lambda trial: _objective(trial, composed, tasks),
        n_trials=max(0, arguments.trials - done),
        timeout=arguments.seconds,
        callbacks=[_tell],
    )
    return _close(composed, study)


def _tasks(composed: Composed) -> list[_Task]:
    from dcforecast import history, sources

    settings = composed.settings
    evaluation = settings.evaluation
    if settings.data.kind != "embedded":
        y, _ = sources.regular(settings.data)
        origins = evaluation.origins if isinstance(evaluation.origins, int) else 8
        season = settings.data.season_length
        return [_Task(str(y.name), y, season, evaluation.horizon, origins, evaluation.step)]
    observations = sources.observations(settings.data)
    rebuilt = history.reconstruct(observations, settings=settings.data.history)
    part = evaluation.monthly
    return [
        _Task(name, rebuilt.monthly(name), 12, part.horizon, part.origins, part.step)
        for name in part.series
    ]


def _study(composed: Composed) -> Any:
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    from dcforecast.pipelines.job import results_hash
    from dcforecast.store import Store

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    folder = Store(composed.settings.store.path).path / "tuning"
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{composed.settings.model.name}-{results_hash(composed.config)}"
    return optuna.create_study(
        study_name=name,
        storage=JournalStorage(JournalFileBackend(str(folder / f"{name}.journal"))),
        sampler=optuna.samplers.TPESampler(seed=composed.settings.ensemble.seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=5),
        direction="minimize",
        load_if_exists=True,
    )


def _suggest(trial: Any, name: str, wanted: TuneRange) -> Any:
    if wanted.choices is not None:
        return trial.suggest_categorical(name, wanted.choices)
    if wanted.low is None or wanted.high is None:
        raise UserError(f"model.tune.{name}: give low and high, or choices")
    if wanted.integer:
        return trial.suggest_int(name, int(wanted.low), int(wanted.high), log=wanted.log)
    return trial.suggest_float(name, wanted.low, wanted.high, log=wanted.log)


def _model(composed: Composed, params: Mapping[str, Any]) -> Forecaster:
    from dcforecast.models import from_settings

    return from_settings(composed.settings.model, **params)


def _objective(trial: Any, composed: Composed, tasks: list[_Task]) -> float:
    """Mean over the series of CRPS relative to the seasonal difference; pruned by series."""
    import optuna

    from dcforecast.evaluation import backtest, score

    ranges = composed.settings.model.tune
    params = {name: _suggest(trial, name, wanted) for name, wanted in ranges.items()}
    total = 0.0
    for position, task in enumerate(tasks):
        model = _model(composed, params)
        if task.season is not None and "season_length" in model.get_params():
            model.set_params(season_length=task.season)
        found = backtest(
            {composed.settings.model.name: model},
            task.y,
            series=task.name,
            horizon=task.horizon,
            origins=task.origins,
            step=task.step,
            refit=composed.settings.evaluation.refit,
        )
        scores = score(found, baseline="none")
        crps = scores[(scores["metric"] == "crps") & (scores["step_group"] == "all")]["value"]
        scale = float(task.y.diff(task.season or 1).abs().mean()) or 1.0
        total += float(crps.iloc[0]) / scale
        trial.report(total / (position + 1), position)
        if trial.should_prune():
            raise optuna.TrialPruned
    return total / len(tasks)


def _tell(study: Any, trial: Any) -> None:
    value = f"{trial.value:.4f}" if trial.value is not None else "pruned"
    best = f"{study.best_value:.4f}" if study.best_trials else "-"
    print(f"trial {trial.number:>3}  {value}  best {best}  {trial.params}", file=sys.stderr)


def _close(composed: Composed, study: Any) -> int:
    from dcforecast.store import Store

    finished = [t for t in study.trials if t.value is not None and math.isfinite(t.value)]
    if not finished:
        raise UserError("no trial was finished", "Give it more time: --seconds 600")
    settings = composed.settings
    store = Store(settings.store.path)
    trials = [
        {"number": t.number, "value": t.value, "params": t.params, "state": t.state.name}
        for t in study.trials
    ]
    run = store.create(
        "tune", composed.config, scenario="", model=settings.model.name,
        overrides=list(composed.overrides), seed=settings.ensemble.seed, trials=trials,
        best={"value": study.best_value, "params": study.best_params},
    )  # fmt: skip
    run.finish("finished")
    if settings.tracking.kind != "off":
        from dcforecast.tracking import upload

        url = upload(run, settings.tracking, project_dir=store.project, batch=run.id)
        if url:
            print(f"Compare the trials in MLflow: dcforecast ui   then {url}")
    print(f"best of {len(finished)} trials: {study.best_value:.4f} (CRPS over seasonal difference)")
    words = " ".join(f"model.{k}={v}" for k, v in study.best_params.items())
    print(f"use it with: model={settings.model.name} {words}")
    print(f"run_id: {run.id}")
    return 0
