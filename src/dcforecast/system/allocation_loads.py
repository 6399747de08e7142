"""Loads and sums that the answers share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dcforecast.system.arrays import Hours
from dcforecast.system.datacentres import CampusLoad
from dcforecast.system.model import SystemYear

__all__ = [
    "contract_of",
    "contracted_load",
    "demand_load",
    "energy_twh",
    "expected_need",
    "summed",
    "total",
]

Key = TypeVar("Key")


def total(parts: Mapping[str, Hours], shape: tuple[int, ...]) -> Hours:
    """Sum of hourly flows, zero when there are none."""
    result = np.zeros(shape, np.float32)
    for part in parts.values():
        result += part
    return result


def summed(parts: Iterable[tuple[Key, Hours]]) -> dict[Key, Hours]:
    """Sums of the flows of each key, which may come many times."""
    found: dict[Key, Hours] = {}
    for key, flow in parts:
        found[key] = found[key] + flow if key in found else flow
    return found


def energy_twh(hourly: Hours) -> NDArray[np.float64]:
    """Energy of each member's year, TWh."""
    return np.asarray(hourly.sum(axis=1, dtype=np.float64) / 1e6)


def demand_load(system: SystemYear) -> dict[str, Hours]:
    """Data-centre load at each home node, MW (members, hours)."""
    return summed((campus.node, campus.demand_mw) for campus in system.campuses)


def expected_need(need: Mapping[str, Hours], less: Mapping[str, Hours]) -> dict[str, Hours]:
    """Output wanted at each node when less is sent; Nakhchivan saves its own plants first."""
    exclave = need["NX"] - less.get("NX", np.float32(0.0))
    mainland = need["AZ"] - less.get("AZ", np.float32(0.0)) + np.minimum(exclave, 0.0)
    return {"AZ": np.maximum(mainland, 0.0), "NX": np.maximum(exclave, 0.0)}


def contract_of(campus: CampusLoad) -> Hours:
    """Contracted power of a campus, MW, of shape (members, 1)."""
    return np.asarray(campus.contracted_mw, np.float32)[:, None]


def contracted_load(year: SystemYear) -> dict[str, Hours]:
    """Contracted data-centre power at each home node, MW, of shape (members, 1)."""
    return summed((campus.node, contract_of(campus)) for campus in year.campuses)
