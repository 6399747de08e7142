"""Where a value of the configuration was written: an override, or a YAML file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from dcforecast.config.paths import conf_dirs, experiment_roots

__all__ = ["origin_of"]


def origin_of(path: Sequence[str], config: Mapping[str, Any], overrides: Sequence[str]) -> str:
    """Say where a value came from, in brackets; empty when nobody wrote it.

    Parameters
    ----------
    path : sequence of str
        Keys from the root, for example ``("ensemble", "members")``.
    config : mapping
        The composed configuration, which names the options that were chosen.
    overrides : sequence of str
        What was typed; it wins over the files.
    """
    key = ".".join(path)
    for text in reversed(overrides):
        name, found, _ = text.lstrip("+~").partition("=")
        above, below = "." in name and key.startswith(f"{name}."), name.startswith(f"{key}.")
        if found and (name == key or above or below):
            return f" (from '{text}')"
    for file, inside in _files(path, config, overrides):
        if _holds(file, inside):
            return f" (in {_short(file)})"
    return ""


def _files(
    path: Sequence[str], config: Mapping[str, Any], overrides: Sequence[str]
) -> Iterator[tuple[Path, Sequence[str]]]:
    """Yield the files that may hold a key, the strongest first, and the key inside them."""
    for text in reversed(overrides):
        name, _, value = text.lstrip("+").partition("=")
        if name in {"experiment", "experiments"}:
            for root in experiment_roots():
                yield root / "experiments" / f"{value}.yaml", path
    folders = conf_dirs()
    scenario = _name(config, "scenario")
    yield from ((folder / "scenario" / f"{scenario}.yaml", path) for folder in folders)
    option = _name(config, path[0])
    yield from ((folder / path[0] / f"{option}.yaml", path[1:]) for folder in folders)
    yield from ((folder / "dcforecast.yaml", path) for folder in folders)


def _name(config: Mapping[str, Any], group: str) -> str:
    chosen = config.get(group)
    return str(chosen.get("name")) if isinstance(chosen, Mapping) else ""


def _holds(file: Path, path: Sequence[str]) -> bool:
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError):
        return False
    for key in path:
        if not isinstance(found, Mapping):
            return False
        named = {str(name): value for name, value in found.items()}
        if key not in named:
            return False
        found = named[key]
    return bool(path)


def _short(file: Path) -> str:
    here = Path.cwd()
    return str(file.relative_to(here)) if file.is_relative_to(here) else str(file)
