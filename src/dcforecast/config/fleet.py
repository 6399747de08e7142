"""Config group ``fleet``: plants, projects, fuel and reserve."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import field_validator

from dcforecast.config.base import FIRST_YEAR, Group, Option, field
from dcforecast.config.paths import names_in
from dcforecast.errors import choices_text

__all__ = ["FleetSettings", "ProjectChange"]

_YEARS = range(2000, 2101)


class ProjectChange(Group):
    """What a scenario changes of one project."""

    capacity_mw: float | None = field(None, "Size", unit="MW", ge=0, le=20_000)
    official_date: date | None = field(None, "Date before delays")
    probability: float | None = field(None, "Probability of being built", unit="1", ge=0, le=1)

    @field_validator("official_date")
    @classmethod
    def _to_come(cls, value: date | None) -> date | None:
        if value is not None and value.year < FIRST_YEAR:
            raise ValueError(f"{value} lies before the first year of the outlook, {FIRST_YEAR}")
        return value


class FleetSettings(Option):
    """The fleet; single plants and projects are rows of data/plants.csv and data/projects.csv."""

    renewables: Literal["ensemble", "low", "central", "high"] = field(
        "ensemble",
        "Wind and solar beyond the named projects: each member its own pace, or one of the "
        "judged paths (data/buildout.csv)",
    )
    renewables_scale: float = field(1.0, "Factor on that build-out", unit="1", ge=0, le=5)
    slippage_scale: float = field(1.0, "Factor on the delays of projects", unit="1", ge=0, le=5)
    projects: dict[str, ProjectChange] = field({}, "Changes to single projects, by name")
    hydro_scale: float = field(1.0, "Factor on hydro energy", unit="1", ge=0, le=3)
    dry_years: list[int] = field([], "Years of drought")
    dry_year_scale: float = field(
        0.6, "Hydro energy of a drought: 2020 was 61 % of the mean of 2016-2024", unit="1",
        gt=0, le=1,
    )  # fmt: skip
    thermal_scale: float = field(1.0, "Factor on thermal availability", unit="1", ge=0, le=2)
    steam_usable: float = field(
        0.85,
        "Part of the old steam blocks that still gives power; calibrated so that 2 GW were to "
        "spare at the peak of 2025 [G030, G033]",
        unit="1", ge=0, le=1,
    )  # fmt: skip
    steam_usable_sd: float = field(
        0.1, "Spread of that part over members (judgement)", unit="1", ge=0, le=0.3
    )
    gas_limit_bcm: float | dict[int, float] | None = field(
        None, "Gas for power a year, or by year (straight lines between); null: no limit",
        unit="bcm",
    )  # fmt: skip
    gas_price_eur_1000m3: float = field(
        92.5, "Gas at home: 0.171 AZN/m3 [G061] at 1.7 AZN/USD and 0.92 EUR/USD",
        unit="EUR/1000 m3", ge=0, le=2_000,
    )  # fmt: skip
    oil_share: float = field(
        0.0, "Part of the old steam blocks run on fuel oil, outside the gas limit (316 kt of oil "
        "were burnt in 2015 [G044])",
        unit="1", ge=0, le=1,
    )  # fmt: skip
    oil_price_eur_t: float = field(400.0, "Fuel oil (assumption)", unit="EUR/t", ge=0, le=5_000)
    battery: bool = field(True, "Run the batteries of data/projects.csv")
    reserve_percent: float = field(
        3.0, "Operating reserve as a part of load (assumption)", unit="%", ge=0, le=50
    )
    largest_unit_mw: float = field(
        470.0,
        "Reserve for the loss of the largest unit: a gas turbine of 8 November with its part of "
        "the steam, 1,880 MW / 4 [G002]",
        unit="MW", ge=0, le=2_000,
    )  # fmt: skip
    retire_steam_year: int = field(
        2035,
        "Year the old steam blocks close, after most replacements (assumption)",
        ge=2026,
        le=2100,
    )

    @field_validator("projects", mode="before")
    @classmethod
    def _known(cls, value: object) -> object:
        known = names_in("projects", "project")
        for name in value if isinstance(value, dict) else ():
            if name not in known:
                raise ValueError(f"there is no project '{name}'; {choices_text(name, known)}")
        return value

    @field_validator("dry_years")
    @classmethod
    def _years(cls, value: list[int]) -> list[int]:
        for year in value:
            if year not in _YEARS:
                raise ValueError(f"{year} is no year of the outlook (2000 to 2100)")
        return value

    @field_validator("gas_limit_bcm")
    @classmethod
    def _gas(cls, value: float | dict[int, float] | None) -> float | dict[int, float] | None:
        if value is None:
            return None
        if isinstance(value, dict) and not value:
            raise ValueError("give at least one year, for example {2030: 6.0}, or null")
        for limit in value.values() if isinstance(value, dict) else [value]:
            if not 0 <= limit <= 100:
                raise ValueError(f"{limit} bcm a year is not between 0 and 100")
        for year in value if isinstance(value, dict) else ():
            if year not in _YEARS:
                raise ValueError(f"{year} is no year of the outlook (2000 to 2100)")
        return value
