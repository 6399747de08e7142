"""Upload a finished run of the store; the same path for a pipeline and for ``track``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from filelock import FileLock

from dcforecast.config.tracking import TrackingSettings
from dcforecast.store import Run
from dcforecast.tracking.place import client_for, experiment_id, reason, tracking_uri
from dcforecast.tracking.records import Record, records
from dcforecast.tracking.view import address, share_view

__all__ = ["experiment_of", "link", "present", "upload"]

#: MLflow takes at most 1,000 metrics a call.
_BATCH = 900
#: How long an upload waits for another one of the same run [s].
_WAIT_SECONDS = 600


def upload(
    run: Run, settings: TrackingSettings, *, project_dir: Path, batch: str, view: bool = True
) -> str | None:
    """Upload a run: what a person compares as top-level runs, their parts as children.

    A run that is there already is not uploaded twice.  The store has everything, so trouble is
    told on stderr and not raised.

    Parameters
    ----------
    run : Run
        Finished run.
    settings : TrackingSettings
        Config group ``tracking``.
    project_dir : Path
        Folder of the SQLite file and the artifacts.
    batch : str
        Tag that ties the runs of one command together.
    view : bool
        Store the view of the batch as well; a sweep does it once, at its end.

    Returns
    -------
    str or None
        Where the comparison of the batch is in the UI (a path after its address), or None when it
        failed.
    """
    try:
        client = client_for(settings, project_dir)
        experiment = experiment_of(client, run, settings, project_dir)
        # Two uploads of one run at once would each find nothing there: the second waits.
        with FileLock(str(run.path / ".upload.lock"), timeout=_WAIT_SECONDS):
            known = present(client, experiment, run.id)
            _drop_halves(client, experiment, run.id)
            for record in records(run):
                if record.name not in known:
                    _write(client, experiment, record, batch)
        if not view:
            return address(experiment, batch)
        level = "child" if run.manifest["pipeline"] == "tune" else "top"
        return share_view(client, experiment, batch, level=level)
    except Exception as error:  # noqa: BLE001  (a tracking store may fail in any way)
        place = tracking_uri(settings, project_dir)
        sys.stderr.write(
            f"dcforecast: tracking failed ({reason(error, place)}); the run is safe in the store: "
            f"dcforecast track {run.id}\n"
        )
        return None


def experiment_of(client: Any, run: Run, settings: TrackingSettings, project_dir: Path) -> str:
    """Return the experiment a run belongs to: ``PREFIX/PIPELINE``."""
    name = f"{settings.prefix}/{run.manifest['pipeline']}"
    return experiment_id(client, name, settings, project_dir)


def present(client: Any, experiment: str, run_id: str) -> dict[str, str]:
    """Return the top-level runs of a store run that were uploaded whole: id by name."""
    query = f"tags.store_run_id = '{run_id}' and tags.level = 'top' and tags.uploaded = 'whole'"
    found = client.search_runs([experiment], filter_string=query)
    return {one.info.run_name: str(one.info.run_id) for one in found}


def _drop_halves(client: Any, experiment: str, run_id: str) -> None:
    """Remove what an upload that broke off has left, with its children."""
    ours = f"tags.store_run_id = '{run_id}'"
    tops = client.search_runs([experiment], filter_string=f"{ours} and tags.level = 'top'")
    for top in tops:
        if top.data.tags.get("uploaded") == "whole":
            continue
        key = top.info.run_id
        parent = f"{ours} and tags.`mlflow.parentRunId` = '{key}'"
        for child in client.search_runs([experiment], filter_string=parent):
            client.delete_run(child.info.run_id)
        client.delete_run(key)


def _write(client: Any, experiment: str, record: Record, batch: str, parent: str = "") -> str:
    from mlflow.entities import Metric, Param, RunTag

    tags = {**record.tags, "batch": batch, "level": "child" if parent else "top"}
    if parent:
        tags["mlflow.parentRunId"] = parent
    started = int(record.started * 1000)
    made = client.create_run(experiment, start_time=started, tags=tags, run_name=record.name)
    key = made.info.run_id
    params = [Param(name, value) for name, value in record.params.items()]
    metrics = [
        Metric(name, _brief(value), started, step)
        for name, points in record.metrics.items()
        for step, value in points
    ]
    client.log_batch(key, params=params, metrics=metrics[:_BATCH])
    for first in range(_BATCH, len(metrics), _BATCH):
        client.log_batch(key, metrics=metrics[first : first + _BATCH])
    _inputs(client, key, record)
    for name, text in record.texts.items():
        client.log_text(key, text, name)
    for file, folder in record.files:
        client.log_artifact(key, str(file), folder)
    for child in record.children:
        _write(client, experiment, child, batch, parent=key)
    if not parent:
        client.log_batch(key, tags=[RunTag("uploaded", "whole")])
    client.set_terminated(key, status="FINISHED", end_time=int(record.ended * 1000))
    return str(key)


def _brief(value: float) -> float:
    """Round to six digits that count: the UI shows all there are."""
    return float(f"{value:.6g}")


def _inputs(client: Any, key: str, record: Record) -> None:
    """Name the data the run read, with its digest."""
    from mlflow.entities import Dataset, DatasetInput

    if record.dataset is None:
        return
    name, digest, source = record.dataset
    dataset = Dataset(
        name=name, digest=digest, source_type="local", source=json.dumps({"uri": source})
    )
    client.log_inputs(key, [DatasetInput(dataset, [])])


def link(runs: list[Run], settings: TrackingSettings, *, project_dir: Path) -> str:
    """Return the address, after the UI's own, of the table that compares runs of the store."""
    batches = [str(run.manifest["batch"]) for run in runs]
    try:
        client = client_for(settings, project_dir)
        experiment = experiment_of(client, runs[0], settings, project_dir)
        ids: list[str] = []
        if len(set(batches)) > 1:  # some were made by an earlier command
            ids = [key for run in runs for key in present(client, experiment, run.id).values()]
        return share_view(client, experiment, batches[-1], run_ids=ids)
    except Exception:  # noqa: BLE001  (no tracking, no link)
        return "#/"
