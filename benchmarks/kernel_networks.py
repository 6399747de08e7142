"""The allocation kernel against HiGHS on a thousand random networks.

Run: python benchmarks/kernel_networks.py [networks] [hours]

Each network has two to six nodes with plants, loads and lossy links both ways, a limit that several
links share, and transit: a second commodity that may use one of the links but serves only its own
buyer.  In each hour every bound is drawn anew, a sixth of them is out, and in half of the networks
the prices change by the hour.  Ends with code 1 unless every hour's objective equals that of HiGHS
to 1e-9, every balance holds to 1e-6 MW, every bound is kept, and no hour was given up.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import sys
import time

import numpy as np
from arguments import arguments

from dcforecast.system.kernel import Programme, reference, solve


def network(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Matrix and costs; rows are the nodes, then the transit's node, the shared link, the limit."""
    nodes = int(rng.integers(2, 7))
    transit, link_row, limit_row = nodes, nodes + 1, nodes + 2
    columns: list[dict[int, float]] = []
    cost: list[float] = []

    def add(entries: dict[int, float], price: float) -> None:
        columns.append(entries)
        cost.append(price)

    for node in range(nodes):
        add({node: 1.0}, rng.choice([0.0, 20.0, rng.uniform(-30, 60)]))
        add({node: -1.0}, -rng.choice([40.0, 50.0, 1_000.0, rng.uniform(10, 200)]))
    links = int(rng.integers(nodes, min(3 * nodes, 18)))
    for number in range(links):
        start, end = rng.choice(nodes, 2, replace=False)
        entries = {int(start): -1.0, int(end): 1.0 - rng.choice([0.0, 0.02, 0.08])}
        if number == 0:
            entries[link_row] = 1.0
        if number < 3:
            entries[limit_row] = 1.0
        add(entries, 0.01)
    add({transit: 1.0}, rng.uniform(10, 40))  # the foreign plant
    add({transit: -1.0, link_row: 1.0}, -rng.uniform(30, 90))  # to its buyer over the first link
    add({link_row: -1.0}, 0.0)
    add({limit_row: -1.0}, 0.0)
    matrix = np.zeros((nodes + 3, len(columns)))
    for j, entries in enumerate(columns):
        for row, value in entries.items():
            matrix[row, j] = value
    return matrix, np.array(cost)


def main(networks: int, hours: int) -> int:
    worst = {"objective": 0.0, "balance": 0.0, "bound": 0.0}
    given_up, began = 0, time.process_time()
    for seed in range(networks):
        rng = np.random.default_rng(seed)
        matrix, cost = network(rng)
        programme = Programme.build(matrix, cost)
        size = rng.uniform(0, 1_000, (len(cost), 1, hours))
        bounds = (size * (rng.uniform(size=size.shape) > 1 / 6)).astype(np.float32)
        prices = programme.cost + rng.normal(0, 15, (hours, len(cost))) if seed % 2 else None
        found = solve(programme, bounds, np.arange(len(cost)), prices=prices, precise=True)
        given_up += found.fallbacks
        for hour in range(hours):
            price = programme.cost if prices is None else prices[hour]
            upper, x = bounds[:, 0, hour].astype(float), found.values[:, 0, hour]
            best = float(price @ reference(matrix, price, upper))
            gap = abs(float(price @ x) - best) / max(abs(best), 1.0)
            worst["objective"] = max(worst["objective"], gap)
            worst["balance"] = max(worst["balance"], float(np.abs(matrix @ x).max()))
            worst["bound"] = max(worst["bound"], float(np.maximum(-x, x - upper).max()))
    seconds = time.process_time() - began
    print(
        f"{networks:,} networks, {networks * hours:,} programmes, {seconds:.0f} "
        f"CPU s; largest gap of the objective {worst['objective']:.1e} (relative), of a balance "
        f"{worst['balance']:.1e} MW, of a bound {worst['bound']:.1e} MW; given up: {given_up}"
    )
    good = worst["objective"] <= 1e-9 and worst["balance"] <= 1e-6 and worst["bound"] <= 1e-6
    return int(given_up > 0 or not good)


if __name__ == "__main__":
    sys.exit(main(*arguments(__doc__, networks=(int, 1_000), hours=(int, 20))))
