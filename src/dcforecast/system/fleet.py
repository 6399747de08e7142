"""Capacity of every technology by month and member: plants, projects, delays, closures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dcforecast.config.fleet import FleetSettings
from dcforecast.sources import table
from dcforecast.system.commissioning import Project, commissioned, pace, projects
from dcforecast.system.draws import Draws

__all__ = ["Fleet", "Unit", "in_service", "installed", "plants"]

Months = NDArray[np.float64]

#: z of the judged low and high paths: read as the 10th and 90th percentile.
_TENTH = 1.2816
#: Units of a new gas project have about this size (as Shimal-2) [MW].
_NEW_UNIT_MW = 450.0
#: Efficiency of a new combined-cycle plant (as 8 November, G005).
_NEW_EFFICIENCY = 0.55
#: The project the old steam blocks wait for.
_REPLACEMENT = "replacement_gas"
#: Year from which the path asks for more than the named projects (nothing else has a site before).
_FURTHER_FROM = 2027
#: Split of further wind and solar: south, Karabakh, Nakhchivan sun, onshore wind (judgement).
_FURTHER = {
    ("solar", "AZ", "south"): 0.30,
    ("solar", "AZ", "southwest"): 0.17,
    ("solar", "NX", "nakhchivan"): 0.03,
    ("wind", "AZ", "absheron"): 0.42,
    ("wind", "AZ", "southwest"): 0.08,
}


@dataclass(frozen=True)
class Unit:
    """A thermal unit.

    Attributes
    ----------
    name, technology, node : str
    capacity_mw, efficiency : float
    active : ndarray of shape (1 or members, 12)
        Part of each month in service [1].
    project : bool
        Whether it is yet to be built.
    """

    name: str
    technology: str
    node: str
    capacity_mw: float
    efficiency: float
    active: Months
    project: bool = False


def plants() -> pd.DataFrame:
    """Return the plants of October 2025 (data/plants.csv), and what closed before."""
    rows = table("plants")
    for column in ("from_date", "to_date"):
        rows[column] = pd.to_datetime(rows[column])
    return rows


def installed(on: str | pd.Timestamp) -> pd.Series:
    """Return nameplate capacity by technology on a date [MW]."""
    date = pd.Timestamp(on)
    rows = plants()
    there = (rows["from_date"] <= date) & ~(rows["to_date"] <= date)
    return rows[there].groupby("technology")["capacity_mw"].sum()


def in_service(start: NDArray[np.float64], end: NDArray[np.float64], year: int) -> Months:
    """Return the part of each month between two dates (decimal years), shape (dates, 12)."""
    opens = year + np.arange(12) / 12.0
    first = np.clip((opens + 1 / 12 - start[:, None]) * 12.0, 0.0, 1.0)
    last = np.clip((end[:, None] - opens) * 12.0, 0.0, 1.0)
    return np.asarray(np.minimum(first, last))


def _decimal(date: pd.Timestamp | None) -> float:
    if date is None or pd.isna(date):
        return np.inf
    return float(date.year + (date.month - 1) / 12.0 + (date.day - 1) / 365.25)


class Fleet:
    """Plants and projects of a configuration, drawn for all members.

    Parameters
    ----------
    settings : FleetSettings
    draws : Draws
    """

    def __init__(self, settings: FleetSettings, draws: Draws) -> None:
        self.settings = settings
        self.draws = draws
        rows = plants().groupby("technology", sort=False)
        self.plants = {kind: [row for _, row in mine.iterrows()] for kind, mine in rows}
        self.projects = projects(settings)
        self.dates = {p.name: commissioned(p, draws, settings) for p in self.projects}

    def active(self, project: Project, year: int) -> Months:
        """Return the part of each month a project is in service, shape (members, 12)."""
        never = np.full(self.draws.members, np.inf)
        return in_service(self.dates[project.name], never, year)

    def _plant_months(self, technology: str, year: int) -> list[tuple[pd.Series, Months]]:
        """Return the plants of a technology that work in a year, with the part of each month."""
        found = []
        for row in self.plants.get(technology, ()):
            end = np.array([_decimal(row["to_date"])])
            if technology == "steam" and year >= self.settings.retire_steam_year:
                end = np.minimum(end, self._steam_closes())
            part = in_service(np.array([_decimal(row["from_date"])]), end, year)
            if part.any():
                found.append((row, part))
        return found

    def _steam_closes(self) -> NDArray[np.float64]:
        """Return when the old steam blocks close: not before what replaces them runs."""
        replaced = self.dates.get(_REPLACEMENT, np.full(self.draws.members, -np.inf))
        return np.maximum(float(self.settings.retire_steam_year), replaced)

    def units(self, technology: str, year: int) -> list[Unit]:
        """Return the thermal units of a technology in a year, projects included."""
        found = []
        for row, part in self._plant_months(technology, year):
            count = int(row["units"])
            found += [
                Unit(
                    f"{row['plant']} {number + 1}", technology, str(row["node"]),
                    float(row["capacity_mw"]) / count, float(row["efficiency"]), part,
                )
                for number in range(count)
            ]  # fmt: skip
        for project in self.projects:
            # Not "if any member has it": the units must not depend on the number of members.
            may_be = project.date.year <= year and project.probability * project.capacity_mw > 0
            if project.technology != technology or not may_be:
                continue
            part = self.active(project, year)
            count = max(1, round(project.capacity_mw / _NEW_UNIT_MW))
            found += [
                Unit(
                    f"{project.name} {number + 1}", technology, project.node,
                    project.capacity_mw / count, _NEW_EFFICIENCY, part, project=True,
                )
                for number in range(count)
            ]  # fmt: skip
        return found

    def capacity(self, technology: str, node: str, year: int) -> Months:
        """Return capacity of a technology at a node, plants and projects, (members, 12) [MW]."""
        total = np.zeros((self.draws.members, 12))
        for row, part in self._plant_months(technology, year):
            if row["node"] == node:
                total += float(row["capacity_mw"]) * part
        for project in self.projects:
            if project.technology == technology and project.node == node:
                total += project.capacity_mw * self.active(project, year)
        return total

    def clean(self, year: int) -> dict[tuple[str, str, str], Months]:
        """Return wind and solar by (technology, node, site), shape (members, 12) [MW].

        The old wind parks are not among them: their energy is their own.
        """
        found: dict[tuple[str, str, str], Months] = {}
        members = self.draws.members

        def add(technology: str, node: str, site: str, size: Months) -> None:
            key = (technology, node, site)
            found[key] = found.get(key, np.zeros((members, 12))) + size

        for kind, counted in (("solar", "solar"), ("hybrid", "solar"), ("wind", "wind")):
            for row, part in self._plant_months(kind, year):
                add(counted, str(row["node"]), str(row["site"]), float(row["capacity_mw"]) * part)
        for project in self.projects:
            if project.technology in {"wind", "solar"}:
                size = project.capacity_mw * self.active(project, year)
                add(project.technology, project.node, project.site, size)
        named = sum(found.values(), np.zeros((members, 12)))
        named += self.capacity("old_wind", "AZ", year)
        further = self.further(named, year)
        for (technology, node, site), share in _FURTHER.items():
            add(technology, node, site, further * share)
        return found

    def further(self, named_mw: Months, year: int) -> Months:
        """Return wind and solar beyond the named projects, shape (members, 12) [MW].

        Each member keeps one pace between the judged paths of data/buildout.csv (low and high read
        as the 10th and 90th percentile); what the named projects leave of it is unnamed.
        """
        if year < _FURTHER_FROM:
            return np.zeros((self.draws.members, 12))
        rows = table("buildout")
        fixed = {"low": -_TENTH, "central": 0.0, "high": _TENTH}
        if self.settings.renewables == "ensemble":
            score = np.clip(pace(self.draws), -2.0, 2.0)[:, None]
        else:
            score = np.full((self.draws.members, 1), fixed[self.settings.renewables])
        when = year + (np.arange(12) + 0.5) / 12.0
        # The table is for the end of a year.
        low, central, high = (
            np.interp(when, rows["year"] + 1.0, rows[f"{path}_mw"])
            for path in ("low", "central", "high")
        )
        up = central + (high - central) * score / _TENTH
        down = central + (central - low) * score / _TENTH
        target = np.where(score > 0, up, down) * self.settings.renewables_scale
        # Through 2027 nothing without a name is built; the path is reached by the end of 2029.
        ramp = np.clip((when - (_FURTHER_FROM + 1)) / 2.0, 0.0, 1.0)
        return np.asarray(np.maximum(target - named_mw, 0.0) * ramp)
