"""What new figures change in the history, figure by figure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from dcforecast.config.history import HistorySettings
from dcforecast.history.figures import named
from dcforecast.history.reconstruct import History, reconstruct
from dcforecast.history.structure import AZERBAIJAN, Structure

__all__ = ["REST", "news", "nowcast"]

#: What is left of a change: revised figures that were replaced, new levels and errors.
REST = "levels, errors and replaced figures"
_KEYS = ["series", "timestamp", "end", "value", "vintage", "scope"]


def news(
    old: pd.DataFrame,
    new: pd.DataFrame,
    settings: HistorySettings,
    structure: Structure = AZERBAIJAN,
) -> pd.DataFrame:
    """Say which new figure moved which month, and by how much.

    The posterior mean is linear in the figures: a new figure moves it by its gain times the
    difference to what the figures before led to expect (Banbura and Modugno 2014).  What the new
    figures change otherwise is one more row, so that the rows of a month add up to its change.

    Parameters
    ----------
    old, new : pandas.DataFrame
        Observations before and after; `new` holds all of `old`.
    settings : HistorySettings
        Rules.
    structure : Structure
        Parts, sums, scopes and priors.

    Returns
    -------
    pandas.DataFrame
        series, month, source_id, figure (what it says), change_gwh.
    """
    before = reconstruct(old, settings=settings, structure=structure)
    after = reconstruct(new, settings=settings, structure=structure)
    count = len(after.months)
    known = set(map(tuple, old[_KEYS].itertuples(index=False, name=None)))
    past = _extended(before, count)
    left = after.posterior.mean - past
    moves: list[tuple[str, str, np.ndarray]] = []
    for i, row in enumerate(after.figures.itertuples(index=False)):
        if tuple(getattr(row, key) for key in _KEYS) in known:
            continue
        moved = (after.posterior.gain[:, i] * _surprise(row, past, structure)).reshape(-1, count)
        left = left - moved
        text = f"{row.series} {row.timestamp:%Y-%m} to {row.end:%Y-%m}: {row.value:g} {named(row)}"
        moves.append((str(row.source_id), text, moved))
    moves.append(("", REST, left))
    rows = [
        {"series": series, "month": after.months[int(t)], "source_id": source, "figure": text,
         "change_gwh": float(change[t])}
        for source, text, moved in moves
        for series in structure.series
        for change in [structure.row(series) @ moved]
        for t in np.nonzero(np.abs(change) > 0.05)[0]
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["series", "month", "source_id", "figure", "change_gwh"])


def _extended(history: History, count: int) -> np.ndarray:
    """Return the mean over `count` months; a year not covered yet repeats the last one."""
    mean = history.posterior.mean
    while mean.shape[1] < count:
        mean = np.concatenate([mean, mean[:, -12:]], axis=1)
    return mean[:, :count]


def _surprise(row: Any, past: np.ndarray, structure: Structure) -> float:
    expected = float(structure.row(row.series) @ past[:, row.first : row.last + 1].sum(axis=1))
    if row.series not in structure.loose:
        expected *= 1 - structure.scopes[row.scope].mean
    return float(row.value - expected)


def nowcast(history: History, n: int = 2000, seed: int = 1) -> pd.DataFrame:
    """Return the last year's total of each series and its months since the last own figure.

    Returns
    -------
    pandas.DataFrame
        series, period (a year or a month), known_to (last month of an own figure), mean and the
        10, 50 and 90 % quantiles of joint draws [GWh].
    """
    rows = []
    count, year = len(history.months), history.months[-1].year
    for series in history.structure.series:
        own = history.figures.loc[history.figures["series"] == series, "last"]
        last = int(own.max()) if len(own) else -1
        draws = history.draws(series, n, seed)
        blocks = [(str(year), draws[:, count - 12 :].sum(axis=1))]
        blocks += [
            (str(history.months[t]), draws[:, t]) for t in range(max(last + 1, count - 12), count)
        ]
        for period, values in blocks:
            low, middle, high = np.quantile(values, [0.1, 0.5, 0.9])
            rows.append(
                {"series": series, "period": period,
                 "known_to": str(history.months[last]) if last >= 0 else "",
                 "mean": float(values.mean()), "q100": low, "q500": middle, "q900": high}
            )  # fmt: skip
    return pd.DataFrame(rows)
