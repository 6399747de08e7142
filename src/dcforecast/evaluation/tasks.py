"""Tasks of a backtest: what one is, how many are done, and the table of their forecasts."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dcforecast.compute import Failure, Pool
from dcforecast.config.compute import ComputeSettings
from dcforecast.errors import InternalError, UserError
from dcforecast.evaluation.checkpoint import Checkpoint
from dcforecast.evaluation.splits import stamps_of
from dcforecast.models.base import Forecaster
from dcforecast.store.schemas import LEVELS, quantile_column

__all__ = ["OneSeries", "Task", "carry_out", "laid_out"]


@dataclass(frozen=True)
class OneSeries:
    """A series with all that is needed to forecast it."""

    name: str
    y: pd.Series
    X: pd.DataFrame | None = None
    #: Periods of a panel that lie before this series begins.
    late: int = 0


@dataclass(frozen=True)
class Task:
    """One model on one block of origins; one series, or all of them in one model.

    Positions count from where the panel begins; of one series alone that is its own beginning.
    """

    model: str
    forecaster: Forecaster
    series: tuple[OneSeries, ...]
    positions: tuple[int, ...]
    horizon: int
    gap: int
    levels: tuple[float, ...]
    #: The series as it was known at the block's only origin, when that is not its own beginning.
    vintage: pd.Series | None = None
    #: Names what the tasks of one model share: built once in each process.
    shared: str | None = None


# -- doing the tasks -------------------------------------------------------------------------


def carry_out(
    tasks: Sequence[Task],
    n_jobs: int,
    pool: Pool | None,
    folder: Path | None,
    progress: Callable[[float], None] | None,
) -> list[dict[str, np.ndarray]]:
    """Do the tasks, those of an earlier attempt excepted, and return their forecasts in order."""
    kept = Checkpoint(folder, tasks)
    # The latest blocks, with the longest records, first: processes then end together.
    todo = [i for i in reversed(range(len(tasks))) if kept.results[i] is None]
    if len(todo) < 2:
        pool = Pool(ComputeSettings(name="serial", kind="serial"))
    elif pool is None:
        if n_jobs < 1:
            raise UserError(f"backtest: n_jobs={n_jobs} must be at least 1")
        kind = "serial" if n_jobs == 1 else "local"
        pool = Pool(ComputeSettings(name=kind, kind=kind, workers=n_jobs))

    def told(position: int, result: Any) -> None:
        if isinstance(result, UserError):
            raise result
        if isinstance(result, Failure):
            raise InternalError(f"backtest: {result.message}", result.details)
        kept.add(todo[position], result)
        if progress is not None:
            progress(sum(one is not None for one in kept.results) / len(tasks))

    pool.map(_do, [tasks[i] for i in todo], told)
    _BUILT.clear()
    return [result for result in kept.results if result is not None]


def _do(task: Task) -> dict[str, np.ndarray] | UserError:
    """Fit at the first origin of a block, and forecast from all of them."""
    from threadpoolctl import threadpool_limits

    try:
        with threadpool_limits(1):
            return _forecast(task)
    except UserError as error:
        series = f", series '{task.series[0].name}'" if len(task.series) == 1 else ""
        return UserError(f"model '{task.model}'{series}: {error.message}", error.hint)


#: What the tasks of the model at work share, by its name.
_BUILT: dict[str, Any] = {}


def _built(task: Task) -> Any:
    """Return what the model builds once for the whole series."""
    assert task.shared is not None
    if task.shared not in _BUILT:
        _BUILT.clear()
        one = task.series[0]
        _BUILT[task.shared] = task.forecaster.prepare(one.y, one.X, task.horizon)
    return _BUILT[task.shared]


def _forecast(task: Task) -> dict[str, np.ndarray]:
    """Return forecasts of shape (series, origins, horizon, 1 + levels), and seconds of the fit."""
    began = time.perf_counter()
    fitted = _fitted(task)
    seconds = np.zeros(len(task.positions))
    seconds[0] = time.perf_counter() - began
    found = []
    for one in task.series:
        y, starts = one.y, [p - one.late - task.gap for p in task.positions]
        if task.vintage is not None:
            y, starts = task.vintage, [len(task.vintage)]
        forecasts = fitted[one.name].forecasts(
            y, starts, task.horizon + task.gap, one.X, task.levels or None
        )
        found.append(forecasts[:, task.gap :])
    return {"forecasts": np.stack(found), "fit_seconds": seconds}


def _fitted(task: Task) -> Mapping[str, Forecaster]:
    """Return the model of each series, fitted to what is known at the first origin."""
    first = task.positions[0] - task.gap
    model = task.forecaster.clone()
    if len(task.series) > 1:
        known = {one.name: one.y.iloc[: first - one.late] for one in task.series}
        beside = {
            one.name: one.X.iloc[: first - one.late] for one in task.series if one.X is not None
        }
        return model.fit_many(known, beside or None)
    (one,) = task.series
    train = one.y.iloc[:first] if task.vintage is None else task.vintage
    if task.shared is not None:
        model.using(_built(task))
    return {one.name: model.fit(train, None if one.X is None else one.X.iloc[: len(train)])}


# -- the table -------------------------------------------------------------------------------


def laid_out(tasks: Sequence[Task], results: Sequence[dict[str, np.ndarray]]) -> pd.DataFrame:
    """Lay the forecasts out as rows of the table ``backtest``, without periods that never came."""
    stamps: dict[int, tuple[pd.DatetimeIndex, np.ndarray]] = {}
    frames = []
    for task, result in zip(tasks, results, strict=True):
        for one, forecasts in zip(task.series, result["forecasts"], strict=True):
            if id(one.y) not in stamps:
                times = stamps_of(one.y.index)
                stamps[id(one.y)] = times, one.y.to_numpy(float)
            times, actual = stamps[id(one.y)]
            places = np.asarray(task.positions) - one.late
            rows = places[:, None] + np.arange(task.horizon)
            came = rows < len(actual)
            flat, count = rows[came], came.sum(axis=1)
            origins = times[places] - pd.Timedelta(microseconds=1)
            values = forecasts[came]
            frame = pd.DataFrame(
                {
                    "series": one.name,
                    "model": task.model,
                    "origin": origins.repeat(count),
                    "timestamp": times[flat],
                    "step": (np.nonzero(came)[1] + 1 + task.gap).astype(np.int32),
                    "actual": actual[flat],
                    "mean": values[:, 0],
                    **{
                        quantile_column(level): values[:, 1 + i] if task.levels else np.nan
                        for i, level in enumerate(LEVELS)
                    },
                    "fit_seconds": np.repeat(result["fit_seconds"], count),
                }
            )
            frames.append(frame.dropna(subset=["actual"]))
    return pd.concat(frames, ignore_index=True)
