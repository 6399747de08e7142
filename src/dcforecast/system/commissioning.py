"""Projects: when each comes into service, as a distribution fitted to the slippage on record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dcforecast.config.fleet import FleetSettings
from dcforecast.errors import UserError, choices_text
from dcforecast.sources import table
from dcforecast.system.draws import Draws

__all__ = ["Project", "Slippage", "commissioned", "pace", "projects", "slippage"]

#: What is left of a new plan's delay at each stage (judgement); on_track: built to its own dates
#: so far.
STAGES = {"done": 0.0, "on_track": 0.3, "construction": 0.6, "awarded": 1.0, "agreement": 1.5}
#: Part of a delay's variance that is the group's, and the country's pace (judgement).
_GROUP, _PACE = 0.3, 0.3
#: Least spread of the log delay: six plans are too few to show more (judgement).
_LEAST_SIGMA = 0.6


@dataclass(frozen=True)
class Project:
    """A row of data/projects.csv after the scenario's changes.

    Attributes
    ----------
    name, technology, node, site : str
    capacity_mw : float
    energy_mwh : float
        A year's energy of a hydro plant, a battery's store; not a number elsewhere.
    date : Timestamp
        Official date, or a judged one (see the table).
    stage : str
        One of `STAGES`.
    group : str
        Projects of one group share a part of their delay; empty: none.
    probability : float
        Of being built at all (judgement).
    """

    name: str
    technology: str
    node: str
    site: str
    capacity_mw: float
    energy_mwh: float
    date: pd.Timestamp
    stage: str
    group: str
    probability: float


@dataclass(frozen=True)
class Slippage:
    """Lognormal delay of a plan: median [a] and sigma of its logarithm."""

    median_years: float
    sigma: float


@lru_cache(maxsize=1)
def slippage() -> Slippage:
    """Fit the delay of plants to data/slippage.csv (maximum likelihood, with a least sigma)."""
    record = table("slippage")
    logs = np.log(record.loc[record["kind"] == "plant", "delay_years"].to_numpy(float))
    spread = float(logs.std(ddof=1)) if len(logs) > 1 else 0.0
    return Slippage(float(np.exp(logs.mean())), max(spread, _LEAST_SIGMA))


def projects(settings: FleetSettings) -> list[Project]:
    """Return the projects with the scenario's changes (the settings know their names)."""
    return [_changed(_project(row), settings) for row in table("projects").to_dict("records")]


def _project(row: dict[object, object]) -> Project:
    words = {
        key: "" if pd.isna(row[key]) else str(row[key])  # type: ignore[call-overload]
        for key in ("project", "technology", "node", "site", "stage", "group")
    }
    if words["stage"] not in STAGES:
        raise UserError(
            f"data/projects.csv, project {words['project']}: stage '{words['stage']}' is unknown",
            choices_text(words["stage"], STAGES),
        )
    return Project(
        words["project"],
        words["technology"],
        words["node"],
        words["site"],
        float(str(row["capacity_mw"])),
        float(str(row["energy_mwh"])),
        pd.Timestamp(str(row["official_date"])),
        words["stage"],
        words["group"],
        float(str(row["probability"])),
    )


def _changed(project: Project, settings: FleetSettings) -> Project:
    change = settings.projects.get(project.name)
    if change is None:
        return project
    date = project.date if change.official_date is None else pd.Timestamp(change.official_date)
    size = project.capacity_mw if change.capacity_mw is None else change.capacity_mw
    chance = project.probability if change.probability is None else change.probability
    return replace(project, date=date, capacity_mw=size, probability=chance)


def pace(draws: Draws) -> NDArray[np.float64]:
    """Return the country's pace of building, one standard normal a member; high is fast."""
    return draws.shared("pace of renewables")


def commissioned(project: Project, draws: Draws, settings: FleetSettings) -> NDArray[np.float64]:
    """Draw when a project comes into service, as a decimal year; infinite if never.

    The delay after the official date is lognormal with the fitted median, less for a project
    further on (`STAGES`); the country's pace and the project's group move delays together.

    Returns
    -------
    ndarray of shape (members,)
    """
    fitted = slippage()
    own = draws.normal("delay", project.name)
    score = np.sqrt(1 - _PACE) * own - np.sqrt(_PACE) * pace(draws)
    if project.group:
        shared = draws.shared(f"delay {project.group}")
        score = (
            np.sqrt(1 - _PACE - _GROUP) * own
            + np.sqrt(_GROUP) * shared
            - np.sqrt(_PACE) * pace(draws)
        )
    median = fitted.median_years * STAGES[project.stage] * settings.slippage_scale
    start = project.date.year + (project.date.day_of_year - 1) / 365.25
    date = start + median * np.exp(fitted.sigma * score)
    built = draws.uniform("built", project.name) < project.probability
    return np.asarray(np.where(built, date, np.inf))
