"""Capacity of every technology by month and member: plants, projects, delays, closures."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dcforecast.config.fleet import FleetSettings
from dcforecast.config.paths import packaged
from dcforecast.errors import UserError, choices_text
from dcforecast.system.draws import Draws

__all__ = ["Project", "commissioned", "further_renewables", "plants", "projects"]

#: Correlation of delays within a group, such as projects that wait for one substation (judgement).
_GROUP_CORRELATION = 0.5
#: z of the judged low and high paths: read as the 10th and 90th percentile.
_TENTH = 1.2816


@lru_cache(maxsize=1)
def plants() -> pd.DataFrame:
    """Return the plants of October 2025 (data/plants.csv); thermal adds up to 7,903 MW [G038]."""
    return pd.read_csv(packaged("data", "SOURCES.csv") / "plants.csv")


class Project:
    """A row of data/projects.csv after the scenario's changes."""

    def __init__(self, row: dict[str, object], settings: FleetSettings) -> None:
        self.name = str(row["project"])
        self.technology = str(row["technology"])
        self.node = str(row["node"])
        self.site = "" if pd.isna(row["site"]) else str(row["site"])
        change = settings.projects.get(self.name)
        size, date, chance = row["capacity_mw"], row["official_date"], row["probability"]
        if change is not None:
            size = size if change.capacity_mw is None else change.capacity_mw
            date = date if change.official_date is None else change.official_date
            chance = chance if change.probability is None else change.probability
        self.capacity_mw = float(str(size))
        self.energy_mwh = float(str(row["energy_mwh"]))
        self.date = pd.Timestamp(str(date))
        self.probability = float(str(chance))
        self.slip_median = float(str(row["slip_median_years"])) * settings.slippage_scale
        self.slip_sigma = float(str(row["slip_sigma"]))
        self.group = "" if pd.isna(row["slip_group"]) else str(row["slip_group"])


def projects(settings: FleetSettings) -> list[Project]:
    """Return the projects with the scenario's changes.

    Raises
    ------
    UserError
        ``fleet.projects`` names a project that is not in the table.
    """
    table = pd.read_csv(packaged("data", "SOURCES.csv") / "projects.csv")
    known = table["project"].tolist()
    for name in settings.projects:
        if name not in known:
            raise UserError(f"fleet.projects.{name}: no such project", choices_text(name, known))
    return [Project(row, settings) for row in table.to_dict("records")]  # type: ignore[arg-type]


def commissioned(project: Project, draws: Draws) -> NDArray[np.float64]:
    """Draw when a project comes into service, as a decimal year; infinite if never.

    The delay after the official date is lognormal; a shared draw moves a group together.

    Returns
    -------
    ndarray of shape (members,)
    """
    own = draws.rng("delay", project.name).standard_normal(draws.members)
    score = own
    if project.group:
        shared = draws.shared(f"delay {project.group}")
        score = np.sqrt(_GROUP_CORRELATION) * shared + np.sqrt(1 - _GROUP_CORRELATION) * own
    start = project.date.year + (project.date.dayofyear - 1) / 365.25
    date = start + project.slip_median * np.exp(project.slip_sigma * score)
    built = draws.rng("built", project.name).random(draws.members) < project.probability
    return np.asarray(np.where(built, date, np.inf))


def further_renewables(
    settings: FleetSettings, draws: Draws, named_mw: NDArray[np.float64], year: int
) -> NDArray[np.float64]:
    """Return wind and solar beyond the named projects in the middle of a year [MW].

    Each member follows its own pace between the judged paths of data/buildout.csv (low and high
    read as its 10th and 90th percentile).

    Parameters
    ----------
    settings : FleetSettings
    draws : Draws
    named_mw : ndarray of shape (members,)
        Wind and solar of plants and named projects then.
    year : int

    Returns
    -------
    ndarray of shape (members,)
    """
    table = pd.read_csv(packaged("data", "SOURCES.csv") / "buildout.csv")
    # The table is for the end of a year.
    low, central, high = (
        float(np.interp(year - 0.5, table["year"], table[f"{path}_mw"]))
        for path in ("low", "central", "high")
    )
    fixed = {"low": -_TENTH, "central": 0.0, "high": _TENTH}
    if settings.renewables == "ensemble":
        pace = np.clip(draws.shared("pace of renewables"), -2.0, 2.0)
    else:
        pace = np.full(draws.members, fixed[settings.renewables])
    up = central + (high - central) * pace / _TENTH
    down = central + (central - low) * pace / _TENTH
    target = np.where(pace > 0, up, down) * settings.renewables_scale
    return np.asarray(np.maximum(target - named_mw, 0.0))
