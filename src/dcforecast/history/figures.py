"""Which published figures speak about the history, each with its error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dcforecast.history.structure import AZERBAIJAN, Structure

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["last_month", "named", "relevant", "usable"]

#: Error of a figure rounded to p: uniform over +-p/2, so sd = p / sqrt(12).
_UNIFORM = np.sqrt(12.0)


def named(row: Any) -> str:
    """Say where a figure stands: publisher, source and row of its file."""
    parts = [str(getattr(row, "source_id", ""))]
    place = getattr(row, "row", None)
    if isinstance(place, str) and place:
        # A file without a source column is its own source: its row says more.
        parts = [place] if place.startswith(f"{parts[0]} row") else [*parts, place]
    publisher = str(getattr(row, "publisher", "") or "")
    told = f"[{', '.join(p for p in parts if p)}]"
    return told if told.startswith(f"[{publisher}") else f"{publisher} {told}".strip()


def relevant(
    observations: pd.DataFrame, start: pd.Timestamp, structure: Structure = AZERBAIJAN
) -> pd.DataFrame:
    """Return the figures of whole months, from `start` on, that speak about the structure."""
    rows = observations[
        observations["series"].isin(list(structure.known))
        & observations["scope"].isin(list(structure.scopes))
        & (observations["timestamp"] >= start)
    ]
    kept: pd.DataFrame = rows[(rows["timestamp"].dt.day == 1) & (rows["end"].dt.day == 1)]
    return kept


def usable(
    figures: pd.DataFrame, start: pd.Timestamp, structure: Structure = AZERBAIJAN
) -> pd.DataFrame:
    """Return the newest figure of each period, publisher and scope, with its error.

    Parameters
    ----------
    figures : pandas.DataFrame
        Rows of `relevant`, settled.
    start : pandas.Timestamp
        First month of the history.
    structure : Structure
        Parts, sums, scopes and priors.

    Returns
    -------
    pandas.DataFrame
        The rows that count, with columns first and last (month numbers from `start`), sd and
        noise_sd (the part of it that is the scope's noise) [GWh].
    """
    rows = figures.sort_values(["vintage", "precision_gwh"], ascending=[True, False], kind="stable")
    period = ["series", "timestamp", "end", "scope"]
    # Figures that contradict each other stay both; of others of one period the newest counts.
    newest = rows[~rows.duplicated(period, keep="last") | rows["both"]].copy()
    newest["first"] = _months(newest["timestamp"], start)
    newest["last"] = _months(newest["end"], start) - 1
    noise = newest["scope"].map({n: b.noise for n, b in structure.scopes.items()}).astype(float)
    rounding = newest["precision_gwh"] / _UNIFORM
    newest["noise_sd"] = (noise * newest["value"]).abs()
    newest["sd"] = np.sqrt(rounding**2 + newest["noise_sd"] ** 2 + 0.05**2)
    least = newest["series"].map(dict(structure.loose)).fillna(0.0).astype(float)
    newest["sd"] = np.maximum(newest["sd"], least)
    newest["sd"] = np.hypot(newest["sd"] * newest["conflict_factor"], newest["conflict_sd"])
    kept: pd.DataFrame = newest[newest["last"] >= newest["first"]].reset_index(drop=True)
    return kept


def _months(stamps: pd.Series, start: pd.Timestamp) -> pd.Series:
    months: pd.Series = (stamps.dt.year - start.year) * 12 + stamps.dt.month - start.month
    return months


def last_month(figures: pd.DataFrame) -> int:
    """Return the number of the last month to rebuild: December of the newest figure's year."""
    last = int(figures["last"].max())
    return last + 11 - last % 12
