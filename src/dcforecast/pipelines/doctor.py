"""``dcforecast doctor``: is everything in order, and if not, how to mend it."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata

from dcforecast.config.compose import compose
from dcforecast.config.paths import options
from dcforecast.config.settings import Settings
from dcforecast.errors import DcforecastError
from dcforecast.store import Store

__all__ = ["Finding", "doctor", "examine"]


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what, whether it is well, and how to mend it."""

    what: str
    well: bool
    detail: str
    mend: str = ""


def doctor(arguments: argparse.Namespace) -> int:
    """Print what was looked at; exit 1 when something needs mending."""
    from rich.console import Console
    from rich.table import Table

    from dcforecast.reports import print_table

    settings = compose(arguments.overrides).settings
    table = Table("", "checked", "found", "to mend it", box=None)
    findings = list(examine(settings))
    for finding in findings:
        mark = "[green]ok[/green]" if finding.well else "[red]no[/red]"
        table.add_row(mark, finding.what, finding.detail, finding.mend)
    print_table(Console(highlight=False), table)
    return 0 if all(finding.well for finding in findings) else 1


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at the installation, the configuration, the data, the store and tracking."""
    checks: list[Callable[[Settings], Iterator[Finding]]] = [
        _packages,
        _configuration,
        _data,
        _store,
        _tracking,
    ]
    for check in checks:
        try:
            yield from check(settings)
        except (DcforecastError, OSError) as error:
            yield Finding(check.__name__.strip("_"), well=False, detail=str(error))


def _packages(_: Settings) -> Iterator[Finding]:
    from packaging.requirements import Requirement

    wrong = []
    for text in metadata.requires("dcforecast") or []:
        need = Requirement(text)
        if need.marker is not None and not need.marker.evaluate({"extra": ""}):
            continue
        try:
            version = metadata.version(need.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{need.name} is missing")
            continue
        if not need.specifier.contains(version, prereleases=True):
            wrong.append(f"{need.name} {version} is not {need.specifier}")
    detail = "; ".join(wrong) or f"dcforecast {metadata.version('dcforecast')} and what it needs"
    yield Finding("installation", not wrong, detail, "install it again" if wrong else "")


def _configuration(_: Settings) -> Iterator[Finding]:
    for group in ("scenario", "experiment"):
        bad = []
        names = options(group)
        for name in names:
            try:
                compose([f"{group}={name}"])
            except DcforecastError as error:
                bad.append(f"{name}: {error.message}")
        detail = "; ".join(bad) or f"{len(names)} compose"
        yield Finding(f"{group}s", not bad, detail, f"mend the YAML file in {group}" if bad else "")


def _data(settings: Settings) -> Iterator[Finding]:
    from dcforecast import sources

    found = sources.observations(settings.data)
    newest = found["vintage"].max()
    yield Finding(
        "data", well=True, detail=f"{len(found):,} figures, the newest of {newest:%Y-%m-%d}"
    )


def _store(settings: Settings) -> Iterator[Finding]:
    store = Store(settings.store.path)
    place = store.path if store.path.exists() else store.path.parent
    writable = os.access(place, os.W_OK)
    yield Finding("store", writable, str(store.path), "" if writable else "store.path=DIR")
    free_gb = shutil.disk_usage(place).free / 1e9
    yield Finding(
        "free space", free_gb > 1, f"{free_gb:.0f} GB", "" if free_gb > 1 else "make room"
    )
    killed = [run.id for run in store if run.status != run.manifest["status"]]
    yield Finding(
        "runs",
        not killed,
        f"{sum(1 for _ in store)} in the store, {len(killed)} killed half-way",
        "run the same command again: finished stages are reused; then delete "
        + ", ".join(killed[:3])
        if killed
        else "",
    )
    left = [file for file in store.path.glob("*/.*") if ".tmp" in file.name]
    yield Finding(
        "left-overs",
        not left,
        f"{len(left)} temporary files",
        f"delete {left[0]} ..." if left else "",
    )


def _tracking(settings: Settings) -> Iterator[Finding]:
    from dcforecast.tracking import probe

    if settings.tracking.kind == "off":
        yield Finding("tracking", well=True, detail="off")
        return
    trouble = probe(settings.tracking, project_dir=Store(settings.store.path).project)
    yield Finding(
        "tracking",
        trouble is None,
        trouble or "answers",
        "tracking.uri=URI, or tracking=off" if trouble else "",
    )
