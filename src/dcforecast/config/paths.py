"""Where configuration, experiments and data are found."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["conf_dirs", "experiment_roots", "package_dir", "packaged"]


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
