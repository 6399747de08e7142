"""Degrees of heating and cooling a month, from a file of mean temperatures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from dcforecast.errors import UserError
from dcforecast.sources.files import numbers, read_file, times

__all__ = ["COOLING", "HEATING", "degrees"]

#: Below the one a load heats, above the other it cools [degrees Celsius].
HEATING, COOLING = 15.0, 18.0


def degrees(path: str | None, months: pd.PeriodIndex, until: pd.Timestamp) -> np.ndarray:
    """Return how much colder and warmer each month was than what needs no heating or cooling.

    A month that was not over at `until`, or that the file lacks, is taken as the mean of its
    calendar month.

    Parameters
    ----------
    path : str or None
        File with columns month (a date in it) and celsius (its mean); None gives zeros.
    months : pandas.PeriodIndex
        Months asked for.
    until : pandas.Timestamp
        Later months are not looked at.

    Returns
    -------
    ndarray of shape (2, months)
        Heating and cooling, each less its mean [degrees Celsius].

    Raises
    ------
    UserError
        A column or number is wrong, a month stands twice, or a calendar month is never told.
    """
    if path is None:
        return np.zeros((2, len(months)))
    frame = read_file(Path(path))
    stamps = times(frame, "month", Path(path)).dt.tz_localize(None).dt.to_period("M")
    known = pd.Series(numbers(frame, "celsius", Path(path)).to_numpy(), pd.PeriodIndex(stamps))
    known = known.dropna()
    if known.index.has_duplicates:
        twice = known.index[known.index.duplicated()][0]
        raise UserError(f"{path}: month {twice} stands there twice")
    known = known[known.index < until.tz_localize(None).to_period("M")]
    usual = known.groupby(pd.PeriodIndex(known.index).month).mean()
    lacking = sorted(set(range(1, 13)) - set(usual.index))
    if lacking:
        raise UserError(
            f"{path}: no temperature of calendar month {lacking[0]} before {until:%Y-%m}",
            "It needs each calendar month once, from a year before the first vintage on",
        )
    found = known.reindex(months).fillna(pd.Series(usual[months.month].to_numpy(), months))
    celsius = found.to_numpy(float)
    both = np.stack([np.maximum(HEATING - celsius, 0.0), np.maximum(celsius - COOLING, 0.0)])
    return np.asarray(both - both.mean(axis=1, keepdims=True))
