"""The history as it was known at many dates, and what a new figure changes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dcforecast.config.history import HistorySettings
from dcforecast.history.priors import PARTS, SERIES, weights_of
from dcforecast.history.reconstruct import reconstruct
from dcforecast.history.structure import AZERBAIJAN, Structure

__all__ = ["news", "triangle", "vintage_dates"]


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


def news(old: pd.DataFrame, new: pd.DataFrame, settings: HistorySettings) -> pd.DataFrame:
    """Say which new figure moved which month, and by how much.

    The posterior mean is linear in the figures, so with the levels and errors of the new fit the
    change splits exactly into one part a new figure (Banbura and Modugno 2014 call it news).

    Parameters
    ----------
    old, new : pandas.DataFrame
        Observations before and after; `new` holds all of `old`.
    settings : HistorySettings
        Rules.

    Returns
    -------
    pandas.DataFrame
        series, month, source_id, figure (what it says), change_gwh.
    """
    after = reconstruct(new, settings=settings)
    keys = ["series", "timestamp", "end", "value", "vintage", "scope"]
    known = set(map(tuple, old[keys].itertuples(index=False, name=None)))
    fresh = [
        i
        for i, row in enumerate(after.figures[keys].itertuples(index=False, name=None))
        if tuple(row) not in known
    ]
    rows = []
    count = len(after.months)
    for i in fresh:
        figure = after.figures.iloc[i]
        moved = (after.posterior.gain[:, i] * after.posterior.surprise[i]).reshape(-1, count)
        for series in SERIES:
            weights = np.zeros(len(PARTS))
            for part, weight in weights_of(series).items():
                weights[PARTS.index(part)] = weight
            change = weights @ moved
            rows += [
                {
                    "series": series,
                    "month": after.months[int(t)],
                    "source_id": figure["source_id"],
                    "figure": f"{figure['series']} {figure['timestamp']:%Y-%m} to "
                    f"{figure['end']:%Y-%m}: {figure['value']:g}",
                    "change_gwh": float(change[t]),
                }
                for t in np.nonzero(np.abs(change) > 0.05)[0]
            ]
    columns = ["series", "month", "source_id", "figure", "change_gwh"]
    return pd.DataFrame(rows, columns=columns)
