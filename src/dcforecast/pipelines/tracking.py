"""``dcforecast track`` and ``dcforecast ui``."""

from __future__ import annotations

import argparse

from dcforecast.config.compose import compose
from dcforecast.errors import DcforecastError, UserError
from dcforecast.pipelines.registering import register_champions
from dcforecast.store import Store

__all__ = ["track", "ui"]


def track(arguments: argparse.Namespace) -> int:
    """Upload a finished run of the store."""
    from dcforecast.tracking import upload

    settings = compose(arguments.overrides).settings
    if settings.tracking.kind == "off":
        raise UserError("tracking=off has nowhere to upload to", "Leave it out of the command")
    store = Store(settings.store.path)
    run = store.get(arguments.run)
    if run.status == "running":
        raise UserError(f"run {run.id} is still running", "dcforecast ls shows when it is done")
    batch = str(run.manifest.get("batch", ""))
    url = upload(run, settings.tracking, project_dir=store.project, batch=batch)
    if url is None:
        raise DcforecastError(f"run {run.id} was not uploaded", "The store still has all of it")
    run.update(tracking_url=url)
    told = register_champions(run, settings.tracking, project_dir=store.project)
    print(url)
    if told:
        print(told)
    print(f"run_id: {run.id}")
    return 0


def ui(arguments: argparse.Namespace) -> int:
    """Start the MLflow UI on loopback for this project's tracking store."""
    from dcforecast.tracking import serve

    settings = compose(arguments.overrides).settings
    return serve(
        settings.tracking,
        project_dir=Store(settings.store.path).project,
        port=arguments.port,
        open_browser=not arguments.no_open,
    )
