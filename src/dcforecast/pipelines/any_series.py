"""Backtest and forecast of a user's file: a regular series, or figures rebuilt by vintage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from dcforecast.errors import UserError
from dcforecast.pipelines.job import Job, Tell

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from dcforecast.config.data import DataSettings
    from dcforecast.features import Known
    from dcforecast.models.base import Forecaster

__all__ = ["backtest_file", "forecast_file", "regular_series"]

#: Paths that quantiles of reconciled series are taken from.
_DRAWS = 1000


class _Series(NamedTuple):
    name: str
    y: pd.Series
    X: pd.DataFrame | None
    known: Callable[[pd.Timestamp], pd.Series] | None
    X_known: Mapping[str, Known] | None = None


def _read(job: Job) -> list[_Series]:
    """Return a regular series with its regressors, or each series rebuilt from figures."""
    from dcforecast import sources
    from dcforecast.pipelines.backtesting import known_by_vintage, monthly_series

    data = job.settings.data
    if sources.is_regular(data):
        return [regular_series(data)]
    triangle = job.run.read("history")
    last = job.run.read("observations")["end"].max()
    # Months after the last figure are a nowcast, no truth to compare with.
    newest = triangle[
        (triangle["vintage"] == triangle["vintage"].max()) & (triangle["timestamp"] < last)
    ]
    return [
        _Series(str(name), monthly_series(rows, str(name)), None,
                known_by_vintage(triangle, str(name)))
        for name, rows in newest.groupby("series", sort=False)
    ]  # fmt: skip


def regular_series(data: DataSettings) -> _Series:
    """Return a regular series with its regressors and features, from where all of them begin."""
    from dcforecast import sources
    from dcforecast.features import Known, build_features

    y, X = sources.regular(data)
    known = {name: Known.parse(text) for name, text in data.known.items()}
    if data.features:
        X, known = build_features(data.features, y.index, X, known)  # type: ignore[arg-type]
        whole = X.notna().all(axis=1).to_numpy()
        # The first periods lack what lies before the record; gaps further on stay gaps.
        begin = int(whole.argmax()) if whole.any() else len(whole)
        if len(y) - begin < 2:
            raise UserError("data.features: no period has all features", "Shorten lags or windows")
        y, X = y.iloc[begin:], X.iloc[begin:]
    return _Series(str(y.name), y, X, None, known)


def backtest_file(job: Job, tell: Tell) -> Mapping[str, Any]:
    """Compare models on each series of the file and store forecasts and scores."""
    import pandas as pd

    from dcforecast.compute import Pool
    from dcforecast.evaluation import backtest, score
    from dcforecast.models.base import season_of
    from dcforecast.pipelines.backtesting import competitors, partial

    settings = job.settings.evaluation
    season = job.settings.data.season_length
    frames, scale = [], {}
    series = _read(job)
    for position, (name, y, X, known, X_known) in enumerate(series):
        done, share = position / len(series), 1 / len(series)
        tell(0.05 + 0.9 * done, f"{name}: {len(y):,} periods")
        frames.append(
            backtest(
                competitors(job.settings, season),
                y,
                series=name,
                horizon=settings.horizon,
                origins=settings.origins,
                step=settings.step,
                gap=settings.gap,
                refit=settings.refit,
                X=X,
                X_known=X_known,
                known=known,
                quantiles=settings.quantiles,
                pool=Pool(job.settings.compute),
                checkpoint=partial(job),
                progress=lambda part, done=done, share=share: tell(  # type: ignore[misc]
                    0.05 + 0.9 * (done + share * part)
                ),
            )
        )
        scale[name] = float(y.diff(season or season_of(y.index)).abs().mean())
    found = pd.concat(frames, ignore_index=True)
    job.run.write("backtest", found)
    job.run.write("scores", score(found, scale=scale, baseline=settings.baseline))
    return {"series": [one.name for one in series]}


def forecast_file(job: Job) -> Mapping[str, Any]:
    """Forecast each series of the file with its champion (or the named model)."""
    import pandas as pd

    from dcforecast.models.base import future_index
    from dcforecast.pipelines.forecast_rows import prediction_rows, sample_rows
    from dcforecast.pipelines.forecasting import chosen

    frames, models, fits = [], {}, {}
    scores = job.run.read("scores")
    data = job.settings.data
    horizon = job.settings.evaluation.horizon
    for name, y, X, *_ in _read(job):
        if X is not None:
            raise UserError(
                f"regressors {list(X.columns)}: a forecast would need their future values",
                "Leave data.exog and data.features out; dcforecast backtest takes them",
            )
        model_name, model = chosen(job, scores, name)
        if data.season_length is not None and "season_length" in model.get_params():
            model.set_params(season_length=data.season_length)
        fits[name] = (y, model.fit(y))
        models[name] = model_name
    paths = _paths(job, {name: model for name, (_, model) in fits.items()}, horizon)
    for name, (y, fitted) in fits.items():
        told = ("file", name, models[name])
        if name in paths:
            index = future_index(y.index, horizon)
            row = sample_rows(*told, y.index[-1], index, paths[name], data.unit or "")
        else:
            row = prediction_rows(*told, fitted, y, horizon, data.unit or "")
        frames.append(row)
    job.run.write("forecast", pd.concat(frames, ignore_index=True))
    return {"models": models}


def _paths(job: Job, fits: Mapping[str, Forecaster], horizon: int) -> dict[str, np.ndarray]:
    """Return paths of totals and parts that add up; none if the file has no sums."""
    import numpy as np

    from dcforecast.models.reconcile import over_parts
    from dcforecast.pipelines.ingesting import account

    if not job.settings.data.sums:
        return {}
    structure, _ = account(job, job.run.read("observations"))
    seed = job.settings.ensemble.seed
    drawn = {}
    for name, fitted in fits.items():
        rng = np.random.default_rng([seed, *name.encode()])
        paths = fitted.sample(horizon, _DRAWS, random_state=rng)
        # A series that never was negative (energy) is not forecast so either.
        drawn[name] = np.maximum(paths, 0.0) if fitted.values_.min() >= 0 else paths
    return over_parts(drawn, structure.sums)
