"""Batteries: bounds, and the plan against perfect foresight of HiGHS."""

from __future__ import annotations

import numpy as np
import pytest

from dcforecast.system.foresight import foresight
from dcforecast.system.kernel import Programme, solve
from dcforecast.system.kernel_hourly import costs_of
from dcforecast.system.storage import ROUND_TRIP, Store, operate


def village(seed: int, hours: int, members: int = 1):
    """Two plants and sun, a load with an evening peak, a buyer behind a lossy line."""
    rng = np.random.default_rng(seed)
    matrix = np.array([[1.0, 1.0, 1.0, -1.0, -1.0, 0.0], [0, 0, 0, 0, 0.97, -1.0]])
    programme = Programme.build(matrix, np.array([20.0, 60.0, 0.0, -1e4, 0.01, -50.0]))
    hour = np.arange(hours) % 24
    shape = (members, hours)
    load = 300 + 120 * np.cos((hour - 19) / 24 * 2 * np.pi) + rng.normal(0, 30, shape)
    sun = 350 * np.maximum(np.sin((hour - 6) / 12 * np.pi), 0) * rng.uniform(0.3, 1, shape)
    rows = [
        rng.uniform(120, 220, shape),
        rng.uniform(0, 200, shape),
        sun,
        load,
        np.where(rng.uniform(size=shape) < 0.9, 150.0, 0.0),
        rng.uniform(0, 200, shape),
    ]
    return programme, np.maximum(np.array(rows), 0).astype(np.float32)


def size(shape, power=40.0, energy=80.0):
    return Store(np.full(shape, power, np.float32), np.full(shape, energy, np.float32))


def gained(programme, bounds, ran):
    """What a store's hours are worth to the programme, EUR."""
    feed = np.zeros((len(programme.matrix), 2))
    feed[0] = (-1.0, 1.0)
    added = Programme(
        np.hstack([programme.matrix, feed]), np.append(programme.cost, [-1e6, 0]), programme.start
    )
    wanted, still = np.arange(len(programme.cost)), np.zeros_like(bounds[:1])
    value = []
    for taken, given in ((ran.charge, ran.discharge), (still[0], still[0])):
        whole = np.concatenate([bounds, taken[None], given[None]])
        x = solve(added, whole, wanted, precise=True).values
        value.append(-np.einsum("c,cmh->m", programme.cost, x))
    return value[0] - value[1]


@pytest.mark.parametrize(("power", "energy"), [(40, 80), (40, 20), (10, 400)])
def test_store_never_over_full_or_below_empty(power, energy):
    programme, bounds = village(1, 24 * 40, members=3)
    ran = operate(programme, bounds, size(bounds.shape[1:], power, energy))
    charge, discharge = ran.charge, ran.discharge
    level = np.cumsum(charge.astype(float) * ROUND_TRIP - discharge, axis=1)
    assert level.min() >= -0.01
    assert level.max() <= energy + 0.01
    assert max(charge.max(), discharge.max()) <= power * (1 + 1e-6)
    assert ((charge == 0) | (discharge == 0)).all()
    assert discharge.sum() > energy


@pytest.mark.parametrize("seed", range(3))
def test_knowing_all_hours_it_equals_highs(seed):
    programme, bounds = village(seed, 24 * 10)
    ran = operate(programme, bounds, size(bounds.shape[1:]), ahead=240, every=240)
    best = foresight(programme, bounds[:, 0], power_mw=40.0, energy_mwh=80.0)
    base = foresight(programme, bounds[:, 0])
    ours = gained(programme, bounds, ran)[0]
    assert ours == pytest.approx(base.objective - best.objective, rel=1e-3)
    assert ran.gained_eur[0] == pytest.approx(ours, rel=1e-3)


def test_at_hourly_prices_it_equals_highs_too():
    """Each member's plan sees the member's own prices."""
    programme, bounds = village(5, 24 * 8, members=2)
    rng = np.random.default_rng(6)
    moves = {5: rng.normal(0, 30, bounds.shape[1:]).astype(np.float32)}
    store = size(bounds.shape[1:])
    ran = operate(programme, bounds, store, ahead=192, every=192, moves=moves)
    plain = operate(programme, bounds, store, ahead=192, every=192)
    for member in range(2):
        costs = costs_of(programme, moves, member, 192)
        base = foresight(programme, bounds[:, member], costs=costs)
        best = foresight(programme, bounds[:, member], power_mw=40, energy_mwh=80, costs=costs)
        assert ran.gained_eur[member] == pytest.approx(base.objective - best.objective, rel=1e-3)
    assert not np.allclose(ran.charge, plain.charge)


def test_two_days_ahead_keep_nearly_all_of_it_and_never_lose():
    programme, bounds = village(11, 24 * 60, members=6)
    store = size(bounds.shape[1:])
    known = gained(programme, bounds, operate(programme, bounds, store, ahead=1_440, every=1_440))
    ours = gained(programme, bounds, operate(programme, bounds, store))
    blind = gained(programme, bounds, operate(programme, bounds, store, ahead=1, every=1))
    assert (ours >= 0.95 * known).all()
    assert (ours <= known * (1 + 1e-6)).all()
    assert (blind >= -1.0).all()


def test_a_store_that_comes_during_the_year():
    programme, bounds = village(2, 24 * 20)
    store = size(bounds.shape[1:])
    store.power_mw[:, :240], store.energy_mwh[:, :240] = 0.0, 0.0
    ran = operate(programme, bounds, store)
    charge, discharge = ran.charge, ran.discharge
    assert not charge[:, :240].any()
    assert not discharge[:, :240].any()
    assert discharge[:, 240:].any()
