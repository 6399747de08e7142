"""The memoised dual simplex against HiGHS."""

from __future__ import annotations

import time

import numpy as np
import pytest

from dcforecast.errors import InternalError
from dcforecast.system.kernel import Programme, reference, solve


def network(rng, *, lossless=False):
    """Random network: a spill-free supply a node, then loads, links and more supplies."""
    rows = int(rng.integers(2, 8))
    columns = int(rng.integers(rows + 4, 30))
    matrix, cost = np.zeros((rows, columns)), np.zeros(columns)
    for j in range(columns):
        node, other = rng.choice(rows, 2, replace=False)
        kind = "supply" if j < rows else rng.choice(["supply", "load", "link"])
        if kind == "supply":
            matrix[j if j < rows else node, j] = 1.0
            cost[j] = rng.choice([0.0, 0.0, 20.0, rng.uniform(-30, 60)])
        elif kind == "load":
            matrix[node, j] = -1.0
            cost[j] = -rng.choice([10.0, 50.0, 50.0, 1_000.0])
        else:
            matrix[node, j] = -1.0
            matrix[other, j] = 1.0 if lossless else 1.0 - rng.choice([0.0, 0.03, 0.08])
            cost[j] = 0.01
    return matrix, cost


def limits(rng, columns, hours):
    """Bounds with many zeros: outages, links not yet built."""
    size = rng.uniform(0, 1_000, (columns, 1, hours))
    return (size * (rng.uniform(size=size.shape) > 0.15)).astype(np.float32)


@pytest.mark.parametrize("seed", range(60))
def test_equals_highs(seed):
    rng = np.random.default_rng(seed)
    matrix, cost = network(rng, lossless=seed % 3 == 0)
    programme = Programme.build(matrix, cost)
    hours = 12
    bounds = limits(rng, len(cost), hours)
    prices = programme.cost + rng.normal(0, 15, (hours, len(cost))) if seed % 2 else None
    found = solve(programme, bounds, np.arange(len(cost)), prices=prices, precise=True)
    assert found.fallbacks == 0
    for hour in range(hours):
        price = programme.cost if prices is None else prices[hour]
        upper = bounds[:, 0, hour].astype(float)
        x = found.values[:, 0, hour]
        best = price @ reference(matrix, price, upper)
        assert price @ x == pytest.approx(best, rel=1e-9, abs=1e-6)
        assert np.abs(matrix @ x).max() <= 1e-6
        assert (x >= 0).all()
        assert (x <= upper + 1e-9).all()


def test_certificate_of_optimality():
    """Node prices from the basis leave no column that would gain by moving."""
    rng = np.random.default_rng(7)
    matrix, cost = network(rng)
    programme = Programme.build(matrix, cost)
    bounds = limits(rng, len(cost), 50)
    x = solve(programme, bounds, np.arange(len(cost)), precise=True).values[:, 0]
    for hour in range(50):
        upper = bounds[:, 0, hour].astype(float)
        inside = (x[:, hour] > 1e-7) & (x[:, hour] < upper - 1e-7)
        price, *_ = np.linalg.lstsq(matrix[:, inside].T, programme.cost[inside], rcond=None)
        assert np.abs(programme.cost[inside] - price @ matrix[:, inside]).max(initial=0) < 1e-6


def test_more_capacity_never_costs():
    rng = np.random.default_rng(11)
    matrix, cost = network(rng)
    programme = Programme.build(matrix, cost)
    small = limits(rng, len(cost), 200)
    large = small + limits(rng, len(cost), 200)
    value = [
        programme.cost @ solve(programme, u, np.arange(len(cost)), precise=True).values[:, 0]
        for u in (small, large)
    ]
    assert (value[1] <= value[0] + 1e-6).all()


def test_batching_does_not_change_a_bit():
    rng = np.random.default_rng(3)
    matrix, cost = network(rng)
    programme = Programme.build(matrix, cost)
    bounds = rng.uniform(0, 500, (len(cost), 6, 300)).astype(np.float32)
    wanted = np.arange(len(cost))
    whole = solve(programme, bounds, wanted).values
    parts = [solve(programme, bounds[:, k : k + 2], wanted).values for k in (0, 2, 4)]
    assert whole.tobytes() == np.concatenate(parts, axis=1).tobytes()


def test_lossless_flow_equals_maximum_flow():
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_flow

    rng = np.random.default_rng(5)
    nodes = 6
    pairs = [(a, b) for a in range(nodes) for b in range(nodes) if a != b]
    for _ in range(20):
        size = np.zeros((nodes, nodes), np.int32)
        for a, b in pairs:
            size[a, b] = rng.integers(0, 9) * rng.integers(0, 2)
        expected = maximum_flow(csr_array(size), 0, nodes - 1).flow_value
        matrix = np.zeros((nodes, len(pairs) + 2))
        for j, (a, b) in enumerate(pairs):
            matrix[a, j], matrix[b, j] = -1.0, 1.0
        matrix[0, -2], matrix[nodes - 1, -1] = 1.0, -1.0
        cost = np.r_[np.zeros(len(pairs) + 1), -1.0]
        upper = np.r_[[size[a, b] for a, b in pairs], 1e3, 1e3].astype(np.float32)
        found = solve(
            Programme.build(matrix, cost), upper[:, None, None], np.array([len(cost) - 1])
        )
        assert found.values[0, 0, 0] == pytest.approx(expected, abs=1e-5)


def test_dependent_rows_are_refused():
    with pytest.raises(InternalError, match="depends on"):
        Programme.build(np.ones((2, 4)), np.zeros(4))


def test_too_many_columns_are_refused():
    with pytest.raises(InternalError, match="at most 64"):
        Programme.build(np.eye(2, 65), np.zeros(65))


def test_speed():
    """A million hours in two CPU seconds: 200,000 hard (independent) hours here."""
    rng = np.random.default_rng(1)
    matrix, cost = network(np.random.default_rng(12))
    programme = Programme.build(matrix, cost)
    bounds = rng.uniform(0, 500, (len(cost), 20, 10_000)).astype(np.float32)
    solve(programme, bounds[:, :1, :10], np.arange(3))
    began = time.thread_time()
    found = solve(programme, bounds, np.arange(3))
    seconds = time.thread_time() - began
    assert found.fallbacks == 0
    assert seconds < 10 * 0.2  # five times the aim, for slow and busy machines
