"""What a search of hyper-parameters is judged on: the record before the backtest, in folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dcforecast.pipelines.file_series import FileSeries, file_series

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from dcforecast.config.compose import Composed

__all__ = ["FOLDS", "TuneTask", "tune_tasks"]

#: Folds a trial is judged by, one fit each; a poor trial is stopped after any of them.
FOLDS = 5


@dataclass(frozen=True)
class TuneTask:
    """A series to tune on, cut before the origins that the backtest compares models on.

    Attributes
    ----------
    one : FileSeries
        The series with its regressors.
    season : int or None
        Periods of a season; None: by the model and the step.
    horizon, gap : int
        Periods ahead, and not known yet.
    folds : tuple of tuple of Timestamp
        Origins of each fold.
    scale : float
        Mean absolute seasonal difference.
    """

    one: FileSeries
    season: int | None
    horizon: int
    gap: int
    folds: tuple[tuple[pd.Timestamp, ...], ...]
    scale: float


def tune_tasks(composed: Composed) -> list[TuneTask]:
    """Return the series of the user's file, or the project's monthly ones."""
    settings = composed.settings
    evaluation = settings.evaluation
    if settings.data.kind != "embedded":
        season = settings.data.season_length
        terms = (evaluation.horizon, evaluation.origins, evaluation.step, evaluation.gap)
        series = file_series(settings.data, evaluation.horizon)
        return [_task(one, season, *terms) for one in series]
    from dcforecast import history, sources

    observations = sources.observations(settings.data)
    rebuilt = history.reconstruct(observations, settings=settings.data.history)
    monthly = evaluation.monthly
    series = [FileSeries(name, rebuilt.monthly(name)) for name in monthly.series]
    return [_task(one, 12, monthly.horizon, monthly.origins, monthly.step, 0) for one in series]


def _task(
    one: FileSeries,
    season: int | None,
    horizon: int,
    origins: int | Sequence[date],
    step: int,
    gap: int,
) -> TuneTask:
    """Return the part of a series before the first origin of the backtest, with its folds.

    What a model is chosen by must not be what it is compared on.
    """
    import numpy as np

    from dcforecast.evaluation.splits import origin_positions, stamp_of
    from dcforecast.models.base import season_of

    def places(index: pd.Index, wanted: int | Sequence[date]) -> list[int]:
        return origin_positions(index, wanted, horizon=horizon, step=step, whole=True, smallest=8)

    first = places(one.y.index, origins)[0]
    early = one.y.iloc[:first]
    positions = places(early.index, origins if isinstance(origins, int) else len(origins))
    parts = np.array_split(positions, min(FOLDS, len(positions)))
    folds = tuple(tuple(stamp_of(early.index[p]) for p in part) for part in parts)
    scale = float(early.diff(season or season_of(early.index)).abs().mean()) or 1.0
    cut = replace(one, y=early, X=None if one.X is None else one.X.iloc[:first])
    return TuneTask(cut, season, horizon, gap, folds, scale)
