"""Which published figures speak about the history, each with its error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dcforecast.history.structure import AZERBAIJAN, Structure

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["last_month", "usable"]

#: Error of a figure rounded to p: uniform over +-p/2, so sd = p / sqrt(12).
_UNIFORM = np.sqrt(12.0)


def usable(
    observations: pd.DataFrame, start: pd.Timestamp, structure: Structure = AZERBAIJAN
) -> pd.DataFrame:
    """Return the figures from `start` on, only the newest of each period, publisher and scope.

    Returns
    -------
    pandas.DataFrame
        The rows of `observations` with columns first and last (month numbers from `start`) and
        sd [GWh].
    """
    rows = observations[
        observations["series"].isin(list(structure.known))
        & observations["scope"].isin(list(structure.scopes))
        & (observations["timestamp"] >= start)
    ]
    rows = rows[(rows["timestamp"].dt.day == 1) & (rows["end"].dt.day == 1)]
    rows = rows.sort_values(["vintage", "precision_gwh"], ascending=[True, False], kind="stable")
    newest = rows.drop_duplicates(["series", "timestamp", "end", "scope"], keep="last").copy()
    newest["first"] = _months(newest["timestamp"], start)
    newest["last"] = _months(newest["end"], start) - 1
    noise = newest["scope"].map({n: b.noise for n, b in structure.scopes.items()}).astype(float)
    rounding = newest["precision_gwh"] / _UNIFORM
    newest["sd"] = np.sqrt(rounding**2 + (noise * newest["value"]) ** 2 + 0.05**2)
    least = newest["series"].map(dict(structure.loose)).fillna(0.0).astype(float)
    newest["sd"] = np.maximum(newest["sd"], least)
    kept: pd.DataFrame = newest[newest["last"] >= newest["first"]].reset_index(drop=True)
    return kept


def _months(stamps: pd.Series, start: pd.Timestamp) -> pd.Series:
    months: pd.Series = (stamps.dt.year - start.year) * 12 + stamps.dt.month - start.month
    return months


def last_month(figures: pd.DataFrame) -> int:
    """Return the number of the last month to rebuild: December of the newest figure's year."""
    last = int(figures["last"].max())
    return last + 11 - last % 12
