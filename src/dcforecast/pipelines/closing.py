"""What the terminal says when a run is done: the answer, the champions, where things are."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from dcforecast.config.settings import Settings
from dcforecast.store import Run

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["closing"]

#: Lines of news that are shown.
_MOVES = 6


def closing(run: Run, settings: Settings) -> None:
    """Print the summary of a run; the last line is ``run_id: ID``."""
    from rich.console import Console

    from dcforecast.reports import print_table, summary

    console = Console(highlight=False)
    for part in summary(run):
        print_table(console, part)
    pipeline = run.manifest["pipeline"]
    if pipeline == "benchmark":
        from dcforecast.pipelines.benchmark_rows import of_run, table

        print_table(console, table(of_run(run)))
    elif pipeline == "ingest":
        _running_year(run, console)
        _contradictions(run, settings, console)
    elif pipeline in {"backtest", "tune"}:
        from dcforecast.pipelines import significance, tune_result

        lines = (significance if pipeline == "backtest" else tune_result).told(run)
        for text in lines:
            console.print(text, soft_wrap=True, markup=False)
    _places_of(run, settings, console)
    print(f"run_id: {run.id}")


def _places_of(run: Run, settings: Settings, console: Console) -> None:
    """Print where the files of a run, its comparison and its lineage are."""
    console.print(f"\nFiles      {run.path}", soft_wrap=True)
    for file in sorted(run.artifacts.glob("*.*")) if run.artifacts.is_dir() else ():
        if file.suffix in {".html", ".xlsx"}:
            console.print(f"           {file}", soft_wrap=True)
    if settings.tracking.kind != "off":
        url = run.manifest.get("tracking_url")
        places = _places(settings)
        console.print(
            f"MLflow     dcforecast ui{places}" + (f"   then {url}" if url else ""), soft_wrap=True
        )
    if run.has("lineage"):
        console.print(
            f"Lineage    dcforecast show {run.id} --lineage{_store(settings)}", soft_wrap=True
        )


def _contradictions(run: Run, settings: Settings, console: Console) -> None:
    """Print how many figures contradict each other, and which."""
    facts = run.manifest.get("stages", {}).get("ingest", {}).get("facts", {})
    if not facts.get("contradictions"):
        return
    mode = settings.data.history.on_conflict
    console.print(
        f"\n{facts['contradictions']} contradictions among the figures "
        f"(data.history.on_conflict={mode})",
        style="bold",
    )
    for text in facts.get("told", []):
        console.print(f"  {text}", soft_wrap=True, markup=False)


def _running_year(run: Run, console: Console) -> None:
    """Print the running year's totals and what the newest figures moved most."""
    import csv

    nowcast, news = run.artifacts / "nowcast.csv", run.artifacts / "news.csv"
    if nowcast.is_file():
        with nowcast.open(encoding="utf-8") as file:
            years = [row for row in csv.DictReader(file) if "-" not in row["period"]]
        console.print("\nRunning year, P50 (P10 to P90), modelled; own figures to", style="bold")
        for row in years:
            low, middle, high = (float(row[q]) for q in ("q100", "q500", "q900"))
            console.print(
                f"  {row['series']} {row['period']}: {middle:,.0f} ({low:,.0f} to {high:,.0f}); "
                f"{row['known_to'] or 'none'}",
                soft_wrap=True,
            )
    if news.is_file():
        with news.open(encoding="utf-8") as file:
            moved = _by_figure(list(csv.DictReader(file)))
        console.print(
            "\nWhat the newest publication changed [GWh], by figure (news.csv has every month)",
            style="bold",
        )
        for text in moved[:_MOVES]:
            console.print(f"  {text}", soft_wrap=True, markup=False)


def _by_figure(moves: list[dict[str, str]]) -> list[str]:
    """Say which figure moved which series by how much in a year, the largest move first."""
    found: dict[tuple[str, str, str], list[tuple[float, str]]] = {}
    for row in moves:
        key = (row["series"], row["month"][:4], row["figure"])
        found.setdefault(key, []).append((float(row["change_gwh"]), row["month"]))
    ordered = sorted(found.items(), key=lambda item: -sum(abs(change) for change, _ in item[1]))
    out = []
    for (series, year, figure), changes in ordered:
        most, month = max(changes, key=lambda change: abs(change[0]))
        total = sum(change for change, _ in changes)
        out.append(f"{series} {year}: {total:+,.1f} (most in {month}: {most:+,.1f}) by {figure}")
    return out


def _store(settings: Settings) -> str:
    path = settings.store.path
    return "" if path == "outputs" else f" {shlex.quote(f'store.path={path}')}"


def _places(settings: Settings) -> str:
    uri = settings.tracking.uri
    return _store(settings) + (f" {shlex.quote(f'tracking.uri={uri}')}" if uri else "")
