"""What every config group is made of: a frozen, closed model with described fields."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from dcforecast.errors import nearest

__all__ = ["FIRST_YEAR", "Group", "Option", "field", "known_zone"]

#: First year an outlook may begin with; what is to come is not there before.
FIRST_YEAR = 2026


class Group(BaseModel):
    """A part of the configuration: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class Option(Group):
    """A config group's chosen option; its YAML file starts with these two keys."""

    name: str = Field(description="Name of the chosen option (its YAML file)")
    description: str = Field(default="", description="What the option is, in one line")


def known_zone(value: str | None) -> str | None:
    """Check the name of a time zone; for a field's validator."""
    try:
        return value if value is None else ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        close = nearest(str(value), available_timezones())
        hint = f"did you mean '{close}'?" if close else "for example Asia/Baku or Europe/Istanbul"
        raise ValueError(f"'{value}' is no time zone; {hint}") from None


def field(default: Any, description: str, *, unit: str | None = None, **bounds: Any) -> Any:
    """Declare a config field with its meaning, unit and bounds.

    Parameters
    ----------
    default : Any
        Default value (copied for each use), or ``...`` when the field is required.
    description : str
        What the field means, one line; shown by ``dcforecast config``.
    unit : str, optional
        Unit of the value, for example ``"MW"``.
    **bounds : Any
        Passed to `pydantic.Field`: ``ge``, ``gt``, ``le``, ``lt`` ...
    """
    extra: dict[str, JsonValue] | None = {"unit": unit} if unit else None
    return Field(default, description=description, json_schema_extra=extra, **bounds)
