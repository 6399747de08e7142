"""Backtest and forecast of a user's file: regular series, or figures rebuilt by vintage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dcforecast.pipelines.file_series import (
    FileSeries,
    clock_dates,
    ending_together,
    file_series,
)
from dcforecast.pipelines.job import Job, Tell

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from dcforecast.models.base import Forecaster

__all__ = ["backtest_file", "forecast_file"]

#: Paths that quantiles of reconciled series are taken from.
_DRAWS = 1000


def _read(job: Job) -> list[FileSeries]:
    """Return the regular series with their regressors, or each series rebuilt from figures."""
    from dcforecast import sources
    from dcforecast.pipelines.backtesting import known_by_vintage, monthly_series

    data = job.settings.data
    if sources.is_regular(data):
        return file_series(data, job.settings.evaluation.horizon)
    triangle = job.run.read("history")
    last = job.run.read("observations")["end"].max()
    # Months after the last figure are a nowcast, no truth to compare with.
    newest = triangle[
        (triangle["vintage"] == triangle["vintage"].max()) & (triangle["timestamp"] < last)
    ]
    return [
        FileSeries(
            str(name),
            monthly_series(rows, str(name)),
            vintage=known_by_vintage(triangle, str(name)),
        )
        for name, rows in newest.groupby("series", sort=False)
    ]


# -- backtest --------------------------------------------------------------------------------


def backtest_file(job: Job, tell: Tell) -> Mapping[str, Any]:
    """Compare models on each series of the file and store forecasts and scores."""
    import pandas as pd

    from dcforecast.evaluation import score, seasonal_scale
    from dcforecast.models.base import season_of
    from dcforecast.pipelines.backtesting import competitors

    data, settings = job.settings.data, job.settings.evaluation
    models = competitors(job.settings, data.season_length)
    series = _read(job)
    if settings.together:
        series = ending_together(series, lambda note: tell(0.05, note))
    rebuilt = [one for one in series if one.vintage is not None]
    frames = [] if rebuilt else list(_regular(job, models, series, tell))
    for position, one in enumerate(rebuilt):
        frames.append(_by_vintage(job, models, one, tell, position / len(series), 1 / len(series)))
    found = pd.concat(frames, ignore_index=True)
    asked = settings.origins if isinstance(settings.origins, int) else len(set(settings.origins))
    had = int(found.groupby("series")["origin"].nunique().min())
    if had < asked:
        tell(0.95, f"{len(series)} series; the record has room for {had} of {asked} origins")
    scale = {
        one.name: seasonal_scale(one.y, data.season_length or season_of(one.y.index))
        for one in series
    }
    job.run.write("backtest", found)
    job.run.write("scores", score(found, scale=scale, baseline=settings.baseline))
    return {"series": [one.name for one in series]}


def _regular(
    job: Job, models: Mapping[str, Forecaster], series: Sequence[FileSeries], tell: Tell
) -> Sequence[pd.DataFrame]:
    """Backtest regular series: models that learn from all of them, and the others on each."""
    from dcforecast.evaluation import backtest
    from dcforecast.models.base import Ability

    joint = {
        name: model
        for name, model in models.items()
        if job.settings.evaluation.together and Ability.MANY in model.supports
    }
    single = {name: model for name, model in models.items() if name not in joint}
    periods = sum(len(one.y) for one in series)
    tell(0.05, f"{len(series)} series, {periods:,} periods")
    X = {one.name: one.X for one in series if one.X is not None}
    return [
        backtest(
            part,
            {one.name: one.y for one in series},
            X=X or None,
            X_known=series[0].X_known,
            together=part is joint,
            **_common(job, series[0].y.index),
            progress=lambda share: tell(0.05 + 0.9 * share),
        )
        for part in (joint, single)
        if part
    ]


def _by_vintage(
    job: Job,
    models: Mapping[str, Forecaster],
    one: FileSeries,
    tell: Tell,
    done: float,
    share: float,
) -> pd.DataFrame:
    """Backtest a series rebuilt from figures, at each origin on those published by then."""
    from dcforecast.evaluation import backtest

    tell(0.05 + 0.9 * done, f"{one.name}: {len(one.y):,} periods")
    return backtest(
        models,
        one.y,
        series=one.name,
        known=one.vintage,
        **_common(job, one.y.index),
        progress=lambda part: tell(0.05 + 0.9 * (done + share * part)),
    )


def _common(job: Job, index: pd.Index) -> dict[str, Any]:
    """Return what every backtest of the job is asked; `index` is that of a series."""
    from dcforecast.compute import Pool
    from dcforecast.pipelines.backtesting import partial

    settings = job.settings.evaluation
    keys = ("horizon", "step", "gap", "quantiles")
    return {
        **{key: getattr(settings, key) for key in keys},
        **{
            key: clock_dates(getattr(settings, key), job.settings.data, index)
            for key in ("origins", "refit")
        },
        "pool": Pool(job.settings.compute),
        "checkpoint": partial(job),
    }


# -- forecast --------------------------------------------------------------------------------


def forecast_file(job: Job) -> Mapping[str, Any]:
    """Forecast each series of the file with its champion (or the named model)."""
    import pandas as pd

    from dcforecast.models.base import future_index
    from dcforecast.pipelines.forecast_rows import prediction_rows, sample_rows

    data = job.settings.data
    horizon = job.settings.evaluation.horizon
    series = _read(job)
    names, fits = _fitted(job, series)
    ahead = {one.name: None if fits[one.name].regressors_ is None else one.ahead for one in series}
    paths = _paths(job, fits, horizon, ahead)
    frames = []
    for one in series:
        told = ("file", one.name, names[one.name])
        if one.name in paths:
            index = future_index(one.y.index, horizon)
            row = sample_rows(*told, one.y.index[-1], index, paths[one.name], data.unit or "")
        else:
            unit = data.unit or ""
            row = prediction_rows(*told, fits[one.name], one.y, horizon, unit, ahead[one.name])
        frames.append(row)
    job.run.write("forecast", pd.concat(frames, ignore_index=True))
    return {"models": names}


def _fitted(job: Job, series: Sequence[FileSeries]) -> tuple[dict[str, str], dict[str, Forecaster]]:
    """Return each series' model by name, and fitted: to the series, or to all of them together."""
    from dcforecast.models.base import Ability
    from dcforecast.pipelines.backtesting import set_season
    from dcforecast.pipelines.forecasting import chosen

    data, together = job.settings.data, job.settings.evaluation.together
    scores = job.run.read("scores")
    picked = {one.name: chosen(job, scores, one.name) for one in series}
    fits: dict[str, Forecaster] = {}
    joint: dict[str, dict[str, Forecaster]] = {}
    for one in series:
        name, model = picked[one.name]
        set_season(model, data.season_length)
        with_X = one.X is not None and Ability.EXOGENOUS in model.supports
        if not (together and Ability.MANY in model.supports):
            fits[one.name] = model.fit(one.y, one.X if with_X else None)
            continue
        if name not in joint:
            X = {other.name: other.X for other in series if other.X is not None}
            panel = {other.name: other.y for other in series}
            joint[name] = dict(model.fit_many(panel, X if with_X else None))
        fits[one.name] = joint[name][one.name]
    return {name: found for name, (found, _) in picked.items()}, fits


def _paths(
    job: Job,
    fits: Mapping[str, Forecaster],
    horizon: int,
    ahead: Mapping[str, pd.DataFrame | None],
) -> dict[str, np.ndarray]:
    """Return paths of totals and parts that add up; none if the file has no sums."""
    import numpy as np

    from dcforecast.models.reconcile import over_parts
    from dcforecast.pipelines.ingesting import account

    if not job.settings.data.sums:
        return {}
    structure, _ = account(job.settings.data, job.run.read("observations"))
    seed = job.settings.ensemble.seed
    drawn = {}
    for name, fitted in fits.items():
        rng = np.random.default_rng([seed, *name.encode()])
        paths = fitted.sample(horizon, _DRAWS, ahead[name], rng)
        # A series that never was negative (energy) is not forecast so either.
        drawn[name] = np.maximum(paths, 0.0) if fitted.values_.min() >= 0 else paths
    return over_parts(drawn, structure.sums)
