"""Competition sets: many series, one or few origins, scored by the sets' own protocols."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dcforecast.errors import UserError, choices_text
from dcforecast.pipelines.benchmark_cases import Case, earlier

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from dcforecast.models.base import Forecaster

__all__ = ["SERIES", "SeriesBenchmark", "before_test", "own_set", "score_series"]

#: Season, first period given to the models, and frequency, by name of the step.
PERIODS: dict[str, tuple[int, str, str]] = {
    "yearly": (1, "1900", "Y"),
    "quarterly": (4, "1950Q1", "Q"),
    "monthly": (12, "1950-01", "M"),
    "weekly": (52, "1990-01-01", "W"),
    "daily": (7, "1990-01-01", "D"),
    "hourly": (24, "2000-01-01", "h"),
}
_LUMPS = 16
#: Models of hourly sets.
_HOURLY = ("seasonal_naive", "hourly_blend")
#: Models of sets of few series: nothing is learned from all of them.
_FEW = (
    "seasonal_naive", "theta", "auto_ets", "auto_arima", "dynamic_theta", "ces", "consensus",
)  # fmt: skip
_LEVELS = (0.05, 0.1, 0.5, 0.9, 0.95)


@dataclass(frozen=True)
class SeriesBenchmark:
    """A public set, its protocol and what others reached.

    Attributes
    ----------
    about : str
        What it is.
    folder : str
        Folder of the files.
    period : str
        Step of the series, a key of `PERIODS`; rows of another ``period`` are left out.
    measure : {"mase", "mae"}
        The set's own measure, by which a panel's weights are learned.
    horizon : int, optional
        Test periods, where the file does not say.
    published : mapping of str to mapping of str to float
        Scores of others, by method and measure.
    models : tuple of str
        Models that are scored in place of the usual ones.
    naive2 : tuple of float, optional
        sMAPE and MASE of Naive2: the rows then have the OWA of the M4 competition.
    file : str
        File in the folder.
    origins : int
        Origins of each series; the last ends with the data.
    apart : int, optional
        Periods between origins; the horizon when None.
    """

    about: str
    folder: str
    period: str
    measure: str
    horizon: int | None = None
    published: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    naive2: tuple[float, float] | None = None
    file: str = "series.csv.gz"
    origins: int = 1
    apart: int | None = None

    @property
    def freq(self) -> str:
        """The step as pandas calls it."""
        return PERIODS[self.period][2]

    @property
    def ordered_by(self) -> str:
        """Measure that orders the rows of the table."""
        return self.measure if self.naive2 is None else "owa"

    @property
    def season(self) -> int:
        """Periods of a season."""
        return PERIODS[self.period][0]


#: Published: Mcomp (first half of M3, recomputed from the entrants' forecasts); Monash archive.
SERIES: dict[str, SeriesBenchmark] = {
    "m3_monthly": SeriesBenchmark(
        "M3 competition, monthly series of the first half", "m3_part_a", "monthly", "mase",
        published={
            "ForecastPro": {"smape": 14.04, "mase": 0.853},
            "Theta": {"smape": 14.18, "mase": 0.874},
        },
    ),
    "m3_yearly": SeriesBenchmark(
        "M3 competition, yearly series of the first half", "m3_part_a", "yearly", "mase",
        published={
            "ForecastX": {"smape": 16.71, "mase": 2.79},
            "Theta": {"smape": 17.66, "mase": 2.73},
        },
    ),
    "tourism_yearly": SeriesBenchmark(
        "Monash archive, tourism, yearly", "monash_tourism_yearly", "yearly", "mae", 4,
        published={
            "WaveNet": {"mae": 69905.47},
            "pooled regression": {"mae": 82682.97},
            "Theta": {"mae": 90653.60},
            "ETS": {"mae": 94818.89},
        },
    ),
    "cif_2016": SeriesBenchmark(
        "Monash archive, CIF 2016, monthly", "monash_cif_2016", "monthly", "mae",
        published={
            "ARIMA": {"mae": 469059.49},
            "pooled regression": {"mae": 563205.57},
            "SES": {"mae": 581875.97},
            "ETS": {"mae": 642421.42},
            "Theta": {"mae": 714818.58},
        },
    ),
    "m4_hourly": SeriesBenchmark(
        "M4 competition, hourly series", "m4_hourly", "hourly", "mase",
        published={
            "Doornik et al.": {"owa": 0.410, "smape": 8.913, "mase": 0.801},
            "Smyl": {"owa": 0.440, "smape": 9.328, "mase": 0.893},
            "Pawlikowski et al.": {"owa": 0.444, "smape": 9.611, "mase": 0.873},
            "Montero-Manso et al.": {"owa": 0.484, "smape": 11.506, "mase": 0.819},
            "seasonal naive": {"owa": 0.627, "smape": 13.912, "mase": 1.193},
            "Theta": {"owa": 1.006, "smape": 18.138, "mase": 2.455},
        },
        models=_HOURLY, naive2=(18.383, 2.395),
    ),
    "eia_monthly": SeriesBenchmark(
        "US generation by source, monthly, six origins half a year apart",
        "eia_us_generation_a", "monthly", "mase", 18, models=_FEW, file="monthly.csv",
        origins=6, apart=6,
    ),
    "eia_annual": SeriesBenchmark(
        "US generation by source, annual, six origins two years apart",
        "eia_us_generation_a", "yearly", "mase", 5, models=_FEW, file="annual.csv",
        origins=6, apart=2,
    ),
}  # fmt: skip


def own_set(
    name: str,
    period: str | None,
    horizon: int | None = None,
    measure: str = "mase",
    origins: int = 1,
    apart: int | None = None,
) -> SeriesBenchmark:
    """Return the protocol of a set that is not in the list.

    Raises
    ------
    UserError
        No step, or one that is not known.
    """
    if period not in PERIODS:
        hint = choices_text(period or "", PERIODS)
        raise UserError(f"which step have the series of '{name}'?", f"--period: {hint}")
    models = _HOURLY if period == "hourly" else ()
    return SeriesBenchmark(
        f"{name}, {period}", name, period, measure, horizon, models=models, origins=origins,
        apart=apart,
    )  # fmt: skip


def score_series(
    wanted: SeriesBenchmark, cases: list[Case], models: Mapping[str, Forecaster], workers: int
) -> dict[str, dict[str, float]]:
    """Score models on a set, each origin by itself: nothing is learned from later ones.

    Returns
    -------
    dict of str to dict of str to float
        By model: smape [%], mase, mae (means over series and origins), coverage_80,
        coverage_90 (shares) and seconds.

    Raises
    ------
    UserError
        No series reaches back to the first origin.
    """
    import numpy as np

    rounds = [earlier(cases, back) for back in _backs(wanted, cases)]
    enough = sum(bool(one) for one in rounds)
    if enough < len(rounds):
        raise UserError(
            f"{len(rounds)} origins: no series reaches back so far", f"--origins {enough} at most"
        )
    rows = {}
    for name, model in models.items():
        started = time.perf_counter()
        table = np.array(
            [
                _scores(case, found, wanted)
                for one in rounds
                for case, found in zip(one, _forecasts(model, wanted, one, workers), strict=True)
            ]
        )
        names = ("smape", "mase", "mae", "coverage_80", "coverage_90")
        rows[name] = dict(zip(names, map(float, np.nanmean(table, axis=0)), strict=True))
        if wanted.naive2 is not None:
            shares = (rows[name][key] / of for key, of in zip(names, wanted.naive2, strict=False))
            rows[name]["owa"] = sum(shares) / 2
        rows[name]["seconds"] = time.perf_counter() - started
    return rows


def _backs(wanted: SeriesBenchmark, cases: list[Case]) -> list[int]:
    """Return how many periods before the last origin each origin lies."""
    apart = wanted.apart or max(len(case.test) for case in cases)
    return [k * apart for k in range(wanted.origins)]


def _forecasts(
    model: Forecaster, wanted: SeriesBenchmark, cases: list[Case], workers: int
) -> list[np.ndarray]:
    """Return quantiles by step; a model of many series first learns from their training parts."""
    from joblib import Parallel, delayed

    from dcforecast.models.combination import Combination
    from dcforecast.models.sharing import Sharing

    run = Parallel(n_jobs=workers)
    if isinstance(model, Combination):
        model = model.clone().set_params(measure=wanted.measure)
        panel = [_series(c, wanted) for c in cases]
        model = model.learned_from(panel, [len(c.test) for c in cases], run)
    elif isinstance(model, Sharing):
        model = model.clone().set_known(horizon=max(len(c.test) for c in cases))
        model = model.learned_from([_series(c, wanted) for c in cases])
    # In few lumps: a model that has learned from all series is sent to a worker once a lump.
    lumps = [range(k, len(cases), _LUMPS) for k in range(min(_LUMPS, len(cases)))]
    done = run(delayed(_forecast_all)(model, [cases[i] for i in lump], wanted) for lump in lumps)
    found = {
        i: f for lump, one in zip(lumps, done, strict=True) for i, f in zip(lump, one, strict=True)
    }
    return [found[i] for i in range(len(cases))]


def _series(case: Case, wanted: SeriesBenchmark) -> pd.Series:
    import pandas as pd

    _, start, freq = PERIODS[wanted.period]
    return pd.Series(case.train, index=pd.period_range(start, periods=len(case.train), freq=freq))


def _forecast_all(
    model: Forecaster, cases: list[Case], wanted: SeriesBenchmark
) -> list[np.ndarray]:
    return [_forecast(model, case, wanted) for case in cases]


def _forecast(model: Forecaster, case: Case, wanted: SeriesBenchmark) -> np.ndarray:
    from dcforecast.models import create

    y = _series(case, wanted)
    one = model if len(y) >= model.min_values else create("seasonal_naive")
    one.set_known(horizon=len(case.test))
    return one.fit(y).predict(len(case.test), quantiles=_LEVELS).iloc[:, 1:].to_numpy()


def _scores(case: Case, found: np.ndarray, wanted: SeriesBenchmark) -> tuple[float, ...]:
    """Score one series: sMAPE, MASE, MAE, coverage of 80 and 90 %."""
    import numpy as np

    low90, low80, middle, high80, high90 = found.T
    error = np.abs(case.test - middle)
    size = np.abs(case.test) + np.abs(middle)
    smape = float(np.mean(200 * error / np.where(size == 0, 1, size)))
    lag = wanted.season if len(case.train) > wanted.season else 1
    scale = np.abs(case.train[lag:] - case.train[:-lag]).mean()
    mase = float(error.mean() / scale) if scale > 0 else float("nan")
    inside80 = float(np.mean((case.test >= low80) & (case.test <= high80)))
    inside90 = float(np.mean((case.test >= low90) & (case.test <= high90)))
    return smape, mase, float(error.mean()), inside80, inside90


def before_test(wanted: SeriesBenchmark, cases: list[Case]) -> list[Case]:
    """Return the cases before the first test value: what models are chosen on."""
    return [
        moved
        for case in cases
        for moved in earlier([case], _backs(wanted, [case])[-1] + len(case.test))
    ]
