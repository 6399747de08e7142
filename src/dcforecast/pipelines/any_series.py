"""Backtest and forecast of any regular series in a user's file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dcforecast.errors import UserError
from dcforecast.pipelines.job import Job, Tell

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["backtest_file", "forecast_file"]


def _read(job: Job) -> tuple[pd.Series, pd.DataFrame | None, str]:
    """Return the series, its regressors and its name; irregular figures as monthly history."""
    from dcforecast import history, sources

    data = job.settings.data
    if sources.is_regular(data):
        y, X = sources.regular(data)
        return y, X, str(y.name)
    observations = sources.observations(data)
    name = str(observations["series"].iloc[0])
    rebuilt = history.reconstruct(observations, settings=data.history)
    return rebuilt.monthly(name), None, name


def backtest_file(job: Job, tell: Tell) -> Mapping[str, Any]:
    """Compare models on the file's series and store forecasts and scores."""
    from dcforecast.evaluation import backtest, score
    from dcforecast.models.base import season_of
    from dcforecast.pipelines.backtesting import competitors

    y, X, name = _read(job)
    settings = job.settings.evaluation
    tell(0.05, f"{name}: {len(y):,} periods")
    season = job.settings.data.season_length
    found = backtest(
        competitors(job.settings, season),
        y,
        series=name,
        horizon=settings.horizon,
        origins=settings.origins,
        step=settings.step,
        gap=settings.gap,
        refit=settings.refit,
        X=X,
        n_jobs=job.settings.compute.workers,
        progress=lambda share: tell(0.05 + 0.9 * share),
    )
    lag = season or season_of(y.index)
    scale = {name: float(y.diff(lag).abs().mean())}
    job.run.write("backtest", found)
    job.run.write("scores", score(found, scale=scale, baseline=settings.baseline))
    return {"series": [name]}


def forecast_file(job: Job) -> Mapping[str, Any]:
    """Forecast the file's series with its champion (or the named model)."""
    from dcforecast.pipelines.forecast_rows import prediction_rows
    from dcforecast.pipelines.forecasting import chosen

    y, X, name = _read(job)
    if X is not None:
        raise UserError(
            f"data.exog={list(X.columns)}: a forecast would need their future values",
            "Leave data.exog out, or compare models with: dcforecast backtest",
        )
    model_name, model = chosen(job, job.run.read("scores"), name)
    season = job.settings.data.season_length
    if season is not None and "season_length" in model.get_params():
        model.set_params(season_length=season)
    fitted = model.fit(y)
    unit = job.settings.data.unit or ""
    horizon = job.settings.evaluation.horizon
    job.run.write("forecast", prediction_rows("file", name, model_name, fitted, y, horizon, unit))
    return {"models": {name: model_name}}
