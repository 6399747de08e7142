"""Stage ``allocate``: every hour of every year and member over the network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from dcforecast.pipelines.job import Job, Tell

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["stage"]


def stage(job: Job) -> None:
    """Allocate the surplus; store answers (``annual``), hours (``allocation``, ``members``)."""

    def work(tell: Tell) -> Mapping[str, Any]:
        return _allocate(job, tell)

    kept = job.settings.ensemble.kept
    job.stage(
        "allocate",
        groups=(
            "scenario",
            "network",
            "fleet",
            "demand",
            "datacentres",
            "allocation",
            "ensemble",
        ),
        after=("ingest", "backtest", "forecast"),
        tables=("allocation", "annual", *(("members",) if kept else ())),
        work=work,
    )
    job.run.update(metrics=job.facts("allocate")["metrics"])
    if kept:
        job.run.update(kept_members=list(kept))


def _allocate(job: Job, tell: Tell) -> Mapping[str, Any]:
    from dcforecast.compute import Pool
    from dcforecast.pipelines.forecast_rows import read_paths
    from dcforecast.system.ensemble import simulate
    from dcforecast.system.model import SystemModel
    from dcforecast.system.paths import MonthlyPaths

    settings = job.settings
    scenario = settings.scenario.name
    paths = MonthlyPaths(*read_paths(job.run.read("paths", scenario=scenario)))
    model = SystemModel.of(settings, paths)
    years = range(settings.ensemble.years.first, settings.ensemble.years.last + 1)
    tell(0.02, f"{settings.ensemble.members} members, {len(years)} years")
    with ExitStack() as files:

        def writer(table: str) -> Callable[[pd.DataFrame], None]:
            add = files.enter_context(job.run.writer(table))
            return lambda frame: add(frame.assign(scenario=scenario))

        result = simulate(
            model,
            network=settings.network,
            allocation=settings.allocation,
            ensemble=settings.ensemble,
            years=years,
            progress=lambda share: tell(0.02 + 0.98 * share),
            write=writer("allocation"),
            keep=writer("members") if settings.ensemble.kept else None,
            pool=Pool(settings.compute) if settings.compute.cluster else None,
        )
    job.run.write("annual", result.annual.assign(scenario=scenario))
    return {"metrics": result.metrics}
