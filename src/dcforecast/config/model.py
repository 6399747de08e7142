"""Config group ``model``: one flat YAML file a model."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field, field_validator, model_validator

from dcforecast.config.base import Group, Option, field
from dcforecast.config.targets import allowed_targets, is_allowed

__all__ = ["ModelSettings", "TuneRange"]


class TuneRange(Group):
    """Range of a hyper-parameter for ``dcforecast tune``."""

    low: float | None = Field(None, description="Smallest value")
    high: float | None = Field(None, description="Largest value")
    log: bool = Field(default=False, description="Search on a logarithmic scale")
    integer: bool = Field(default=False, description="Whole numbers only")
    choices: list[Any] | None = Field(None, description="Instead of a range: these values")


class ModelSettings(Option):
    """A forecasting model; every further key is a parameter of its class."""

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)

    target: str | None = Field(
        None, alias="_target_", description="Class of the model; null: champion of the backtest"
    )
    tune: dict[str, TuneRange] = field({}, "Ranges that dcforecast tune searches")

    @field_validator("target")
    @classmethod
    def _allowed(cls, value: str | None) -> str | None:
        if value is not None and not is_allowed(value):
            raise ValueError(
                f"'{value}' is not allowed as a model; allowed: {', '.join(allowed_targets())}; "
                "a file conf/allowed_targets.yaml of yours adds names"
            )
        return value

    @model_validator(mode="after")
    def _parameters_of_a_class(self) -> ModelSettings:
        if self.target is None and self.model_extra:
            first = next(iter(self.model_extra))
            if self.name != "champion":
                raise ValueError(f"'{self.name}' has parameters but no '_target_', its class")
            raise ValueError(
                f"'{self.name}' takes no parameters, the models that compete have their own; name "
                f"the one that is meant: model=NAME model.{first}=..."
            )
        return self

    @property
    def params(self) -> dict[str, Any]:
        """Parameters of the class, as the YAML file gives them."""
        return dict(self.model_extra or {})
