"""Time and exactness of the hourly allocation against HiGHS on the default network.

Run: python benchmarks/allocation_vs_highs.py [members]

Both solve the same programmes: 8,760 hours of the default network in 2036 with synthetic supply and
load.  HiGHS gets the year as one block-diagonal programme (its fastest cold use through scipy), and
the hours one by one.  CPU seconds of the process, one thread.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import time
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Self, cast

import numpy as np
import pandas as pd
from arguments import arguments
from omegaconf import OmegaConf
from scipy.optimize import linprog
from scipy.sparse import block_diag, csr_array

from dcforecast.config.allocation import AllocationSettings
from dcforecast.config.network import NetworkSettings
from dcforecast.config.paths import packaged
from dcforecast.system.allocation_loads import contracted_load
from dcforecast.system.columns import assemble
from dcforecast.system.draws import Draws
from dcforecast.system.kernel import reference, solve
from dcforecast.system.links import commissioning, hourly_capacity
from dcforecast.system.network import Network


@dataclass
class Clock:
    seconds: float = 0.0

    def __enter__(self) -> Self:
        self.start = time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.process_time() - self.start


def synthetic(members: int) -> tuple[Any, Any, Any]:
    file = OmegaConf.load(packaged("conf") / "network" / "default.yaml")
    settings = NetworkSettings(**cast("dict[str, Any]", OmegaConf.to_container(file)))
    draws = Draws(members, 1)
    stamps = pd.date_range("2035-01-01", periods=8760, freq="h", tz="UTC")
    rng = draws.rng("benchmark")

    def noise(mean: float, sd: float) -> np.ndarray:
        draw = mean + sd * rng.standard_normal((members, 8760))
        return np.maximum(draw, 0.0).astype(np.float32)

    def plant(node: str, mean: float, sd: float) -> SimpleNamespace:
        return SimpleNamespace(name="", node=node, available_mw=noise(mean, sd), cost_eur_mwh=0.0)

    year = SimpleNamespace(
        year=2035,
        timestamps=stamps,
        tranches=[plant("AZ", 7_000, 1_200), plant("NX", 90, 50)],
        domestic_mw={"AZ": noise(4_000, 500), "NX": noise(80, 20)},
        reserve_mw=noise(500, 0),
        campuses=[
            SimpleNamespace(
                name="", node="AZ", contracted_mw=np.full(members, 500.0), demand_mw=noise(300, 0)
            )
        ],
    )
    dates = commissioning(settings, draws)
    return Network.build(settings), year, hourly_capacity(settings, dates, stamps, draws)


def main(members: int) -> None:
    network, year, capacity = synthetic(members)
    contracted = contracted_load(year)
    columns = assemble(
        network, year, capacity, AllocationSettings(name="default"), contracted=contracted
    )
    programme, bounds = columns.programme, columns.bounds
    wanted = np.arange(len(columns.names))
    solve(programme, bounds[:, :1, :10], wanted, precise=True)
    solve(programme, bounds[:, :1, :10], wanted)  # compiled: not part of the time
    with Clock() as kernel:
        found = solve(programme, bounds, wanted)
    exact = solve(programme, bounds[:, :1], wanted, precise=True).values[:, 0]
    ours = programme.cost @ exact
    upper = bounds[:, 0].astype(float)
    with Clock() as block:
        matrix = block_diag([csr_array(programme.matrix)] * 8760, format="csc")
        zero = np.zeros(matrix.shape[0])
        limits = np.column_stack([np.zeros(upper.size), upper.T.ravel()])
        year_lp = linprog(
            np.tile(programme.cost, 8760), A_eq=matrix, b_eq=zero, bounds=limits, method="highs"
        )
    with Clock() as hourly:
        best = np.array(
            [
                programme.cost @ reference(programme.matrix, programme.cost, upper[:, t])
                for t in range(500)
            ]
        )
    gap = np.abs(ours[:500] - best) / np.maximum(np.abs(best), 1)
    per_year = kernel.seconds / members
    print(f"{len(columns.names)} columns, {len(programme.matrix)} rows, {members} members")
    print(
        f"memoised dual simplex     {per_year * 1e3:10.2f} ms a year   "
        f"{kernel.seconds / found.hours * 1e6:.3f} us an hour"
    )
    print(
        f"HiGHS, one block LP       {block.seconds * 1e3:10.2f} ms a year   "
        f"{block.seconds / per_year:,.0f} times as long"
    )
    print(
        f"HiGHS, hour by hour       {hourly.seconds / 500 * 8760 * 1e3:10.2f} ms a year   "
        f"{hourly.seconds / 500 * 8760 / per_year:,.0f} times as long"
    )
    print(
        f"bases {found.bases}, pivots an hour {found.pivots / found.hours:.3f}, "
        f"fallbacks {found.fallbacks}, balance {found.residual:.1e}"
    )
    print(
        f"objective: largest relative gap of an hour {gap.max():.1e} (500 hours), "
        f"of the year {abs(ours.sum() - year_lp.fun) / abs(year_lp.fun):.1e}"
    )


if __name__ == "__main__":
    main(*arguments(__doc__, members=(int, 20)))
