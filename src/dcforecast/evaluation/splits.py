"""Origins of a rolling backtest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from dcforecast.errors import UserError

__all__ = ["blocks_of", "origin_positions", "stamp_of", "stamps_of"]


def stamp_of(period: pd.Period | pd.Timestamp) -> pd.Timestamp:
    """Return the UTC start of a period."""
    stamp = period.start_time if isinstance(period, pd.Period) else pd.Timestamp(period)
    return stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp.tz_convert("UTC")


def stamps_of(index: pd.Index) -> pd.DatetimeIndex:
    """Return the UTC starts of all periods of an index."""
    starts = index.to_timestamp() if isinstance(index, pd.PeriodIndex) else pd.DatetimeIndex(index)
    return starts.tz_localize("UTC") if starts.tz is None else starts.tz_convert("UTC")


def _asked(days: Sequence[date], index: pd.Index) -> list[pd.Timestamp]:
    """Return when dates begin by the clock of the index (UTC where it has none), in order."""
    zone = index.tz if isinstance(index, pd.DatetimeIndex) else None
    stamps = [pd.Timestamp(day) for day in days]
    if zone is not None:  # clocks that change at midnight leave out, or repeat, a date's beginning
        stamps = [
            one if one.tz else one.tz_localize(zone, nonexistent="shift_forward", ambiguous=True)
            for one in stamps
        ]
    return sorted(stamp_of(one) for one in stamps)


def origin_positions(
    index: pd.Index,
    origins: int | Sequence[date],
    *,
    horizon: int,
    step: int,
    whole: bool,
    smallest: int,
) -> list[int]:
    """Return how many periods lie before each origin.

    Parameters
    ----------
    index : pandas.Index
        Periods of the series.
    origins : int or sequence of date
        How many (the latest), or their dates, by the clock of the index.
    horizon, step : int
        Periods ahead, and between origins.
    whole : bool
        Whether every origin needs its full horizon of actual values.
    smallest : int
        Periods an origin must have behind it.

    Raises
    ------
    UserError
        The series is too short for what is asked.
    """
    count = len(index)
    last = count - horizon if whole else count - 1
    if isinstance(origins, int):
        positions = [last - i * step for i in range(origins)][::-1]
    else:
        stamps = stamps_of(index)
        positions = sorted({int(stamps.searchsorted(day)) for day in _asked(origins, index)})
    kept = [p for p in positions if smallest <= p <= last]
    if not kept and not isinstance(origins, int):
        days = ", ".join(map(str, origins))
        raise UserError(
            f"evaluation.origins: none of {days} leaves a record and {horizon} periods to forecast",
            f"The record reaches from {stamps_of(index)[0]:%Y-%m-%d} to "
            f"{stamps_of(index)[-1]:%Y-%m-%d}",
        )
    if not kept:
        raise UserError(
            f"evaluation: {count} values are too few for horizon={horizon}, step={step}, "
            f"origins={origins}",
            "Make evaluation.horizon, evaluation.origins or evaluation.step smaller",
        )
    return kept


def blocks_of(
    index: pd.Index, positions: Sequence[int], refit: int | Sequence[date]
) -> list[tuple[int, ...]]:
    """Group origins that one fit serves.

    Parameters
    ----------
    index : pandas.Index
        Periods of the series.
    positions : sequence of int
        Origins in order, as `origin_positions` gives them.
    refit : int or sequence of date
        Every so many origins; 0: once; or dates, each served by the first origin from it on.
    """
    if isinstance(refit, int):
        size = refit or len(positions)
        return [tuple(positions[i : i + size]) for i in range(0, len(positions), size)]
    days = _asked(refit, index)
    blocks: dict[int, list[int]] = {}
    for at in positions:
        passed = sum(day <= stamp_of(index[at]) for day in days)
        blocks.setdefault(passed, []).append(at)
    return [tuple(block) for block in blocks.values()]
