"""What the terminal says when a run is done: the answer, the champions, where things are."""

from __future__ import annotations

import shlex

from dcforecast.config.settings import Settings
from dcforecast.store import Run

__all__ = ["closing"]


def closing(run: Run, settings: Settings) -> None:
    """Print the summary of a run; the last line is ``run_id: ID``."""
    from rich.console import Console

    from dcforecast.reports import summary

    console = Console(highlight=False)
    for part in summary(run):
        console.print(part)
    facts = run.manifest.get("stages", {}).get("ingest", {}).get("facts", {})
    if facts.get("contradictions") and run.manifest["pipeline"] == "ingest":
        mode = settings.data.history.on_conflict
        console.print(
            f"\n{facts['contradictions']} contradictions among the figures "
            f"(data.history.on_conflict={mode})",
            style="bold",
        )
        for text in facts.get("told", []):
            console.print(f"  {text}", soft_wrap=True, markup=False)
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
    console.print(
        f"Lineage    dcforecast show {run.id} --lineage{_store(settings)}", soft_wrap=True
    )
    print(f"run_id: {run.id}")


def _store(settings: Settings) -> str:
    path = settings.store.path
    return "" if path == "outputs" else f" {shlex.quote(f'store.path={path}')}"


def _places(settings: Settings) -> str:
    uri = settings.tracking.uri
    return _store(settings) + (f" {shlex.quote(f'tracking.uri={uri}')}" if uri else "")
