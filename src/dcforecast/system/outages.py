"""Availability of thermal units: forced outages, maintenance in the mild seasons, heat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dcforecast.system.arrays import Hours
from dcforecast.system.draws import Draws
from dcforecast.system.fleet import Unit
from dcforecast.system.weather_noise import first_order, noise

__all__ = ["RELIABILITY", "Reliability", "available", "forced_out"]

#: Units at least this large fail one by one; smaller ones as a crowd [MW].
LARGE_MW = 20.0
#: Months of planned maintenance, as weights (assumption: the mild seasons).
_PLANNED_MONTHS = np.array([0.5, 0.6, 1.5, 2.0, 2.0, 0.6, 0.1, 0.1, 1.2, 2.0, 1.5, 0.5])
_ISO_TEMPERATURE_C = 15.0


@dataclass(frozen=True)
class Reliability:
    """How a technology fails (assumptions of the usual size for the kind and age).

    Attributes
    ----------
    forced : float
        Part of hours forced out [1].
    repair_hours : float
        Mean length of a forced outage.
    planned : float
        Part of the year in planned maintenance [1].
    per_c : float
        Output lost per degree above 15 C [1/C]; 0.5 % for gas turbines.
    """

    forced: float
    repair_hours: float
    planned: float
    per_c: float


RELIABILITY: dict[str, Reliability] = {
    "ccgt": Reliability(0.05, 72.0, 0.08, 0.005),
    "engines": Reliability(0.07, 48.0, 0.06, 0.002),
    "steam": Reliability(0.12, 96.0, 0.12, 0.0),
}


def forced_out(
    rng: np.random.Generator, members: int, hours: int, *, rate: float, repair_hours: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw a two-state unit's outages: exponential times up and down, stationary at the start.

    Returns
    -------
    starts, ends : ndarray of shape (members, outages)
        Hours, ``start <= hour < end``; at most `hours`.
    """
    if rate <= 0:
        nothing = np.zeros((members, 0), np.int64)
        return nothing, nothing
    up_hours = repair_hours * (1 - rate) / rate
    mean = hours / (up_hours + repair_hours)
    count = int(np.ceil(mean + 6 * np.sqrt(mean) + 4))
    drawn = rng.random((members, 1 + 2 * count))
    up = -np.log1p(-drawn[:, 1 : count + 1]) * up_hours
    down = -np.log1p(-drawn[:, count + 1 :]) * repair_hours
    up[drawn[:, 0] < rate, 0] = 0.0  # out at the start: exponential times have no memory
    ends = np.cumsum(up + down, axis=1)
    starts = ends - down
    return (
        np.minimum(np.rint(starts), hours).astype(np.int64),
        np.minimum(np.rint(ends), hours).astype(np.int64),
    )


