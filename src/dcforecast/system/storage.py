"""Batteries: one cycle a day, filled before the evening and emptied in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["ROUND_TRIP", "battery"]

Hours = NDArray[np.float32]

#: AC round-trip efficiency (assumption for lithium-ion of this size).
ROUND_TRIP = 0.86
#: UTC hours that may charge (04-16 in Baku) and discharge (16-24 in Baku).
_CHARGE, _DISCHARGE = slice(0, 12), slice(12, 20)


def battery(net_load: Hours, power_mw: float, energy_mwh: float) -> tuple[Hours, Hours]:
    """Charge in a day's hours of least net load and discharge in the evening's hours of most.

    Without foresight beyond the day.  Charging ends before discharging begins, so the store is
    never below empty or above full; what comes out is what went in less losses.

    Parameters
    ----------
    net_load : ndarray of shape (members, hours)
        Load less wind and sun [MW]; whole UTC days.
    power_mw, energy_mwh : float
        Size; energy as delivered.

    Returns
    -------
    charge, discharge : ndarray of shape (members, hours)
        MW from and to the grid.
    """
    members, hours = net_load.shape
    days = net_load.reshape(members, hours // 24, 24)
    delivered = min(energy_mwh, power_mw * 8)
    out_hours = max(1, int(np.ceil(delivered / power_mw - 1e-9)))
    in_hours = min(12, max(1, int(np.ceil(delivered / ROUND_TRIP / power_mw - 1e-9))))
    taken = min(delivered / ROUND_TRIP, in_hours * power_mw)
    charge, discharge = np.zeros_like(days), np.zeros_like(days)
    least = np.argpartition(days[:, :, _CHARGE], in_hours - 1, axis=2)[:, :, :in_hours]
    most = np.argpartition(-days[:, :, _DISCHARGE], out_hours - 1, axis=2)[:, :, :out_hours]
    np.put_along_axis(charge, least + _CHARGE.start, np.float32(taken / in_hours), axis=2)
    given = np.float32(taken * ROUND_TRIP / out_hours)
    np.put_along_axis(discharge, most + _DISCHARGE.start, given, axis=2)
    return charge.reshape(members, hours), discharge.reshape(members, hours)
