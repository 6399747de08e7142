"""Batteries."""

from __future__ import annotations

import numpy as np
import pytest

from dcforecast.system.storage import ROUND_TRIP, battery


@pytest.mark.parametrize(("power", "energy"), [(250, 500), (100, 50), (50, 400), (10, 1_000)])
def test_store_never_over_full_or_below_empty(power, energy):
    rng = np.random.default_rng(1)
    net = rng.normal(3_000, 500, (5, 20 * 24)).astype(np.float32)
    charge, discharge = battery(net, power, energy)
    level = np.cumsum(charge * ROUND_TRIP - discharge, axis=1)
    assert level.min() >= -0.05
    assert level.max() <= energy + 0.05
    assert charge.max() <= power * (1 + 1e-6)
    assert discharge.max() <= power * (1 + 1e-6)
    assert discharge.sum() == pytest.approx(ROUND_TRIP * charge.sum(), rel=1e-5)
    assert ((charge == 0) | (discharge == 0)).all()


def test_it_lowers_the_evening_peak():
    hour = np.arange(24 * 10) % 24
    net = (3_000 + 800 * np.cos((hour - 16) / 24 * 2 * np.pi)).astype(np.float32)[None]
    charge, discharge = battery(net, 250, 500)
    assert (net + charge - discharge).max() <= net.max()
    assert discharge[0, net[0] == net.max()].min() > 0
