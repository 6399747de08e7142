"""Batteries: one cycle a day, from the lowest net load to the highest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["battery"]

Hours = NDArray[np.float32]

#: AC round-trip efficiency (assumption for lithium-ion of this size).
_ROUND_TRIP = 0.86


def battery(net_load: Hours, power_mw: float, energy_mwh: float) -> tuple[Hours, Hours]:
    """Charge in each day's hours of least net load and discharge in those of most.

    Without foresight beyond the day; energy that comes out is what went in less losses.

    Parameters
    ----------
    net_load : ndarray of shape (members, hours)
        Load less wind and sun [MW]; whole days.
    power_mw, energy_mwh : float
        Size.

    Returns
    -------
    charge, discharge : ndarray of shape (members, hours)
        MW from and to the grid.
    """
    members, hours = net_load.shape
    days = net_load.reshape(members, hours // 24, 24)
    count = max(1, min(11, round(energy_mwh / power_mw)))
    order = np.argsort(days, axis=2)
    out = energy_mwh / count
    charge = np.zeros_like(days)
    discharge = np.zeros_like(days)
    np.put_along_axis(charge, order[:, :, :count], np.float32(out / _ROUND_TRIP), axis=2)
    np.put_along_axis(discharge, order[:, :, -count:], np.float32(out), axis=2)
    return charge.reshape(members, hours), discharge.reshape(members, hours)
