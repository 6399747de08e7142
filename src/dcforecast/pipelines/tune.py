"""``dcforecast tune``: search the hyper-parameters of one model over the YAML's ranges."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dcforecast.config.compose import Composed, compose
from dcforecast.config.model import TuneRange
from dcforecast.errors import UserError
from dcforecast.pipelines.tune_result import judged_on, write_option
from dcforecast.pipelines.tune_tasks import FOLDS, TuneTask, tune_tasks

if TYPE_CHECKING:
    from dcforecast.models.base import Forecaster

__all__ = ["tune"]

#: Trials without which a median says nothing.
_STARTUP = 5


def tune(arguments: argparse.Namespace) -> int:
    """Search with Optuna; every trial is kept in a journal, so that a search can go on later."""
    from dcforecast.models import from_settings
    from dcforecast.pipelines.preflight import check_abilities

    started = time.time()
    composed = compose(arguments.overrides)
    settings = composed.settings.model
    if settings.target is None:
        raise UserError("tune needs one model", "For example: dcforecast tune model=ridge")
    if not settings.tune:
        raise UserError(
            f"model '{settings.name}' declares no ranges to search",
            "Add a key 'tune' to its YAML file: tune: {alpha: {low: 0.1, high: 10, log: true}}",
        )
    check_abilities(from_settings(settings), composed.settings)
    tasks = tune_tasks(composed)
    study = _study(composed, tasks)
    done = _take_up(study)
    last = max(fold[-1] for task in tasks for fold in task.folds)
    on = judged_on(_names(tasks), tasks[0].together)
    print(f"{on}, last origin {last:%Y-%m-%d}, {done} trials on record", file=sys.stderr)
    study.optimize(
        lambda trial: _objective(trial, composed, tasks),
        n_trials=max(0, arguments.trials - done),
        timeout=arguments.seconds,
        callbacks=[_tell],
    )
    return _close(composed, study, tasks, started)


def _names(tasks: Sequence[TuneTask]) -> list[str]:
    return [one.name for task in tasks for one in task.series]


# -- the search ------------------------------------------------------------------------------


def _study(composed: Composed, tasks: list[TuneTask]) -> Any:
    import optuna
    import pandas as pd
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    from dcforecast.pipelines.job import results_hash
    from dcforecast.store import Store, config_hash

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    folder = Store(composed.settings.store.path).path / "tuning"
    folder.mkdir(parents=True, exist_ok=True)
    data = [int(pd.util.hash_pandas_object(one.y).sum()) for task in tasks for one in task.series]
    key = config_hash({"config": results_hash(composed.config), "data": data})
    name = f"{composed.settings.model.name}-{key}"
    study = optuna.create_study(
        study_name=name,
        storage=JournalStorage(JournalFileBackend(str(folder / f"{name}.journal"))),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=_STARTUP),
        direction="minimize",
        load_if_exists=True,
    )
    # A search that goes on must not draw the first numbers again.
    seed = composed.settings.ensemble.seed + len(study.trials)
    study.sampler = optuna.samplers.TPESampler(seed=seed)
    return study


def _take_up(study: Any) -> int:
    """Enqueue again what was at work when an earlier search was stopped; count what is done."""
    import optuna

    running = optuna.trial.TrialState.RUNNING
    for trial in study.get_trials(states=[running]):
        study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
        if trial.params:
            study.enqueue_trial(trial.params)
    states = (optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.PRUNED)
    return len(study.get_trials(states=states))


def _suggest(trial: Any, name: str, wanted: TuneRange) -> Any:
    if wanted.choices is not None:
        # Lists are no values of Optuna's: the place of the choice is searched.
        places = range(len(wanted.choices))
        return wanted.choices[trial.suggest_categorical(name, list(places))]
    if wanted.low is None or wanted.high is None:
        raise UserError(f"model.tune.{name}: give low and high, or choices")
    if wanted.integer:
        return trial.suggest_int(name, int(wanted.low), int(wanted.high), log=wanted.log)
    return trial.suggest_float(name, wanted.low, wanted.high, log=wanted.log)


def _objective(trial: Any, composed: Composed, tasks: list[TuneTask]) -> float:
    """Mean of CRPS over the seasonal difference, over folds and series; pruned by fold."""
    import optuna

    from dcforecast.models import from_settings

    settings = composed.settings.model
    params = {name: _suggest(trial, name, wanted) for name, wanted in settings.tune.items()}
    trial.set_user_attr("params", params)
    scores: list[float] = []
    # The newest fold of every series first: it tells most about what comes.
    for place in range(FOLDS):
        for task in tasks:
            if place >= len(task.folds):
                continue
            try:
                scores += _scored(from_settings(settings, **params), task, place)
            except UserError as error:  # a combination the data cannot bear
                trial.set_user_attr("refused", str(error))
                raise optuna.TrialPruned(str(error)) from error
        trial.report(sum(scores) / len(scores), place)
        if trial.should_prune():
            raise optuna.TrialPruned
    return sum(scores) / len(scores)


def _scored(model: Forecaster, task: TuneTask, place: int) -> list[float]:
    """Return the score of each series on the `place`-th newest fold, from one fit."""
    from dcforecast.evaluation import backtest
    from dcforecast.evaluation.scores import pointwise
    from dcforecast.pipelines.backtesting import set_season

    set_season(model, task.season)
    X = {one.name: one.X for one in task.series if one.X is not None}
    found = backtest(
        {"model": model}, {one.name: one.y for one in task.series}, horizon=task.horizon,
        origins=task.folds[-1 - place], gap=task.gap, refit=0, X=X or None,
        X_known=task.series[0].X_known, together=task.together,
    )  # fmt: skip
    crps = pointwise(found)["crps"].groupby(found["series"]).mean()
    return [float(crps[name]) / scale for name, scale in task.scales.items()]


def _tell(study: Any, trial: Any) -> None:
    value = f"{trial.value:.4f}" if trial.state.name == "COMPLETE" else "pruned"
    finished = [t for t in study.trials if t.state.name == "COMPLETE"]
    best = f"{study.best_value:.4f}" if finished else "-"
    params = trial.user_attrs.get("params", {})
    print(f"trial {trial.number:>3}  {value}  best {best}  {params}", file=sys.stderr)


# -- the result ------------------------------------------------------------------------------


def _close(composed: Composed, study: Any, tasks: Sequence[TuneTask], started: float) -> int:
    from dcforecast.pipelines.closing import closing
    from dcforecast.pipelines.provenance import provenance
    from dcforecast.store import Store

    if not any(t.state.name == "COMPLETE" for t in study.trials):
        refused = [t.user_attrs["refused"] for t in study.trials if "refused" in t.user_attrs]
        raise UserError(
            "no trial was finished", refused[0] if refused else "Give it more time: --seconds 600"
        )
    settings = composed.settings
    best = study.best_trial.user_attrs["params"]
    store = Store(settings.store.path)
    trials = [
        {"number": t.number, "value": t.value, "params": t.user_attrs.get("params", {}),
         "state": t.state.name}
        for t in study.trials
    ]  # fmt: skip
    run = store.create(
        "tune", composed.config, started=started, scenario="", model=settings.model.name,
        overrides=list(composed.overrides), seed=settings.ensemble.seed, trials=trials,
        best={"value": study.best_value, "params": best},
        judged_on={"series": _names(tasks), "together": tasks[0].together}, **provenance(),
    )  # fmt: skip
    write_option(run, settings.model)
    run.finish("finished")
    if settings.tracking.kind != "off":
        from dcforecast.tracking import upload

        url = upload(run, settings.tracking, project_dir=store.project, batch=run.id)
        run.update(tracking_url=url)
    closing(run, settings)
    return 0
