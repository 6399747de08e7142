"""The fields of a config group as rows: key, value, type, unit, meaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from dcforecast.config.problems import is_mapping, models_of
from dcforecast.config.settings import Settings

__all__ = ["FieldRow", "describe"]


@dataclass(frozen=True)
class FieldRow:
    """One configurable value."""

    key: str
    value: str
    kind: str
    unit: str
    description: str


def describe(group: str, values: Mapping[str, Any]) -> Iterator[FieldRow]:
    """Yield the fields of a config group with their present values."""
    model = models_of(Settings.model_fields[group].annotation)[0]
    yield from _rows(model, values, group)


def _rows(model: type[BaseModel], values: Mapping[str, Any], prefix: str) -> Iterator[FieldRow]:
    for name, info in model.model_fields.items():
        shown = info.alias or name
        key = f"{prefix}.{shown}"
        value = values.get(shown, info.get_default(call_default_factory=True))
        inner = models_of(info.annotation)
        named = bool(inner) and is_mapping(info.annotation)
        if named and value and isinstance(value, Mapping):
            for part, content in value.items():
                if isinstance(content, Mapping):
                    yield from _rows(inner[0], content, f"{key}.{part}")
        elif inner and not named and isinstance(value, Mapping):
            yield from _rows(inner[0], value, key)
        else:
            yield FieldRow(key, _text(value), _kind(info), _unit(info), info.description or "")


def _text(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _kind(info: FieldInfo) -> str:
    annotation = info.annotation
    plain = getattr(annotation, "__name__", None) if isinstance(annotation, type) else None
    return (plain or str(annotation)).replace("typing.", "").replace("dcforecast.config.", "")


def _unit(info: FieldInfo) -> str:
    extra = info.json_schema_extra
    return str(extra.get("unit", "")) if isinstance(extra, dict) else ""
