"""Availability of thermal units."""

from __future__ import annotations

import numpy as np
import pytest

from dcforecast.system.draws import Draws
from dcforecast.system.fleet import Unit
from dcforecast.system.outages import RELIABILITY, available, forced_out
from dcforecast.system.weather_sites import local_calendar

MONTH, _, _ = local_calendar(2030)
MILD = np.full((200, len(MONTH)), 15.0, np.float32)


def unit(technology, size, number=1, active=None):
    part = np.ones((1, 12)) if active is None else active
    return Unit(f"{technology} {number}", technology, "AZ", size, 0.5, part)


def state(starts, ends, hours):
    steps = np.zeros((len(starts), hours + 1))
    row = np.arange(len(starts))[:, None]
    np.add.at(steps, (row, starts), 1)
    np.add.at(steps, (row, ends), -1)
    return np.cumsum(steps[:, :-1], axis=1)


def test_two_states_have_the_rate_and_the_length_asked_for():
    starts, ends = forced_out(np.random.default_rng(0), 2_000, 8_760, rate=0.1, repair_hours=50.0)
    out = state(starts, ends, 8_760)
    assert set(np.unique(out)) == {0.0, 1.0}
    assert out.mean() == pytest.approx(0.1, abs=0.004)
    # Stationary: the first and the last week are like the rest.
    assert out[:, :168].mean() == pytest.approx(0.1, abs=0.015)
    assert out[:, -168:].mean() == pytest.approx(0.1, abs=0.015)
    inside = (starts > 0) & (ends < 8_760)
    assert (ends - starts)[inside].mean() == pytest.approx(50, rel=0.04)


def test_no_rate_no_outage():
    starts, ends = forced_out(np.random.default_rng(0), 3, 100, rate=0.0, repair_hours=50.0)
    assert state(starts, ends, 100).sum() == 0


@pytest.mark.parametrize(
    ("technology", "size", "count"),
    [("ccgt", 400.0, 5), ("engines", 25.0, 6), ("engines", 9.0, 80)],
)
def test_mean_availability_is_forced_times_planned(technology, size, count):
    kind = RELIABILITY[technology]
    units = [unit(technology, size, n) for n in range(count)]
    output = available(units, Draws(200, 2), 2030, MONTH, MILD)
    share = output.mean() / (count * size)
    assert share == pytest.approx((1 - kind.forced) * (1 - kind.planned), abs=0.012)
    assert output.max() <= count * size * (1 + 1e-6)
    assert output.min() >= 0


def test_maintenance_keeps_to_the_mild_seasons():
    units = [unit("ccgt", 400.0, n) for n in range(10)]
    output = available(units, Draws(200, 2), 2030, MONTH, MILD)
    assert (
        output[:, np.isin(MONTH, (7, 8))].mean() > 1.05 * output[:, np.isin(MONTH, (4, 10))].mean()
    )


def test_heat_takes_half_a_percent_a_degree_from_gas_turbines():
    units = [unit("ccgt", 400.0)]
    mild = available(units, Draws(200, 2), 2030, MONTH, MILD)
    hot = available(units, Draws(200, 2), 2030, MONTH, MILD + 20)
    assert hot.sum() == pytest.approx(0.9 * mild.sum(), rel=1e-4)


def test_a_unit_gives_nothing_before_its_month():
    part = np.zeros((200, 12))
    part[:, 6:] = 1.0
    output = available([unit("ccgt", 400.0, active=part)], Draws(200, 2), 2030, MONTH, MILD)
    assert output[:, MONTH <= 6].max() == 0
    assert output[:, MONTH > 6].mean() > 300


def test_members_keep_their_outages():
    units = [unit("ccgt", 400.0), unit("engines", 9.0)]
    for one in units:
        few = available([one], Draws(5, 2), 2030, MONTH, MILD[:5])
        assert np.array_equal(few, available([one], Draws(200, 2), 2030, MONTH, MILD)[:5])
