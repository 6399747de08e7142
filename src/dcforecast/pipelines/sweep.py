"""``-m``: every combination of the overrides, each job checked before the first one starts."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dcforecast.config.compose import Composed, compose, from_dict
from dcforecast.pipelines.execute import execute, new_batch, track_run
from dcforecast.pipelines.job import results_hash
from dcforecast.pipelines.preflight import preflight
from dcforecast.pipelines.progress import Reporter
from dcforecast.pipelines.provenance import code_digest
from dcforecast.store import Run, Store

if TYPE_CHECKING:
    from dcforecast.compute import Failure

__all__ = ["SweepJob", "run_jobs", "sweep", "told_apart"]


@dataclass(frozen=True)
class SweepJob:
    """One job of a sweep, small enough to travel to a worker."""

    command: str
    config: dict[str, Any]
    overrides: tuple[str, ...]
    batch: str
    force: bool
    input_digest: str
    folder: str


def _work(job: SweepJob) -> str:
    os.chdir(job.folder)  # a cluster's worker was started elsewhere; paths are relative to here
    # The sweep is what is spread: inside a job one process works.
    inside = {**job.config["compute"], "kind": "serial", "workers": 1}
    composed = from_dict({**job.config, "compute": inside}, job.overrides)
    store = Store(composed.settings.store.path)
    # A worker that outlived its killed sweep, or a second sweep, may be at this very job.
    with store.lock(f"{job.command}-{results_hash(composed.config)}"):
        done = None if job.force else _finished(job, composed, store)
        if done is None:
            done = execute(job.command, composed, batch=job.batch, force=job.force, quiet=True)
        elif "tracking_url" not in done.manifest:  # killed between the store and MLflow
            track_run(done, composed.settings.tracking, Reporter(quiet=True))
        return done.id


def sweep(command: str, jobs: Sequence[Sequence[str]], *, force: bool) -> int:
    """Run the jobs of a sweep and tell what came out; return 0, or 1 when one of them failed."""
    composed = [compose(overrides) for overrides in jobs]
    results = run_jobs(command, composed, told_apart(jobs), force=force)
    return _close(jobs, composed, results)


def run_jobs(
    command: str, composed: Sequence[Composed], names: Sequence[str], *, force: bool = False
) -> dict[int, Run | Failure]:
    """Run jobs by the back end of the first one; return the run or the failure of each.

    Jobs whose configuration an earlier finished run already has are not run again, unless
    `force`.  A job that fails does not stop the others.
    """
    from rich.console import Console

    from dcforecast.compute import Failure, Pool

    batch = new_batch()
    tasks = [
        SweepJob(
            command=command,
            config=one.config,
            overrides=one.overrides,
            batch=batch,
            force=force,
            # A record too short for one job (a long horizon) fails that job alone.
            input_digest=preflight(command, one, lengths=False).digest,
            folder=str(Path.cwd()),
        )
        for one in composed
    ]
    stores = {one.settings.store.path: Store(one.settings.store.path) for one in composed}
    runs = {path: [] if force else list(store) for path, store in stores.items()}
    found = [
        _finished(task, one, runs[one.settings.store.path])
        for task, one in zip(tasks, composed, strict=True)
    ]
    todo = [i for i, one in enumerate(composed) if not _whole(found[i], one)]
    for i in todo:  # a place where no job can work is told once, not by every job
        Store(composed[i].settings.store.path).locks()
    console = Console(stderr=True, highlight=False)
    console.print(f"{len(tasks)} jobs, {sum(1 for run in found if run)} finished earlier")
    results: dict[int, Run | Failure] = {
        i: run for i, run in enumerate(found) if run is not None and i not in todo
    }

    def tell(position: int, result: str | Failure) -> None:
        i = todo[position]
        failed = isinstance(result, Failure)
        store = stores[composed[i].settings.store.path]
        results[i] = result if isinstance(result, Failure) else store.get(result)
        word = "failed" if failed else "done  "
        console.print(f"[{len(results)}/{len(tasks)}] {word} {names[i]}", markup=False)

    Pool(composed[0].settings.compute).map(_work, [tasks[i] for i in todo], on_result=tell)
    return results


def _whole(run: Run | None, composed: Composed) -> bool:
    """Tell whether a job needs nothing more: it is finished, and tracked if it is to be."""
    if run is None:
        return False
    return composed.settings.tracking.kind == "off" or "tracking_url" in run.manifest


def told_apart(jobs: Sequence[Sequence[str]]) -> list[str]:
    """Name each job by the overrides in which the jobs differ."""
    shared = set.intersection(*(set(job) for job in jobs)) if len(jobs) > 1 else set()
    return [" ".join(text for text in job if text not in shared) for job in jobs]


def _finished(job: SweepJob, composed: Composed, runs: Iterable[Run]) -> Run | None:
    """Return the newest finished run of the same command, settings, input and code."""
    same = {
        "pipeline": job.command,
        "status": "finished",
        "config_hash": results_hash(composed.config),
        "input_digest": job.input_digest,
        "code_digest": code_digest(),
    }
    return next((r for r in runs if all(r.manifest.get(k) == v for k, v in same.items())), None)


def _close(
    jobs: Sequence[Sequence[str]],
    composed: Sequence[Composed],
    results: dict[int, Run | Failure],
) -> int:
    from rich.console import Console
    from rich.table import Table

    from dcforecast.compute import Failure
    from dcforecast.reports import print_table, sweep_table

    done = {i: r for i, r in sorted(results.items()) if not isinstance(r, Failure)}
    failed = {i: r for i, r in sorted(results.items()) if isinstance(r, Failure)}
    names = told_apart(jobs)
    console = Console(highlight=False)
    if done:
        runs = list(done.values())
        print_table(console, sweep_table(runs, [names[i] for i in done]))
        settings = composed[0].settings
        if settings.tracking.kind != "off":
            from dcforecast.tracking import link

            project = Store(settings.store.path).project
            address = link(runs, settings.tracking, project_dir=project)
            console.print(f"Compare in MLflow: dcforecast ui   then {address}", soft_wrap=True)
    if failed:
        table = Table("failed job", "error", title=f"{len(failed)} of {len(jobs)} jobs failed")
        for i, failure in failed.items():
            table.add_row(names[i], failure.message)
        print_table(Console(stderr=True), table)
    sys.stdout.flush()
    for run in done.values():
        print(f"run_id: {run.id}")
    return 1 if failed else 0
