"""Day-ahead benchmarks: hourly series, one origin a day, the publishers' own forecasts beside."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from dcforecast.errors import UserError
from dcforecast.pipelines.benchmark_cases import read_hourly

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import pandas as pd

    from dcforecast.models.base import Forecaster

__all__ = ["DAILY", "DailyBenchmark", "score_daily"]

_WEEK = 168


@dataclass(frozen=True)
class DailyBenchmark:
    """A day-ahead task on one hourly series.

    Attributes
    ----------
    ordered_by : str
        Measure that orders the rows of the table.
    about : str
        What it is.
    folder, file, time, target : str
        Where the series stands.
    exog : tuple of str
        Regressors published before the origin.
    last : str
        Last hour of the test; empty for the end of the file.
    days : int
        Days of the test.
    gap : int
        Hours before the forecast day that are not known at the origin.
    operator : str
        Column of the operator's own forecast, scored beside ours.
    models : dict of str to dict
        Our models, and their parameters as chosen on the time before the test.
    published : dict of str to dict of str to float
        Scores of others, by method and measure.
    """

    ordered_by: ClassVar[str] = "mae"

    about: str
    folder: str
    file: str
    time: str
    target: str
    exog: tuple[str, ...]
    last: str
    days: int
    gap: int
    operator: str = ""
    models: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {"day_ahead": {}})
    published: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


_SPAIN: dict[str, Any] = {
    "folder": "spain_entsoe_2015_2018", "file": "energy_hourly.csv.gz", "time": "time_utc",
    "target": "load_actual", "last": "2018-12-30 23:00", "days": 364, "gap": 14,
    "operator": "load_forecast_da",
}  # fmt: skip

#: Published: forecasts released with Lago et al. (2021).
DAILY: dict[str, DailyBenchmark] = {
    "spain_load": DailyBenchmark(
        "Spain 2018, load day ahead, known to 09:00 UTC of the day before",
        exog=(), models={"day_ahead": {"holidays": "ES"}}, **_SPAIN,
    ),
    "spain_load_corrected": DailyBenchmark(
        "Spain 2018, the operator's day-ahead load forecast corrected",
        exog=("load_forecast_da",), **_SPAIN,
        models={
            "day_ahead": {"holidays": "ES", "lags": 1, "correct": True, "transform": "asinh"}
        },
    ),
    "turkiye_load": DailyBenchmark(
        "Türkiye, twelve months to May 2025, load day ahead, known to 10:00 of the day before",
        "epias_turkiye", "turkiye_hourly.parquet", "time_trt_utc_plus3", "consumption_mwh",
        (), "2025-05-20 23:00", 365, 14, "load_forecast_plan_mwh",
        {"day_ahead": {"holidays": "TR"}},
    ),
    "epf_de": DailyBenchmark(
        "German day-ahead price 2016-2017, load and wind+solar forecasts known",
        "epf_de", "hourly.csv.gz", "time_local", "price",
        ("load_forecast_amprion", "wind_solar_forecast"), "2017-12-31 23:00", 728, 0,
        models={
            "day_ahead": {"transform": "asinh", "windows": [84, 364, 1092], "held": 28},
            "day_ahead_kernel": {},
        },
        published=
        {"DNN ensemble": {"mae": 3.413}, "LEAR ensemble": {"mae": 3.609},
         "weekly naive": {"mae": 9.13}},
    ),
}  # fmt: skip


def score_daily(
    wanted: DailyBenchmark,
    file: Path,
    workers: int,
    others: Mapping[str, Forecaster] | None = None,
    back: int = 0,
) -> dict[str, dict[str, float]]:
    """Score the weekly naive, our models of the set and others with a new fit every day.

    The days are the last `wanted.days` but `back`: nothing of these `back` days is looked at.

    Returns
    -------
    dict of str to dict of str to float
        By model, and for the operator's forecast if there is one: mae, mape [%] (without hours of
        value 0), and for models coverage_80, coverage_90 (shares) and seconds.
    """
    from dcforecast.evaluation import backtest
    from dcforecast.models import create

    frame = read_hourly(wanted.time, file).loc[: wanted.last or None]
    frame = frame.iloc[: len(frame) - 24 * back]
    _check_columns(wanted, file, frame)
    y = frame[wanted.target]
    X = frame[list(wanted.exog)] if wanted.exog else None
    models = {
        "weekly naive": create("seasonal_naive", season_length=_WEEK),
        **{name: create(name, **params) for name, params in wanted.models.items()},
        **(others or {}),
    }
    rows = {}
    for name, model in models.items():
        started = time.perf_counter()
        found = backtest(
            {name: model}, y if name != "weekly naive" else y.fillna(y.shift(_WEEK)).ffill(),
            horizon=24, origins=wanted.days, step=24, gap=wanted.gap, X=X, n_jobs=workers,
        )  # fmt: skip
        rows[name] = {**_scores(y, found), "seconds": time.perf_counter() - started}
    if wanted.operator in frame:
        last = y.index[-24 * wanted.days :]
        rows["operator"] = _errors(y[last].to_numpy(), frame.loc[last, wanted.operator].to_numpy())
    return rows


def _check_columns(wanted: DailyBenchmark, file: Path, frame: pd.DataFrame) -> None:
    """Refuse a file without the columns of its set, or too short for the days of it."""
    for column in (wanted.target, *wanted.exog):
        if column not in frame:
            raise UserError(f"{file}: there is no column '{column}'", f"it has {list(frame)}")
    least = 24 * (wanted.days + 15) + wanted.gap
    if len(frame) < least:
        raise UserError(
            f"{file}: {len(frame):,} hours are too few for {wanted.days} days of test",
            "--origins N scores fewer days",
        )


def _scores(y: pd.Series, found: pd.DataFrame) -> dict[str, float]:
    actual = y.reindex(_like(found["timestamp"], y)).to_numpy()
    return {
        **_errors(actual, found["q500"].to_numpy()),
        "coverage_80": _inside(found, actual, "q100", "q900"),
        "coverage_90": _inside(found, actual, "q050", "q950"),
    }


def _errors(actual: np.ndarray, forecast: np.ndarray) -> dict[str, float]:
    import numpy as np

    error = np.abs(actual - forecast)
    scored = ~np.isnan(error)
    share = scored & (actual != 0)
    return {
        "mae": float(error[scored].mean()),
        "mape": float(100 * (error[share] / np.abs(actual[share])).mean()),
    }


def _like(stamps: pd.Series, y: pd.Series) -> pd.DatetimeIndex:
    """Return the backtest's UTC stamps on the clock of the series."""
    import pandas as pd

    index = pd.DatetimeIndex(stamps)
    aware = isinstance(y.index, pd.DatetimeIndex) and y.index.tz is not None
    return index if aware else index.tz_localize(None)


def _inside(found: pd.DataFrame, actual: Any, low: str, high: str) -> float:
    import numpy as np

    known = ~np.isnan(actual)
    inside = (actual >= found[low].to_numpy()) & (actual <= found[high].to_numpy())
    return float(inside[known].mean())
