"""Rolling-window benchmarks by the protocol of fev-bench: weeks ahead, scaled quantile loss."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from dcforecast.pipelines.benchmark_cases import read_hourly

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from dcforecast.models.base import Forecaster

__all__ = ["WINDOWS", "WindowsBenchmark", "score_windows"]

_DECILES = tuple(round(0.1 * k, 1) for k in range(1, 10))
_LEVELS = (0.05, *_DECILES, 0.95)


@dataclass(frozen=True)
class WindowsBenchmark:
    """Windows that follow one another to the end of a file of hours or parts of hours.

    Attributes
    ----------
    ordered_by : str
        Measure that orders the rows of the table.
    about : str
        What it is.
    folder, file, time : str
        Where the series stand.
    targets : tuple of str
        Columns to be forecast, each on its own.
    model : str
        Our model.
    exog : tuple of str
        Regressors known over the horizon.
    newest : int
        Newest steps of the file that belong to the task; 0 for all.
    horizon, windows : int
        Steps of a window, and how many.
    season : int
        Steps of a day.
    params : dict
        Parameters of our model, chosen on the time before the test.
    published : mapping of str to mapping of str to float
        Scores of others, by method and measure.
    """

    ordered_by: ClassVar[str] = "sql"

    about: str
    folder: str
    file: str
    time: str
    targets: tuple[str, ...]
    model: str
    exog: tuple[str, ...] = ()
    newest: int = 0
    horizon: int = 168
    windows: int = 20
    season: int = 24
    params: Mapping[str, Any] = field(default_factory=dict)
    published: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


#: Published: results of fev-bench (github.com/autogluon/fev, benchmarks/fev_bench/results); the
#: seasonal naive of one station alone is computed by the protocol.
WINDOWS: dict[str, WindowsBenchmark] = {
    "gefcom2014_e": WindowsBenchmark(
        "GEFCom2014-E, load with the temperature of the week ahead known (proenfo_gfc14)",
        "gefcom2014_e", "load_temp_hourly.csv.gz", "time_hour_ending", ("load_mw",),
        "weather_load", ("temp_f",), newest=17_520, params={"holidays": "US"},
        published={
            "TiRex-2": {"sql": 0.368},
            "DeepAR": {"sql": 0.392, "mase": 0.493},
            "TabPFN-TS-3": {"sql": 0.426, "mase": 0.517},
            "Chronos-2": {"sql": 0.430, "mase": 0.539},
            "CatBoost": {"sql": 0.602, "mase": 0.602},
            "statistical ensemble": {"sql": 0.906, "mase": 1.104},
            "AutoARIMA": {"sql": 0.947, "mase": 1.168},
        },
    ),
    "ett_1h": WindowsBenchmark(
        "ETT, first station, seven series of a transformer (half of ETT_1H)",
        "ett_h1", "hourly.csv.gz", "date",
        ("HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT"), "hourly_blend",
        params={"windows": [40, 90, 365]},
        published={
            "TS-ICL, both stations": {"sql": 0.854, "mase": 1.100},
            "Chronos-2, both stations": {"sql": 0.883, "mase": 1.126},
            "AutoARIMA, both stations": {"sql": 1.052, "mase": 1.262},
            "seasonal naive, both stations": {"sql": 1.207, "mase": 1.323},
            "protocol's seasonal naive, this station": {"sql": 1.2438, "mase": 1.3279},
        },
    ),
    "vic_elec": WindowsBenchmark(
        "Victoria, half-hourly demand with the temperature of the week ahead known",
        "vic_elec", "half_hourly.csv.gz", "time_utc", ("demand",), "weather_load",
        ("temp_c", "holiday"), horizon=336, windows=52, season=48,
    ),
}  # fmt: skip


def score_windows(
    wanted: WindowsBenchmark,
    file: Path,
    workers: int,
    others: Mapping[str, Forecaster] | None = None,
    back: int = 0,
) -> dict[str, dict[str, float]]:
    """Score the seasonal naive, our model and others on all windows.

    Parameters
    ----------
    wanted : WindowsBenchmark
        The task.
    file : Path
        Its file.
    workers : int
        Processes.
    others : mapping of str to Forecaster, optional
        Further models.
    back : int
        Windows left out at the end: models are chosen on those before.

    Returns
    -------
    dict of str to dict of str to float
        By model: sql, mase (both over the mean absolute change against a day before, in all
        history of a window), coverage_80, coverage_90 (shares) and seconds.
    """
    import numpy as np
    from joblib import Parallel, delayed

    from dcforecast.models import create

    frame = read_hourly(wanted.time, file, f"{1440 // wanted.season}min")
    frame = frame.iloc[-wanted.newest :]
    frame = frame.iloc[: len(frame) - back * wanted.horizon]
    models = {
        "seasonal_naive": create("seasonal_naive", season_length=wanted.season),
        wanted.model: create(wanted.model, **wanted.params),
        **(others or {}),
    }
    starts = [len(frame) - wanted.horizon * k for k in range(wanted.windows, 0, -1)]
    run = Parallel(n_jobs=workers)
    rows = {}
    for name, model in models.items():
        started = time.perf_counter()
        table = np.array(
            run(
                delayed(_window)(
                    model, frame[[target, *wanted.exog]], start, wanted.horizon, wanted.season
                )
                for target in wanted.targets
                for start in starts
            )
        )
        means = map(float, np.nanmean(table, axis=0))
        rows[name] = dict(zip(("sql", "mase", "coverage_80", "coverage_90"), means, strict=True))
        rows[name]["seconds"] = time.perf_counter() - started
    return rows


def _window(
    model: Forecaster, frame: pd.DataFrame, start: int, horizon: int, season: int
) -> tuple[float, ...]:
    """Score one window of one series."""
    import numpy as np

    from dcforecast.evaluation.scores import pinball
    from dcforecast.models import Ability

    y, X = frame.iloc[:, 0], frame.iloc[:, 1:]
    takes = Ability.EXOGENOUS in model.supports and X.shape[1] > 0
    past, ahead = (X.iloc[:start], X.iloc[start : start + horizon]) if takes else (None, None)
    fitted = model.clone().fit(y.iloc[:start], past)
    found = fitted.predict(horizon, ahead, quantiles=_LEVELS).iloc[:, 1:].to_numpy()
    actual = y.iloc[start : start + horizon].to_numpy()
    history = y.iloc[:start].to_numpy()
    scale = float(np.nanmean(np.abs(history[season:] - history[:-season])))
    inside = [np.mean((actual >= found[:, k]) & (actual <= found[:, -1 - k])) for k in (1, 0)]
    loss = float(pinball(actual[:, None], found[:, 1:-1], np.array(_DECILES)).mean())
    error = float(np.abs(actual - found[:, 5]).mean())
    return 2 * loss / scale, error / scale, float(inside[0]), float(inside[1])
