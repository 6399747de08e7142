"""Rolling-origin backtest: fitted once a block of origins, forecast from all of them together."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from dcforecast.compute import Pool
from dcforecast.errors import UserError, choices_text
from dcforecast.evaluation.splits import blocks_of, origin_positions, stamp_of
from dcforecast.evaluation.tasks import OneSeries, Task, carry_out, laid_out
from dcforecast.features import Known, check_known
from dcforecast.models.base import Ability, Forecaster
from dcforecast.models.checks import check_frame
from dcforecast.store.schemas import LEVELS

__all__ = ["backtest", "check_origins"]

#: Periods an origin must have behind it.
_SMALLEST = 8

Vintage = Callable[[pd.Timestamp], pd.Series]


@dataclass(frozen=True)
class _Protocol:
    """What is asked of every model, as `backtest` explains it."""

    horizon: int
    origins: int | Sequence[date]
    step: int
    gap: int
    refit: int | Sequence[date]
    levels: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing."""
        least = {"horizon": 1, "origins": 1, "step": 1, "gap": 0, "refit": 0}
        for name, lowest in least.items():
            told = getattr(self, name)
            if isinstance(told, int | np.integer) and told < lowest:
                raise UserError(f"backtest: {name}={told} must be at least {lowest}")

    def places(self, index: pd.Index, name: str, *, whole: bool = True) -> list[int]:
        """Return how many periods lie before each origin; `whole`: each has its full horizon."""
        found = origin_positions(
            index, self.origins, horizon=self.horizon, step=self.step, whole=whole,
            smallest=_SMALLEST,
        )  # fmt: skip
        kept = [p for p in found if not whole or p - self.gap >= _SMALLEST]
        if not kept:
            raise UserError(f"evaluation: '{name}' was hardly known at any of the origins")
        return kept


