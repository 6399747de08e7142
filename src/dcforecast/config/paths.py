"""Where configuration, experiments and data are found."""

from __future__ import annotations

import csv
import os
from functools import lru_cache
from pathlib import Path

__all__ = ["conf_dirs", "data_dir", "experiment_roots", "names_in", "package_dir", "packaged"]


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


def experiment_roots() -> list[Path]:
    """Folders that hold an ``experiments`` folder: the working one first, then ours."""
    ours = packaged("experiments").parent
    mine = Path.cwd()
    return [mine, ours] if (mine / "experiments").is_dir() and mine != ours else [ours]
