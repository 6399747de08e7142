"""Stage ``allocate``: every hour of every year and member over the network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dcforecast.pipelines.job import Job, Tell

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["stage"]


def stage(job: Job) -> None:
    """Allocate the surplus and store hours (``allocation``) and answers (``annual``)."""

    def work(tell: Tell) -> Mapping[str, Any]:
        return _allocate(job, tell)

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
        tables=("allocation", "annual"),
        work=work,
    )
    job.run.update(metrics=job.facts("allocate")["metrics"])


def _allocate(job: Job, tell: Tell) -> Mapping[str, Any]:
    from dcforecast.compute import Pool
    from dcforecast.pipelines.forecast_rows import read_paths
    from dcforecast.system.draws import Draws
    from dcforecast.system.ensemble import simulate
    from dcforecast.system.model import SystemModel
    from dcforecast.system.paths import MonthlyPaths

    settings = job.settings
    scenario = settings.scenario.name
    draws = Draws(settings.ensemble.members, settings.ensemble.seed)
    paths = MonthlyPaths(*read_paths(job.run.read("paths", scenario=scenario)))
    model = SystemModel(settings.fleet, settings.demand, settings.datacentres, paths, draws)
    years = range(settings.ensemble.years.first, settings.ensemble.years.last + 1)
    tell(0.02, f"{settings.ensemble.members} members, {len(years)} years")
    with job.run.writer("allocation") as add:

        def write(frame: pd.DataFrame) -> None:
            add(frame.assign(scenario=scenario))

        result = simulate(
            model,
            network=settings.network,
            allocation=settings.allocation,
            ensemble=settings.ensemble,
            years=years,
            progress=lambda share: tell(0.02 + 0.98 * share),
            write=write,
            pool=Pool(settings.compute) if settings.compute.cluster else None,
        )
    job.run.write("annual", result.annual.assign(scenario=scenario))
    return {"metrics": result.metrics}
