"""Config group ``demand``: domestic demand by hour."""

from __future__ import annotations

from dcforecast.config.base import Option, field

__all__ = ["DemandSettings"]


class DemandSettings(Option):
    """Gross domestic demand (without data centres) and its levers."""

    growth_adjustment_percent: float = field(
        0.0, "Added to the forecast's yearly growth from 2026 on", unit="% a year", ge=-10, le=10
    )
    efficiency_percent: float = field(
        0.0, "Demand saved, more each year from 2026 on", unit="% a year", ge=0, le=5
    )
    efficiency_gwh: float = field(
        0.0, "Demand saved, so much more each year from 2026 on", unit="GWh", ge=0, le=2000
    )
    hydrogen_mw: float = field(
        0.0, "Electrolysers on the mainland, running flat", unit="MW", ge=0, le=20_000
    )
    hydrogen_from_year: int = field(2030, "First year of the electrolysers", ge=2026, le=2060)
    nakhchivan_share: float = field(
        0.018, "Nakhchivan's part of demand: it made 490 of 28,394 GWh in 2024 [G085, G023]",
        unit="1", gt=0, lt=0.2,
    )  # fmt: skip
    temperature_response: bool = field(True, "Let the weather of each member move its demand")
    warming_c_per_decade: float = field(
        0.4, "Warming from 2024 on (assumption, below the 0.59 of 1991-2024 in ERA5)", unit="C",
        ge=-1, le=2,
    )  # fmt: skip