def backtest(
    models: Mapping[str, Forecaster],
    y: pd.Series | Mapping[str, pd.Series],
    *,
    series: str = "y",
    horizon: int,
    origins: int | Sequence[date] = 8,
    step: int = 1,
    gap: int = 0,
    refit: int | Sequence[date] = 1,
    X: pd.DataFrame | Mapping[str, pd.DataFrame] | None = None,
    X_known: Mapping[str, Known | str] | None = None,
    known: Vintage | None = None,
    together: bool = False,
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
    y : pandas.Series or mapping of str to Series
        Actual values, or those of many series by name.
    series : str
        Name in the result of a series without one.
    horizon, step, gap : int
        Periods ahead; between origins; before an origin whose values are not known yet.
    origins : int or sequence of date
        How many, the latest; or their dates, which begin by the clock of the index of `y`.
    refit : int or sequence of date
        Fit again every so many origins, or at the first origin from each date on; 0: fit once.
    X : pandas.DataFrame or mapping of str to DataFrame, optional
        Regressors on the index of `y`; of many series by name.
    X_known : mapping of str to str, optional
        When each regressor is known, as ``"delayed 24"`` (else: a forecast by the origin).
    known : callable, optional
        Gives the one series as it was known at an origin's time; every origin is fitted again.
    together : bool
        Whether each block fits one model (`Ability.MANY`) to all series up to its origin; they
        end together then.
    quantiles : bool
        Whether to make quantiles; point forecasts alone are faster for many models.
    n_jobs, pool : int, Pool
        Processes of one thread, or where tasks are done; the numbers do not depend on it.
    checkpoint, progress : Path, callable, optional
        Folder that keeps finished tasks, to go on from there; told the share that is done.

    Returns
    -------
    pandas.DataFrame
        Table ``backtest``, and fit_seconds of the origin's fit.

    Raises
    ------
    UserError
        A series too short, regressors not known in time or of no series, or series and models
        that are not to be fitted together.
    """
    asked = _Protocol(horizon, origins, step, gap, refit, LEVELS if quantiles else ())
    panel = _panel(y, X, series)
    _check_named(models, {one.name: one.y for one in panel})
    if known is not None:
        tasks = list(_by_vintage(models, panel, asked, known))
    elif together:
        tasks = list(_together(models, panel, X_known or {}, asked))
    else:
        tasks = [task for one in panel for task in _each(models, one, X_known or {}, asked)]
    return laid_out(tasks, carry_out(tasks, n_jobs, pool, checkpoint, progress))


def _panel(
    y: pd.Series | Mapping[str, pd.Series],
    X: pd.DataFrame | Mapping[str, pd.DataFrame] | None,
    name: str,
) -> list[OneSeries]:
    """Return each series with its regressors; `name` is that of a series without one."""
    panel = y if isinstance(y, Mapping) else {name: y}
    beside = X if isinstance(X, Mapping) else {} if X is None else {name: X}
    for strange in set(beside) - set(panel):
        raise UserError(f"X: there is no series '{strange}'", choices_text(strange, panel))
    for one, table in beside.items():
        check_frame(f"X of '{one}'", table)
    return [OneSeries(one, values, beside.get(one)) for one, values in panel.items()]


def check_origins(
    y: pd.Series,
    name: str,
    *,
    horizon: int,
    origins: int | Sequence[date],
    step: int,
    gap: int,
) -> None:
    """Refuse a series that is too short for each origin of a backtest, by a `UserError`."""
    _Protocol(horizon, origins, step, gap, 1, ()).places(y.index, name)


def _check_named(models: Mapping[str, Forecaster], panel: Mapping[str, pd.Series]) -> None:
    for what, kind, named in (("model", Forecaster, models), ("series", pd.Series, panel)):
        if not isinstance(named, Mapping) or not named:
            raise UserError(f"backtest: no {what} by name, got {named!r}", "{'name': one, ...}")
        for name, one in named.items():
            if not isinstance(one, kind):
                found = type(one).__name__
                raise UserError(f"backtest: '{name}' is no {kind.__name__}, but of type {found}")


# -- tasks -----------------------------------------------------------------------------------


def _fits(model: Forecaster, one: OneSeries) -> OneSeries:
    """Return what a model sees of a series: one that takes no regressors goes without them."""
    return one if Ability.EXOGENOUS in model.supports else replace(one, X=None)


def _each(
    models: Mapping[str, Forecaster],
    one: OneSeries,
    X_known: Mapping[str, Known | str],
    asked: _Protocol,
) -> list[Task]:
    """Return the tasks of every model on one series."""
    index = one.y.index
    positions = asked.places(index, one.name)
    _check_regressors(one, X_known, positions[0], asked.horizon)
    blocks = blocks_of(index, positions, asked.refit)
    tasks = []
    for name, model in models.items():
        seen, shared = (_fits(model, one),), uuid.uuid4().hex
        tasks += [
            Task(name, model, seen, block, asked.horizon, asked.gap, asked.levels, shared=shared)
            for block in blocks
        ]
    return tasks


def _together(
    models: Mapping[str, Forecaster],
    panel: Sequence[OneSeries],
    X_known: Mapping[str, Known | str],
    asked: _Protocol,
) -> Iterator[Task]:
    """Yield the tasks of every model on all series in one; some may begin late."""
    if not panel or any(one.y.index[-1] != panel[0].y.index[-1] for one in panel):
        raise UserError("one model of many series needs series that end together")
    longest = max((one.y.index for one in panel), key=len)
    for name, model in models.items():
        if Ability.MANY not in model.supports:
            raise UserError(f"model '{name}' is fitted to one series at a time")
    positions = asked.places(longest, "the panel")
    placed = [_placed(one, longest, positions[0], asked.gap) for one in panel]
    for one in placed:
        _check_regressors(one, X_known, positions[0] - one.late, asked.horizon)
    for name, model in models.items():
        seen = tuple(_fits(model, one) for one in placed)
        for block in blocks_of(longest, positions, asked.refit):
            yield Task(name, model, seen, block, asked.horizon, asked.gap, asked.levels)


def _placed(one: OneSeries, longest: pd.Index, first: int, gap: int) -> OneSeries:
    """Return a series with how late it begins in its panel; it is there at the first origin."""
    late = len(longest) - len(one.y)
    if not one.y.index.equals(longest[late:]):
        raise UserError(f"one model of many series: '{one.name}' has another step")
    if first - gap - late < _SMALLEST:
        raise UserError(
            f"one model of many series: '{one.name}' begins at {one.y.index[0]}, too late "
            f"for the first origin at {longest[first]}",
            "Leave it out, or ask for fewer origins",
        )
    return replace(one, late=late)


def _origin(index: pd.Index, at: int) -> pd.Timestamp:
    """Return an origin's time: the end of the last period before it."""
    return stamp_of(index[at]) - pd.Timedelta(microseconds=1)


def _check_regressors(
    one: OneSeries, known: Mapping[str, Known | str], first: int, horizon: int
) -> None:
    if one.X is None:
        return
    if not one.X.index.equals(one.y.index):
        raise UserError(f"the regressors of '{one.name}' need the index of the series")
    columns = [str(column) for column in one.X.columns]
    for name in known:
        if name not in columns:
            hint = choices_text(name, columns)
            raise UserError(f"X_known: '{name}' is no regressor of '{one.name}'", hint)
    check_known(
        columns,
        {name: one if isinstance(one, Known) else Known.parse(one) for name, one in known.items()},
        origin=_origin(one.y.index, first),
        last=stamp_of(one.y.index[first + horizon - 1]),
        horizon=horizon,
    )


def _by_vintage(
    models: Mapping[str, Forecaster],
    panel: Sequence[OneSeries],
    asked: _Protocol,
    known: Vintage,
) -> Iterator[Task]:
    """Yield a task for each origin and model, on the series as it was published by then."""
    if len(panel) > 1 or panel[0].X is not None:
        raise UserError("known: a record by vintage is that of one series, without regressors")
    series = panel[0]
    index, trains = series.y.index, []
    for at in asked.places(index, series.name, whole=False):
        train = known(_origin(index, at))
        first = index[at]
        behind = 0
        if len(train) and isinstance(first, pd.Period):
            behind = int((first - train.index[-1]).n) - 1
        if behind < 0:  # a nowcast reaches past the origin: only what lies before it is history
            train, behind = train[train.index < first], 0
        if len(train) >= _SMALLEST:
            trains.append((at, behind, train))
    if not trains:
        raise UserError(f"evaluation: '{series.name}' was hardly known at any of the origins")
    for name, model in models.items():
        for at, behind, train in trains:
            yield Task(
                name, model, (series,), (at,), asked.horizon, behind, asked.levels, vintage=train
            )
