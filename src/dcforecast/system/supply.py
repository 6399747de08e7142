"""What every plant could make in each hour of a year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dcforecast.config.fleet import FleetSettings
from dcforecast.system.draws import Draws
from dcforecast.system.fleet import Project, commissioned, further_renewables, plants, projects
from dcforecast.system.outages import availability, maintenance
from dcforecast.system.storage import battery
from dcforecast.system.weather import WeatherYear, local_calendar

__all__ = ["THERMAL", "Supply", "Tranche"]

Hours = NDArray[np.float32]

#: Technologies that burn gas, in the order of merit.
THERMAL = ("ccgt", "engines", "engines_nx", "steam")
#: Lower heating value [MWh per 1,000 m3]: 0.215-0.22 m3 saved per kWh at 49 % (briefed arithmetic
#: on G072 and G071) give 9.3.
_GAS_MWH_PER_1000M3 = 9.3
#: kg CO2 per kWh of gas burnt (IPCC 2006, table 2.2: 56.1 kg/GJ).
_CO2_T_PER_MWH_FUEL = 0.202
#: 0.171 AZN per m3 [G061] at 1.7 AZN/USD and 1.08 USD/EUR.
_GAS_EUR_PER_1000M3 = 93.0
#: Mean power of plants for own use: 1,881 GWh in 2024 (statistical table 5.4).
_OWN_USE_MW = 214.0
#: Mean power of waste plants: 232 GWh in 2024.
_WASTE_MW = 26.5
#: Capacity factor of the old wind parks: 51.1 GWh of 63.5 MW in 2024 [G041, G043].
_OLD_WIND_CF = 0.092
#: The new block of 8 November replaced the old ones in 2025 [G002].
_NEW_BLOCK_YEAR = 2025
#: Part of hydro's energy that follows the load within the day (judgement; reservoirs).
_HYDRO_FOLLOW = 1.5
#: Split of further wind and solar (judgement): solar, onshore wind, offshore wind from 2034.
_SPLIT, _SPLIT_OFFSHORE = (0.5, 0.5, 0.0), (0.42, 0.38, 0.20)


@dataclass(frozen=True)
class Tranche:
    """Plants of one technology at one node.

    Attributes
    ----------
    name, technology, node : str
    available_mw : ndarray of shape (members, hours)
        Output that is there to be used.
    cost_eur_mwh : float
        Marginal cost.
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


def _gas(name: str, node: str, available: Hours, efficiency: float) -> Tranche:
    per_mwh = 1.0 / (efficiency * _GAS_MWH_PER_1000M3)  # 1,000 m3
    return Tranche(
        name,
        "thermal",
        node,
        available,
        per_mwh * _GAS_EUR_PER_1000M3,
        clean=False,
        gas_bcm_per_mwh=per_mwh * 1e-6,
        co2_t_per_mwh=_CO2_T_PER_MWH_FUEL / efficiency,
    )


