"""Seasons of an index and the periods after it."""

from __future__ import annotations

import warnings
from typing import Any

import pandas as pd

from dcforecast.config.seasons import season_of_step
from dcforecast.errors import UserError

__all__ = ["freq_of", "future_index", "season_of", "years_of"]


def season_of(index: pd.Index) -> int:
    """Return the periods of the main season of an index: months 12, hours 24, years 1."""
    freq = index.freqstr if isinstance(index, pd.PeriodIndex) else freq_of(index)
    return season_of_step(freq or "")


def freq_of(index: pd.Index) -> str | None:
    """Return the step of a DatetimeIndex as a pandas frequency, found out where it is not set."""
    if isinstance(index, pd.DatetimeIndex):
        return index.freqstr or (_inferred(index) if len(index) > 2 else None)
    return None


def _inferred(index: pd.DatetimeIndex) -> str | None:
    """Return the step that pandas finds, which newer ones give as an offset."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        found: Any = pd.infer_freq(index)
    return found.freqstr if isinstance(found, pd.offsets.BaseOffset) else found


def years_of(index: pd.Index) -> float:
    """Return how many years the periods of an index last, two or more of them."""
    first, last = index[0], index[-1]
    if isinstance(index, pd.PeriodIndex):
        first, last = first.to_timestamp(), last.to_timestamp()
    step = (last - first) / (len(index) - 1)
    return float(len(index) * step / pd.Timedelta(days=365.25))


def future_index(index: pd.Index, horizon: int) -> pd.PeriodIndex | pd.DatetimeIndex:
    """Return the `horizon` periods after the end of an index, of the same type."""
    if isinstance(index, pd.PeriodIndex):
        return pd.period_range(index[-1] + 1, periods=horizon, freq=index.freq)
    freq = freq_of(index)
    if not isinstance(index, pd.DatetimeIndex) or freq is None:
        raise UserError("the series needs a DatetimeIndex or PeriodIndex with a regular step")
    return pd.date_range(index[-1], periods=horizon + 1, freq=freq)[1:]
