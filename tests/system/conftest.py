"""A small synthetic system for the tests of network, allocation and ensemble."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dcforecast.config.allocation import AllocationSettings
from dcforecast.config.network import NetworkSettings
from dcforecast.config.paths import packaged
from dcforecast.system.campus_site import Site
from dcforecast.system.draws import Draws


@dataclass
class Tranche:
    name: str
    node: str
    available_mw: Any
    cost_eur_mwh: float
    clean: bool = False
    gas_bcm_per_mwh: float = 0.0
    co2_t_per_mwh: float = 0.0


@dataclass
class Campus:
    name: str
    node: str
    contracted_mw: Any
    demand_mw: Any
    stopped_mwh: Any
    site: Site = dataclasses.field(default_factory=Site)


@dataclass
class Year:
    year: int
    timestamps: Any
    tranches: Any
    domestic_mw: Any
    reserve_mw: Any
    contingency_mw: Any
    campuses: Any
    temperature_c: Any
    gas_limit_bcm: float | None = None
    store: Any = None

    def with_import(self, name: str, node: str, power_mw: Any, cost_eur_mwh: float) -> Year:
        bought = Tranche(name, node, power_mw, cost_eur_mwh)
        return dataclasses.replace(self, tranches=(*self.tranches, bought))


@dataclass
class Paths:
    months: Any
    values: Any


@dataclass
class Toy:
    """A system with scarce and plentiful hours; `hours` shortens the year."""

    members: int = 4
    hours: int | None = None
    tight: float = 1.0
    seed: int = 1

    block: int = 0

    @property
    def draws(self) -> Draws:
        return Draws(self.members, self.seed, self.block)

    def parts(self) -> list[Toy]:
        return [
            dataclasses.replace(self, members=draws.members, block=draws.block)
            for draws in self.draws.blocks()
        ]

    @property
    def paths(self) -> Paths:
        months = pd.period_range("2026-01", "2040-12", freq="M")
        rng = self.draws.rng("export")
        return Paths(months, {"export": rng.gamma(4.0, 40.0, (self.members, len(months)))})

    def year(self, year: int) -> Year:
        stamps = pd.date_range(
            f"{year}-01-01", f"{year + 1}-01-01", freq="h", inclusive="left", tz="UTC"
        )[: self.hours]
        rng = self.draws.rng("toy", year)

        def noise(mean: float, sd: float) -> np.ndarray:
            draw = rng.standard_normal((self.members, len(stamps)))
            return np.maximum(mean + sd * draw, 0.0).astype(np.float32)

        growth = (year - 2025) / 15
        tranches = (
            Tranche("ccgt", "AZ", noise(3_300, 300), 30.0, False, 1.9e-7, 0.36),
            Tranche("steam", "AZ", noise(1_200, 200), 45.0, False, 2.8e-7, 0.55),
            Tranche("hydro", "AZ", noise(400, 150), 0.0, True),
            Tranche("wind", "AZ", noise(500 + 3_000 * growth, 600), 0.0, True),
            Tranche("solar_nx", "NX", noise(90, 60), 0.0, True),
        )
        domestic = {"AZ": noise(self.tight * (3_400 + 900 * growth), 500), "NX": noise(80, 25)}
        contracted = np.full(self.members, 800.0 * growth)
        load = (contracted[:, None] * np.clip(noise(0.6, 0.1), 0.0, 1.0)).astype(np.float32)
        reserve = noise(400, 0)
        campuses = (Campus("one", "AZ", contracted, load, np.zeros(self.members)),)
        warmth = noise(15.0, 8.0)
        largest = np.full(self.members, 300.0)
        return Year(year, stamps, tranches, domestic, reserve, largest, campuses, warmth)


def _yaml(group: str, option: str = "default") -> dict[str, Any]:
    from omegaconf import OmegaConf

    loaded = OmegaConf.to_container(OmegaConf.load(packaged("conf") / group / f"{option}.yaml"))
    assert isinstance(loaded, dict)
    return {str(key): value for key, value in loaded.items()}


@pytest.fixture(scope="session")
def toy() -> type[Toy]:
    """Class of the synthetic system."""
    return Toy


@pytest.fixture(scope="session")
def network_config() -> dict[str, Any]:
    """The default network as plain data, to be changed and checked."""
    return _yaml("network")


@pytest.fixture(scope="session")
def network_settings(network_config: dict[str, Any]) -> NetworkSettings:
    """The default network."""
    return NetworkSettings(**network_config)


@pytest.fixture(scope="session")
def allocation_settings() -> AllocationSettings:
    """The default rules of allocation."""
    return AllocationSettings(**_yaml("allocation"))
