"""Settings of a scenario: what is assumed to happen, and why."""

from __future__ import annotations

from dcforecast.config.base import Option, field

__all__ = ["ScenarioSettings"]


class ScenarioSettings(Option):
    """A named set of assumptions; its YAML file overrides keys of the other groups."""

    changes: list[str] = field([], "What it changes against the baseline, in words")
    why: str = field("", "Why it is worth asking")
    facts: list[str] = field([], "Rows it rests on")
