"""From the blocks of members of a year to its reduced results."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dcforecast.system.answers import AnnualRows, kind_of
from dcforecast.system.arrays import Hours
from dcforecast.system.ensemble_members import MemberHours
from dcforecast.system.reduce import Sample, hourly_frame

__all__ = ["BlockResult", "YearResult", "join"]


@dataclass(frozen=True)
class BlockResult:
    """One year of one block of members.

    Attributes
    ----------
    rows : list of AnnualRows
        Of a few members each.
    hours : dict of str to ndarray (members, hours), or None
        Power of every sink, MW.
    timestamps : DatetimeIndex
    checks : list of dict of str to float
    members : dict of str to ndarray (members,)
    kept : list of MemberHours
        Members that are kept whole.
    """

    rows: list[AnnualRows]
    hours: dict[str, Hours] | None
    timestamps: pd.DatetimeIndex
    checks: list[dict[str, float]]
    members: dict[str, NDArray[np.float64]]
    kept: list[MemberHours]


@dataclass(frozen=True)
class YearResult:
    """Reduced results of one year."""

    annual: pd.DataFrame
    hours: pd.DataFrame | None
    checks: list[dict[str, float]]
    members: dict[str, NDArray[np.float64]]


def join(blocks: Iterable[BlockResult], keep: Callable[[pd.DataFrame], None]) -> YearResult:
    """Reduce a year over all its blocks of members, whose hours are let go one by one.

    Parameters
    ----------
    blocks : iterable of BlockResult
    keep : callable
        Takes the hours of each member that is kept whole.
    """
    samples: dict[str, Sample] = {}
    done: list[BlockResult] = []
    for block in blocks:
        for sink in list(block.hours or ()):
            assert block.hours is not None
            samples.setdefault(sink, Sample()).add(block.hours.pop(sink))
        while block.kept:
            keep(block.kept.pop(0).frame(block.timestamps))
        done.append(block)
    began, first = time.perf_counter(), done[0]
    hours = [
        hourly_frame(sink, kind_of(sink), first.timestamps, samples.pop(sink).table())
        for sink in list(samples)
    ]
    annual = AnnualRows.joined([rows for block in done for rows in block.rows])
    members = {
        name: np.concatenate([block.members[name] for block in done]) for name in first.members
    }
    checks = [check for block in done for check in block.checks]
    checks[-1] = {
        **checks[-1],
        "reduction_seconds": checks[-1]["reduction_seconds"] + time.perf_counter() - began,
    }
    frame = pd.concat(hours, ignore_index=True) if hours else None
    return YearResult(annual, frame, checks, members)
