"""``dcforecast benchmark``: public competition sets, our models beside the published scores."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dcforecast.config.compose import compose
from dcforecast.errors import UserError, choices_text
from dcforecast.pipelines.benchmark_daily import DAILY, benchmark_file, score_daily

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from rich.table import Table

    from dcforecast.config.settings import Settings

__all__ = ["BENCHMARKS", "Benchmark", "benchmark"]

_MODELS = ("seasonal_naive", "theta", "ets", "combination", "consensus")


@dataclass(frozen=True)
class Case:
    """One series of a set: what is given and what is to be forecast."""

    train: np.ndarray
    test: np.ndarray


@dataclass(frozen=True)
class Benchmark:
    """A public set, its protocol and what others reached.

    Attributes
    ----------
    about : str
        What it is.
    folder : str
        Folder of the files.
    season : int
        Periods of a season.
    start : str
        First period given to the models (the sets of unequal start are scored without dates).
    read : callable
        Yields the cases of the frame of ``series.csv.gz``.
    published : dict of str to dict of str to float
        Scores of others, by method and measure.
    """

    about: str
    folder: str
    season: int
    start: str
    read: Callable[[pd.DataFrame], Iterator[Case]]
    published: dict[str, dict[str, float]]


def _numbers(text: str) -> np.ndarray:
    import numpy as np

    return np.array(text.split(), dtype=float)


def _m3(period: str) -> Callable[[pd.DataFrame], Iterator[Case]]:
    def read(frame: pd.DataFrame) -> Iterator[Case]:
        for row in frame[frame["period"] == period].itertuples(index=False):
            yield Case(_numbers(str(row.train)), _numbers(str(row.test)))

    return read


def _tail(horizon: int | None) -> Callable[[pd.DataFrame], Iterator[Case]]:
    def read(frame: pd.DataFrame) -> Iterator[Case]:
        for row in frame.itertuples(index=False):
            h = horizon or int(str(row.horizon))
            values = _numbers(str(row.values))
            yield Case(values[:-h], values[-h:])

    return read


#: Published: Mcomp (first half of M3, recomputed from the entrants' forecasts); Monash archive.
BENCHMARKS: dict[str, Benchmark] = {
    "m3_monthly": Benchmark(
        "M3 competition, monthly series of the first half", "m3_part_a", 12, "2000-01",
        _m3("monthly"),
        {"ForecastPro": {"smape": 14.04, "mase": 0.853}, "Theta": {"smape": 14.18, "mase": 0.874}},
    ),
    "m3_yearly": Benchmark(
        "M3 competition, yearly series of the first half", "m3_part_a", 1, "1900",
        _m3("yearly"),
        {"ForecastX": {"smape": 16.71, "mase": 2.79}, "Theta": {"smape": 17.66, "mase": 2.73}},
    ),
    "tourism_yearly": Benchmark(
        "Monash archive, tourism, yearly", "monash_tourism_yearly", 1, "1900", _tail(4),
        {"WaveNet": {"mae": 69905.47}, "Theta": {"mae": 90653.60}, "ETS": {"mae": 94818.89}},
    ),
    "cif_2016": Benchmark(
        "Monash archive, CIF 2016, monthly", "monash_cif_2016", 12, "2000-01", _tail(None),
        {"ARIMA": {"mae": 469059.49}, "SES": {"mae": 581875.97}, "Theta": {"mae": 714818.58}},
    ),
}  # fmt: skip


def benchmark(arguments: argparse.Namespace) -> int:
    """Score our models on a set by its own protocol."""
    import pandas as pd
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    if arguments.name is None:
        table = Table("benchmark", "what it is", box=None, header_style="bold")
        for name, about in _all().items():
            table.add_row(name, about)
        console.print(table)
        console.print("\ndcforecast benchmark NAME --data FOLDER", style="dim")
        return 0
    if arguments.name not in _all():
        raise UserError(
            f"there is no benchmark '{arguments.name}'", choices_text(arguments.name, _all())
        )
    settings = compose(arguments.overrides).settings
    if arguments.name in DAILY:
        console.print(_daily(arguments, settings))
        return 0
    wanted = BENCHMARKS[arguments.name]
    file = benchmark_file(arguments.data, wanted.folder, "series.csv.gz")
    cases = list(wanted.read(pd.read_csv(file)))
    models = list(_MODELS)
    if settings.model.target is not None and settings.model.name not in models:
        models.append(settings.model.name)
    rows = [(name, _score(name, cases, wanted, settings.compute.workers)) for name in models]
    table = Table("method", "sMAPE", "MASE", "mean MAE", "80 % covered", "90 % covered",
                  title=f"{wanted.about}: {len(cases)} series", title_justify="left")  # fmt: skip
    for name, scores in [*wanted.published.items()]:
        table.add_row(f"{name} (published)", *_cells(scores))
    for name, scores in sorted(rows, key=lambda row: row[1]["mase"]):
        table.add_row(name, *_cells(scores))
    console.print(table)
    return 0


def _all() -> dict[str, str]:
    return {name: one.about for name, one in BENCHMARKS.items()} | {
        name: one.about for name, one in DAILY.items()
    }


def _daily(arguments: argparse.Namespace, settings: Settings) -> Table:
    """Score a day-ahead set; a named model takes part beside ours."""
    from rich.table import Table

    from dcforecast.models import from_settings

    wanted = DAILY[arguments.name]
    file = benchmark_file(arguments.data, wanted.folder, wanted.file)
    named = settings.model.target is not None and settings.model.name != "day_ahead"
    others = {settings.model.name: from_settings(settings.model)} if named else {}
    rows = score_daily(wanted, file, settings.compute.workers, others)
    table = Table("method", "MAE", "MAPE", "80 % covered", "90 % covered", "seconds",
                  title=f"{wanted.about}: {wanted.days} days", title_justify="left")  # fmt: skip
    forms = (("mae", ",.3f"), ("mape", ".2f"), ("c80", ".1%"), ("c90", ".1%"), ("seconds", ".0f"))
    published = {f"{name} (published)": dict(one) for name, one in wanted.published.items()}
    for name, scores in [*published.items(), *sorted(rows.items(), key=lambda r: r[1]["mae"])]:
        table.add_row(name, *(format(scores[k], f) if k in scores else "-" for k, f in forms))
    return table


def _cells(scores: dict[str, float]) -> list[str]:
    forms = (("smape", ".2f"), ("mase", ".3f"), ("mae", ",.0f"), ("c80", ".1%"), ("c90", ".1%"))
    return [format(scores[key], form) if key in scores else "-" for key, form in forms]


def _score(name: str, cases: list[Case], wanted: Benchmark, workers: int) -> dict[str, float]:
    import numpy as np
    from joblib import Parallel, delayed

    jobs = (delayed(_one)(name, case, wanted.season, wanted.start) for case in cases)
    table = np.array(Parallel(n_jobs=workers)(jobs))
    means = np.nanmean(table, axis=0)
    return dict(zip(("smape", "mase", "mae", "c80", "c90"), map(float, means), strict=True))


def _one(name: str, case: Case, season: int, start: str) -> tuple[float, ...]:
    """Score one series: sMAPE, MASE, MAE, coverage of 80 and 90 %."""
    import numpy as np
    import pandas as pd

    from dcforecast.models import create

    freq = "M" if season == 12 else "Y"
    index = pd.period_range(start, periods=len(case.train), freq=freq)
    y = pd.Series(case.train, index=index)
    model = create(name)
    if len(y) < model.min_values:
        model = create("seasonal_naive")
    found = model.fit(y).predict(len(case.test), quantiles=(0.05, 0.1, 0.5, 0.9, 0.95))
    middle = found["q500"].to_numpy()
    error = np.abs(case.test - middle)
    size = np.abs(case.test) + np.abs(middle)
    smape = float(np.mean(200 * error / np.where(size == 0, 1, size)))
    lag = season if len(case.train) > season else 1
    scale = np.abs(case.train[lag:] - case.train[:-lag]).mean()
    mase = float(error.mean() / scale) if scale > 0 else float("nan")
    inside = [
        float(np.mean((case.test >= found[low]) & (case.test <= found[high])))
        for low, high in (("q100", "q900"), ("q050", "q950"))
    ]
    return smape, mase, float(error.mean()), *inside
