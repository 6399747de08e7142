"""Which classes a configuration may name: those listed in ``allowed_targets.yaml``."""

from __future__ import annotations

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
    names: list[str] = []
    for folder in conf_dirs():
        file = folder / _FILE
        if not file.is_file():
            continue
        try:
            found = yaml.safe_load(file.read_text(encoding="utf-8"))
        except yaml.YAMLError as error:
            raise UserError(f"{file}: {' '.join(str(error).split())}") from error
        if not isinstance(found, list) or not all(isinstance(n, str) and n for n in found):
            raise UserError(f"{file}: must be a list of names", "For example: - mymodels.Best")
        names += found
    return names


def is_allowed(target: str) -> bool:
    """Tell whether a configuration may name this class."""
    return any(
        target == name or (name.endswith(".") and target.startswith(name))
        for name in allowed_targets()
    )
