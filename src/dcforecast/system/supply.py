"""What every plant could make in each hour of a year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dcforecast.config.fleet import FleetSettings
from dcforecast.system.arrays import Hours
from dcforecast.system.draws import Draws
from dcforecast.system.fleet import Fleet, Unit
from dcforecast.system.gas import Fuel, fuel, oil
from dcforecast.system.hydro import hourly_hydro, water_factor
from dcforecast.system.outages import available
from dcforecast.system.storage import Store
from dcforecast.system.weather import WeatherYear
from dcforecast.system.weather_sites import SITES, local_calendar

__all__ = ["THERMAL", "Supply", "Tranche"]

#: Technologies that burn gas, in the order of merit.
THERMAL = ("ccgt", "engines", "steam")
#: Mean power of plants for own use: 1,881 GWh in 2024 (State Statistics, own-use plants).
OWN_USE_MW = 214.0
#: Mean power of the waste plant: 232.5 GWh in 2024 [G023].
_WASTE_MW = 26.5
#: Capacity factor of the old wind parks: 51.1 GWh of 63.5 MW in 2024 [G041, G043].
_OLD_WIND_CF = 0.092
#: Doubt about what plants of a kind yield, the same in all years of a member: lenders and owners
#: differ by 12 % on Khizi [G070, G071]; the usual energy assessment gives 5 to 10 % (assumption).
_YIELD_SIGMA = {"wind": 0.10, "solar": 0.07}


@dataclass(frozen=True)
class Tranche:
    """Plants of one technology at one node.

    Attributes
    ----------
    name, technology, node : str
    available_mw : ndarray of shape (members, hours)
        Output that is there to be used.
    cost_eur_mwh : float
        Marginal cost; negative for plants that run for their owners' sake.
    clean : bool
        Wind, sun or water.
    gas_bcm_per_mwh, co2_t_per_mwh : float
        Gas burnt and carbon dioxide per MWh.
    """

    name: str
    technology: str
    node: str
    available_mw: Hours
    cost_eur_mwh: float
    clean: bool
    gas_bcm_per_mwh: float = 0.0
    co2_t_per_mwh: float = 0.0


def _burner(name: str, technology: str, node: str, output: Hours, burnt: Fuel) -> Tranche:
    return Tranche(
        name, technology, node, output, burnt.cost_eur_mwh, clean=False,
        gas_bcm_per_mwh=burnt.gas_bcm_per_mwh, co2_t_per_mwh=burnt.co2_t_per_mwh,
    )  # fmt: skip


class Supply:
    """The fleet's output, drawn for all members.

    Parameters
    ----------
    settings : FleetSettings
    draws : Draws
    """

    def __init__(self, settings: FleetSettings, draws: Draws) -> None:
        self.settings = settings
        self.draws = draws
        self.fleet = Fleet(settings, draws)

    def tranches(
        self, weather: WeatherYear, load: Hours, hydro_gwh: NDArray[np.float64]
    ) -> tuple[Tranche, ...]:
        """Return every tranche of a year, batteries left out.

        Parameters
        ----------
        weather : WeatherYear
        load : ndarray of shape (members, hours)
            Domestic load of the whole country [MW].
        hydro_gwh : ndarray of shape (members, 12)
            Monthly energy of hydro [GWh].
        """
        return (
            *self.steady(load.shape),
            *self.thermal(weather),
            *self.hydro(weather.year, load, hydro_gwh),
            *self.renewables(weather),
        )

    def thermal(self, weather: WeatherYear) -> list[Tranche]:
        """Return the gas-fired tranches, the mainland's first."""
        month, _, _ = local_calendar(weather.year)
        scale = np.float32(self.settings.thermal_scale)
        out = []
        for technology, end, units in self._units(weather.year):
            node = units[0].node
            output = available(units, self.draws, weather.year, month, weather.temperature_c)
            if technology == "steam":
                output *= self.steam_usable()[:, None]
            if self.settings.thermal_scale != 1.0:
                output *= scale
            sizes = np.array([unit.capacity_mw for unit in units])
            efficiency = float(np.average([unit.efficiency for unit in units], weights=sizes))
            on_oil = np.float32(self.settings.oil_share if technology == "steam" else 0.0)
            if on_oil:
                burnt = oil(efficiency, self.settings)
                out.append(_burner(f"oil_{end}", technology, node, output * on_oil, burnt))
            burnt = fuel(efficiency, self.settings)
            out.append(_burner(f"gas_{end}", technology, node, output * (1 - on_oil), burnt))
        return out

    def _units(self, year: int) -> Iterator[tuple[str, str, list[Unit]]]:
        """Yield technology, the end of a tranche's name, and its units."""
        for technology in THERMAL:
            units = self.fleet.units(technology, year)
            for node, place in (("AZ", ""), ("NX", "_nx")):
                for project, age in ((False, ""), (True, "_new")):
                    mine = [u for u in units if u.node == node and u.project == project]
                    if mine:
                        yield technology, f"{technology}{age}{place}", mine

    def steam_usable(self) -> Hours:
        """Return the part of the old steam blocks that still gives power, one a member [1].

        Nobody publishes it: the settings' mean is calibrated, and members differ (judgement).
        """
        score = self.draws.shared("steam usable")
        part = self.settings.steam_usable + self.settings.steam_usable_sd * score
        return np.clip(part, 0.0, 1.0).astype(np.float32)

    def steady(self, shape: tuple[int, ...]) -> list[Tranche]:
        """Return plants that run flat: for own use (their load is a part of demand), and waste.

        Own-use plants never give more than their owners take: no part of them is exportable.
        """
        burnt = fuel(0.35, self.settings)
        own = Tranche(
            "own_use", "own_use", "AZ", np.full(shape, np.float32(OWN_USE_MW)), -30.0,
            clean=False, gas_bcm_per_mwh=burnt.gas_bcm_per_mwh,
            co2_t_per_mwh=burnt.co2_t_per_mwh,
        )  # fmt: skip
        waste = np.full(shape, np.float32(_WASTE_MW))
        return [own, Tranche("waste", "waste", "AZ", waste, -20.0, clean=False)]

    def hydro(self, year: int, load: Hours, monthly_gwh: NDArray[np.float64]) -> list[Tranche]:
        """Return hydro of the mainland and of Nakhchivan; new plants add energy of their own."""
        month, _, _ = local_calendar(year)
        days = np.bincount(month, minlength=13)[1:] / 24.0
        size = {node: self.fleet.capacity("hydro", node, year) for node in ("AZ", "NX")}
        added = {node: np.zeros_like(size[node]) for node in size}
        season = monthly_gwh / days
        season = season / np.maximum(season.mean(axis=1, keepdims=True), 1e-9)
        for project in self.fleet.projects:
            if project.technology != "hydro":
                continue
            part = self.fleet.active(project, year)
            daily = project.energy_mwh / 1000.0 / 365.0
            added[project.node] += part * days * daily * season
            size[project.node] -= part * project.capacity_mw  # its water is counted by itself
        whole = size["AZ"] + size["NX"]
        water = water_factor(self.settings, year)
        out = []
        for node, name in (("AZ", "hydro"), ("NX", "hydro_nx")):
            energy = water * (monthly_gwh * size[node] / np.maximum(whole, 1e-9) + added[node])
            capacity = self.fleet.capacity("hydro", node, year)
            output = hourly_hydro(energy, capacity, load, month)
            out.append(Tranche(name, "hydro", node, output, 0.0, clean=True))
        return out

    def renewables(self, weather: WeatherYear) -> list[Tranche]:
        """Return wind and solar: plants, named projects and what comes beyond them."""
        month, _, _ = local_calendar(weather.year)
        power: dict[str, Tranche] = {}
        clean = self.fleet.clean(weather.year)
        old = self.fleet.capacity("old_wind", "AZ", weather.year)
        key = ("wind", "AZ", "absheron")
        same_energy = _OLD_WIND_CF / SITES["absheron"].wind_cf
        clean[key] = clean.get(key, np.zeros_like(old)) + old * same_energy
        for (technology, node, site), size in clean.items():
            if not size.any():
                continue
            source = weather.solar_cf if technology == "solar" else weather.wind_cf
            output = source[site] * self._yield(technology)[:, None]
            np.minimum(output, np.float32(1.0), out=output)
            output *= size.astype(np.float32)[:, month - 1]
            name = technology if node == "AZ" else f"{technology}_nx"
            name = "wind_offshore" if site == "offshore" else name
            if name in power:
                power[name].available_mw[:] += output
            else:
                power[name] = Tranche(name, technology, node, output, 0.0, clean=True)
        return list(power.values())

    def _yield(self, technology: str) -> Hours:
        """Return what plants of a technology yield against what is promised, one a member [1]."""
        sigma = _YIELD_SIGMA[technology]
        score = self.draws.shared(f"yield {technology}")
        return np.asarray(np.exp(sigma * score - sigma**2 / 2), np.float32)

    def storage(self, year: int) -> Store | None:
        """Return the mainland's batteries, or nothing where there are none."""
        month, _, _ = local_calendar(year)
        power = np.zeros((self.draws.members, 12))
        energy = np.zeros_like(power)
        for project in self.fleet.projects if self.settings.battery else ():
            if project.technology == "battery":
                part = self.fleet.active(project, year)
                power += project.capacity_mw * part
                energy += project.energy_mwh * part
        if not power.any():
            return None
        sizes = (size.astype(np.float32)[:, month - 1] for size in (power, energy))
        return Store(*sizes)
