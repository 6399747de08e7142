"""Hydro by hour: each month's water, more of it where the load is higher, within capacity."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dcforecast.config.fleet import FleetSettings
from dcforecast.system.arrays import Hours

__all__ = ["hourly_hydro", "water_factor"]

#: How much more than the load hydro moves within the month (judgement; three reservoirs make
#: nine tenths of the old plants).
_FOLLOW = 1.5
#: Least flow against the mean: rivers and irrigation (judgement).
_LEAST = 0.2
_ROUNDS = 6


def water_factor(settings: FleetSettings, year: int) -> float:
    """Return the scenario's factor on the year's water [1]."""
    dry = settings.dry_year_scale if year in settings.dry_years else 1.0
    return settings.hydro_scale * dry


def hourly_hydro(
    monthly_gwh: NDArray[np.float64],
    capacity_mw: NDArray[np.float64],
    load_mw: Hours,
    month: NDArray[np.int64],
) -> Hours:
    """Spread monthly energy over the hours.

    Output follows the load; what is above capacity moves to the month's other hours, and only what
    fits nowhere is spilt.

    Parameters
    ----------
    monthly_gwh, capacity_mw : ndarray of shape (members, 12)
        Energy and capacity.
    load_mw : ndarray of shape (members, hours)
    month : ndarray of shape (hours,)
        Month of each hour (1-12).

    Returns
    -------
    ndarray of shape (members, hours)
        MW.
    """
    at = month - 1
    starts = np.flatnonzero(np.diff(month, prepend=0))
    hours = np.bincount(month, minlength=13)[1:]
    size = np.ascontiguousarray(capacity_mw[:, at], np.float32)
    mean_load = np.add.reduceat(load_mw, starts, axis=1, dtype=np.float64) / hours
    follow = 1 + np.float32(_FOLLOW) * (load_mw / mean_load.astype(np.float32)[:, at] - 1)
    np.clip(follow, _LEAST, None, out=follow)
    follow /= (np.add.reduceat(follow, starts, axis=1, dtype=np.float64) / hours).astype(
        np.float32
    )[:, at]
    wanted = monthly_gwh * 1000.0
    output = np.minimum((wanted / hours).astype(np.float32)[:, at] * follow, size)
    for _ in range(_ROUNDS):
        made = np.add.reduceat(output, starts, axis=1, dtype=np.float64)
        missing = np.maximum(wanted - made, 0.0)
        if (missing <= 1e-6 * np.maximum(wanted, 1.0)).all():
            break
        room = size - output
        space = np.add.reduceat(room, starts, axis=1, dtype=np.float64)
        share = np.minimum(missing / np.maximum(space, 1e-9), 1.0).astype(np.float32)
        output += room * share[:, at]
    return output
