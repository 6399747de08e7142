"""Config group ``data``: the project's own tables, or a user's file."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import field_validator, model_validator

from dcforecast.config.base import Option, field, known_zone
from dcforecast.config.features import FeatureSpec
from dcforecast.config.history import HistorySettings

__all__ = ["DataSettings"]


class DataSettings(Option):
    """Where figures come from.

    With ``kind=csv`` a file holds either regular series (``time`` and ``target`` name its columns;
    several targets side by side, or series below each other told apart by ``series``) or published
    figures of any length (columns start, end, value, vintage).
    """

    kind: Literal["embedded", "csv"] = field("embedded", "The project's tables, or a file")
    path: str | None = field(None, "The file (.csv, .csv.gz or .parquet), for kind=csv")
    extra: str | None = field(
        None, "A file of further figures beside the project's own (columns as for data=csv)"
    )
    time: str | None = field(None, "Column with the time of a regular series")
    target: str | list[str] | None = field(None, "Column to forecast, or several of them")
    series: str | None = field(
        None, "Column that names the series of each row, where they stand below each other"
    )
    exog: list[str] = field([], "Columns used as regressors")
    future: str | None = field(
        None,
        "A second file with the regressors of the periods to forecast, same columns; they may "
        "stand at the end of the first one too",
    )
    known: dict[str, str] = field(
        {},
        "When a column of exog is known: always, forecast (the default: a value for "
        "a period ahead was issued by the origin), or 'delayed N' periods after its own",
    )
    features: list[FeatureSpec] = field([], "Regressors built from exog and from the calendar")
    freq: str | None = field(None, "Step of the series: h, D, MS, YS ...; null: found out")
    gaps: Literal["keep", "fill"] = field(
        "keep", "Missing values: keep them, or fill each with the value of one season before"
    )
    timezone: str = field("UTC", "Time zone of times without one")
    sums: dict[str, list[str]] = field(
        {},
        "Totals and their parts among the file's series, a part to take off with '-'",
    )
    unit: str = field("", "Unit of the values")
    season_length: int | None = field(None, "Periods of a season; null: by step", ge=1)
    as_of: date | None = field(None, "Use only figures published on or before this date")
    history: HistorySettings = field(HistorySettings(), "Reconstruction of the monthly history")

    @property
    def targets(self) -> list[str]:
        """Columns to forecast."""
        return [self.target] if isinstance(self.target, str) else list(self.target or [])

    @field_validator("freq")
    @classmethod
    def _known_freq(cls, value: str | None) -> str | None:
        known = {"h", "D", "W", "MS", "ME", "M", "QS", "QE", "YS", "YE", "Y", "15min", "30min"}
        if value is not None and value not in known:
            raise ValueError(f"'{value}' is no step; there is: {', '.join(sorted(known))}")
        return value

    _zone = field_validator("timezone")(known_zone)

    @field_validator("as_of")
    @classmethod
    def _after_the_first_figure(cls, value: date | None) -> date | None:
        if value is not None and not 1990 <= value.year <= 2100:
            raise ValueError(f"{value} is no date of publication; write for example 2022-06-30")
        return value

    @model_validator(mode="after")
    def _columns_of_a_file(self) -> DataSettings:
        keys = ("path", "time", "target", "series", "exog", "future", "sums", "known", "features")
        named = [key for key in keys if getattr(self, key)]
        if self.kind == "embedded" and named:
            raise ValueError(f"data.{named[0]} is for a file of yours: add data=csv")
        for key in ("series", "exog", "future", "features"):
            if getattr(self, key) and not self.targets:
                raise ValueError(f"data.{key} needs data.target, the column to forecast")
        if self.series and len(self.targets) > 1:
            raise ValueError("data.series tells series of one data.target apart; name one column")
        if self.future and not self.exog:
            raise ValueError("data.future holds values of data.exog; name the columns there")
        for column in self.known:
            if column not in self.exog:
                raise ValueError(f"data.known: '{column}' is not among data.exog={self.exog}")
        columns = [c for c in (self.time, self.series, *self.targets, *self.exog) if c]
        twice = sorted({c for c in columns if columns.count(c) > 1})
        if twice:
            raise ValueError(f"'{twice[0]}' is named twice among time, series, target and exog")
        return self

    @model_validator(mode="after")
    def _has_file(self) -> DataSettings:
        if self.kind == "csv" and self.extra:
            raise ValueError("data.extra goes with the project's tables, not with data=csv")
        if self.kind == "csv" and not self.path:
            raise ValueError("data.path is missing: say which file, data.path=FILE")
        return self
