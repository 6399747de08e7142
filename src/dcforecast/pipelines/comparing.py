"""``dcforecast compare``: what differs between runs or scenarios."""

from __future__ import annotations

import argparse
from pathlib import Path

from dcforecast.config.compose import compose
from dcforecast.config.paths import options
from dcforecast.errors import UserError
from dcforecast.store import Run, Store

__all__ = ["compare"]


def compare(arguments: argparse.Namespace) -> int:
    """Print (and write) the comparison of two or more runs."""
    from rich.console import Console

    from dcforecast import reports

    settings = compose(arguments.overrides).settings
    store = Store(settings.store.path)
    if len(arguments.run) < 2:
        raise UserError(
            f"compare needs two or more runs or scenarios, got {len(arguments.run)}",
            "dcforecast ls lists the runs; for example: dcforecast compare baseline tripp_2030",
        )
    runs = [_find(store, name) for name in arguments.run]
    comparison = reports.compare(runs)
    if arguments.to:  # before the table, whose reader may go away ("| head")
        comparison.write(Path(arguments.to))
    console = Console(highlight=False)
    for part in comparison.renderables():
        reports.print_table(console, part)
    if arguments.to:
        console.print(f"written: {arguments.to}")
    return 0


def _find(store: Store, name: str) -> Run:
    if name in options("scenario"):
        return store.get(scenario=name, table="annual")
    return store.get(name)
