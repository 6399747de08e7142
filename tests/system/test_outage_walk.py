"""Outages written into hours, against the plain way."""

from __future__ import annotations

import numpy as np

from dcforecast.system.outage_walk import add_steps, add_unit, take_out


def test_an_overlap_only_prolongs_an_outage():
    rng = np.random.default_rng(5)
    starts = np.sort(rng.uniform(-40, 120, (30, 9)), axis=1)
    ends = starts + rng.exponential(15, starts.shape)
    capacity = np.full((30, 100), 200.0, np.float32)
    take_out(capacity, starts, ends, np.float32(50.0))
    assert set(np.unique(capacity)) == {np.float32(150.0), np.float32(200.0)}
    at = np.arange(100)[None, :, None]
    out = ((np.rint(starts)[:, None] <= at) & (at < np.rint(ends)[:, None])).any(axis=2)
    np.testing.assert_array_equal(capacity == 150.0, out)


def test_units_by_their_steps():
    starts, ends = np.array([[2, 5], [0, 9]]), np.array([[4, 9], [3, 10]])
    steps, total = np.zeros((2, 11)), np.ones((2, 10), np.float32)
    add_steps(steps, starts, ends, 30.0)
    add_unit(total, steps, 30.0, np.linspace(0.1, 1.0, 10)[None])
    wanted = np.ones((2, 10))
    for m in range(2):
        up = np.ones(10)
        for start, end in zip(starts[m], ends[m], strict=True):
            up[start:end] -= 1.0
        wanted[m] += 30.0 * up * np.linspace(0.1, 1.0, 10)
    np.testing.assert_allclose(total, wanted, rtol=1e-6)
