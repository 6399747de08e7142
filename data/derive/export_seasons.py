"""Write data/export_seasons.csv: how a buyer's year is spread over its months, mean 1.

    python data/derive/export_seasons.py

From the cumulative figures of 2021, the only year told month by month and buyer by buyer; months
told as one are spread evenly.  A tenth of the year is flat, because one year is no climate.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

DATA = Path(__file__).resolve().parents[1]
FLAT = 0.1


def weights(buyer: str) -> np.ndarray:
    """Return the weight of each month."""
    rows = pd.read_csv(DATA / "observations.csv", parse_dates=["start", "end"])
    rows = rows[(rows["series"] == f"export_{buyer}") & (rows["start"] == "2021-01-01")]
    known = rows.sort_values("vintage").groupby(rows["end"].dt.month - 1)["value"].last()
    whole = pd.read_csv(DATA / "export_destinations.csv")
    whole = whole[(whole["destination"] == buyer) & (whole["end"] == "2022-01-01")]
    total = float(whole["energy_gwh"].iloc[0]) if len(whole) else float(known.iloc[-1])
    points = pd.concat([pd.Series({0: 0.0}), known, pd.Series({12: total})])
    months = np.diff(np.interp(np.arange(13), points.index, points.cummax()))
    return np.asarray(FLAT + (1 - FLAT) * months * 12 / months.sum())


if __name__ == "__main__":
    table = pd.DataFrame(
        {
            "destination": buyer,
            "month": range(1, 13),
            "weight": weights(buyer).round(3),
            "basis": f"export_{buyer} of 2021 in observations.csv",
        }
        for buyer in ("georgia", "iran")
    )
    table.explode(["month", "weight"]).to_csv(DATA / "export_seasons.csv", index=False)
