"""``-m``: every combination of the overrides, each job checked before the first one starts."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from dcforecast.config.compose import Composed, compose
from dcforecast.pipelines.execute import execute, new_batch
from dcforecast.pipelines.job import results_hash
from dcforecast.pipelines.provenance import code_digest
from dcforecast.store import Store

__all__ = ["SweepJob", "sweep"]


@dataclass(frozen=True)
class SweepJob:
    """One job of a sweep, small enough to travel to a worker."""

    command: str
    overrides: tuple[str, ...]
    batch: str
    force: bool


def _work(job: SweepJob) -> str:
    composed = compose(job.overrides)
    return execute(job.command, composed, batch=job.batch, force=job.force, quiet=True).id


def sweep(command: str, jobs: Sequence[Sequence[str]], *, force: bool) -> int:
    """Run the jobs of a sweep; return 0, or 1 when one of them failed.

    Jobs whose configuration an earlier finished run already has are not run again, unless
    `force`.  A job that fails does not stop the others.
    """
    from rich.console import Console

    from dcforecast.compute import Failure, Pool

    composed = [_checked(overrides) for overrides in jobs]
    batch = new_batch()
    found = [None if force else _finished(command, one) for one in composed]
    todo = [i for i, run_id in enumerate(found) if run_id is None]
    console = Console(stderr=True, highlight=False)
    console.print(f"{len(jobs)} jobs, {len(jobs) - len(todo)} finished earlier")
    results: dict[int, str | Failure] = {i: r for i, r in enumerate(found) if r is not None}

    def tell(position: int, result: str | Failure) -> None:
        results[todo[position]] = result
        word = "failed" if isinstance(result, Failure) else "done  "
        console.print(
            f"[{len(results)}/{len(jobs)}] {word} {' '.join(jobs[todo[position]])}", markup=False
        )

    tasks = [SweepJob(command, tuple(jobs[i]), batch, force) for i in todo]
    Pool(composed[0].settings.compute).map(_work, tasks, on_result=tell)
    return _close(jobs, composed, results)


def _checked(overrides: Sequence[str]) -> Composed:
    from dcforecast.pipelines.preflight import preflight

    composed = compose(overrides)
    preflight("backtest", composed)
    return composed


def _finished(command: str, composed: Composed) -> str | None:
    hashed = results_hash(composed.config)
    for run in Store(composed.settings.store.path):
        facts = run.manifest
        same = facts["pipeline"] == command and facts["config_hash"] == hashed
        if same and facts["status"] == "finished" and facts.get("code_digest") == code_digest():
            return run.id
    return None


def _close(jobs: Sequence[Sequence[str]], composed: Sequence[Composed], results: dict) -> int:  # type: ignore[type-arg]
    from rich.console import Console
    from rich.table import Table

    from dcforecast.compute import Failure
    from dcforecast.reports import sweep_table

    done = {i: r for i, r in results.items() if not isinstance(r, Failure)}
    failed = {i: r for i, r in results.items() if isinstance(r, Failure)}
    console = Console(highlight=False)
    if done:
        store = Store(composed[0].settings.store.path)
        runs = [Store(composed[i].settings.store.path).get(done[i]) for i in sorted(done)]
        console.print(sweep_table(runs))
        if composed[0].settings.tracking.kind != "off":
            from dcforecast.tracking import link

            address = link(runs, composed[0].settings.tracking, project_dir=store.project)
            console.print(f"Compare in MLflow: dcforecast ui   then {address}", soft_wrap=True)
    if failed:
        table = Table("failed job", "error", title=f"{len(failed)} of {len(jobs)} jobs failed")
        for i, failure in sorted(failed.items()):
            table.add_row(" ".join(jobs[i]), failure.message)
        Console(stderr=True).print(table)
    sys.stdout.flush()
    for i in sorted(done):
        print(f"run_id: {done[i]}")
    return 1 if failed else 0
