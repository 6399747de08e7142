"""Hydra's YAML files parsed once a process: a sweep composes the same ones for every job."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra._internal.config_repository import ConfigRepository, IConfigRepository

__all__ = ["remembering"]

#: What was parsed, by the state of the folders it came from; only the newest state is kept.
_PARSED: dict[tuple[Any, ...], dict[str, Any]] = {}


class _Remembering(ConfigRepository):
    """A repository that parses each file once and hands out copies."""

    def __init__(self, inner: IConfigRepository, parsed: dict[str, Any]) -> None:
        self.__dict__.update(inner.__dict__)
        self._parsed = parsed

    def __deepcopy__(self, memo: dict[int, Any]) -> _Remembering:
        return self  # Hydra copies its repository for every composition

    def load_config(self, config_path: str) -> Any:
        """Return a copy of the parsed file."""
        if config_path not in self._parsed:
            self._parsed[config_path] = super().load_config(config_path)
        return copy.deepcopy(self._parsed[config_path])


def remembering(inner: IConfigRepository, folders: Sequence[Path]) -> ConfigRepository:
    """Return a repository that remembers what it parsed until a file in `folders` changes."""
    files = sorted(file for folder in folders for file in folder.rglob("*.yaml"))
    state = tuple((str(f), f.stat().st_mtime_ns, f.stat().st_size) for f in files)
    if state not in _PARSED:
        _PARSED.clear()
        _PARSED[state] = {}
    return _Remembering(inner, _PARSED[state])
