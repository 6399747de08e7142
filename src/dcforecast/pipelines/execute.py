"""Carry a composed configuration out: make the run, do its stages, close it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from dcforecast.config.compose import Composed
from dcforecast.config.tracking import TrackingSettings
from dcforecast.errors import UserError
from dcforecast.pipelines.allocating import stage as allocate
from dcforecast.pipelines.backcasting import stage as hindcast
from dcforecast.pipelines.backtesting import stage as backtest
from dcforecast.pipelines.forecasting import stage as forecast
from dcforecast.pipelines.ingesting import stage as ingest
from dcforecast.pipelines.job import Job, results_hash
from dcforecast.pipelines.preflight import preflight
from dcforecast.pipelines.progress import Reporter
from dcforecast.pipelines.provenance import provenance
from dcforecast.pipelines.registering import register_champions
from dcforecast.pipelines.reporting import stage as report
from dcforecast.store import Run, Store

__all__ = ["PIPELINES", "execute", "new_batch", "track_run"]

#: Stages of each pipeline command, in order.
PIPELINES: dict[str, Sequence[Callable[[Job], None]]] = {
    "ingest": (ingest,),
    "backtest": (ingest, backtest),
    "forecast": (ingest, backtest, forecast),
    "allocate": (ingest, backtest, hindcast, forecast, allocate),
    "run": (ingest, backtest, hindcast, forecast, allocate, report),
}


def new_batch() -> str:
    """Return a tag that ties the runs of one command together."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def execute(
    command: str,
    composed: Composed,
    *,
    batch: str | None = None,
    force: bool = False,
    quiet: bool = False,
) -> Run:
    """Run a pipeline command on a checked configuration.

    Parameters
    ----------
    command : str
        A key of `PIPELINES`.
    composed : Composed
        Checked configuration.
    batch : str, optional
        Tag shared by the runs of one command.
    force : bool
        Compute every stage again, even if an earlier run holds it.
    quiet : bool
        No progress on stderr.

    Returns
    -------
    Run
        The finished run.  It is in the store whether or not tracking worked.

    Raises
    ------
    UserError
        A mistake in the configuration or an input; nothing is written then.
    """
    if command not in PIPELINES:
        raise UserError(f"'{command}' is no pipeline command")
    settings = composed.settings
    inputs = preflight(command, composed)
    store = Store(settings.store.path)
    run = store.create(
        command,
        composed.config,
        hashed=results_hash(composed.config),
        scenario=settings.scenario.name if inputs.embedded else settings.data.name,
        model=settings.model.name,
        members=settings.ensemble.members,
        seed=settings.ensemble.seed,
        batch=batch or new_batch(),
        overrides=list(composed.overrides),
        input_digest=inputs.digest,
        **provenance(),
    )
    job = Job(composed, store, run, Reporter(quiet=quiet), force)
    try:
        with job.reporter.running():
            for stage in PIPELINES[command]:
                stage(job)
    except KeyboardInterrupt:
        run.finish("interrupted")
        raise
    except BaseException:
        run.finish("failed")
        raise
    run.finish("finished")
    track_run(run, settings.tracking, job.reporter, view=batch is None)
    return run


def track_run(
    run: Run, settings: TrackingSettings, reporter: Reporter, *, view: bool = True
) -> None:
    """Upload to MLflow; the store has everything already, so trouble there is only said.

    The jobs of a sweep leave the view of their batch (`view`) to the sweep's end.
    """
    from dcforecast.tracking import upload

    if settings.kind == "off":
        return
    project = Store(run.path.parent).project
    with reporter.running(), reporter.stage("track"):
        batch = str(run.manifest["batch"])
        done = upload(run, settings, project_dir=project, batch=batch, view=view)
    if not done:
        return
    run.update(tracking_url=done)
    if settings.registry:
        with reporter.running(), reporter.stage("register") as tell:
            tell(note=register_champions(run, settings, project_dir=project))
