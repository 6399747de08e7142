"""The ensemble: every hour of every year and member, allocated, reduced, written."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dcforecast.compute import Failure, Pool
from dcforecast.config.allocation import AllocationSettings
from dcforecast.config.ensemble import EnsembleSettings
from dcforecast.config.network import NetworkSettings
from dcforecast.errors import InternalError
from dcforecast.system.ensemble_join import BlockResult, YearResult, join
from dcforecast.system.ensemble_year import YearTask
from dcforecast.system.links import commissioning
from dcforecast.system.model import SystemModel
from dcforecast.system.network import Network

__all__ = ["EnsembleResult", "simulate"]


@dataclass(frozen=True)
class EnsembleResult:
    """What an ensemble run gives.

    Attributes
    ----------
    annual : DataFrame
        Rows of the table ``annual`` without scenario; further columns unit and se (standard error
        of the mean over members).
    metrics : dict of str to float
        Hours solved, pivots, fallbacks, largest balance residual, seconds; ``storage_kept``: share
        of the batteries' value with perfect foresight that their rule keeps.
    members : dict of str to dict of int to ndarray (members,)
        Headline numbers by year, member by member, TWh leaving home over all corridors:
        ``expected_export_twh``, ``capability_export_twh``; and ``unserved_twh``.
    """

    annual: pd.DataFrame
    metrics: dict[str, float]
    members: dict[str, dict[int, NDArray[np.float64]]]


def simulate(
    model: SystemModel,
    *,
    network: NetworkSettings,
    allocation: AllocationSettings,
    ensemble: EnsembleSettings,
    years: Iterable[int],
    progress: Callable[[float], None] | None = None,
    write: Callable[[pd.DataFrame], None] | None = None,
    keep: Callable[[pd.DataFrame], None] | None = None,
    pool: Pool | None = None,
) -> EnsembleResult:
    """Allocate every hour of the years for all members.

    Parameters
    ----------
    model : SystemModel
        Yields the system of a year, for each block of members.
    network, allocation, ensemble : settings
    years : iterable of int
    progress : callable, optional
        Called with the share of the years that is done.
    write : callable, optional
        Takes the hourly quantiles of one year (rows of ``allocation`` without scenario), in order
        of the years; not called when ``ensemble.keep_hours`` is off.
    keep : callable, optional
        Takes every hour of one member's year (rows of ``members`` without scenario), in order of
        the years and members of ``ensemble.keep_members``.
    pool : Pool, optional
        Works the blocks of members out, a year at a time, instead of threads here.

    Notes
    -----
    Members are worked on in blocks of a hundred, so memory holds the arrays of
    ``ensemble.threads`` blocks and, where hours are kept, the sinks' hours of one year.  The
    numbers do not depend on the threads: all random streams are named and each block of each year
    is worked out by itself.
    """
    started = time.perf_counter()
    wanted = list(years)
    if not wanted:
        raise InternalError("simulate: no years")
    built = Network.build(network)
    parts = list(model.parts())
    starts = np.cumsum([0, *(part.draws.members for part in parts)])
    tasks = [
        YearTask(
            part,
            built,
            allocation,
            commissioning(network, part.draws),
            keep_hours=ensemble.keep_hours and write is not None,
            members=model.draws.members,
            kept={
                m: int(m - start)
                for m in (ensemble.kept if keep is not None else ())
                if start <= m < start + part.draws.members
            },
        )
        for start, part in zip(starts[:-1], parts, strict=True)
    ]
    frames, checks = [], []
    members: dict[str, dict[int, NDArray[np.float64]]] = {}
    for done, result in enumerate(_by_year(tasks, wanted, ensemble.threads, pool, keep), 1):
        if write is not None and result.hours is not None:
            write(result.hours)
        frames.append(result.annual)
        checks += result.checks
        for name, values in result.members.items():
            members.setdefault(name, {})[wanted[done - 1]] = values
        if progress is not None:
            progress(done / len(wanted))
    annual = pd.concat(frames, ignore_index=True)
    metrics = _metrics(checks, time.perf_counter() - started)
    return EnsembleResult(annual, metrics, members)


def _by_year(
    tasks: list[YearTask],
    years: list[int],
    threads: int,
    pool: Pool | None,
    keep: Callable[[pd.DataFrame], None] | None,
) -> Iterator[YearResult]:
    """Yield the years in order, each once all its blocks are there."""
    keep = keep or (lambda _: None)
    if pool is not None:
        for year in years:
            yield join(_elsewhere(pool, [(task, year) for task in tasks]), keep)
        return
    blocks = _in_order([(task, year) for year in years for task in tasks], threads)
    for _ in years:
        yield join(islice(blocks, len(tasks)), keep)


def _run(work: tuple[YearTask, int]) -> BlockResult:
    task, year = work
    return task.run(year)


def _elsewhere(pool: Pool, work: list[tuple[YearTask, int]]) -> list[BlockResult]:
    results = pool.map(_run, work)
    for result in results:
        if isinstance(result, Failure):
            raise InternalError(f"{work[0][1]}: {result.message}\n{result.details}")
    return results


def _in_order(work: list[tuple[YearTask, int]], threads: int) -> Iterator[BlockResult]:
    if threads == 1 or len(work) == 1:
        yield from (task.run(year) for task, year in work)
        return
    waiting: deque[Future[BlockResult]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for task, year in work:
                waiting.append(pool.submit(task.run, year))
                # One more than threads, so that nobody waits while a year is reduced.
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _metrics(checks: list[dict[str, float]], seconds: float) -> dict[str, float]:
    total = {key: float(sum(c[key] for c in checks)) for key in ("hours", "pivots", "fallbacks")}
    rule, best = (sum(c[f"storage_{of}_eur"] for c in checks) for of in ("rule", "foresight"))
    if best > 0:
        total["storage_kept"] = rule / best
    return {
        **total,
        "bases": float(max(c["bases"] for c in checks)),
        "balance_residual": float(max(c["residual"] for c in checks)),
        "seconds": seconds,
        "model_seconds": float(sum(c["model_seconds"] for c in checks)),
        "allocation_seconds": float(sum(c["allocation_seconds"] for c in checks)),
        "reduction_seconds": float(sum(c["reduction_seconds"] for c in checks)),
    }
