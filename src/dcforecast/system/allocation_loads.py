"""Loads and sums that the answers share."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from dcforecast.system.ensemble_types import CampusLike, YearLike

__all__ = ["contract_of", "contracted_load", "demand_load", "energy_twh", "expected_need", "total"]

Hours = NDArray[np.float32]


def total(parts: Mapping[str, Hours], shape: tuple[int, ...]) -> Hours:
    """Sum of hourly flows, zero when there are none."""
    result = np.zeros(shape, np.float32)
    for part in parts.values():
        result += part
    return result


def energy_twh(hourly: Hours) -> NDArray[np.float64]:
    """Energy of each member's year, TWh."""
    return np.asarray(hourly.sum(axis=1, dtype=np.float64) / 1e6)


def demand_load(system: YearLike) -> dict[str, Hours]:
    """Data-centre load at each home node, MW (members, hours)."""
    load: dict[str, Hours] = {}
    for campus in system.campuses:
        wanted = np.asarray(campus.demand_mw, np.float32)
        load[campus.node] = load[campus.node] + wanted if campus.node in load else wanted
    return load


def expected_need(need: Mapping[str, Hours], less: Mapping[str, Hours]) -> dict[str, Hours]:
    """Output wanted at each node when less is sent; Nakhchivan saves its own plants first."""
    exclave = need["NX"] - less.get("NX", np.float32(0.0))
    mainland = need["AZ"] - less.get("AZ", np.float32(0.0)) + np.minimum(exclave, 0.0)
    return {"AZ": np.maximum(mainland, 0.0), "NX": np.maximum(exclave, 0.0)}


def contract_of(campus: CampusLike) -> Hours:
    """Contracted power of a campus, MW, of shape (members, 1 or hours)."""
    size = np.asarray(campus.contracted_mw, np.float32)
    return size[:, None] if size.ndim == 1 else size


def contracted_load(year: YearLike) -> dict[str, NDArray[np.float32]]:
    """Contracted data-centre power at each home node, MW, of shape (members, 1 or hours)."""
    load: dict[str, NDArray[np.float32]] = {}
    for campus in year.campuses:
        size = contract_of(campus)
        load[campus.node] = load[campus.node] + size if campus.node in load else size
    return load
