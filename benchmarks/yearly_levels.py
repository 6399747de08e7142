"""Yearly levels of exports and water one to six years ahead, from what was known at each origin.

Run: python benchmarks/yearly_levels.py

Exports at the ends of 2018 to 2023 from the figures published by then; water at the ends of 2006 to
2023 from the yearly figures alone.  Told by horizon: outcomes inside P10-P90, mean miss of P50 and
of the last figure, and how many times P90 is P10.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

from typing import Any

import numpy as np
import pandas as pd

from dcforecast import history, sources
from dcforecast.config.compose import compose
from dcforecast.pipelines.forecasting import with_nowcast
from dcforecast.system.draws import Draws
from dcforecast.system.year_levels import ExportLevels, water_levels

MEMBERS, LAST, FARTHEST = 4_000, 2024, 6


def told(drawn: np.ndarray, actual: pd.Series, origin: int, last: float) -> list[dict[str, Any]]:
    """Return one row a horizon."""
    rows = []
    for step in range(1, drawn.shape[1] + 1):
        low, middle, high = np.quantile(drawn[:, step - 1], (0.1, 0.5, 0.9))
        true = float(actual[origin + step])
        rows.append(
            {
                "ahead": step,
                "inside": low <= true <= high,
                "miss": abs(middle / true - 1),
                "last_figure": abs(last / true - 1),
                "p90_over_p10": high / low,
            }
        )
    return rows


def by_year(series: pd.Series) -> pd.Series:
    return series.set_axis([period.year for period in series.index])


def main() -> None:
    data = compose([]).settings.data
    observations = sources.observations(data)
    actual = {name: by_year(values) for name, values in history.annual(observations).items()}
    exports, water = [], []
    for origin in range(2018, LAST):
        as_of = pd.Timestamp(origin, 12, 31, tz="UTC")
        known = history.annual(observations, as_of=as_of)["export"]
        rebuilt = history.reconstruct(observations, as_of=as_of, settings=data.history)
        record = by_year(with_nowcast(known, rebuilt.monthly("export")))
        model = ExportLevels.fit(record, as_of)
        last = np.full(MEMBERS, record.iloc[-1])
        steps = min(FARTHEST, LAST - origin)
        drawn, _ = model.sample(last, steps, np.random.default_rng(origin))
        exports += told(drawn, actual["export"], origin, float(record.iloc[-1]))
    hydro = actual["generation_hydro"]
    for origin in range(2006, LAST):
        record = hydro[hydro.index <= origin]
        last = np.full(MEMBERS, record.iloc[-1])
        drawn = water_levels(record, last, min(FARTHEST, LAST - origin), Draws(MEMBERS, origin))
        water += told(drawn, hydro, origin, float(record.iloc[-1]))
    for name, rows in (("exports", exports), ("water", water)):
        groups = pd.DataFrame(rows).groupby("ahead")
        print(name)
        print(groups.mean().join(groups["inside"].agg(["sum", "size"])).round(2).to_string())


if __name__ == "__main__":
    main()
