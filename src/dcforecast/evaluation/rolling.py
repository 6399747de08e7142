"""Rolling-origin backtest: fitted once a block of origins, forecast from all of them together."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from dcforecast.compute import Pool
from dcforecast.errors import UserError
from dcforecast.evaluation.splits import blocks_of, origin_positions, stamp_of
from dcforecast.evaluation.tasks import OneSeries, Task, carry_out, laid_out
from dcforecast.features import Known, check_known
from dcforecast.models.base import Ability, Forecaster
from dcforecast.store.schemas import LEVELS

__all__ = ["backtest", "backtest_many"]

#: Periods an origin must have behind it.
_SMALLEST = 8

Vintage = Callable[[pd.Timestamp], pd.Series]


def backtest(
    models: Mapping[str, Forecaster],
    y: pd.Series,
    *,
    series: str = "y",
    horizon: int,
    origins: int | Sequence[date] = 8,
    step: int = 1,
    gap: int = 0,
    refit: int | Sequence[date] = 1,
    X: pd.DataFrame | None = None,
    X_known: Mapping[str, Known] | None = None,
    known: Vintage | None = None,
    quantiles: bool = True,
    n_jobs: int = 1,
    pool: Pool | None = None,
    checkpoint: Path | None = None,
    progress: Callable[[float], None] | None = None,
) -> pd.DataFrame:
    """Forecast from many origins with what was known at each, beside what came.

    Between two fits a model keeps its parameters and moves its state on; models that can
    (`Ability.LOCK_STEP`) forecast from all origins of a block together.

    Parameters
    ----------
    models : mapping of str to Forecaster
        Models by name; they are cloned, not changed.
    y : pandas.Series
        Actual values.
    series : str
        Name of the series in the result.
    horizon : int
        Periods ahead of the origin.
    origins : int or sequence of date
        How many, the latest; or their dates.
    step : int
        Periods between origins.
    gap : int
        Periods before the origin whose values are not known yet (publication delay).
    refit : int or sequence of date
        Fit again every so many origins, or at the first origin from each date on; 0: fit once.
    X : pandas.DataFrame, optional
        Regressors on the index of `y`.
    X_known : mapping of str to Known, optional
        When each column of `X` is known; by default it is a forecast issued by the origin.
    known : callable, optional
        Gives the series as it was known at an origin's time; every origin is fitted again then.
    quantiles : bool
        Whether to make quantiles; without them those columns are empty, and models whose point
        forecast needs no paths are faster.
    n_jobs : int
        Processes, of one thread each; the numbers do not depend on it.
    pool : Pool, optional
        Where tasks are done, instead of `n_jobs` processes here.
    checkpoint : Path, optional
        Folder that keeps finished tasks: a backtest that was stopped goes on from there.
    progress : callable, optional
        Told the share that is done.

    Returns
    -------
    pandas.DataFrame
        Table ``backtest``: series, model, origin, timestamp, step, actual, mean, quantiles;
        and fit_seconds of the origin's fit.

    Raises
    ------
    UserError
        A series too short, a column that is not known in time, or a model that cannot take it.
    """
    positions = origin_positions(
        y.index, origins, horizon=horizon, step=step, whole=known is None, smallest=_SMALLEST
    )
    levels = LEVELS if quantiles else ()
    if known is None:
        positions = _long_enough(positions, gap, series)
        _check_regressors(y, X, X_known or {}, positions[0], horizon)
        blocks = blocks_of(y.index, positions, refit)
        tasks = []
        for name, model in models.items():
            # A model that takes no regressors competes without them.
            taken = X if Ability.EXOGENOUS in model.supports else None
            one, shared = (OneSeries(series, y, taken),), uuid.uuid4().hex
            tasks += [
                Task(name, model, one, block, horizon, gap, levels, shared=shared)
                for block in blocks
            ]
    else:
        tasks = list(_by_vintage(models, OneSeries(series, y), positions, horizon, levels, known))
    return laid_out(tasks, carry_out(tasks, n_jobs, pool, checkpoint, progress))


def backtest_many(
    models: Mapping[str, Forecaster],
    panel: Mapping[str, pd.Series],
    *,
    horizon: int,
    origins: int | Sequence[date] = 8,
    step: int = 1,
    gap: int = 0,
    refit: int | Sequence[date] = 1,
    quantiles: bool = True,
    n_jobs: int = 1,
    checkpoint: Path | None = None,
    progress: Callable[[float], None] | None = None,
) -> pd.DataFrame:
    """Backtest one model of many series: each block fits it to all of them up to its origin.

    Parameters
    ----------
    models : mapping of str to Forecaster
        Models with `Ability.MANY`.
    panel : mapping of str to Series
        Series on one index.
    horizon, origins, step, gap, refit, quantiles, n_jobs, checkpoint, progress
        As in `backtest`.

    Raises
    ------
    UserError
        A model fitted to one series at a time, or series on several indices.
    """
    indices = [one.index for one in panel.values()]
    if not indices or any(not one.equals(indices[0]) for one in indices):
        raise UserError("one model of many series needs series on one index, none of them longer")
    for name, model in models.items():
        if Ability.MANY not in model.supports:
            raise UserError(f"model '{name}' is fitted to one series at a time")
    positions = origin_positions(
        indices[0], origins, horizon=horizon, step=step, whole=True, smallest=_SMALLEST
    )
    positions = _long_enough(positions, gap, "the panel")
    series = tuple(OneSeries(name, y) for name, y in panel.items())
    levels = LEVELS if quantiles else ()
    tasks = [
        Task(name, model, series, block, horizon, gap, levels)
        for name, model in models.items()
        for block in blocks_of(indices[0], positions, refit)
    ]
    return laid_out(tasks, carry_out(tasks, n_jobs, None, checkpoint, progress))


def _long_enough(positions: Sequence[int], gap: int, series: str) -> list[int]:
    kept = [p for p in positions if p - gap >= _SMALLEST]
    if not kept:
        raise UserError(f"evaluation: '{series}' was hardly known at any of the origins")
    return kept


def _origin(index: pd.Index, at: int) -> pd.Timestamp:
    """Return an origin's time: the end of the last period before it."""
    return stamp_of(index[at]) - pd.Timedelta(microseconds=1)


