"""Engines and batteries of a campus, by hand and by what must hold always."""

from __future__ import annotations

import numpy as np
import pytest

from dcforecast.config.datacentres import DatacentresSettings
from dcforecast.system.campus_site import DARK, ENGINES_RUN, Site, carry
from dcforecast.system.campus_walk import short_runs


def run(site, short, room=0.0, contract=100.0):
    """Use of one member, and the marks of its hours."""
    short = np.atleast_2d(np.asarray(short, np.float32))
    room = np.broadcast_to(np.asarray(room, np.float32), short.shape)
    state = np.zeros(short.shape, np.uint8)
    return carry(site, np.full(len(short), contract), short, room, state), state


def test_engines_carry_the_first_hours_they_may_run():
    use, state = run(Site(backup_share=0.6, backup_hours=2), [0, 50, 80, 0, 30])
    assert use.backup_mwh.tolist() == [50 + 60]
    assert use.dark_mwh.tolist() == [20 + 30]
    assert (state & ENGINES_RUN).astype(bool).tolist() == [[False, True, True, False, False]]
    assert (state & DARK).astype(bool).tolist() == [[False, False, True, False, True]]


def test_a_battery_covers_what_the_engines_cannot():
    site = Site(backup_share=0.6, backup_hours=9, battery_share=1.0, battery_hours=0.5)
    use, _ = run(site, [100, 100])
    assert use.backup_mwh.tolist() == [120]
    assert use.battery_mwh.tolist() == [50]  # 40, then the 10 that are left
    assert use.dark_mwh.tolist() == [30]


def test_a_battery_that_goes_first_spares_the_engines():
    site = Site(1.0, 9, battery_share=0.7, battery_hours=1.0, battery_first=True)
    use, state = run(site, [40, 40])
    assert use.battery_mwh.tolist() == [70]
    assert use.backup_mwh.tolist() == [10]
    assert np.flatnonzero(state & ENGINES_RUN).tolist() == [1]


def test_a_battery_fills_up_from_the_room_of_full_hours_only():
    site = Site(battery_share=1.0, battery_hours=1.0)
    use, _ = run(site, [100, 0, 0, 60, 100], room=[500, 50, 0, 500, 500])
    assert use.charge_mwh.tolist() == [50]
    assert use.battery_mwh == pytest.approx([100 + 50 * 0.86])
    # Never more than its power, never above its energy.
    use, _ = run(site, [20, 0, 0, 0], room=500)
    assert use.charge_mwh == pytest.approx([20 / 0.86])


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(8)
    short = np.where(rng.random((20, 2_000)) < 0.1, rng.uniform(0, 100, (20, 2_000)), 0.0)
    return short.astype(np.float32), rng.uniform(0, 30, (20, 2_000)).astype(np.float32)


def test_what_was_short_is_made_given_or_missing(drawn):
    short, room = drawn
    for first in (False, True):
        site = Site(0.5, 90, battery_share=0.4, battery_hours=2.0, battery_first=first)
        use, state = run(site, short, room)
        covered = use.backup_mwh + use.battery_mwh + use.dark_mwh
        assert covered == pytest.approx(short.sum(axis=1, dtype=float))
        assert (use.battery_mwh <= 80 + 0.86 * use.charge_mwh + 1e-6).all()
        assert (np.count_nonzero(state & ENGINES_RUN, axis=1) <= 90).all()
        assert not (state[short == 0]).any()


@pytest.mark.parametrize(
    "more",
    [
        {"backup_share": 0.8},
        {"backup_hours": 150},
        {"battery_share": 0.9, "battery_hours": 0.4 * 2 / 0.9},
        {"battery_hours": 6.0},
    ],
)
def test_more_on_site_never_leaves_more_missing(drawn, more):
    short, room = drawn
    few = {"backup_share": 0.4, "backup_hours": 90, "battery_share": 0.4, "battery_hours": 2.0}
    before, _ = run(Site(**few), short, room)
    after, _ = run(Site(**(few | more)), short, room)
    assert (after.dark_mwh <= before.dark_mwh + 1e-6).all()
    assert after.dark_mwh.sum() < before.dark_mwh.sum()


def test_nothing_on_site_leaves_all_of_it_missing(drawn):
    short, room = drawn
    use, state = run(Site(), short, room)
    assert use.dark_mwh == pytest.approx(short.sum(axis=1, dtype=float))
    assert not (state & ENGINES_RUN).any()


def settings(**changes):
    return DatacentresSettings(name="test", contracted_mw={2030: 100}, **changes)


def test_the_fuel_sets_cost_and_carbon_unless_told():
    # 1.10 AZN/L over 1.7 AZN/USD, 0.92 EUR/USD, 10 kWh/L and 38 %.
    diesel = Site.of(settings())
    assert diesel.backup_cost_eur_mwh == pytest.approx(1.10 / 1.7 * 0.92 / 0.0038, abs=1)
    assert diesel.backup_co2_t_mwh == pytest.approx(2.68 / 3.8, abs=0.01)
    gas = Site.of(settings(backup_fuel="gas"))
    assert gas.backup_cost_eur_mwh == pytest.approx(92.5 / (9.5 * 0.4), abs=1)
    assert gas.backup_co2_t_mwh == pytest.approx(1.9 / (9.5 * 0.4), abs=0.01)
    assert Site.of(settings(backup_cost_eur_mwh=300)).backup_cost_eur_mwh == 300


@pytest.mark.parametrize(
    "wrong",
    [{"battery_hours": -1}, {"backup_share": -0.1}, {"backup_hours": 9_000},
     {"backup_fuel": "coal"}, {"onsite_first": "none"}, {"ride_through_share": 1.1},
     {"flexible_run_hours": 0}, {"battery_share": 3}, {"backup_cost_eur_mwh": -1}],
)  # fmt: skip
def test_impossible_sites_are_refused_by_name(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        settings(**wrong)


def test_no_run_of_chosen_hours_is_too_long():
    rng = np.random.default_rng(4)
    # Tight hours come in blocks: the evening of some days.
    load = np.repeat(rng.normal(0, 1, (5, 40)), 12, axis=1) + rng.normal(0, 0.1, (5, 480))
    chosen = short_runs(np.argsort(-load, axis=1, kind="stable"), 60, 4)
    assert (chosen.sum(axis=1) == 60).all()
    for row in chosen:
        assert max(map(len, "".join("x" if hour else " " for hour in row).split())) == 4
    free = short_runs(np.argsort(-load, axis=1, kind="stable"), 60, 480)
    for row, hours in zip(free, load, strict=True):
        assert hours[row].min() >= hours[~row].max()
    assert (load[free].sum()) > load[chosen].sum()
