"""Config group ``datacentres``: the data-centre programme."""

from __future__ import annotations

from pydantic import Field, field_validator

from dcforecast.config.base import Option, field

__all__ = ["DatacentresSettings"]


class DatacentresSettings(Option):
    """Grid power contracted by data centres in Azerbaijan, and how it is used."""

    contracted_mw: dict[int, float] = Field(
        description="Contracted grid power at the end of a year [MW]; straight lines between"
    )
    spread: float = field(
        0.3, "Sigma of the lognormal spread of the programme over members (judgement)", unit="1",
        ge=0, le=1.5,
    )  # fmt: skip
    utilisation: float = field(0.6, "Mean use of contracted power", unit="1", gt=0, le=1)
    daily_swing: float = field(
        0.04, "Amplitude of the daily cycle of use (judgement)", unit="1", ge=0, le=0.5
    )
    noise: float = field(0.02, "Spread of hourly use (judgement)", unit="1", ge=0, le=0.5)
    nakhchivan_share: float = field(0.0, "Part of the programme in Nakhchivan", unit="1", ge=0, le=1)
    facts: list[str] = Field(default_factory=list, description="Rows it rests on")

    @field_validator("contracted_mw")
    @classmethod
    def _sane(cls, value: dict[int, float]) -> dict[int, float]:
        if not value:
            raise ValueError("give at least one year, for example {2030: 140}")
        for year, power in value.items():
            if not 2000 <= year <= 2100:
                raise ValueError(f"{year} is no year of the outlook")
            if power < 0:
                raise ValueError(f"{year}: {power} MW is negative")
        return value
