"""What there is: models, scenarios, data, and every field of the configuration."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table

from dcforecast.config.compose import compose, options
from dcforecast.config.describe import describe
from dcforecast.config.paths import conf_dirs
from dcforecast.config.settings import GROUPS, Settings
from dcforecast.errors import UserError, choices_text
from dcforecast.reports import print_frame, print_table

__all__ = ["config", "data", "models", "scenarios"]


def _file(group: str, name: str) -> Path:
    for folder in conf_dirs():
        if (folder / group / f"{name}.yaml").is_file():
            return folder / group / f"{name}.yaml"
    raise UserError(f"there is no {group} '{name}'", choices_text(name, options(group)))


def _read(group: str, name: str) -> dict[str, Any]:
    file = _file(group, name)
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise UserError(f"{file} cannot be read: {' '.join(str(error).split())}") from error
    if not isinstance(found, dict):
        raise UserError(f"{file}: must hold keys and values", "For example: name: mine")
    return dict(found["scenario"] if group == "scenario" and "scenario" in found else found)


def _table(*heads: str) -> Table:
    """Return an empty listing; names, its first column, stay whole in a narrow terminal."""
    table = Table(*heads, box=None, header_style="bold")
    table.columns[0].no_wrap = True
    return table


def _list(group: str, name: str | None) -> int:
    console = Console(highlight=False)
    if name:
        console.print(_file(group, name).read_text(encoding="utf-8").rstrip(), markup=False)
        return 0
    table = _table(group, "what it is")
    for option in options(group):
        table.add_row(option, str(_read(group, option).get("description", "")))
    print_table(console, table)
    console.print(
        f"\ndcforecast {group}s NAME shows one in full; use it with {group}=NAME", style="dim"
    )
    return 0


def models(arguments: argparse.Namespace) -> int:
    """List the models, or show one."""
    return _list("model", arguments.name)


def scenarios(arguments: argparse.Namespace) -> int:
    """List the scenarios, or show one."""
    return _list("scenario", arguments.name)


def data(arguments: argparse.Namespace) -> int:
    """List the tables of the project's data with their sources, or show one."""
    from dcforecast import sources

    console = Console(highlight=False)
    compose(arguments.overrides)
    if arguments.name:
        print_frame(console, sources.table(arguments.name), arguments.name)
        return 0
    table = _table("table", "rows", "first", "last", "source; licence")
    for row in sources.catalogue().fillna("").astype(str).to_dict("records"):
        about = f"{row['publishers']}; {row['licences']}".strip("; ")
        table.add_row(row["table"], row["rows"], row["first"], row["last"], about)
    print_table(console, table)
    console.print("\ndcforecast data NAME shows a table in full; SOURCES holds the addresses",
                  style="dim")  # fmt: skip
    return 0


def config(arguments: argparse.Namespace) -> int:
    """List the config groups, or the options and fields of one."""
    console = Console(highlight=False)
    chosen = compose(arguments.overrides).config
    if not arguments.name:
        table = _table("group", "what it sets", "options")
        for group in GROUPS:
            about = Settings.model_fields[group].description or ""
            table.add_row(group, about, " ".join(options(group)))
        table.add_row("experiment", "A named experiment", " ".join(options("experiment")))
        print_table(console, table)
        console.print("\ndcforecast config GROUP shows its fields", style="dim")
        return 0
    group = arguments.name
    if group not in GROUPS:
        raise UserError(f"there is no config group '{group}'", choices_text(group, GROUPS))
    console.print(f"{group}: {Settings.model_fields[group].description}", style="bold")
    table = _table("option", "what it is")
    for option in options(group):
        table.add_row(option, str(_read(group, option).get("description", "")))
    print_table(console, table)
    for row in describe(group, chosen[group]):
        if row.key in {f"{group}.name", f"{group}.description"}:
            continue
        unit = f" {row.unit}" if row.unit else ""
        console.print(f"\n{row.key} = {row.value}{unit}", style="bold", markup=False)
        console.print(f"    {row.description} ({row.kind})", markup=False)
    return 0
