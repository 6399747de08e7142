"""What a model promises to what is round it: other series, processes, the user's own tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from dcforecast.errors import UserError
from dcforecast.models.base import Ability, Forecaster
from dcforecast.testing.records import (
    LEVELS,
    cut,
    made_regressors,
    made_series,
    same,
    with_and_without_regressors,
)

__all__ = [
    "check_another_process",
    "check_many_series",
    "check_nothing_else_is_changed",
    "check_regressors_count",
]


def check_regressors_count(model: Forecaster) -> None:
    """A model that says it takes regressors forecasts otherwise where they are others."""
    if Ability.EXOGENOUS not in model.supports:
        return
    # Models of hours and days leave regressors of months, or of few weeks, aside.
    for freq, count in (("M", 72), ("h", 24 * 80)):
        y = made_series(count, freq)
        X = made_regressors(y)
        moved = y + 60.0 * X["x"]
        fitted = model.clone().fit(moved.iloc[:-6], cut(X, 0, -6))
        ahead = X.iloc[-6:]
        found, other = (fitted.predict(6, one)["mean"] for one in (ahead, -ahead))
        if not np.allclose(found, other, rtol=1e-6):
            return
    raise AssertionError(
        "the model declares Ability.EXOGENOUS, but regressors ahead make no difference to the "
        "forecasts of a series they rule"
    )


def check_nothing_else_is_changed(model: Forecaster) -> None:
    """The user's series and regressors, and numpy's global random numbers, stay as they are."""
    y = made_series()
    for X in with_and_without_regressors(model, y):
        known, new = y.iloc[:-6].copy(), y.iloc[-6:].copy()
        beside, ahead = (_copied(cut(X, *rows)) for rows in ((0, -6), (-6, len(y))))
        np.random.random()  # noqa: NPY002  (not where a model's own seed has left them)
        drawn = _global_state()
        fitted = model.clone().fit(known, beside)
        fitted.predict(6, ahead, quantiles=LEVELS)
        fitted.sample(6, 9, ahead, 1)
        fitted.update(new, ahead)
        kept = known.equals(y.iloc[:-6]) and new.equals(y.iloc[-6:])
        if beside is not None and ahead is not None and X is not None:
            kept &= beside.equals(X.iloc[:-6]) and ahead.equals(X.iloc[-6:])
        if not kept:
            raise AssertionError("the model changes the series or regressors it is given")
        if _global_state() != drawn:
            raise AssertionError(
                "the model draws from, or seeds, numpy's global random numbers; it has its own: "
                "`rng` in _sample, np.random.default_rng(SEED) elsewhere"
            )


def _copied(X: pd.DataFrame | None) -> pd.DataFrame | None:
    return None if X is None else X.copy()


def _global_state() -> list[Any]:
    state: Any = np.random.get_state()  # noqa: NPY002  (it is what is watched)
    return [part.tobytes() if isinstance(part, np.ndarray) else part for part in state]


def check_many_series(model: Forecaster) -> None:
    """A model of many series forecasts each at its own size; any other says that it is none."""
    y = made_series()
    panel = {"one": y, "other": 40.0 * y.iloc[::-1].set_axis(y.index)}
    try:
        fitted = model.clone().fit_many(panel)
    except UserError:
        if Ability.MANY in model.supports:
            raise
        return
    if Ability.MANY not in model.supports:
        raise AssertionError("a model with fit_many declares Ability.MANY")
    for name, series in panel.items():
        found = fitted[name].predict(3)["mean"]
        if not found.between(0.5 * series.min(), 1.5 * series.max()).all():
            raise AssertionError(f"the forecast of '{name}' is not of its size")


def check_another_process(model: Forecaster) -> None:
    """A process of one thread gives the numbers that this one gives."""
    from dcforecast.compute import Failure, Pool
    from dcforecast.config.compute import ComputeSettings

    y = made_series()
    pool = Pool(ComputeSettings(name="local", kind="local", workers=1))
    (found,) = pool.map(_predicted, [(model, y)])
    if isinstance(found, Failure):
        message = f"the model fails in another process: {found.message}"
        raise AssertionError(message)  # noqa: TRY004  (a contract that does not hold)
    same(found, _predicted((model, y)))


def _predicted(task: tuple[Forecaster, pd.Series]) -> pd.DataFrame:
    return task[0].clone().fit(task[1]).predict(3, quantiles=LEVELS)
