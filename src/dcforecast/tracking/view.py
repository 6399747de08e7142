"""The table of runs as a comparison: a shared view that MLflow's UI opens by its key."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

__all__ = ["address", "share_view"]

#: Tag of an experiment that holds a view; the UI's own "Share" button writes the same.
_TAG = "mlflow.sharedViewState."

#: What stands first in the table, as far as the runs have it.
_PARAMS = ("model", "scenario", "series")
_METRICS = ("crps", "skill_vs_naive", "mase", "coverage_80", "coverage_90", "objective")

#: Metrics about the work or by step, which the charts show better than a cell.
_LEFT_OUT = ("system_", "seconds", "fit_seconds")


def share_view(
    client: Any,
    experiment: str,
    batch: str,
    *,
    level: str = "top",
    run_ids: Sequence[str] = (),
) -> str:
    """Store the view of one command's runs; return its address after the UI's own.

    Shown are these runs alone, with the params in which they differ and their metrics; MLflow's
    table shows neither by default.

    Parameters
    ----------
    client : mlflow.MlflowClient
    experiment : str
        Id of the experiment.
    batch : str
        Tag that ties the runs of one command together; it becomes the view's key.
    level : {"top", "child"}
        What is compared: top-level runs, or the trials of a search below its run.
    run_ids : sequence of str
        The runs, when not all of them are of this batch.
    """
    query = f"tags.batch = '{batch}' and tags.level = '{level}'"
    if run_ids:
        listed = ", ".join(f"'{one}'" for one in run_ids)
        query = f"attributes.run_id IN ({listed})"
    runs = client.search_runs([experiment], query, max_results=1000)
    columns = [_column("params", name) for name in _params(runs)]
    columns += [_column("metrics", name) for name in _metrics(runs)]
    state = {
        "searchFilter": query,
        "orderByKey": _column("attributes", "Created"),
        "orderByAsc": True,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "datasetsFilter": [],
        "modelVersionFilter": "All Runs",
        "selectedColumns": columns,
        "columnOrder": columns,
        "runsHiddenMode": "SHOW_ALL",  # charts show ten runs by default
        "columnWidths": {name: 60 + 8 * len(name.partition(".")[2]) for name in columns},
    }
    client.set_experiment_tag(experiment, f"{_TAG}{batch}", json.dumps(state))
    return address(experiment, batch)


def address(experiment: str, batch: str) -> str:
    """Return the address of a batch's view, after the UI's own."""
    return f"#/experiments/{experiment}/runs?viewStateShareKey={batch}"


def _column(kind: str, name: str) -> str:
    return f"{kind}.`{name}`"


def _params(runs: Sequence[Any]) -> list[str]:
    """Return the leading params, and those in which the runs differ."""
    found = [run.data.params for run in runs]
    names = sorted({name for params in found for name in params})
    differ = [n for n in names if len({params.get(n) for params in found}) > 1]
    first = [n for n in _PARAMS if n in names]
    return [*first, *(n for n in differ if n not in first)]


def _metrics(runs: Sequence[Any]) -> list[str]:
    # Lines that are not there yet give columns of zeros.
    names = {name for run in runs for name, value in run.data.metrics.items() if value}
    steps = ("_by_step", "_by_year")
    kept = {n for n in names if not n.startswith(_LEFT_OUT) and not n.endswith(steps)}
    first = [n for n in _METRICS if n in kept]
    rest = sorted(kept.difference(first), key=lambda n: (not n.startswith("exports"), n))
    return [*first, *rest]
