"""Config group ``data``: the project's own tables, or a user's file."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, field_validator, model_validator

from dcforecast.config.base import Option, field
from dcforecast.config.history import HistorySettings

__all__ = ["DataSettings"]


class DataSettings(Option):
    """Where figures come from.

    With ``kind=csv`` a file holds either a regular series (``time`` and ``target`` name its
    columns) or published figures of any length (columns start, end, value, vintage).
    """

    kind: Literal["embedded", "csv"] = field("embedded", "The project's tables, or a file")
    path: str | None = field(None, "The file (.csv, .csv.gz or .parquet), for kind=csv")
    time: str | None = field(None, "Column with the time of a regular series")
    target: str | None = field(None, "Column to forecast")
    exog: list[str] = Field(default_factory=list, description="Columns used as regressors")
    freq: str | None = field(None, "Step of the series: h, D, MS, YS ...; null: found out")
    timezone: str = field("UTC", "Time zone of times without one")
    unit: str = field("", "Unit of the values")
    season_length: int | None = field(None, "Periods of a season; null: by step", ge=1)
    as_of: date | None = field(None, "Use only figures published on or before this date")
    history: HistorySettings = Field(
        default_factory=HistorySettings, description="Reconstruction of the monthly history"
    )

    @field_validator("freq")
    @classmethod
    def _known_freq(cls, value: str | None) -> str | None:
        known = {"h", "D", "W", "MS", "ME", "M", "QS", "QE", "YS", "YE", "Y", "15min", "30min"}
        if value is not None and value not in known:
            raise ValueError(f"'{value}' is no step; there is: {', '.join(sorted(known))}")
        return value

    @model_validator(mode="after")
    def _has_file(self) -> DataSettings:
        if self.kind == "csv" and not self.path:
            raise ValueError("data.path is missing: say which file, data.path=FILE")
        return self
