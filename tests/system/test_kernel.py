"""The memoised dual simplex against HiGHS."""

from __future__ import annotations

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


@pytest.mark.parametrize("seed", range(200))
def test_equals_highs(seed):
    rng = np.random.default_rng(seed)
    matrix, cost = network(rng, lossless=seed % 3 == 0)
    programme = Programme.build(matrix, cost)
    hours = 5
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


@pytest.mark.parametrize("seed", range(20))
def test_certificate_of_optimality(seed):
    """The worth of one more MW of each bound is dual feasible and adds up to the objective."""
    from scipy.optimize import linprog

    rng = np.random.default_rng(800 + seed)
    matrix, cost = network(rng)
    programme = Programme.build(matrix, cost)
    rows, columns = matrix.shape
    for upper in limits(rng, columns, 10).transpose(2, 0, 1):
        found = solve(programme, upper[:, :, None], np.arange(columns), precise=True)
        worth, value = found.gains[:, 0], -programme.cost @ found.values[:, 0, 0]
        assert (worth >= 0).all()
        assert worth @ upper[:, 0] == pytest.approx(value, rel=1e-9, abs=1e-6)
        # Node prices y with A'y <= c + worth must exist: least violation over all prices.
        prices = linprog(
            np.r_[np.zeros(rows), 1.0],
            A_ub=np.column_stack([matrix.T, -np.ones(columns)]),
            b_ub=programme.cost + worth,
            bounds=[(None, None)] * rows + [(0, None)],
        )
        assert prices.fun < 1e-6


def test_price_of_a_row_is_a_finite_difference():
    """What a little more fed into a row is worth to HiGHS."""
    rng = np.random.default_rng(77)
    matrix, cost = network(rng)
    rows, columns = matrix.shape
    wide = np.hstack([matrix, np.eye(rows)])
    programme = Programme.build(wide, np.r_[cost, np.full(rows, 5.0)])
    hours, step = 10, 1e-3
    bounds = np.concatenate([limits(rng, columns, hours), np.zeros((rows, 1, hours), np.float32)])
    feeding = columns + np.arange(rows)
    found = solve(programme, bounds, np.arange(1), feeding=feeding)
    assert found.prices.shape == (rows, 1, hours)
    for hour, row in np.ndindex(hours, rows):
        free = np.r_[programme.cost[:columns], np.zeros(rows)]
        upper = bounds[:, 0, hour].astype(float)
        value = free @ reference(wide, free, upper)
        upper[columns + row] = step
        forced = free - 1e6 * (np.arange(len(free)) == columns + row)  # it is taken
        better = free @ reference(wide, forced, upper)
        assert found.prices[row, 0, hour] == pytest.approx((value - better) / step, abs=0.02)


def test_a_failed_hour_goes_to_the_reference_and_is_counted(monkeypatch):
    from dcforecast.system import simplex

    rng = np.random.default_rng(4)
    matrix, cost = network(rng)
    programme = Programme.build(matrix, cost)
    bounds, wanted = limits(rng, len(cost), 8), np.arange(len(cost))
    right = solve(programme, bounds, wanted, precise=True)
    whole = simplex.run

    def broken(*problem):
        residual = whole(*problem)
        problem[-1][1][:, 0, 3] = np.nan
        problem[-1][2][0, 3] = True
        return residual

    monkeypatch.setattr(simplex, "run", broken)
    found = solve(programme, bounds, wanted, precise=True)
    assert (right.fallbacks, found.fallbacks) == (0, 1)
    assert programme.cost @ found.values[:, 0] == pytest.approx(
        programme.cost @ right.values[:, 0], rel=1e-9, abs=1e-6
    )


def test_an_unbalanced_batch_is_refused(monkeypatch):
    from dcforecast.system import simplex

    rng = np.random.default_rng(4)
    matrix, cost = network(rng)
    monkeypatch.setattr(simplex, "run", lambda *_: 1e-4)
    with pytest.raises(InternalError, match="balance"):
        solve(Programme.build(matrix, cost), limits(rng, len(cost), 8), np.arange(2))


@pytest.mark.parametrize("seed", range(10))
def test_more_capacity_never_costs(seed):
    rng = np.random.default_rng(11 + seed)
    matrix, cost = network(rng)
    programme = Programme.build(matrix, cost)
    small = limits(rng, len(cost), 200)
    large = small + limits(rng, len(cost), 200)
    value = [
        programme.cost @ solve(programme, u, np.arange(len(cost)), precise=True).values[:, 0]
        for u in (small, large)
    ]
    assert (value[1] <= value[0] + 1e-6).all()
    assert (value[1] < value[0] - 1e-3).any()


@pytest.mark.parametrize("seed", range(10))
def test_lossless_demand_never_helps_another_site(seed):
    """Without losses more demand at one site never raises what another site gets."""
    rng = np.random.default_rng(40 + seed)
    nodes, sites = 5, 4
    pairs = [(a, b) for a in range(nodes) for b in range(nodes) if a != b]
    matrix = np.zeros((nodes, nodes + len(pairs) + sites))
    matrix[:, :nodes] = np.eye(nodes)
    for j, (a, b) in enumerate(pairs, nodes):
        matrix[a, j], matrix[b, j] = -1.0, 1.0
    for k in range(sites):
        matrix[k, nodes + len(pairs) + k] = -1.0
    cost = np.r_[np.zeros(nodes + len(pairs)), -rng.permutation([100.0, 50.0, 50.0, 10.0])]
    programme, served = Programme.build(matrix, cost), np.arange(len(cost) - sites, len(cost))
    few = limits(rng, len(cost), 200)
    before = solve(programme, few, served, precise=True).values[:, 0]
    changed = 0
    for k in range(sites):
        more = few.copy()
        more[served[k]] += 300.0
        after = solve(programme, more, served, precise=True).values[:, 0]
        others = np.arange(sites) != k
        assert (after[others] <= before[others] + 1e-5).all()
        changed += int((after[others] < before[others] - 1.0).sum())
    assert changed > 0


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
