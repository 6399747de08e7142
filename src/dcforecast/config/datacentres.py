"""Config group ``datacentres``: the data-centre programme."""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

from pydantic import field_validator

from dcforecast.config.base import Group, Option, field
from dcforecast.config.paths import names_in

__all__ = ["CampusSettings", "DatacentresSettings"]


class CampusSettings(Group):
    """A campus of one's own, beside the programme; null: as the programme."""

    mw: float = field(..., "Power it has in the end, as stated_as reads it", unit="MW", gt=0,
                      le=20_000)  # fmt: skip
    first_power: date = field(..., "Date of its first power, before delays")
    node: Literal["AZ", "NX"] = field("AZ", "Home node")
    ramp_years: float = field(
        3.5,
        "From first to full power along an S; a fifth is there after a year (judgement: 3 to 4)",
        unit="a", ge=0.1, le=15,
    )  # fmt: skip
    build_probability: float = field(1.0, "Probability that it is built", unit="1", ge=0, le=1)
    delay_years: float = field(0.0, "Median delay (lognormal, sigma 0.6)", unit="a", ge=0, le=10)
    backup_share: float | None = field(None, "Engines, of its power", unit="1", ge=0, le=2)
    backup_hours: int | None = field(None, "Hours a year they may run", unit="h", ge=0, le=8_784)
    battery_share: float | None = field(None, "Battery, of its power", unit="1", ge=0, le=2)
    battery_hours: float | None = field(None, "Hours it lasts at that", unit="h", ge=0, le=24)
    ride_through_share: float | None = field(
        None, "Part of its load that stays through a voltage dip", unit="1", ge=0, le=1
    )

    @field_validator("first_power")
    @classmethod
    def _in_reach(cls, value: date) -> date:
        if not 2000 <= value.year <= 2100:
            raise ValueError(f"{value} lies outside the outlook (2000 to 2100)")
        return value


