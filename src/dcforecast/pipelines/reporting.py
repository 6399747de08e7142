"""Stage and command ``report``: HTML, Excel and figures from a finished run."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from dcforecast.config.compose import compose
from dcforecast.config.report import ReportSettings
from dcforecast.errors import UserError
from dcforecast.pipelines.job import Job
from dcforecast.pipelines.lineage import write_lineage
from dcforecast.store import Run, Store

__all__ = ["report", "stage", "write_reports"]


def stage(job: Job) -> None:
    """Write lineage and reports of a run whose tables are there."""
    started = time.perf_counter()
    with job.reporter.stage("report") as tell:
        write_lineage(job.run, job.settings)
        tell(0.1)
        write_reports(job.run, job.settings.report, tell)
    seconds = round(time.perf_counter() - started, 3)
    job.run.stage_done("report", {"hash": "", "tables": ["lineage"], "seconds": seconds})


def write_reports(run: Run, settings: ReportSettings, tell: Any = None) -> list[str]:
    """Write the formats that ``report.formats`` asks for; return the files."""
    from dcforecast import reports

    run.artifacts.mkdir(exist_ok=True)
    drawn = cache(lambda: list(reports.charts(run)))  # once for the files and the page
    writers: dict[str, Callable[[], Any]] = {
        "figures": lambda: reports.figures(run, run.artifacts / "figures", settings, drawn()),
        "html": lambda: reports.html(run, run.artifacts / "report.html", settings, drawn()),
        "excel": lambda: reports.excel(run, run.artifacts / "report.xlsx", settings),
    }
    wanted = [name for name in writers if name in settings.formats]
    for position, name in enumerate(wanted):
        if tell is not None:
            tell(0.1 + 0.9 * position / len(wanted), name)
        writers[name]()
    # Other stages keep files there too.
    written = [*run.artifacts.glob("report.*"), *run.artifacts.glob("figures/*")]
    return [str(path) for path in sorted(written)]


def report(arguments: argparse.Namespace) -> int:
    """``dcforecast report RUN``."""
    composed = compose(arguments.overrides)
    run = Store(composed.settings.store.path).get(arguments.run, table="annual")
    if not run.has("annual"):
        raise UserError(
            f"run {run.id} has no answer to report: it is a run of '{run.manifest['pipeline']}'",
            "dcforecast run or dcforecast allocate makes one",
        )
    for file in write_reports(run, composed.settings.report):
        print(file)
    print(f"run_id: {run.id}")
    return 0