def _check_regressors(
    y: pd.Series, X: pd.DataFrame | None, known: Mapping[str, Known], first: int, horizon: int
) -> None:
    if X is None:
        return
    if not X.index.equals(y.index):
        raise UserError("the regressors need the index of the series")
    check_known(
        [str(column) for column in X.columns],
        known,
        origin=_origin(y.index, first),
        last=stamp_of(y.index[first + horizon - 1]),
        horizon=horizon,
    )


def _by_vintage(
    models: Mapping[str, Forecaster],
    series: OneSeries,
    positions: Sequence[int],
    horizon: int,
    levels: tuple[float, ...],
    known: Vintage,
) -> Iterator[Task]:
    """Yield a task for each origin and model, on the series as it was published by then."""
    index, found = series.y.index, 0
    trains = []
    for at in positions:
        train = known(_origin(index, at))
        first = index[at]
        behind = 0
        if len(train) and isinstance(first, pd.Period):
            behind = int((first - train.index[-1]).n) - 1
        if behind < 0:  # a nowcast reaches past the origin: only what lies before it is history
            train, behind = train[train.index < first], 0
        if len(train) >= _SMALLEST:
            trains.append((at, behind, train))
            found += 1
    if not found:
        raise UserError(f"evaluation: '{series.name}' was hardly known at any of the origins")
    for name, model in models.items():
        for at, behind, train in trains:
            yield Task(
                name, model, (series,), (at,), horizon, behind, levels, vintage=train
            )  # fmt: skip
