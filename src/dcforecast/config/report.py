"""Config group ``report``: what is written for readers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from dcforecast.config.base import Option, field

__all__ = ["ReportSettings"]

Format = Literal["html", "excel", "figures"]


def _all_formats() -> list[Format]:
    return ["html", "excel", "figures"]


class ReportSettings(Option):
    """Reports and figures."""

    title: str = field(
        "How much electricity could Azerbaijan send to data centres and export corridors?",
        "Title of the report",
        min_length=1,
    )
    formats: list[Format] = Field(default_factory=_all_formats, description="What is written")
    years: list[int] = Field(
        default_factory=lambda: [2026, 2028, 2030, 2035, 2040], description="Columns of the answer"
    )
    dpi: int = field(150, "Resolution of PNG figures", unit="1/inch", ge=50, le=600)

    @field_validator("years")
    @classmethod
    def _ordered(cls, value: list[int]) -> list[int]:
        if not value or sorted(set(value)) != value:
            raise ValueError("years must rise, for example [2026, 2030, 2040]")
        return value
