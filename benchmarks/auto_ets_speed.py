"""Automatic ETS and complex exponential smoothing of 100 monthly series, and statsforecast's.

Run: python benchmarks/auto_ets_speed.py --data FOLDER_OF_M3 [--series 100]

Monthly series of the M3 folder (``series.csv.gz``), evenly spread over the file: fit to the
training part, 18 months ahead, MASE on the test part. CPU milliseconds a series, one thread,
compiled code loaded before the clock starts. Ours gives 1,000 paths and quantiles besides.
Last, how far apart the two packages' forecasts are with the same seasonal form of CES.
"""

from __future__ import annotations

import os

from peers import ONE_THREAD, command, environment, machine, run, table

os.environ.update(ONE_THREAD)

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from dcforecast.models import ces_kernel, create

PEER = """
import json, sys, time
import numpy as np
from statsforecast.models import AutoCES, AutoETS
series, out = json.load(open(sys.argv[1])), {}
for name, model in {"ETS": AutoETS(season_length=12), "CES": AutoCES(season_length=12)}.items():
    model.fit(np.array(series[0][0])).predict(h=18)
    errors, began = [], time.process_time()
    for train, test in series:
        y = np.array(train)
        found = model.fit(y).predict(h=len(test))["mean"]
        errors.append(np.abs(found - test).mean() / np.abs(y[12:] - y[:-12]).mean())
    spent = (time.process_time() - began) / len(series)
    out[name] = {"seconds": spent, "error": float(np.mean(errors))}
out["forms"] = {
    form: [
        AutoCES(season_length=12, model=form).fit(np.array(train)).predict(h=18)["mean"].tolist()
        for train, _ in series
    ]
    for form in "NSPF"
}
print(json.dumps(out))
"""

Series = tuple[list[float], list[float]]


def monthly(train: list[float]) -> pd.Series:
    """Return the values as a monthly series."""
    return pd.Series(train, index=pd.period_range("2000-01", periods=len(train), freq="M"))


def apart(series: list[Series], theirs: list[list[float]], form: str) -> np.ndarray:
    """Return mean distances of CES forecasts from theirs over the mean size, by series."""
    found = []
    for (train, _), other in zip(series, theirs, strict=True):
        model = create("ces", seasons=[form]).fit(monthly(train))
        still = np.zeros((1, len(other)))
        state = (model.point_, model.state_, len(train), still, model.season_, model.code_)
        path = ces_kernel.walk(*state)[0] * model.scale_
        found.append(np.abs(path - other).mean() / np.abs(train).mean())
    return np.array(found)


def ours(name: str, series: list[Series], **params: object) -> dict[str, float]:
    """Return CPU seconds a series of fit and of all, and the mean MASE."""
    errors, fitting, began = [], 0.0, 0.0
    for position, (train, test) in enumerate([series[0], *series]):
        if position == 1:  # the first round loads compiled code
            errors, fitting, began = [], 0.0, time.process_time()
        y = monthly(train)
        start = time.process_time()
        model = create(name, **params).fit(y)
        fitting += time.process_time() - start
        found = model.predict(len(test), quantiles=(0.1, 0.5, 0.9))["q500"].to_numpy()
        values = y.to_numpy()
        errors.append(np.abs(found - test).mean() / np.abs(values[12:] - values[:-12]).mean())
    spent = time.process_time() - began
    count = len(series)
    return {"fit": fitting / count, "seconds": spent / count, "error": float(np.mean(errors))}


def main() -> None:
    """Measure both and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--series", type=int, default=100)
    arguments = parser.parse_args()
    frame = pd.read_csv(arguments.data / "series.csv.gz")
    frame = frame[frame["period"] == "monthly"]
    chosen = frame.iloc[np.linspace(0, len(frame) - 1, arguments.series).astype(int)]
    series = [
        ([float(x) for x in a.split()], [float(x) for x in b.split()])
        for a, b in zip(chosen["train"], chosen["test"], strict=True)
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(series, file)
        file.flush()
        python = environment("statsforecast", ["statsforecast==2.1.1"])
        peer = run(python, PEER, file.name)
    rows: list[dict[str, object]] = [
        {"method": f"statsforecast Auto{kind}",
         "ms a series": f"{1000 * peer[kind]['seconds']:.0f}", "of it fit": "",
         "ratio": "1.00", "MASE": f"{peer[kind]['error']:.3f}"}
        for kind in ("ETS", "CES")
    ]  # fmt: skip
    named: dict[str, tuple[str, str, dict[str, object]]] = {
        "auto_ets": ("ETS", "auto_ets", {}),
        "auto_ets, undamped trends too": ("ETS", "auto_ets", {"trends": ["none", "add", "damped"]}),
        "ces": ("CES", "ces", {}),
    }
    for label, (kind, name, params) in named.items():
        one = ours(name, series, **params)
        ratio = f"{one['seconds'] / peer[kind]['seconds']:.2f}"
        rows.append({"method": label, "ms a series": f"{1000 * one['seconds']:.0f}",
                     "of it fit": f"{1000 * one['fit']:.0f}", "ratio": ratio,
                     "MASE": f"{one['error']:.3f}"})  # fmt: skip
    print(f"{command()}\n{machine()}\n{len(series)} series\n\n{table(rows)}\n")
    for code, form in {"N": "none", "S": "simple", "P": "partial", "F": "full"}.items():
        quarters = np.quantile(apart(series, peer["forms"][code], form), (0.5, 0.9))
        print(f"CES, season {form}: half of the forecasts within {quarters[0]:.2%} of the mean "
              f"size, nine tenths within {quarters[1]:.2%}")  # fmt: skip


if __name__ == "__main__":
    main()
