"""What a search of hyper-parameters is judged on: the record before the backtest, in folds."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dcforecast.pipelines.file_series import (
    FileSeries,
    clock_dates,
    ending_together,
    file_series,
)

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from dcforecast.config.compose import Composed

__all__ = ["FOLDS", "TuneTask", "tune_tasks"]

#: Folds a trial is judged by, one fit each; a poor trial is stopped after any of them.
FOLDS = 5
#: Periods an origin must have behind it.
_SMALLEST = 8


@dataclass(frozen=True)
class TuneTask:
    """What one fit is judged on: a series, or many in one model.

    The series are cut before the origins that the backtest compares models on.

    Attributes
    ----------
    series : tuple of FileSeries
        One with its regressors, or all that one model is fitted to together.
    season : int or None
        Periods of a season; None: by the model and the step.
    horizon, gap : int
        Periods ahead, and not known yet.
    folds : tuple of tuple of Timestamp
        Origins of each fold.
    scales : dict of str to float
        Mean absolute seasonal difference of each series.
    """

    series: tuple[FileSeries, ...]
    season: int | None
    horizon: int
    gap: int
    folds: tuple[tuple[pd.Timestamp, ...], ...]
    scales: dict[str, float]

    @property
    def together(self) -> bool:
        """Whether one model is fitted to all the series."""
        return len(self.series) > 1


def tune_tasks(composed: Composed) -> list[TuneTask]:
    """Return the series of the user's file, or the project's monthly ones.

    With ``evaluation.together`` those of a file are one task; else each is one.
    """
    settings = composed.settings
    evaluation = settings.evaluation
    if settings.data.kind != "embedded":
        season = settings.data.season_length
        series = file_series(settings.data, evaluation.horizon)
        origins = clock_dates(evaluation.origins, settings.data, series[0].y.index)
        terms = (evaluation.horizon, origins, evaluation.step, evaluation.gap)
        if evaluation.together:
            series = ending_together(series, lambda note: print(note, file=sys.stderr))
            return [_task(series, season, *terms)]
        return [_task([one], season, *terms) for one in series]
    from dcforecast import history, sources

    observations = sources.observations(settings.data)
    rebuilt = history.reconstruct(observations, settings=settings.data.history)
    monthly = evaluation.monthly
    series = [FileSeries(name, rebuilt.monthly(name)) for name in monthly.series]
    return [_task([one], 12, monthly.horizon, monthly.origins, monthly.step, 0) for one in series]


def _task(
    series: Sequence[FileSeries],
    season: int | None,
    horizon: int,
    origins: int | Sequence[date],
    step: int,
    gap: int,
) -> TuneTask:
    """Return the part of series before the first origin of the backtest, with its folds.

    What a model is chosen by must not be what it is compared on.  Of many series, which end
    together, the one that begins last must have values before each origin too.
    """
    import numpy as np

    from dcforecast.evaluation import seasonal_scale
    from dcforecast.evaluation.splits import origin_positions, stamp_of
    from dcforecast.models.base import season_of

    longest = max((one.y.index for one in series), key=len)
    late = len(longest) - min(len(one.y) for one in series)
    smallest = _SMALLEST + (late + gap if len(series) > 1 else 0)

    def places(index: pd.Index, wanted: int | Sequence[date]) -> list[int]:
        return origin_positions(
            index, wanted, horizon=horizon, step=step, whole=True, smallest=smallest
        )

    first = places(longest, origins)[0]
    index = longest[:first]
    positions = places(index, origins if isinstance(origins, int) else len(origins))
    parts = np.array_split(positions, min(FOLDS, len(positions)))
    folds = tuple(tuple(stamp_of(index[p]) for p in part) for part in parts)
    cut, scales = [], {}
    for one in series:
        end = first - (len(longest) - len(one.y))
        early = one.y.iloc[:end]
        scales[one.name] = seasonal_scale(early, season or season_of(early.index)) or 1.0
        cut.append(replace(one, y=early, X=None if one.X is None else one.X.iloc[:end]))
    return TuneTask(tuple(cut), season, horizon, gap, folds, scales)
