"""How good is the running year's total, as it could be told at each vintage?

    python benchmarks/history_nowcast.py

The totals of all vintages of the project's own figures against the year as it is known now.  The
dates of one year are not independent, and there are eight years: a check, no proof.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
from arguments import arguments

from dcforecast import history, sources
from dcforecast.config.compose import compose
from dcforecast.config.history import HistorySettings

DRAWS, LEVELS = 1000, (50, 80, 90)


def main() -> int:
    """Rebuild each vintage and print coverage and error by series."""
    observations = sources.observations(compose([]).settings.data)
    final = history.reconstruct(observations)
    rows = []
    for date in history.vintage_dates(observations, HistorySettings()):
        found = history.reconstruct(observations, as_of=date)
        year = found.months[-1].year
        if year >= final.months[-1].year:
            continue  # the last year is still open
        for series in found.structure.series:
            draws = found.draws(series, DRAWS, seed=1)[:, -12:].sum(axis=1)
            actual = final.monthly(series)[final.months.year == year].sum()
            rows.append((series, actual, draws.mean(), float((draws < actual).mean())))
    table = pd.DataFrame(rows, columns=["series", "actual", "mean", "rank"])
    miss = (table["mean"] / table["actual"] - 1).abs()
    out = pd.DataFrame(
        {
            "vintages": table.groupby("series").size(),
            "MAPE %": 100 * miss.groupby(table["series"]).mean(),
        }
    )
    for level in LEVELS:
        inside = (table["rank"] - 0.5).abs() <= level / 200
        out[f"in {level} %"] = 100 * inside.groupby(table["series"]).mean()
        print(f"all series, in the {level} % interval: {100 * np.mean(inside):.0f} %")
    print(out.round(1).to_string())
    return 0


if __name__ == "__main__":
    sys.exit(main(*arguments(__doc__)))
