"""Outages written into hours, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from dcforecast.compute.compiled import njit

__all__ = ["add_steps", "add_unit", "take_out"]


@njit(nogil=True)
def take_out(capacity: Any, starts: Any, ends: Any, step: Any) -> None:
    """Take a circuit's share `step` from the hours of its outages.

    Parameters
    ----------
    capacity : ndarray of shape (members, hours)
        Changed here.
    starts, ends : ndarray of shape (members, outages)
        Hours after the year's start, starts ascending; an overlap only prolongs an outage.
    step : number
    """
    members, hours = capacity.shape
    for m in range(members):
        reached = 0.0
        for k in range(starts.shape[1]):
            begin, end = max(starts[m, k], reached), ends[m, k]
            reached = max(reached, end)
            if starts[m, k] >= hours or end <= begin:
                continue
            for t in range(int(np.rint(begin)), min(int(np.rint(end)), hours)):
                capacity[m, t] -= step


@njit(nogil=True)
def add_steps(steps: Any, starts: Any, ends: Any, size: float) -> None:
    """Add `size` to the steps of each member where an outage starts, and take it off at its end.

    Parameters
    ----------
    steps : ndarray of shape (members, hours + 1)
    starts, ends : ndarray of shape (members, outages)
    size : float
    """
    for m in range(len(steps)):
        for k in range(starts.shape[1]):
            steps[m, starts[m, k]] += size
        for k in range(ends.shape[1]):
            steps[m, ends[m, k]] -= size


@njit(nogil=True)
def add_unit(total: Any, steps: Any, size: float, active: Any) -> None:
    """Add to each hour what is left of `size` after the steps so far, for the part in service.

    Parameters
    ----------
    total : ndarray of shape (members, hours)
    steps : ndarray of shape (members, hours + 1)
    size : float
    active : ndarray of shape (1 or members, hours)
        Part in service.
    """
    members, hours = total.shape
    for m in range(members):
        lost, mine = 0.0, min(m, len(active) - 1)
        for t in range(hours):
            lost += steps[m, t]
            total[m, t] += np.float32((size - lost) * active[mine, t])
