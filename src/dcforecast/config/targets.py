"""Which classes a configuration may name: those listed in ``allowed_targets.yaml``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml

from dcforecast.config.paths import conf_dirs
from dcforecast.errors import UserError

__all__ = ["allowed_targets", "is_allowed"]

_FILE = "allowed_targets.yaml"


def allowed_targets() -> list[str]:
    """Return the allowed names: a package with a dot at its end, or one class.

    Raises
    ------
    UserError
        The user's file is no list of names.
    """
    files = [folder / _FILE for folder in conf_dirs()]
    found = [_names(f, f.stat().st_mtime_ns) for f in files if f.is_file()]
    return [name for names in found for name in names]


@lru_cache(maxsize=8)
def _names(file: Path, stamp: int) -> tuple[str, ...]:  # noqa: ARG001  (a changed file is read again)
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise UserError(f"{file}: {' '.join(str(error).split())}") from error
    if not isinstance(found, list) or not all(isinstance(n, str) and n for n in found):
        raise UserError(f"{file}: must be a list of names", "For example: - mymodels.Best")
    return tuple(found)


def is_allowed(target: str) -> bool:
    """Tell whether a configuration may name this class."""
    return any(
        target == name or (name.endswith(".") and target.startswith(name))
        for name in allowed_targets()
    )
