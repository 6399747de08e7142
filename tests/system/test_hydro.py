"""Hydro by hour."""

from __future__ import annotations

import numpy as np
import pytest

from dcforecast.config.fleet import FleetSettings
from dcforecast.system.hydro import hourly_hydro, water_factor
from dcforecast.system.weather_sites import local_calendar

MONTH, HOUR, _ = local_calendar(2030)
LOAD = np.tile(3_000 + 700 * np.cos((HOUR - 19) / 24 * 2 * np.pi), (4, 1)).astype(np.float32)
WATER = np.random.default_rng(0).uniform(80, 480, (4, 12))


def monthly(output):
    return np.stack([output[:, m + 1 == MONTH].sum(axis=1, dtype=float) for m in range(12)], axis=1)


def test_months_keep_their_energy_within_capacity():
    size = np.full((4, 12), 1_400.0)
    output = hourly_hydro(WATER, size, LOAD, MONTH)
    assert monthly(output) == pytest.approx(WATER * 1_000, rel=1e-5)
    assert output.max() <= 1_400 * (1 + 1e-6)
    assert output.min() >= 0
    assert np.corrcoef(output[0, MONTH == 5], LOAD[0, MONTH == 5])[0, 1] > 0.9


def test_what_is_above_capacity_moves_to_other_hours():
    size = np.full((4, 12), 500.0)
    water = np.full((4, 12), 320.0)  # 430 to 476 MW on average: peaks do not fit
    output = hourly_hydro(water, size, LOAD, MONTH)
    assert output.max() <= 500 * (1 + 1e-6)
    assert monthly(output) == pytest.approx(water * 1_000, rel=1e-4)


def test_only_what_fits_nowhere_is_spilt():
    size = np.full((4, 12), 100.0)
    output = hourly_hydro(WATER, size, LOAD, MONTH)
    hours = np.bincount(MONTH)[1:]
    assert monthly(output) == pytest.approx(np.minimum(WATER * 1_000, 100.0 * hours), rel=1e-4)


def test_dry_years_have_less_water():
    settings = FleetSettings(name="x", dry_years=[2031], hydro_scale=0.9)
    assert water_factor(settings, 2030) == pytest.approx(0.9)
    assert water_factor(settings, 2031) == pytest.approx(0.9 * settings.dry_year_scale)