def _planned(
    rng: np.random.Generator, members: int, units: int, month: NDArray[np.int64], share: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw one maintenance a unit and year, mostly in the mild seasons and one after the other.

    Each member draws an order of the units and spreads them evenly over the seasons' weights.

    Returns
    -------
    starts, ends : ndarray of shape (members, units)
    """
    hours = len(month)
    weight = np.cumsum(_PLANNED_MONTHS[month - 1])
    drawn = rng.random((members, 2, units))
    order = np.argsort(drawn[:, 0], axis=1)
    middle = np.searchsorted(weight / weight[-1], (order + drawn[:, 1]) / units)
    half = round(share * hours / 2)
    start = np.clip(middle - half, 0, max(hours - 2 * half, 0))
    return start, start + 2 * half


def _outages(
    unit: Unit, draws: Draws, year: int, hours: int, planned: tuple[NDArray[np.int64], ...]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Join a unit's maintenance and forced outages, which do not overlap: starts and ends."""
    kind = RELIABILITY[unit.technology]
    first, last = planned
    rng = draws.rng("outage", unit.name, year)
    starts, ends = forced_out(
        rng, draws.members, hours, rate=kind.forced, repair_hours=kind.repair_hours
    )
    # A unit in maintenance cannot fail: what falls into it is cut off.
    inside = (starts >= first) & (starts < last)
    starts = np.where(inside, np.maximum(starts, last), starts)
    ends = np.where(starts < first, np.minimum(ends, first), np.maximum(ends, starts))
    return np.concatenate([first, starts], axis=1), np.concatenate([last, ends], axis=1)


def _large(units: Sequence[Unit], draws: Draws, year: int, month: NDArray[np.int64]) -> Hours:
    """Return the MW of units that fail one by one, hour by hour."""
    from dcforecast.system.outage_walk import add_steps, add_unit  # brings numba

    members, hours = draws.members, len(month)
    total = np.zeros((members, hours), np.float32)
    shared = np.zeros((members, hours + 1))  # MW lost by units in service all year, as steps
    steady = 0.0
    rng = draws.rng("maintenance", units[0].name, year)
    share = RELIABILITY[units[0].technology].planned
    first, last = _planned(rng, members, len(units), month, share)
    for number, unit in enumerate(units):
        planned = first[:, [number]], last[:, [number]]
        starts, ends = _outages(unit, draws, year, hours, planned)
        whole = bool((unit.active == 1.0).all())
        steps = shared if whole else np.zeros((members, hours + 1))
        add_steps(steps, starts, ends, unit.capacity_mw)
        if whole:
            steady += unit.capacity_mw
        else:
            add_unit(total, steps, unit.capacity_mw, unit.active[:, month - 1])
    add_unit(total, shared, steady, np.ones((1, hours)))
    return np.maximum(total, np.float32(0.0), out=total)


def _crowd(units: Sequence[Unit], draws: Draws, year: int, month: NDArray[np.int64]) -> Hours:
    """Return the MW of small units: the binomial's mean and spread, persistent as a repair."""
    kind = RELIABILITY[units[0].technology]
    sizes = np.array([unit.capacity_mw for unit in units])
    steady = sum(unit.capacity_mw * unit.active[0] for unit in units)[month - 1]
    rho = float(np.exp(-1.0 / kind.repair_hours))
    name = f"{units[0].technology} {units[0].node}"
    rng = draws.rng("outage crowd", name, year)
    process = first_order(float(rho))
    moves = noise(rng, draws.members, len(month), process, warm_up=200, kind=np.float64)
    spread = np.sqrt(kind.forced * (1 - kind.forced) * (sizes**2).sum()) / sizes.sum()
    out = kind.forced + np.float32(spread) * moves
    weight = _PLANNED_MONTHS / _PLANNED_MONTHS.mean() * kind.planned
    up = (1.0 - np.clip(out, 0.0, 1.0)) * (1.0 - weight[month - 1]).astype(np.float32)
    return np.asarray(up * steady.astype(np.float32), np.float32)


def available(
    units: Sequence[Unit],
    draws: Draws,
    year: int,
    month: NDArray[np.int64],
    temperature_c: Hours,
) -> Hours:
    """Return what units of one technology and node could give [MW], shape (members, hours).

    Large units fail and are maintained one by one, hour by hour; small ones as a crowd (normal
    approximation).  Gas turbines lose output in the heat.

    Parameters
    ----------
    units : sequence of Unit
    draws : Draws
    year : int
    month : ndarray of shape (hours,)
        Month of each hour (1-12).
    temperature_c : ndarray of shape (members, hours)
    """
    total = np.zeros((draws.members, len(month)), np.float32)
    small = [unit for unit in units if unit.capacity_mw < LARGE_MW and not unit.project]
    large = [unit for unit in units if unit.capacity_mw >= LARGE_MW or unit.project]
    if small:
        total += _crowd(small, draws, year, month)
    if large:
        total += _large(large, draws, year, month)
    per_c = np.float32(RELIABILITY[units[0].technology].per_c)
    if per_c:
        total *= 1.0 - per_c * np.maximum(temperature_c - np.float32(_ISO_TEMPERATURE_C), 0.0)
    return total
