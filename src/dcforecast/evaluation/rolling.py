"""Rolling-origin backtest of several models on one series."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from dcforecast.errors import UserError
from dcforecast.evaluation.splits import origin_positions, stamp_of
from dcforecast.models.base import Ability, Forecaster
from dcforecast.store.schemas import LEVELS, QUANTILE_COLUMNS

__all__ = ["backtest"]

#: Periods an origin must have behind it.
_SMALLEST = 8

Known = Callable[[pd.Timestamp], pd.Series]


@dataclass(frozen=True)
class _Fold:
    """One origin: what is known then, and the periods to forecast."""

    origin: pd.Timestamp
    train: pd.Series
    ahead: int  # periods between the last known and the last forecast one
    train_X: pd.DataFrame | None
    future_X: pd.DataFrame | None


def backtest(
    models: Mapping[str, Forecaster],
    y: pd.Series,
    *,
    series: str = "y",
    horizon: int,
    origins: int | Sequence[date] = 8,
    step: int = 1,
    gap: int = 0,
    refit: int = 1,
    X: pd.DataFrame | None = None,
    known: Known | None = None,
    n_jobs: int = 1,
    progress: Callable[[float], None] | None = None,
) -> pd.DataFrame:
    """Forecast from many origins with what was known at each, beside what came.

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
    refit : int
        Fit again every so many origins, and update between; 0 fits once.
    X : pandas.DataFrame, optional
        Regressors.  Their future values must be known at the origin: calendar or forecasts.
    known : callable, optional
        Gives the series as it was known at an origin's time; every origin is fitted again then.
    n_jobs : int
        Processes; the numbers do not depend on it.
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
        A series too short, or a model that cannot take it.
    """
    positions = origin_positions(
        y.index, origins, horizon=horizon, step=step, whole=known is None, smallest=_SMALLEST
    )
    folds = [_fold(y, X, p, horizon, gap, known) for p in positions]
    folds = [fold for fold in folds if len(fold.train) >= _SMALLEST]
    if not folds:
        raise UserError(f"evaluation: '{series}' was hardly known at any of the origins")
    blocks = _blocks(folds, 1 if known is not None else refit)
    tasks = [(name, model, block) for name, model in models.items() for block in blocks]
    results = _run(tasks, n_jobs, progress)
    actual = pd.Series(y.to_numpy(float), index=[stamp_of(p) for p in y.index])
    frame = pd.concat(results, ignore_index=True)
    frame["actual"] = frame["timestamp"].map(actual)
    frame["series"] = series
    return frame.dropna(subset=["actual"]).reset_index(drop=True)


def _fold(
    y: pd.Series, X: pd.DataFrame | None, at: int, horizon: int, gap: int, known: Known | None
) -> _Fold:
    first = y.index[at]
    # An origin's time is the end of the last period before it.
    origin = stamp_of(first) - pd.Timedelta(microseconds=1)
    if known is None:
        train = y.iloc[: at - gap] if gap else y.iloc[:at]
        end = at - gap
        train_X = None if X is None else X.iloc[:end]
        future_X = None if X is None else X.iloc[end : at + horizon]
        return _Fold(origin, train, horizon + gap, train_X, future_X)
    train = known(origin)
    if train.empty:
        return _Fold(origin, train, horizon, None, None)
    behind = int((first - train.index[-1]).n) - 1 if isinstance(first, pd.Period) else 0
    if behind < 0:  # a nowcast reaches past the origin: only what lies before it is history
        train = train[train.index < first]
        behind = 0
    return _Fold(origin, train, horizon + behind, None, None)


def _blocks(folds: list[_Fold], refit: int) -> list[list[_Fold]]:
    size = len(folds) if refit == 0 else refit
    return [folds[i : i + size] for i in range(0, len(folds), size)]


def _run(
    tasks: list[tuple[str, Forecaster, list[_Fold]]],
    n_jobs: int,
    progress: Callable[[float], None] | None,
) -> list[pd.DataFrame]:
    from joblib import Parallel, delayed

    if n_jobs == 1:
        out = []
        for done, task in enumerate(tasks):
            out.append(_block(*task))
            if progress is not None:
                progress((done + 1) / len(tasks))
        return out
    jobs = Parallel(n_jobs=n_jobs, return_as="generator")(delayed(_block)(*task) for task in tasks)
    out = []
    for result in jobs:
        out.append(result)
        if progress is not None:
            progress(len(out) / len(tasks))
    return out


def _block(name: str, model: Forecaster, folds: list[_Fold]) -> pd.DataFrame:
    """Fit at the first origin of a block, roll forward over the others."""
    frames = []
    fitted: Forecaster | None = None
    if Ability.EXOGENOUS not in model.supports:  # it competes without the regressors
        folds = [replace(fold, train_X=None, future_X=None) for fold in folds]
    for fold in folds:
        started = time.perf_counter()
        if fitted is None:
            try:
                fitted = model.clone().fit(fold.train, fold.train_X)
            except UserError as error:
                raise UserError(f"model '{name}': {error.message}", error.hint) from error
        else:
            fitted = _roll(fitted, fold)
        seconds = time.perf_counter() - started
        frames.append(_rows(name, fitted, fold).assign(fit_seconds=seconds))
    return pd.concat(frames, ignore_index=True)


def _roll(fitted: Forecaster, fold: _Fold) -> Forecaster:
    new = fold.train.iloc[len(fitted.index_) :]
    if fold.train_X is None:
        return fitted.update(new)
    # Parameters stay; the state-space models would need the regressors of the whole record.
    return fitted.clone().fit(fold.train, fold.train_X)


def _rows(name: str, fitted: Forecaster, fold: _Fold) -> pd.DataFrame:
    predicted = fitted.predict(fold.ahead, fold.future_X, quantiles=LEVELS)
    stamps = [stamp_of(p) for p in predicted.index]
    frame = pd.DataFrame(
        {
            "model": name,
            "origin": fold.origin,
            "timestamp": pd.DatetimeIndex(stamps),
            "step": np.arange(1, len(stamps) + 1, dtype=np.int32),
            "mean": predicted["mean"].to_numpy(),
            **{column: predicted[column].to_numpy() for column in QUANTILE_COLUMNS},
        }
    )
    return frame[frame["timestamp"] > fold.origin]
