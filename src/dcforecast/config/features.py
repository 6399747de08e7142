"""Features of a user's file: what is built from its columns and its calendar."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator, model_validator

from dcforecast.config.base import Group, field, known_zone

__all__ = ["FeatureSpec"]

Kind = Literal["calendar", "degrees", "lags", "mean", "power", "interaction"]


class FeatureSpec(Group):
    """One entry of ``data.features``; `kind` decides which of the other keys count."""

    kind: Kind = field(
        ...,
        "calendar; degrees (degree hours of a temperature); lags; mean (of a past window, the "
        "recency effect); power; interaction (product of columns)",
    )
    column: str | None = field(None, "Column it is built from (degrees, lags, mean, power)")
    columns: list[str] = field([], "Columns of an interaction")
    parts: list[str] = field([], "Calendar: which parts")
    country: str | None = field(None, "Calendar: ISO code of the country of the holidays")
    timezone: str | None = field(None, "Calendar: zone whose clock and dates count")
    pairs: int = field(3, "Calendar: Fourier pairs of a cycle", ge=1, le=24)
    base: float = field(18.0, "Degrees: base temperature", unit="°C")
    side: Literal["heating", "cooling", "both"] = field("both", "Degrees: below or above the base")
    smooth: float = field(0.0, "Degrees: smoothing time", unit="periods", ge=0)
    lag: int = field(0, "Degrees, mean: periods back", ge=0)
    lags: list[int | str] = field([], "Lags, e.g. [1-24,168]")
    windows: list[int] = field([], "Mean: window lengths [periods]")
    powers: list[int] = field([], "Power: exponents")

    @property
    def sources(self) -> list[str]:
        """Columns it is built from."""
        return [self.column] if self.column is not None else list(self.columns)

    _zone = field_validator("timezone")(known_zone)

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> FeatureSpec:
        needed = {
            "calendar": ("parts",),
            "degrees": ("column",),
            "lags": ("column", "lags"),
            "mean": ("column", "windows"),
            "power": ("column", "powers"),
            "interaction": ("columns",),
        }
        for key in needed[self.kind]:
            if not getattr(self, key):
                raise ValueError(f"a feature of kind {self.kind} needs '{key}'")
        return self
