"""Where configuration, experiments and data are found."""

from __future__ import annotations

import csv
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from dcforecast.errors import UserError, choices_text

__all__ = [
    "conf_dirs",
    "data_dir",
    "experiment_roots",
    "names_in",
    "option_file",
    "options",
    "package_dir",
    "packaged",
    "read_option",
]


def package_dir() -> Path:
    """Folder of the installed package."""
    return Path(__file__).resolve().parent.parent


def packaged(name: str, marker: str = "") -> Path:
    """Find a top-level folder of the project: in the wheel, or in the checkout.

    Parameters
    ----------
    name : str
        ``conf``, ``experiments`` or ``data``.
    marker : str
        A file that must be in it.

    Raises
    ------
    FileNotFoundError
        The installation is damaged.
    """
    here = package_dir()
    for place in (here / name, here.parents[1] / name):
        if (place / marker).exists():
            return place
    raise FileNotFoundError(f"the installation lacks its folder '{name}'; install it again")


def data_dir() -> Path:
    """Folder of the project's tables."""
    return packaged("data", "SOURCES.csv")


@lru_cache(maxsize=8)
def names_in(table: str, column: str) -> tuple[str, ...]:
    """Names in a column of one of the project's tables, read without pandas."""
    with (data_dir() / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(row[column] for row in csv.DictReader(lines))


def conf_dirs() -> list[Path]:
    """Folders with config groups: the user's own ``conf/`` first, then the packaged one."""
    ours = packaged("conf", "dcforecast.yaml")
    mine = Path(os.environ.get("DCFORECAST_CONF") or "conf").absolute()
    return [mine, ours] if mine.is_dir() and mine != ours else [ours]


def _folders(group: str) -> list[Path]:
    """Folders with the options of a config group (``experiment`` included), the user's first."""
    if group == "experiment":
        return [root / "experiments" for root in experiment_roots()]
    return [path / group for path in conf_dirs()]


def options(group: str) -> list[str]:
    """Names of the options of a config group (``experiment`` included), the user's among them."""
    return sorted({file.stem for folder in _folders(group) for file in folder.glob("*.yaml")})


def option_file(group: str, name: str) -> Path:
    """Return the file of an option.

    Raises
    ------
    UserError
        There is none; the message names the nearest.
    """
    for folder in _folders(group):
        if (folder / f"{name}.yaml").is_file():
            return folder / f"{name}.yaml"
    raise UserError(f"there is no {group} '{name}'", choices_text(name, options(group)))


def read_option(group: str, name: str) -> dict[str, Any]:
    """Return what the file of an option holds.

    Raises
    ------
    UserError
        There is no such option, or its file does not hold keys and values in YAML.
    """
    file = option_file(group, name)
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise UserError(f"{file} cannot be read: {' '.join(str(error).split())}") from error
    if not isinstance(found, dict):
        raise UserError(f"{file}: must hold keys and values", "For example: name: mine")
    return found


def experiment_roots() -> list[Path]:
    """Folders that hold an ``experiments`` folder: the working one first, then ours."""
    ours = packaged("experiments").parent
    mine = Path.cwd()
    return [mine, ours] if (mine / "experiments").is_dir() and mine != ours else [ours]
