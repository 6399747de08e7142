"""Speed guard of the allocation kernel: a million hours in less than two CPU seconds.

Run: python benchmarks/kernel_speed.py

Every hour differs from the one before in all bounds, the hard case.  The process ends with code 1
when the guard is missed.  CPU seconds of one thread, after compilation.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from arguments import arguments

from dcforecast.system.kernel import Programme, solve

LIMIT_SECONDS = 2.0
NODES, HOURS, MEMBERS = 4, 10_000, 100


def network(rng: np.random.Generator) -> Programme:
    """Four nodes with supply, load and lossy links both ways: as many columns as by default."""
    pairs = [(a, b) for a in range(NODES) for b in range(NODES) if a != b]
    matrix = np.zeros((NODES, 2 * NODES + len(pairs)))
    matrix[:, :NODES], matrix[:, NODES : 2 * NODES] = np.eye(NODES), -np.eye(NODES)
    for j, (a, b) in enumerate(pairs, 2 * NODES):
        matrix[a, j], matrix[b, j] = -1.0, 0.97
    cost = np.r_[rng.uniform(0, 60, NODES), -rng.uniform(40, 200, NODES), np.full(len(pairs), 0.01)]
    return Programme.build(matrix, cost)


def main() -> int:
    rng = np.random.default_rng(1)
    programme = network(rng)
    columns = len(programme.cost)
    bounds = rng.uniform(0, 500, (columns, MEMBERS, HOURS)).astype(np.float32)
    wanted = np.arange(columns)
    solve(programme, bounds[:, :1, :10], wanted)  # compiled: not part of the time
    began = time.thread_time()
    found = solve(programme, bounds, wanted)
    seconds = time.thread_time() - began
    print(
        f"{found.hours:,} hours, {columns} columns: {seconds:.2f} CPU s "
        f"({found.pivots / found.hours:.2f} pivots an hour, {found.bases} bases, "
        f"{found.fallbacks} fallbacks); the guard is {LIMIT_SECONDS:g} s"
    )
    return int(found.fallbacks > 0 or seconds >= LIMIT_SECONDS)


if __name__ == "__main__":
    sys.exit(main(*arguments(__doc__)))
