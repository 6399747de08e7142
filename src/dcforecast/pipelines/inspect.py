"""``dcforecast ls``, ``show`` and ``export``: what the store holds."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from dcforecast.config.compose import compose
from dcforecast.config.settings import Settings
from dcforecast.errors import UserError, choices_text
from dcforecast.store import TABLES, Run, Store

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["export", "ls", "show"]


def _print(frame: pd.DataFrame, limit: int, title: str | None = None) -> None:
    from rich.console import Console

    from dcforecast.reports import print_frame

    console = Console(highlight=False)
    print_frame(console, frame.head(limit), title)
    if len(frame) > limit:
        console.print(f"... {len(frame):,} rows in all; --limit shows more", style="dim")


def ls(arguments: argparse.Namespace) -> int:
    """List the runs of the store, newest first."""
    store = Store(compose(arguments.overrides).settings.store.path)
    found = store.runs()
    if arguments.pipeline and not found.empty:
        known = sorted(set(found["pipeline"]))
        if arguments.pipeline not in known:
            what = f"{store.path}: no run of '{arguments.pipeline}' here"
            raise UserError(what, choices_text(arguments.pipeline, known))
        found = found[found["pipeline"] == arguments.pipeline]
    if found.empty:
        raise UserError(f"{store.path}: no runs here", "Make one with: dcforecast run")
    columns = ["run_id", "scenario", "model", "status", "seconds"]  # the id tells when and what
    _print(found[columns], arguments.limit, str(store.path))
    return 0


def show(arguments: argparse.Namespace) -> int:
    """Show a run, one of its tables, its lineage, or the history as of a date."""
    settings = compose(arguments.overrides).settings
    store = Store(settings.store.path)
    table, name = arguments.table, arguments.what
    if name in TABLES:
        table, name = name, "latest"
    if table is not None:
        _check_table(table)
    if arguments.as_of:
        if table not in {None, "history"}:
            raise UserError("--as-of goes with history", "dcforecast show history --as-of DATE")
        return _history(settings, arguments.as_of, arguments.limit)
    run = store.get(name, table="lineage" if arguments.lineage else table)
    if arguments.lineage:
        _lineage(run)
    elif table is not None:
        _print(run.read(table), arguments.limit, f"{table} of {run.id}")
    else:
        from dcforecast.pipelines.closing import closing

        closing(run, settings)
    return 0


def _check_table(table: str) -> None:
    if table not in TABLES:
        raise UserError(f"there is no table '{table}'", choices_text(table, TABLES))


def _history(settings: Settings, as_of: str, limit: int) -> int:
    import pandas as pd

    from dcforecast import history, sources
    from dcforecast.pipelines.ingesting import account

    try:
        date = pd.Timestamp(as_of, tz="UTC")
    except ValueError as error:
        raise UserError(f"--as-of {as_of}: not a date", "Write it as 2022-06-30") from error
    observations = sources.observations(settings.data)
    known = observations[observations["vintage"] <= date]
    if known.empty:
        first = observations["vintage"].min()
        raise UserError(
            f"--as-of {as_of}: nothing was published by then",
            f"The first figure is of {first:%Y-%m-%d}",
        )
    structure, rules = account(settings.data, observations)
    found = history.reconstruct(known, as_of=date, settings=rules, structure=structure).table
    title = f"history as known on {date:%Y-%m-%d}, GWh a month; ~ rebuilt, else from figures"
    _print(_months(found), limit, title)
    return 0


def _months(history: pd.DataFrame) -> pd.DataFrame:
    """Months as rows, newest first, and series as narrow columns; what is rebuilt bears a ~."""
    import pandas as pd

    mark = history["basis"].eq("reconstructed").map({True: "~", False: ""})
    cells = history.assign(cell=mark + history["mean"].map("{:,.0f}".format))
    wide = cells.pivot_table(index="timestamp", columns="series", values="cell", aggfunc="first")
    wide.index = pd.DatetimeIndex(wide.index).strftime("%Y-%m").rename("month")
    names = [str(name).removeprefix("generation_").removesuffix("_gross") for name in wide]
    return wide[::-1].set_axis(names, axis=1).reset_index()


def _lineage(run: Run) -> None:
    from rich.console import Console

    from dcforecast.pipelines.lineage import explain

    console = Console(highlight=False)
    for line in explain(run):
        console.print(line, soft_wrap=True)


def export(arguments: argparse.Namespace) -> int:
    """Write a table of a run to a file."""
    from dcforecast import reports

    settings = compose(arguments.overrides).settings
    _check_table(arguments.table)
    run = Store(settings.store.path).get(arguments.run, table=arguments.table)
    target = Path(arguments.to or f"{arguments.table}.csv")
    rows = reports.export(run, arguments.table, target)
    print(f"{target}: {rows:,} rows of {arguments.table}, run {run.id}")
    return 0
