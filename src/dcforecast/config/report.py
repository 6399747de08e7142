"""Config group ``report``: what is written for readers."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from dcforecast.config.base import Option, field

__all__ = ["ReportSettings"]

Format = Literal["html", "excel", "figures"]


class ReportSettings(Option):
    """Reports and figures."""

    title: str = field(
        "How much electricity could Azerbaijan send to data centres and export corridors?",
        "Title of the report",
        min_length=1,
    )
    formats: list[Format] = field(["html", "excel", "figures"], "What is written")
    years: list[int] = field([2026, 2028, 2030, 2035, 2040], "Columns of the answer")
    dpi: int = field(150, "Resolution of PNG figures", unit="1/inch", ge=50, le=600)

    @field_validator("years")
    @classmethod
    def _ordered(cls, value: list[int]) -> list[int]:
        if not value or sorted(set(value)) != value:
            raise ValueError("years must rise, for example [2026, 2030, 2040]")
        return value
