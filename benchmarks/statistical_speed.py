"""Rolling backtests of ETS and SARIMAX over 100 monthly series: this package and its peers.

Run: python benchmarks/statistical_speed.py --data FOLDER_OF_M3 [--series 100] [--peer-series 5]

The longest monthly series of the M3 folder (``series.csv.gz``, train and test joined), 24 origins a
month apart, 12 months ahead.  SARIMAX(0,1,1)(0,1,1)12 everywhere; ETS is the model of ``model=ets``
against additive errors, damped trend and season.  Peers wrap the same statsmodels models: sktime
both, skforecast SARIMAX (its ETS is its own).  Ours fits once and rolls the state on; the peers
are run as they advise, refitted at each origin, and with their parameters kept.  CPU seconds a
series, one thread; the peers do the first few series only, and errors are compared on those.
"""

from __future__ import annotations

import os

from peers import ONE_THREAD, command, environment, machine, run, table

os.environ.update(ONE_THREAD)

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from dcforecast.evaluation import backtest
from dcforecast.models import create
from dcforecast.models.base import Forecaster

ORIGINS, HORIZON = 24, 12

SKTIME = """
import json, sys, time
import numpy as np
import pandas as pd
from sktime.forecasting.ets import AutoETS
from sktime.forecasting.model_evaluation import evaluate
from sktime.forecasting.sarimax import SARIMAX
from sktime.performance_metrics.forecasting import MeanAbsoluteError
from sktime.split import ExpandingWindowSplitter
series, which, strategy = json.load(open(sys.argv[1])), sys.argv[2], sys.argv[3]
model = (AutoETS(error="add", trend="add", damped_trend=True, seasonal="add", sp=12)
         if which == "ets" else SARIMAX(order=(0, 1, 1), seasonal_order=(0, 1, 1, 12)))
errors, seconds = [], 0.0
for values in series:
    y = pd.Series(values, index=pd.period_range("2000-01", periods=len(values), freq="M"))
    scale = np.abs(np.diff(np.subtract(values[12:], values[:-12]))).mean()
    folds = ExpandingWindowSplitter(fh=range(1, 13), initial_window=len(y) - 35, step_length=1)
    began = time.process_time()
    found = evaluate(model, folds, y, strategy=strategy, scoring=MeanAbsoluteError())
    seconds += time.process_time() - began
    naive = np.abs(y.to_numpy()[12:] - y.to_numpy()[:-12]).mean()
    errors.append(found["test_MeanAbsoluteError"].mean() / naive)
print(json.dumps({"seconds": seconds / len(series), "error": float(np.mean(errors))}))
"""

SKFORECAST = """
import json, sys, time
import numpy as np
import pandas as pd
from skforecast.model_selection import TimeSeriesFold, backtesting_stats
from skforecast.recursive import ForecasterStats
from skforecast.stats import Sarimax
series, refit = json.load(open(sys.argv[1])), sys.argv[2] == "refit"
errors, seconds = [], 0.0
for values in series:
    y = pd.Series(values, index=pd.date_range("2000-01", periods=len(values), freq="MS"), name="y")
    model = ForecasterStats(Sarimax(order=(0, 1, 1), seasonal_order=(0, 1, 1, 12)))
    folds = TimeSeriesFold(steps=12, fold_stride=1, initial_train_size=len(y) - 35, refit=refit,
                           fixed_train_size=False, allow_incomplete_fold=False)
    began = time.process_time()
    _, found = backtesting_stats(model, y, cv=folds, metric="mean_absolute_error", n_jobs=1,
                                 show_progress=False, suppress_warnings=True)
    seconds += time.process_time() - began
    naive = np.abs(y.to_numpy()[12:] - y.to_numpy()[:-12]).mean()
    truth = y.reindex(found.index)
    errors.append(float((found["pred"] - truth).abs().mean()) / naive)
print(json.dumps({"seconds": seconds / len(series), "error": float(np.mean(errors))}))
"""


def series_of(folder: Path, count: int) -> list[np.ndarray]:
    """Return the longest monthly series, all positive."""
    table_ = pd.read_csv(folder / "series.csv.gz")
    monthly = table_[table_["period"] == "monthly"]
    whole = [
        np.array([float(x) for x in f"{row.train} {row.test}".replace(";", " ").split()])
        for row in monthly.itertuples()
    ]
    return sorted(whole, key=len, reverse=True)[:count]


def ours(
    model: Forecaster, series: list[np.ndarray], refit: int, quantiles: bool
) -> tuple[float, list[float]]:
    """Return CPU seconds a series, and each series' absolute error over the seasonal naive's."""
    errors, seconds = [], 0.0
    for values in series:
        y = pd.Series(values, index=pd.period_range("2000-01", periods=len(values), freq="M"))
        began = time.process_time()
        found = backtest(
            {"m": model}, y, horizon=HORIZON, origins=ORIGINS, refit=refit, quantiles=quantiles
        )
        seconds += time.process_time() - began
        naive = np.abs(values[12:] - values[:-12]).mean()
        errors.append(float((found["mean"] - found["actual"]).abs().mean() / naive))
    return seconds / len(series), errors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--series", type=int, default=100)
    parser.add_argument("--peer-series", type=int, default=5)
    given = parser.parse_args()
    series = series_of(given.data, given.series)
    few = given.peer_series
    print(f"`{command()}`\n\n{machine()}\n")
    python = environment("statistical", ["sktime", "skforecast>=0.26", "statsmodels==0.15.*"])
    models = {
        "ets": create("ets", transform="none"),
        "sarimax": create(
            "sarimax", order=[0, 1, 1], seasonal_order=[0, 1, 1], transform="none"
        ),
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "series.json"
        file.write_text(repr([list(map(float, one)) for one in series[:few]]))
        for which, model in models.items():
            ours(model, series[:1], 0, quantiles=True)  # what is imported late is imported now
            seconds, errors = ours(model, series, 0, quantiles=True)
            rows = [_row("dcforecast, fitted once, with quantiles", seconds, seconds, errors[:few])]
            again, same = ours(model, series[:few], 1, quantiles=True)
            rows.append(_row("dcforecast, refitted at each origin", again, seconds, same))
            peers = [("sktime, refit", SKTIME, (which, "refit")),
                     ("sktime, parameters kept", SKTIME, (which, "no-update_params"))]  # fmt: skip
            if which == "sarimax":
                peers += [("skforecast, refit", SKFORECAST, ("refit",)),
                          ("skforecast, parameters kept", SKFORECAST, ("kept",))]  # fmt: skip
            for who, program, words in peers:
                try:
                    found = run(python, program, file, *words)
                except RuntimeError as error:
                    rows.append({**rows[0], "who": who, "seconds a series": f"failed: {error}",
                                 "of ours": "", "error": ""})  # fmt: skip
                    continue
                rows.append(_row(who, found["seconds"], seconds, [found["error"]]))
            print(f"**{which}, {len(series)} series (peers: {few}), {ORIGINS} origins**\n")
            print(table(rows), f"\n\nours over all {len(series)}: {np.mean(errors):.3f}\n")


def _row(who: str, seconds: float, base: float, errors: list[float]) -> dict[str, object]:
    return {
        "who": who,
        "seconds a series": f"{seconds:.3f}",
        "of ours": f"{seconds / base:.1f}",
        "error": f"{np.mean(errors):.3f}",
    }


if __name__ == "__main__":
    main()
