"""The table of runs as a comparison: a shared view that MLflow's UI opens by its key."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

__all__ = ["address", "newest_views", "share_view"]

#: Tag of an experiment that holds a view; the UI's own "Share" button writes the same.
_TAG = "mlflow.sharedViewState."

#: What stands first in the table, as far as the runs have it.
_PARAMS = ("model", "scenario", "series")
_METRICS = ("skill_vs_naive", "crps", "mase", "coverage_80", "coverage_90", "objective")

#: What runs are ordered by, the first they have, and whether less is better.
_BEST = (("skill_vs_naive", False), ("objective", True), ("owa", True), ("sql", True),
         ("mase", True), ("mae", True))  # fmt: skip

#: What stands above the runs of each pipeline's experiment.
_NOTES = {
    "backtest": "A run is one model, its children are the series. skill_vs_naive is 1 less the "
    "CRPS over that of seasonal naive, the mean over the series: more is better. crps of several "
    "series is 1 less that mean; mase and coverage are means over the series.",
    "run": "A run is one scenario, its children are the sinks. exports_... are means over all "
    "corridors, other sinks medians, in TWh a year. Capability, expected and firm never add up.",
    "forecast": "A run is one scenario, its children are the series: P10, P50 and P90 by step.",
    "tune": "A run is one search, its children are the trials. objective is what it made small.",
    "benchmark": "A run is one method on one public set; the tag scored_by tells ours from "
    "published ones.",
}
_NOTE = "mlflow.note.content"

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
    metrics = _metrics(runs)
    params = _params(runs)
    columns = [_column("params", name) for name in params]
    columns += [_column("metrics", name) for name in metrics]
    key, ascending = _order(metrics)
    state = {
        "searchFilter": query,
        "orderByKey": key,
        "orderByAsc": ascending,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "datasetsFilter": [],
        "modelVersionFilter": "All Runs",
        "selectedColumns": columns,
        "columnOrder": columns,
        "runsHiddenMode": "SHOW_ALL",  # charts show ten runs by default
        "columnWidths": dict(zip(columns, _widths(runs, params, metrics), strict=True)),
    }
    _describe(client, experiment)
    client.set_experiment_tag(experiment, f"{_TAG}{batch}", json.dumps(state))
    return address(experiment, batch)


def address(experiment: str, batch: str) -> str:
    """Return the address of a batch's view, after the UI's own."""
    return f"#/experiments/{experiment}/runs?viewStateShareKey={batch}"


def newest_views(client: Any) -> dict[str, str]:
    """Return the address of each experiment's newest view after the UI's own, newest first.

    Parameters
    ----------
    client : mlflow.MlflowClient
    """
    found = []
    for experiment in client.search_experiments():
        batches = [tag.removeprefix(_TAG) for tag in experiment.tags if tag.startswith(_TAG)]
        if batches:
            newest = max(batches)  # a batch begins with its time
            found.append((newest, experiment.name, address(experiment.experiment_id, newest)))
    return {name: where for _, name, where in sorted(found, reverse=True)}


def _describe(client: Any, experiment: str) -> None:
    """Say above the runs what they are, unless something stands there."""
    known = client.get_experiment(experiment)
    note = _NOTES.get("run" if known.name.endswith("/allocate") else known.name.split("/")[-1])
    if note is not None and _NOTE not in known.tags:
        client.set_experiment_tag(experiment, _NOTE, note)


def _order(metrics: Sequence[str]) -> tuple[str, bool]:
    """Return what the runs are ordered by: the best model first, scenarios as they were made."""
    if not any("_twh_" in name for name in metrics):
        for name, ascending in _BEST:
            if name in metrics:
                return _column("metrics", name), ascending
    return _column("attributes", "Created"), True


def _widths(runs: Sequence[Any], params: Sequence[str], metrics: Sequence[str]) -> list[int]:
    """Return the widths in pixels at which names and values can be read."""
    cells = [max([len(run.data.params.get(name, "")) for run in runs] or [0]) for name in params]
    letters = [max(len(name), cell) for name, cell in zip(params, cells, strict=True)]
    letters += [max(len(name), 8) for name in metrics]
    return [70 + 8 * min(count, 40) for count in letters]


def _column(kind: str, name: str) -> str:
    return f"{kind}.`{name}`"


def _params(runs: Sequence[Any]) -> list[str]:
    """Return the leading params, and those in which the runs differ."""
    found = [run.data.params for run in runs]
    names = sorted({name for params in found for name in params})
    differ = [n for n in names if len({params.get(n) for params in found}) > 1]
    # A name told by the run's own, or a series that is the same in all runs, tells nothing.
    told = [n for n in names if all(run.data.params.get(n) == run.info.run_name for run in runs)]
    first = [n for n in _PARAMS if n in names and (n != "series" or n in differ)]
    return [n for n in dict.fromkeys([*first, *differ]) if n not in told]


def _metrics(runs: Sequence[Any]) -> list[str]:
    # Lines that are not there yet give columns of zeros.
    names = {name for run in runs for name, value in run.data.metrics.items() if value}
    steps = ("_by_step", "_by_year")
    kept = {n for n in names if not n.startswith(_LEFT_OUT) and not n.endswith(steps)}
    answers = [n for n in kept if "_twh_" in n]
    answers.sort(key=lambda n: (not n.startswith("exports"), "_expected_" not in n, n))
    first = [n for n in _METRICS if n in kept]
    return [*answers, *first, *sorted(kept.difference(answers, first))]