class Supply:
    """Plants and projects of a configuration, drawn for all members.

    Parameters
    ----------
    settings : FleetSettings
    draws : Draws
    """

    def __init__(self, settings: FleetSettings, draws: Draws) -> None:
        self.settings = settings
        self.draws = draws
        self.projects = projects(settings)
        self.dates = {p.name: commissioned(p, draws) for p in self.projects}

    def tranches(
        self, weather: WeatherYear, load: Hours, hydro_gwh: NDArray[np.float64]
    ) -> tuple[tuple[Tranche, ...], Hours | None]:
        """Return every tranche of a year, and what the batteries take from the mainland."""
        found = [
            *self.thermal(weather.year, load.shape[1]),
            *self._steady(load.shape),
            *self.hydro(weather.year, load, hydro_gwh),
            *self.renewables(weather),
        ]
        charge = None
        if self.settings.battery:
            on = self._built("battery", weather.year)
            if on.any():
                clean = [t for t in found if t.technology in {"wind", "solar"} and t.node == "AZ"]
                net = load - sum((t.available_mw for t in clean), np.float32(0.0))
                power, energy = self._battery_size()
                charge, discharge = battery(net, power, energy)
                charge *= on[:, None]
                discharge *= on[:, None]
                found.append(Tranche("storage", "storage", "AZ", discharge, 0.0, clean=False))
        return tuple(found), charge

    def thermal(self, year: int, hours: int) -> list[Tranche]:
        """Return the gas-fired tranches; idle blocks on the books are not among them."""
        month, _, _ = local_calendar(year)
        table = plants()
        running = table[(table["use"] == "public") & (table["from_year"] <= year)]
        if year < _NEW_BLOCK_YEAR:  # the blocks on the books were still running then
            idle = table[table["use"] == "idle"].assign(technology="steam")
            running = pd.concat([running, idle])
        planned = maintenance(month) * np.float32(self.settings.thermal_scale)
        out = []
        for technology in THERMAL:
            rows = running[running["technology"] == technology]
            if rows.empty or (technology == "steam" and year >= self.settings.retire_steam_year):
                continue
            units = [
                float(mw) / int(count)
                for mw, count in rows[["capacity_mw", "units"]].to_numpy()
                for _ in range(int(count))
            ]
            up = availability(technology, units, self.draws, year, hours)
            total = float(rows["capacity_mw"].sum())
            efficiency = float((rows["efficiency"] * rows["capacity_mw"]).sum() / total)
            available = up * (np.float32(total) * planned)
            out.append(_gas(technology, str(rows["node"].iloc[0]), available, efficiency))
        return out

    def _steady(self, shape: tuple[int, ...]) -> list[Tranche]:
        own = np.full(shape, np.float32(_OWN_USE_MW))
        waste = np.full(shape, np.float32(_WASTE_MW))
        steady = _gas("own_use", "AZ", own, 0.35)
        # They run for their owners' sake: the negative cost keeps them on before all others.
        must_run = Tranche(
            "own_use",
            "thermal",
            "AZ",
            own,
            -30.0,
            clean=False,
            gas_bcm_per_mwh=steady.gas_bcm_per_mwh,
            co2_t_per_mwh=steady.co2_t_per_mwh,
        )
        return [must_run, Tranche("waste", "waste", "AZ", waste, -20.0, clean=False)]

    def hydro(self, year: int, load: Hours, monthly_gwh: NDArray[np.float64]) -> list[Tranche]:
        """Spread each month's water over its hours, more where the load is higher."""
        month, _, _ = local_calendar(year)
        hours = np.bincount(month, minlength=13)[1:]
        scale = self.settings.hydro_scale
        if year in self.settings.dry_years:
            scale *= self.settings.dry_year_scale
        added = np.zeros((self.draws.members, 1))
        size = np.full((self.draws.members, 1), self._plant_mw("hydro"))
        for project in self.projects:
            if project.technology == "hydro_new":
                on = self._built(project.name, year)[:, None]
                added += on * project.energy_mwh / 8_760.0
                size += on * project.capacity_mw
        share = monthly_gwh / np.maximum(monthly_gwh.mean(axis=1, keepdims=True), 1e-9)
        mean_mw = (monthly_gwh * 1000.0 / hours + added * share) * scale
        starts = np.flatnonzero(np.diff(month, prepend=0))
        mean_load = np.add.reduceat(load, starts, axis=1) / hours.astype(np.float32)
        follow = 1 + np.float32(_HYDRO_FOLLOW) * (load / mean_load[:, month - 1] - 1)
        np.clip(follow, 0.2, None, out=follow)
        # The floor lifts a month's sum a little: scaled back, so that its energy is the path's.
        follow /= (np.add.reduceat(follow, starts, axis=1) / hours.astype(np.float32))[:, month - 1]
        output = np.minimum(
            mean_mw.astype(np.float32)[:, month - 1] * follow, size.astype(np.float32)
        )
        return [Tranche("hydro", "hydro", "AZ", output, 0.0, clean=True)]

    def renewables(self, weather: WeatherYear) -> list[Tranche]:
        """Return wind and solar: plants, named projects and what comes beyond them."""
        year = weather.year
        members = (self.draws.members, 1)
        power: dict[tuple[str, str], Hours] = {}
        for (technology, node, site), size in self.clean_capacity(year).items():
            source = weather.solar_cf if technology == "solar" else weather.wind_cf
            output = source[site] * size.astype(np.float32).reshape(members)
            key = (technology, node)
            power[key] = power[key] + output if key in power else output
        old = np.float32(self._plant_mw("old_wind") * _OLD_WIND_CF / 0.425)
        power[("wind", "AZ")] = power.get(("wind", "AZ"), np.float32(0.0)) + (
            weather.wind_cf["absheron"] * old
        )
        names = {("solar", "NX"): "solar_nx", ("wind", "NX"): "wind_nx"}
        return [
            Tranche(names.get(key, key[0]), key[0], key[1], output, 0.0, clean=True)
            for key, output in power.items()
        ]

    def clean_capacity(self, year: int) -> dict[tuple[str, str, str], NDArray[np.float64]]:
        """Return wind and solar capacity by (technology, node, site) [MW], shape (members,)."""
        found: dict[tuple[str, str, str], NDArray[np.float64]] = {}

        def add(key: tuple[str, str, str], size: NDArray[np.float64]) -> None:
            found[key] = found[key] + size if key in found else size

        table = plants()
        solar = table[(table["technology"] == "solar") & (table["from_year"] <= year)]
        for row in solar.itertuples(index=False):
            add(
                ("solar", str(row.node), str(row.site)),
                np.full(self.draws.members, row.capacity_mw),
            )
        for project in self.projects:
            if project.technology in {"wind", "solar"}:
                on = self._built(project.name, year)
                add((project.technology, project.node, project.site), on * project.capacity_mw)
        named = sum(found.values(), np.zeros(self.draws.members)) + self._plant_mw("old_wind")
        more = further_renewables(self.settings, self.draws, named, year)
        split = _SPLIT if year < 2034 else _SPLIT_OFFSHORE
        add(("solar", "AZ", "south"), more * split[0])
        add(("wind", "AZ", "absheron"), more * split[1])
        if split[2]:
            add(("wind", "AZ", "offshore"), more * split[2])
        return found

    def _built(self, name: str, year: int) -> NDArray[np.float64]:
        """Return the part of a year a project is in service, shape (members,)."""
        return np.asarray(np.clip(year + 1 - self.dates[name], 0.0, 1.0))

    def _plant_mw(self, technology: str) -> float:
        table = plants()
        return float(table.loc[table["technology"] == technology, "capacity_mw"].sum())

    def _battery_size(self) -> tuple[float, float]:
        row: Project = next(p for p in self.projects if p.technology == "battery")
        return row.capacity_mw, row.energy_mwh
