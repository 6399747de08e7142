"""Config group ``evaluation``: the rolling-origin backtest."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import ValidationInfo, field_validator, model_validator

from dcforecast.config.base import FIRST_YEAR, Group, Option, field

__all__ = ["EvaluationSettings", "SeriesEvaluation"]

#: First year with a monthly history before it.
FIRST_HINDCAST = 2019
#: Metrics a champion may be chosen by.
Metric = Literal["crps", "mase", "rmse", "mae", "pinball"]


class SeriesEvaluation(Group):
    """Origins and horizon for the project's series of one step (annual or monthly)."""

    series: list[str] = field(..., "Series compared", min_length=1)
    horizon: int = field(..., "Periods ahead", ge=1, le=120)
    origins: int = field(..., "How many origins, the latest", ge=2, le=200)
    step: int = field(1, "Periods between origins", ge=1, le=60)


class EvaluationSettings(Option):
    """How models are compared."""

    models: list[str] = field(..., "Models that compete when model=champion", min_length=1)
    baseline: str = field("seasonal_naive", "Model that skill is measured against")
    metric: Metric = field("crps", "Score that decides the champion")
    annual: SeriesEvaluation = field(..., "The project's yearly series")
    monthly: SeriesEvaluation = field(..., "The project's monthly series")
    hindcast_years: list[int] = field(
        [2019, 2020, 2021, 2022, 2023, 2024, 2025],
        "Past years a run also forecasts, each from what was published before it",
        unit="years",
    )
    horizon: int = field(12, "Periods ahead (data=csv)", ge=1, le=10_000)
    origins: int | list[date] = field(
        8, "How many origins, or their dates by data.timezone (data=csv)"
    )
    step: int = field(1, "Periods between origins (data=csv)", ge=1)
    gap: int = field(0, "Periods between the last known one and the first forecast", ge=0)
    refit: int | list[date] = field(
        1, "Fit again every so many origins (0: once), or at the first origin from each date on"
    )
    together: bool = field(
        False, "One model learns from all series, where a model can (data=csv); else one each"
    )
    quantiles: bool = field(
        True,
        "false: point forecasts alone, scored by MAE, MASE and RMSE; faster for regressors",
    )

    @field_validator("refit", "origins")
    @classmethod
    def _counts(cls, value: int | list[date], info: ValidationInfo) -> int | list[date]:
        least = {"refit": 0, "origins": 1}[str(info.field_name)]
        if isinstance(value, int) and value < least:
            raise ValueError(f"{value} is below {least}")
        return value

    @field_validator("hindcast_years")
    @classmethod
    def _past(cls, value: list[int]) -> list[int]:
        for year in value:
            if not FIRST_HINDCAST <= year < FIRST_YEAR:
                raise ValueError(f"{year} is not one of {FIRST_HINDCAST} to {FIRST_YEAR - 1}")
        return sorted(set(value))

    @model_validator(mode="after")
    def _scored_without_quantiles(self) -> EvaluationSettings:
        if not self.quantiles and self.metric in ("crps", "pinball"):
            raise ValueError(f"metric={self.metric} needs quantiles; without them take mae or mase")
        return self
