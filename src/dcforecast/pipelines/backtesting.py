"""Stage ``backtest``: models compared over rolling origins, on what was published by then."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dcforecast.pipelines.job import Job, Tell

if TYPE_CHECKING:
    import pandas as pd

    from dcforecast.config.settings import Settings
    from dcforecast.models.base import Forecaster

__all__ = ["competitors", "monthly_series", "partial", "set_season", "stage"]


def stage(job: Job) -> None:
    """Run the backtest and store forecasts (``backtest``) and scores (``scores``)."""
    embedded = job.settings.data.kind == "embedded"

    def work(tell: Tell) -> Mapping[str, Any]:
        if embedded:
            facts = _project(job, tell)
        else:
            from dcforecast.pipelines.any_series import backtest_file

            facts = backtest_file(job, tell)
        shutil.rmtree(partial(job), ignore_errors=True)
        return facts

    job.stage(
        "backtest",
        groups=("data", "model", "evaluation"),
        after=("ingest",),
        tables=("backtest", "scores"),
        work=work,
    )
    if job.run.manifest["pipeline"] == "backtest":
        from dcforecast.pipelines.significance import write_comparison

        write_comparison(job.run, job.settings.evaluation.baseline)


def partial(job: Job) -> Path:
    """Return the folder where this backtest's finished tasks are kept until it is done."""
    from dcforecast.store import config_hash

    return job.store.path / ".partial" / config_hash({"backtest": job.digests["backtest"]})


def competitors(settings: Settings, season_length: int | None = None) -> dict[str, Forecaster]:
    """Return the models to compare: the policy's list, or the named model and the baseline."""
    from dcforecast.models import create, from_settings

    names = [settings.evaluation.baseline]
    if settings.model.target is None:
        names += [name for name in settings.evaluation.models if name not in names]
    found = {name: create(name) for name in names}
    if settings.model.target is not None:
        found[settings.model.name] = from_settings(settings.model)
    for model in found.values():
        set_season(model, season_length)
    return found


def set_season(model: Forecaster, length: int | None) -> None:
    """Tell a model that has a season how long it is; None: by the model and the step."""
    if length is not None:
        model.set_known(season_length=length)


def known_by_vintage(history: pd.DataFrame, series: str) -> Callable[[pd.Timestamp], pd.Series]:
    """Return a function that gives the monthly history as it was known at an origin."""
    rows = history[history["series"] == series]
    vintages = rows["vintage"].drop_duplicates().sort_values()

    def known(origin: pd.Timestamp) -> pd.Series:
        usable = vintages[vintages <= origin]
        if usable.empty:
            return rows.iloc[:0].set_index("timestamp")["mean"]
        return monthly_series(rows[rows["vintage"] == usable.iloc[-1]], series)

    return known


def monthly_series(rows: pd.DataFrame, series: str) -> pd.Series:
    """Turn history rows of one vintage into a monthly series [GWh]."""
    import pandas as pd

    ordered = rows.sort_values("timestamp")
    index = pd.DatetimeIndex(ordered["timestamp"]).tz_convert(None).to_period("M")
    found = pd.Series(ordered["mean"].to_numpy(), index=index)
    return found.rename(series)


def _known_by_date(
    observations: pd.DataFrame, series: str, first_year: int
) -> Callable[[pd.Timestamp], pd.Series]:
    """Return a function that gives the yearly series as it was published by an origin."""
    from dcforecast import history

    def known(origin: pd.Timestamp) -> pd.Series:
        return history.annual(observations, as_of=origin, first_year=first_year)[series]

    return known


def _project(job: Job, tell: Tell) -> Mapping[str, Any]:
    import pandas as pd

    from dcforecast import history
    from dcforecast.compute import Pool
    from dcforecast.evaluation import backtest, score, seasonal_scale
    from dcforecast.pipelines.ingesting import known_observations

    settings = job.settings.evaluation
    observations = known_observations(job)
    triangle = job.run.read("history")
    newest = triangle[triangle["vintage"] == triangle["vintage"].max()]
    first_year = job.settings.data.history.annual_from
    final = history.annual(observations, first_year=first_year)
    tasks = [(name, "a year", settings.annual, 1) for name in settings.annual.series]
    tasks += [(name, "a month", settings.monthly, 12) for name in settings.monthly.series]
    frames, scales = [], {}
    for position, (name, step, part, season) in enumerate(tasks):
        tell(position / len(tasks), f"{name} {step}")
        if part is settings.annual:
            series, y = f"{name}_annual", final[name]
            known = _known_by_date(observations, name, first_year)
        else:
            series, y = name, monthly_series(newest[newest["series"] == name], name)
            known = known_by_vintage(triangle, name)
        found = backtest(
            competitors(job.settings, season),
            y,
            series=series,
            horizon=part.horizon,
            origins=part.origins,
            step=part.step,
            known=known,
            refit=settings.refit,
            quantiles=settings.quantiles,
            pool=Pool(job.settings.compute),
            checkpoint=partial(job),
        )
        frames.append(found)
        scales[series] = seasonal_scale(y, season)
    found = pd.concat(frames, ignore_index=True)
    job.run.write("backtest", found)
    job.run.write("scores", score(found, scale=scales, baseline=settings.baseline))
    return {"series": [name for name, *_ in tasks]}
