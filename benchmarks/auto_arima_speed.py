"""Automatic seasonal ARIMA beside statsforecast's: orders, AICc, forecasts and time.

Run: python benchmarks/auto_arima_speed.py --data FOLDER_OF_SETS [--every 3]

Ours takes the best model alone, as theirs does. Training parts of M3 (``m3_part_a``) and CIF
(``monash_cif_2016``), spread over the files; CPU milliseconds of fit and forecast a series, one
thread, compiled code loaded before. The peer runs twice: as it is, and with its likelihood mended.
As it is, the first evaluation changes the start covariance of the differences in place: from the
second on, the values before the first difference count as errors from zero. The AICc is ours less
theirs, each by its own likelihood; "root below 1.01" is the share where their other order has a
root that R refuses and their check misses.
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
from typing import Any

import numpy as np
import pandas as pd

from dcforecast.models import create

PEER = """
import json, sys, time
import numpy as np
from statsforecast import arima
from statsforecast.models import AutoARIMA
sets, mended, out = json.load(open(sys.argv[1])), sys.argv[2] == "mended", {}
plain = arima.arima_like
def like(y, phi, theta, delta, a, P, Pn, up, use_resid):
    if not use_resid:  # the last call, with residuals, is to leave its state behind
        a, P, Pn = a.copy(), P.copy(), Pn.copy()
    return plain(y, phi, theta, delta, a, P, Pn, up, use_resid)
if mended:
    arima.arima_like = like
def root(poly):
    return float(np.abs(np.roots(np.trim_zeros(poly[::-1], "f"))).min(initial=9.0))
for name, (season, horizon, series) in sets.items():
    AutoARIMA(season_length=season).fit(np.array(series[0])).predict(h=horizon)
    out[name] = []
    for y in series:
        began = time.process_time()
        model = AutoARIMA(season_length=season).fit(np.array(y))
        mean = model.predict(h=horizon)["mean"].tolist()
        spent, found = time.process_time() - began, model.model_
        p, q, P, Q, _, d, D = found["arma"]
        constant = bool({"drift", "intercept"} & set(found["coef"]))
        near = min(root(np.r_[1, -found["model"]["phi"]]), root(np.r_[1, found["model"]["theta"]]))
        out[name].append({"order": [p, d, q, P, D, Q, constant], "aicc": found.get("aicc"),
                          "mean": mean, "ms": 1000 * spent, "root": near})
print(json.dumps(out))
"""

#: Name: season, horizon, file, and the step in its ``period`` column.
SETS = {
    "M3 monthly": (12, 18, "m3_part_a", "monthly"),
    "M3 yearly": (1, 6, "m3_part_a", "yearly"),
    "CIF": (12, 12, "monash_cif_2016", ""),
}
Sets = dict[str, tuple[int, int, list[list[float]]]]


def training(folder: Path, every: dict[str, int]) -> Sets:
    """Return season, horizon and training parts of each set."""
    found = {}
    for name, (season, horizon, place, period) in SETS.items():
        frame = pd.read_csv(folder / place / "series.csv.gz")
        if period:
            frame = frame[frame["period"] == period]
            parts = [[float(x) for x in text.split()] for text in frame["train"]]
        else:
            parts = [
                [float(x) for x in text.split()][: -int(ahead)]
                for text, ahead in zip(frame["values"], frame["horizon"], strict=True)
            ]
        found[name] = (season, horizon, parts[:: every[name]])
    return found


def ours(season: int, horizon: int, y: list[float]) -> dict[str, Any]:
    """Fit and forecast one series."""
    freq = "M" if season > 1 else "Y"
    series = pd.Series(y, index=pd.period_range("1900-01", periods=len(y), freq=freq))
    began = time.process_time()
    model = create("auto_arima", season_length=season, averaged=1).fit(series)
    mean = model.predict(horizon)["mean"].to_numpy()
    spent = time.process_time() - began
    (p, d, q), (sp, sd, sq, _) = model.form_["order"], model.form_["seasonal_order"]
    count = len(y) - d - sd * season
    scale = 1 + np.log(2 * np.pi) + 2 * np.log(model.scale_)
    order = [p, d, q, sp, sd, sq, model.form_["trend"] is not None]
    aicc = model.chosen_.aicc + count * scale
    return {"order": order, "aicc": aicc, "mean": mean, "ms": 1000 * spent}


def compare(name: str, label: str, sets: Sets, mine: list[Any], peer: list[Any]) -> dict[str, str]:
    """Return one row of the table."""
    same = np.array([a["order"] == b["order"] for a, b in zip(mine, peer, strict=True)])
    differences = [
        (a["order"][1], a["order"][4]) == (b["order"][1], b["order"][4])
        for a, b in zip(mine, peer, strict=True)
    ]
    refused = np.array([b["root"] < 1.01 for b in peer])
    apart = np.array([
        np.abs(a["mean"] - np.array(b["mean"])).mean() / np.abs(y).mean()
        for a, b, y in zip(mine, peer, sets[name][2], strict=True)
    ])  # fmt: skip
    gain = np.array([a["aicc"] - (b["aicc"] or np.nan) for a, b in zip(mine, peer, strict=True)])
    edges = np.nanquantile(gain[same], (0.05, 0.95))
    times = [float(np.mean([one["ms"] for one in side])) for side in (mine, peer)]
    return {
        "set": name, "series": str(len(mine)), "statsforecast": label,
        "same differences": f"{np.mean(differences):.0%}", "same order": f"{same.mean():.0%}",
        "root below 1.01": f"{(refused & ~same).mean():.0%}",
        "AICc, same order": " to ".join(f"{x:.4f}" for x in edges),
        "forecasts apart": f"{np.quantile(apart[same], 0.9):.2%}",
        "ours, ms": f"{times[0]:.0f}", "theirs, ms": f"{times[1]:.0f}",
        "ratio": f"{times[0] / times[1]:.3f}",
    }  # fmt: skip


def main() -> None:
    """Measure both and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--every", type=int, default=3, help="each N-th of CIF; of M3, 8 N and 4 N")
    n = (arguments := parser.parse_args()).every
    sets = training(arguments.data, {"M3 monthly": 8 * n, "M3 yearly": 4 * n, "CIF": n})
    python = environment("statsforecast", ["statsforecast==2.1.1"])
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(sets, file)
        file.flush()
        peers = {label: run(python, PEER, file.name, label) for label in ("as it is", "mended")}
    rows = []
    for name, (season, horizon, series) in sets.items():
        ours(season, horizon, series[0])
        mine = [ours(season, horizon, y) for y in series]
        rows += [compare(name, label, sets, mine, peers[label][name]) for label in peers]
    print(f"{command()}\n{machine()}\n\n{table(rows)}")


if __name__ == "__main__":
    main()
