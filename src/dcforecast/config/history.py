"""Settings of the reconstruction of monthly history."""

from __future__ import annotations

from datetime import date
from typing import Literal

from dcforecast.config.base import Group, field

__all__ = ["HistorySettings"]


class HistorySettings(Group):
    """How published figures become a monthly history with uncertainty."""

    start: date = field(date(2015, 1, 1), "First month of the monthly history")
    annual_from: int = field(
        2010,
        "First year of the yearly series: demand fell by 15 % in 2007 when tariffs rose and meters "
        "came, once (judgement)",
        ge=1990, le=2100,
    )  # fmt: skip
    vintage_every_months: int = field(
        3, "Step between the vintages kept in table history", unit="months", ge=1, le=24
    )
    temperature: str | None = field(
        None, "A file of mean temperatures (columns month and celsius), as a regressor"
    )
    on_conflict: Literal["inflate", "latest", "refuse"] = field(
        "inflate",
        "Figures that cannot both hold: inflate keeps both with a wider error, latest keeps the "
        "newer, refuse stops",
    )
    conflict_inflation: float = field(
        4.0,
        "Factor on the error of contradicting figures (on_conflict=inflate)",
        unit="1",
        ge=1,
        le=100,
    )
