"""The history as it was known at many dates."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dcforecast.config.history import HistorySettings
from dcforecast.history.reconstruct import reconstruct
from dcforecast.history.structure import AZERBAIJAN, Structure

__all__ = ["triangle", "vintage_dates"]


def vintage_dates(observations: pd.DataFrame, settings: HistorySettings) -> list[pd.Timestamp]:
    """Return the dates the triangle holds: every so many months, three years after the start."""
    start = pd.Timestamp(settings.start, tz="UTC")
    last = observations["vintage"].max()
    # A short record has its first vintages sooner, else none would be left to test on.
    wait = 3 if last > start + pd.DateOffset(years=6) else 1
    first = start + pd.DateOffset(years=wait)
    step = pd.DateOffset(months=settings.vintage_every_months)
    dates = pd.date_range(first, last, freq=step) - pd.Timedelta(days=1)
    return [date for date in dates if (observations["vintage"] <= date).any()]


def triangle(
    observations: pd.DataFrame,
    vintages: Sequence[pd.Timestamp],
    settings: HistorySettings,
    structure: Structure = AZERBAIJAN,
) -> pd.DataFrame:
    """Rebuild the history at each date from what was published by then.

    Returns
    -------
    pandas.DataFrame
        Rows of table ``history``; the vintage is the date asked for.
    """
    tables = [
        reconstruct(observations, as_of=date, settings=settings, structure=structure).table.assign(
            vintage=date
        )
        for date in vintages
    ]
    if not tables:
        return reconstruct(observations, settings=settings, structure=structure).table.iloc[:0]
    return pd.concat(tables, ignore_index=True)