class DatacentresSettings(Option):
    """Grid power contracted by data centres in Azerbaijan, and how it is used."""

    contracted_mw: dict[int, float] = field(
        ..., "Contracted power at the end of a year; straight lines between", unit="MW"
    )
    spread: float = field(
        0.3, "Sigma of the lognormal spread of the programme over members (judgement)", unit="1",
        ge=0, le=1.5,
    )  # fmt: skip
    build_probability: float = field(
        1.0,
        "Probability that the large campus (the row of data/campuses.csv without a size) is built; "
        "1: the programme is a what-if",
        unit="1", ge=0, le=1,
    )  # fmt: skip
    delay_years: float = field(
        0.0, "Median delay of the large campus (lognormal, sigma 0.6)", unit="a", ge=0, le=10
    )
    utilisation: float = field(
        0.6, "Mean use of contracted power: 0.50 to 0.75 [R019, R023, R053]", unit="1", gt=0, le=1
    )
    utilisation_sd: float = field(
        0.05, "Spread of the mean use over members (judgement)", unit="1", ge=0, le=0.2
    )
    daily_swing: float = field(
        0.04,
        "Amplitude of the daily cycle of use: 0.06 of processor load in two public traces, power "
        "moves about two thirds of that",
        unit="1", ge=0, le=0.5,
    )  # fmt: skip
    noise: float = field(
        0.02, "Spread of hourly use, of contracted power (same traces: 0.06 of the mean load)",
        unit="1", ge=0, le=0.5,
    )  # fmt: skip
    flexible_share: float = field(
        0.0, "Part of the load that can stop in tight hours: trials 25-35 % [R020-R022]",
        unit="1", ge=0, le=0.5,
    )  # fmt: skip
    flexible_hours: int = field(
        100, "Hours a year it may stop: the tightest of each member", unit="h", ge=0, le=2_000
    )
    flexible_run_hours: int | None = field(
        None,
        "Hours on end it may stop at most (trials: 3 and 10 [R020-R022]); null: no limit",
        unit="h", ge=1, le=8_784,
    )  # fmt: skip
    backup_share: float = field(
        1.0,
        "Engines on site, of contracted power: Tier III and IV carry the whole site [R067]; that "
        "each campus is built so is an assumption",
        unit="1", ge=0, le=2,
    )  # fmt: skip
    backup_hours: int = field(
        200,
        "Hours a year the engines may run: a standby rating [R068]; no rule of Azerbaijan was "
        "found (assumption)",
        unit="h", ge=0, le=8_784,
    )  # fmt: skip
    backup_fuel: Literal["diesel", "gas"] = field(
        "diesel", "Fuel of the engines; sets their cost and CO2 where those are null"
    )
    backup_cost_eur_mwh: float | None = field(
        None, "Fuel of the engines; null: by the fuel", unit="EUR/MWh", ge=0, le=2_000
    )
    battery_share: float = field(
        1.0, "Power of the batteries on site, of contracted power (a UPS carries the whole site)",
        unit="1", ge=0, le=2,
    )  # fmt: skip
    battery_hours: float = field(
        0.083, "Hours the batteries last at that power: five minutes [R069]", unit="h", ge=0, le=24
    )
    onsite_first: Literal["engines", "battery"] = field(
        "engines",
        "What a shortage takes first; engines: the battery covers what they cannot; battery: it "
        "spares the engines",
    )
    ride_through_share: float = field(
        0.0,
        "Part of the load that stays on the grid through a voltage dip; 0: all of it leaves in one "
        "step, the worst case (no rule of Azerbaijan was found; assumption) [R070]",
        unit="1", ge=0, le=1,
    )  # fmt: skip
    reserve_for_steps: bool = field(
        False,
        "Hold in reserve the largest step of the mainland's campuses, where above the largest unit",
    )
    stated_as: Literal["grid", "it"] = field(
        "grid",
        "grid: contracted power holds cooling already; it: computing power, PUE comes on top",
    )
    cooling: Literal["air", "evaporative", "liquid"] = field(
        "air", "Cooling, for stated_as=it; sets the PUE where it is null"
    )
    pue: float | None = field(
        None,
        "PUE at 15 C, for stated_as=it; null: air 1.25 [D026], evaporative 1.2 [R036], liquid 1.1 "
        "[R037]",
        unit="1", ge=1, le=2.5,
    )  # fmt: skip
    pue_per_c: float | None = field(
        None,
        "PUE added per degree above 15 C, for stated_as=it; null: air 0.005, evaporative 0.003, "
        "liquid 0.002 (judgement)",
        unit="1/C", ge=0, le=0.1,
    )  # fmt: skip
    nakhchivan_share: float = field(
        0.0, "Part of the large campus in Nakhchivan", unit="1", ge=0, le=1
    )
    campuses: dict[str, CampusSettings] = field(
        {},
        "Campuses of one's own beside the programme, by name: {mw: 300, first_power: "
        "2029-06-01, node: AZ, ramp_years: 3.5, build_probability: 1, ...}",
    )
    facts: list[str] = field([], "Rows it rests on")

    @field_validator("campuses", mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        known = {name + end for name in names_in("campuses", "campus") for end in ("", "_nx")}
        for name in value if isinstance(value, dict) else ():
            if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", str(name)):
                raise ValueError(
                    f"'{name}' is no name for a campus: small letters, digits and _, a letter first"
                )
            if name in known:
                raise ValueError(f"'{name}' is a campus of the programme (data/campuses.csv)")
        return value

    @field_validator("contracted_mw")
    @classmethod
    def _sane(cls, value: dict[int, float]) -> dict[int, float]:
        if not value:
            raise ValueError("give at least one year, for example {2030: 140}")
        for year, power in value.items():
            if not 2000 <= year <= 2100:
                raise ValueError(f"{year} is no year of the outlook")
            if not 0 <= power <= 100_000:
                raise ValueError(f"{year}: {power} MW is not between 0 and 100,000")
        return value
