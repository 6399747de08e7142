"""The ensemble: every hour of every year and member, allocated, reduced, written."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dcforecast.config.allocation import AllocationSettings
from dcforecast.config.ensemble import EnsembleSettings
from dcforecast.config.network import NetworkSettings
from dcforecast.errors import InternalError
from dcforecast.system.draws import Draws
from dcforecast.system.ensemble_types import ModelLike
from dcforecast.system.ensemble_year import YearResult, YearTask
from dcforecast.system.links import commissioning
from dcforecast.system.network import Network

if TYPE_CHECKING:
    from dcforecast.system.export_use import Paths

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
        Hours solved, pivots, fallbacks, largest balance residual, seconds, memory.
    dates : DataFrame
        Commissioning of each link: member quantiles of the year, and the share ever built.
    members : dict of str to dict of int to ndarray (members,)
        Headline numbers by year, member by member, TWh leaving home over all corridors:
        ``expected_export_twh``, ``capability_export_twh``; and ``unserved_twh``.
    """

    annual: pd.DataFrame
    metrics: dict[str, float]
    dates: pd.DataFrame
    members: dict[str, dict[int, NDArray[np.float64]]]


def simulate(
    model: ModelLike,
    *,
    network: NetworkSettings,
    allocation: AllocationSettings,
    ensemble: EnsembleSettings,
    paths: Paths,
    draws: Draws,
    years: Iterable[int],
    progress: Callable[[float], None] | None = None,
    write: Callable[[pd.DataFrame], None] | None = None,
) -> EnsembleResult:
    """Allocate every hour of the years for all members.

    Parameters
    ----------
    model : SystemModel
        Yields the system of a year.
    network, allocation, ensemble : settings
    paths : MonthlyPaths
        With ``export``, GWh a month.
    draws : Draws
        Random streams; the same for the model and the network.
    years : iterable of int
    progress : callable, optional
        Called with the share of the years that is done.
    write : callable, optional
        Takes the hourly quantiles of one year (rows of ``allocation`` without scenario), in order
        of the years; not called when ``ensemble.keep_hours`` is off.

    Notes
    -----
    Memory holds ``ensemble.threads`` years at a time.  The numbers do not depend on the threads:
    all random streams are named and each year is worked out by itself.
    """
    started = time.perf_counter()
    wanted = list(years)
    if not wanted:
        raise InternalError("simulate: no years")
    dates = commissioning(network, draws)
    task = YearTask(
        model,
        Network.build(network),
        allocation,
        paths,
        draws,
        dates,
        keep_hours=ensemble.keep_hours and write is not None,
    )
    frames, checks = [], []
    members: dict[str, dict[int, NDArray[np.float64]]] = {}
    for done, result in enumerate(_in_order(task, wanted, _workers(ensemble, draws)), 1):
        if write is not None and result.hours is not None:
            write(result.hours)
        frames.append(result.annual)
        checks.append(result.checks)
        for name, values in result.members.items():
            members.setdefault(name, {})[wanted[done - 1]] = values
        if progress is not None:
            progress(done / len(wanted))
    annual = pd.concat(frames, ignore_index=True)
    metrics = _metrics(checks, time.perf_counter() - started)
    return EnsembleResult(annual, metrics, _date_table(dates), members)


def _workers(ensemble: EnsembleSettings, draws: Draws) -> int:
    """Years at a time: a year of 100 members takes about 0.4 GB, so large ensembles go singly."""
    return max(1, min(ensemble.threads, 400 // draws.members))


def _in_order(task: YearTask, years: list[int], threads: int) -> Iterable[YearResult]:
    if threads == 1 or len(years) == 1:
        yield from map(task.run, years)
        return
    waiting: deque[Future[YearResult]] = deque()
    ahead = iter(years)
    with ThreadPoolExecutor(threads) as pool:
        try:
            for year in ahead:
                waiting.append(pool.submit(task.run, year))
                if len(waiting) >= threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _metrics(checks: list[dict[str, float]], seconds: float) -> dict[str, float]:
    total = {key: float(sum(c[key] for c in checks)) for key in ("hours", "pivots", "fallbacks")}
    return {
        **total,
        "bases": float(max(c["bases"] for c in checks)),
        "balance_residual": float(max(c["residual"] for c in checks)),
        "seconds": seconds,
        "model_seconds": float(sum(c["model_seconds"] for c in checks)),
        "allocation_seconds": float(sum(c["allocation_seconds"] for c in checks)),
        "reduction_seconds": float(sum(c["reduction_seconds"] for c in checks)),
    }


def _date_table(dates: dict[str, Any]) -> pd.DataFrame:
    rows = []
    for name, values in dates.items():
        if np.isneginf(values).all():
            continue
        built = values[values < 9_000]
        low, middle, high = np.quantile(built, [0.1, 0.5, 0.9]) if len(built) else [np.nan] * 3
        rows.append(
            {
                "link": name,
                "built_share": len(built) / len(values),
                "q100": low,
                "q500": middle,
                "q900": high,
            }
        )
    return pd.DataFrame(rows, columns=["link", "built_share", "q100", "q500", "q900"])
