"""The data-centre programme."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from dcforecast.config.datacentres import DatacentresSettings
from dcforecast.config.paths import packaged
from dcforecast.store import QUANTILE_COLUMNS
from dcforecast.system.datacentres import contracted, loads, programme_rows
from dcforecast.system.draws import Draws
from dcforecast.system.weather import WeatherYear
from dcforecast.system.weather_sites import hours_of

OPTIONS = ["none", "announced", "low", "base", "high"]


def option(name, **changes):
    file = packaged("conf", "dcforecast.yaml") / "datacentres" / f"{name}.yaml"
    return DatacentresSettings(**{**yaml.safe_load(file.read_text("utf-8")), **changes})


def weather(members, temperature=15.0):
    stamps = hours_of(2030)
    block = np.full((members, len(stamps)), temperature, np.float32)
    return WeatherYear(2030, stamps, block, block[0], {}, {})


def net(members):
    rng = np.random.default_rng(1)
    return rng.normal(3_000, 400, (members, 8_760)).astype(np.float32)


@pytest.mark.parametrize("name", OPTIONS)
def test_every_option_is_whole(name):
    settings = option(name)
    assert settings.name == name
    found = loads(settings, Draws(5, 1), weather(5), net(5))
    total = contracted(settings, Draws(5, 1), 2030)
    assert sum(c.contracted_mw for c in found) + np.zeros(5) == pytest.approx(total)
    for campus in found:
        assert campus.demand_mw.dtype == np.float32
        assert (campus.demand_mw >= 0).all()
        assert (campus.demand_mw <= campus.contracted_mw[:, None] * (1 + 1e-6)).all()


@pytest.mark.parametrize(
    ("name", "year", "twh"),
    [("low", 2030, 0.15), ("base", 2030, 0.74), ("high", 2030, 2.63), ("low", 2035, 0.37),
     ("base", 2035, 2.10), ("high", 2035, 9.86)],
)  # fmt: skip
def test_median_energy_is_the_judged_one(name, year, twh):
    settings = option(name, utilisation_sd=0.0)
    power = np.median(contracted(settings, Draws(4_001, 2), year))
    assert power * settings.utilisation * 8.76e-3 == pytest.approx(twh, rel=0.05)


def test_programmes_are_in_order_in_every_year():
    draws = Draws(1, 1)
    for year in range(2026, 2041):
        low, base, high = (
            contracted(option(name, spread=0.0), draws, year)[0] for name in ("low", "base", "high")
        )
        assert low < base < high


def test_use_has_the_level_the_swing_and_the_persistence_asked_for():
    settings = option("base", utilisation_sd=0.0, spread=0.0)
    campus = loads(settings, Draws(30, 3), weather(30), net(30))[-1]
    use = campus.demand_mw / campus.contracted_mw[:, None]
    assert use.mean() == pytest.approx(settings.utilisation, abs=0.005)
    day = use.reshape(30, -1, 24).mean(axis=(0, 1)) / use.mean()
    assert (day.max() - day.min()) / 2 == pytest.approx(settings.daily_swing, rel=0.1)
    rest = use.reshape(30, -1, 24) - use.reshape(30, -1, 24).mean(axis=(0, 1))
    rest = rest.reshape(30, -1)
    assert rest.std() == pytest.approx(settings.noise, rel=0.1)
    assert np.mean(rest[:, 1:] * rest[:, :-1]) / rest.var() == pytest.approx(0.96, abs=0.02)


def test_flexible_load_stops_in_the_tightest_hours_only():
    tight = net(6)
    full = loads(option("base"), Draws(6, 3), weather(6), tight)
    less = loads(
        option("base", flexible_share=0.25, flexible_hours=100), Draws(6, 3), weather(6), tight
    )
    ratio = less[-1].demand_mw / full[-1].demand_mw
    assert ((ratio < 0.99).sum(axis=1) == 100).all()
    assert ratio.min() == pytest.approx(0.75, abs=1e-4)
    for member in range(6):
        stopped = ratio[member] < 0.99
        assert tight[member, stopped].min() >= tight[member, ~stopped].max()


def test_flexible_load_rests_after_its_longest_run():
    tight = -np.abs(np.arange(8_760, dtype=np.float32) - 4_000)[None, :]
    full = loads(option("base"), Draws(1, 3), weather(1), tight)
    limited = option("base", flexible_share=0.25, flexible_hours=50, flexible_run_hours=10)
    less = loads(limited, Draws(1, 3), weather(1), tight)
    stopped = np.flatnonzero((less[-1].demand_mw / full[-1].demand_mw)[0] < 0.99)
    assert len(stopped) == 50
    runs = np.split(stopped, np.flatnonzero(np.diff(stopped) > 1) + 1)
    assert max(map(len, runs)) == 10
    assert stopped.max() - stopped.min() == 53  # five runs, an hour of rest between


def test_computing_power_needs_more_grid_and_more_in_the_heat():
    grid = contracted(option("base"), Draws(4, 1), 2030)
    computing = option("base", stated_as="it")
    assert contracted(computing, Draws(4, 1), 2030) == pytest.approx(grid * (1.25 + 0.005 * 25))
    cool = loads(computing, Draws(4, 1), weather(4, 10.0), net(4))[-1].demand_mw
    hot = loads(computing, Draws(4, 1), weather(4, 35.0), net(4))[-1].demand_mw
    assert hot.sum() / cool.sum() == pytest.approx((1.25 + 0.1) / 1.25, rel=1e-4)


def test_cooling_sets_the_pue_and_its_slope_unless_told():
    def heat(**changes):
        settings = option("base", stated_as="it", spread=0.0, **changes)
        hot, cool = (
            loads(settings, Draws(2, 1), weather(2, c), net(2))[-1].demand_mw.sum()
            for c in (35.0, 5.0)
        )
        grid = contracted(option("base", spread=0.0), Draws(2, 1), 2030)
        return contracted(settings, Draws(2, 1), 2030)[0] / grid[0], hot / cool

    assert heat(cooling="air") == pytest.approx((1.375, 1.35 / 1.25), rel=1e-4)
    assert heat(cooling="evaporative") == pytest.approx((1.275, 1.26 / 1.20), rel=1e-4)
    assert heat(cooling="liquid") == pytest.approx((1.15, 1.14 / 1.10), rel=1e-4)
    assert heat(pue=1.5, pue_per_c=0.0) == pytest.approx((1.5, 1.0), rel=1e-4)


def test_a_campus_may_not_come_or_come_late():
    draws = Draws(2_000, 6)
    built = contracted(option("base", build_probability=0.4), draws, 2035)
    assert (built > 60).mean() == pytest.approx(0.4, abs=0.04)
    late = contracted(option("base", delay_years=2.0), draws, 2032)
    assert np.median(late) < 0.8 * np.median(contracted(option("base"), draws, 2032))


def test_members_keep_their_load():
    few = loads(option("base"), Draws(3, 1), weather(3), net(3))
    many = loads(option("base"), Draws(9, 1), weather(9), net(9))
    for one, other in zip(few, many, strict=True):
        assert np.array_equal(one.demand_mw, other.demand_mw[:3])


def test_nakhchivan_takes_its_share_of_the_large_campus():
    found = loads(option("high", nakhchivan_share=0.2), Draws(4, 1), weather(4), net(4))
    by_node = {c.name: c.contracted_mw for c in found}
    assert by_node["ai_campus_nx"] == pytest.approx(0.25 * by_node["ai_campus"])
    assert [c.node for c in found if c.name.endswith("_nx")] == ["NX"]


def own(**changes):
    return option("none", campuses={"mine": {"mw": 300, "first_power": "2029-01-01", **changes}})


def test_a_campus_of_ones_own_rises_along_an_s():
    draws = Draws(3, 1)
    sizes = [contracted(own(ramp_years=4), draws, year)[0] for year in range(2027, 2035)]
    assert sizes == pytest.approx(
        [0, 0, *(300 * (3 * x**2 - 2 * x**3) for x in (0.25, 0.5, 0.75, 1, 1, 1))], abs=0.1
    )
    assert contracted(own(), draws, 2029)[0] == pytest.approx(0.2 * 300, abs=1)


def test_a_campus_of_ones_own_has_its_node_and_what_stands_on_it():
    settings = own(node="NX", backup_share=0.3, ride_through_share=1.0)
    (campus,) = loads(settings, Draws(4, 1), weather(4), net(4))
    assert (campus.name, campus.node) == ("mine", "NX")
    assert (campus.site.backup_share, campus.site.ride_through_share) == (0.3, 1.0)
    assert campus.site.backup_hours == settings.backup_hours
    assert (campus.demand_mw.mean(axis=1) / campus.contracted_mw) == pytest.approx(0.5, abs=0.2)


def test_a_campus_of_ones_own_stands_beside_the_programme():
    draws = Draws(2_000, 3)
    both = option("base", campuses=own(build_probability=0.4, delay_years=1.5).campuses)
    early, late = (
        contracted(both, draws, year) - contracted(option("base"), draws, year)
        for year in (2031, 2040)
    )
    assert (late > 1).mean() == pytest.approx(0.4, abs=0.005)
    assert late.max() == pytest.approx(300)
    # Half the delays are shorter than a year and a half of the three that have passed.
    assert np.median(early[late > 1]) == pytest.approx(300 * (3 - 2 * 3 / 7) * (3 / 7) ** 2, abs=12)


def test_rows_of_the_forecast():
    rows = programme_rows(option("base"), Draws(50, 1), [2026, 2027])
    assert len(rows) == 24
    quantiles = rows[list(QUANTILE_COLUMNS)].to_numpy()
    assert (np.diff(quantiles, axis=1) >= 0).all()
    assert rows["timestamp"].is_monotonic_increasing


@pytest.mark.parametrize(
    ("wrong", "word"),
    [({"contracted_mw": {}}, "2030"), ({"contracted_mw": {2030: -1}}, "-1"),
     ({"contracted_mw": {30: 5}}, "30"), ({"utilisation": 1.2}, "utilisation"),
     ({"cooling": "ice"}, "cooling"),
     ({"campuses": {"socar": {"mw": 3, "first_power": "2030-01-01"}}}, "socar"),
     ({"campuses": {"My site": {"mw": 3, "first_power": "2030-01-01"}}}, "My site"),
     ({"campuses": {"mine": {"mw": 3, "first_power": "1930-01-01"}}}, "1930"),
     ({"campuses": {"mine": {"mw": 3}}}, "first_power"),
     ({"campuses": {"mine": {"mw": 3, "first_power": "2030-01-01", "node": "GE"}}}, "node")],
)  # fmt: skip
def test_impossible_settings_are_refused(wrong, word):
    with pytest.raises(ValueError, match=word):
        option("base", **wrong)


@pytest.mark.needs_data
def test_swing_and_persistence_are_those_of_the_traces():
    place = Path(os.environ["DCFORECAST_TEST_DATA"]) / "data_centre_traces"
    use = pd.read_csv(place / "azure_v2_5min_cpu.csv")["cpu_usage_norm"].to_numpy()
    hourly = use[: len(use) // 288 * 288].reshape(-1, 12).mean(axis=1)
    hourly /= hourly.mean()
    day = hourly.reshape(-1, 24).mean(axis=0)
    rest = hourly - np.tile(day, len(hourly) // 24)
    settings = option("base")
    # Power moves about two thirds of what the processors do (an idle server draws a third).
    assert settings.daily_swing == pytest.approx(2 / 3 * (day.max() - day.min()) / 2, abs=0.01)
    assert settings.noise / settings.utilisation == pytest.approx(2 / 3 * rest.std(), abs=0.01)
    assert np.corrcoef(rest[1:], rest[:-1])[0, 1] == pytest.approx(0.96, abs=0.02)
