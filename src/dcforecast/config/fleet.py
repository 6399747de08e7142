"""Config group ``fleet``: plants, projects, fuel and reserve."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from dcforecast.config.base import Group, Option, field

__all__ = ["FleetSettings", "ProjectChange"]


class ProjectChange(Group):
    """What a scenario changes of one project."""

    capacity_mw: float | None = field(None, "Size", unit="MW", ge=0, le=20_000)
    official_date: date | None = field(None, "Date before delays")
    probability: float | None = field(None, "Probability of being built", unit="1", ge=0, le=1)


class FleetSettings(Option):
    """The fleet; single plants and projects are rows of data/plants.csv and data/projects.csv."""

    renewables: Literal["ensemble", "low", "central", "high"] = field(
        "ensemble",
        "Wind and solar beyond the named projects: each member its own pace, or one of the "
        "judged paths (data/buildout.csv)",
    )
    renewables_scale: float = field(1.0, "Factor on that build-out", unit="1", ge=0, le=5)
    slippage_scale: float = field(1.0, "Factor on the delays of projects", unit="1", ge=0, le=5)
    projects: dict[str, ProjectChange] = Field(
        default_factory=dict, description="Changes to single projects, by name"
    )
    hydro_scale: float = field(1.0, "Factor on hydro energy", unit="1", ge=0, le=3)
    dry_years: list[int] = Field(default_factory=list, description="Years of drought")
    dry_year_scale: float = field(
        0.6, "Hydro energy of a drought: 2020 was 62 % of the mean of 2016-2024", unit="1",
        gt=0, le=1,
    )  # fmt: skip
    thermal_scale: float = field(1.0, "Factor on thermal availability", unit="1", ge=0, le=2)
    gas_limit_bcm: float | dict[int, float] | None = field(
        None, "Gas for power a year, or by year; null: no limit", unit="bcm"
    )
    battery: bool = field(True, "Run the batteries of data/projects.csv")
    reserve_percent: float = field(
        3.0, "Operating reserve as a part of load (assumption)", unit="%", ge=0, le=50
    )
    largest_unit_mw: float = field(
        409.0, "Reserve for the loss of the largest unit: Shimal-2", unit="MW", ge=0, le=2_000
    )
    retire_steam_year: int = field(
        2033, "Year the old steam blocks close (assumption)", ge=2026, le=2100
    )
