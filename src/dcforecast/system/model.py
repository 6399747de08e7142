"""The whole system of a year: plants, demand, reserve and data centres of every member."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dcforecast.config.datacentres import DatacentresSettings
from dcforecast.config.demand import DemandSettings
from dcforecast.config.fleet import FleetSettings
from dcforecast.config.settings import Settings
from dcforecast.system.arrays import Hours
from dcforecast.system.components import component_rows
from dcforecast.system.datacentres import CampusLoad, loads
from dcforecast.system.demand import hourly_domestic
from dcforecast.system.draws import Draws
from dcforecast.system.gas import limit_bcm
from dcforecast.system.paths import MonthlyPaths
from dcforecast.system.storage import Store
from dcforecast.system.supply import Supply, Tranche
from dcforecast.system.weather import WeatherModel

__all__ = ["SystemModel", "SystemYear"]


@dataclass(frozen=True)
class SystemYear:
    """One UTC year of the system, all members at once.

    Attributes
    ----------
    year : int
    timestamps : DatetimeIndex
        Hours, UTC.
    tranches : tuple of Tranche
        Plants.
    domestic_mw : dict of str to ndarray (members, hours)
        Gross domestic load by node [MW].
    reserve_mw : ndarray (members, hours)
        A part of load and `contingency_mw` [MW].
    contingency_mw : ndarray (members,)
        The largest unit or, if it is held, the largest step of the mainland's campuses [MW].
    campuses : tuple of CampusLoad
    temperature_c : ndarray (members, hours)
    gas_limit_bcm : float or None
        Gas for power in the year.
    store : Store or None
        Batteries that have still to be run.
    """

    year: int
    timestamps: pd.DatetimeIndex
    tranches: tuple[Tranche, ...]
    domestic_mw: dict[str, Hours]
    reserve_mw: Hours
    contingency_mw: NDArray[np.float32]
    campuses: tuple[CampusLoad, ...]
    temperature_c: Hours
    gas_limit_bcm: float | None
    store: Store | None = None

    def with_store_run(self, charge: Hours, discharge: Hours) -> SystemYear:
        """Return the year after its batteries: what they take is load, what they give a plant."""
        given = Tranche("storage", "storage", "AZ", discharge, 0.0, clean=False)
        load = {**self.domestic_mw, "AZ": self.domestic_mw["AZ"] + charge}
        return replace(self, tranches=(*self.tranches, given), domestic_mw=load, store=None)

    def with_import(self, name: str, node: str, power_mw: Hours, cost_eur_mwh: float) -> SystemYear:
        """Return the year with foreign power, which counts as neither clean nor emitting here."""
        bought = Tranche(name, "import", node, power_mw, cost_eur_mwh, clean=False)
        return replace(self, tranches=(*self.tranches, bought))


class SystemModel:
    """Puts weather, fleet, demand and data centres of a year together.

    Parameters
    ----------
    fleet, demand, datacentres : settings
    paths : MonthlyPaths
        Monthly energy of demand and hydro [GWh].
    draws : Draws
        Random streams; the number of members is that of the paths.
    """

    def __init__(
        self,
        fleet: FleetSettings,
        demand: DemandSettings,
        datacentres: DatacentresSettings,
        paths: MonthlyPaths,
        draws: Draws,
    ) -> None:
        self.fleet = fleet
        self.demand = demand
        self.datacentres = datacentres
        self.paths = paths
        self.draws = draws
        self.weather = WeatherModel(draws, demand.warming_c_per_decade)
        self.supply = Supply(fleet, draws)

    @classmethod
    def of(cls, settings: Settings, paths: MonthlyPaths) -> SystemModel:
        """Return the system of a configuration."""
        draws = Draws(settings.ensemble.members, settings.ensemble.seed)
        return cls(settings.fleet, settings.demand, settings.datacentres, paths, draws)

    def parts(self) -> list[SystemModel]:
        """Split the members into blocks that are worked on one after the other."""
        parts, first = [], 0
        for draws in self.draws.blocks():
            paths = self.paths.part(first, draws.members)
            parts.append(SystemModel(self.fleet, self.demand, self.datacentres, paths, draws))
            first += draws.members
        return parts

    def year(self, year: int) -> SystemYear:
        """Return the system of one year."""
        weather = self.weather.year(year)
        domestic = hourly_domestic(self.demand, self.paths, weather, self.draws)
        total = domestic["AZ"] + domestic["NX"]
        hydro = self.paths.year("generation_hydro", year)
        tranches = self.supply.tranches(weather, total, hydro)
        campuses = loads(self.datacentres, self.draws, weather, self._net(total, tranches))
        contingency = self._contingency(campuses)
        reserve = np.float32(self.fleet.reserve_percent / 100.0) * total
        reserve += contingency[:, None]
        return SystemYear(
            year,
            weather.timestamps,
            tranches,
            domestic,
            reserve,
            contingency,
            campuses,
            weather.temperature_c,
            limit_bcm(self.fleet, year),
            self.supply.storage(year),
        )

    def _contingency(self, campuses: tuple[CampusLoad, ...]) -> NDArray[np.float32]:
        """Return the largest loss that the reserve is held for [MW], shape (members,)."""
        held = np.full(self.draws.members, self.fleet.largest_unit_mw)
        if self.datacentres.reserve_for_steps:
            steps = [
                campus.contracted_mw * (1.0 - campus.site.ride_through_share)
                for campus in campuses
                if campus.node == "AZ"
            ]
            held = np.maximum(held, sum(steps, np.zeros_like(held)))
        return held.astype(np.float32)

    def _net(self, load: Hours, tranches: tuple[Tranche, ...]) -> Hours:
        """Return load less wind and sun [MW]; the load itself where nobody asks for the rest."""
        if self.datacentres.flexible_share == 0:
            return load
        clean = (t.available_mw for t in tranches if t.technology in {"wind", "solar"})
        return np.asarray(load - sum(clean, np.float32(0.0)), np.float32)

    def components(self, years: Iterable[int]) -> pd.DataFrame:
        """Return monthly wind, solar, thermal availability and data-centre demand.

        Returns
        -------
        pandas.DataFrame
            Rows of ``forecast`` without scenario, model, origin and step.
        """
        parts = [(part.supply, part.weather) for part in self.parts()]
        return component_rows(parts, self.datacentres, self.draws, years)
