"""Weather years: shapes, independence of the number of members, statistics of the fit."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dcforecast.system.draws import Draws
from dcforecast.system.shapes import load_shape, parameters
from dcforecast.system.sun import clear_output, clear_sky
from dcforecast.system.weather import WeatherModel
from dcforecast.system.weather_noise import (
    between_days,
    first_order,
    noise,
    sky_weight,
    tables,
    to_quantiles,
)
from dcforecast.system.weather_sites import SITES, hours_of, local_calendar

MEMBERS = 40


@pytest.fixture(scope="module")
def year():
    return WeatherModel(Draws(MEMBERS, 3)).year(2031)


def test_shapes_and_bounds(year):
    assert year.temperature_c.shape == (MEMBERS, 8760)
    assert year.temperature_c.dtype == np.float32
    assert set(year.solar_cf) == {"absheron", "south", "southwest", "nakhchivan"}
    assert set(year.wind_cf) == {"absheron", "southwest", "offshore"}
    for block in (*year.solar_cf.values(), *year.wind_cf.values()):
        assert block.shape == (MEMBERS, 8760)
        assert block.dtype == np.float32
        assert block.min() >= 0
        assert block.max() <= 1
    assert len(WeatherModel(Draws(1, 1)).year(2032).timestamps) == 8784


def test_a_member_is_the_same_whatever_the_number_of_members(year):
    few = WeatherModel(Draws(3, 3)).year(2031)
    np.testing.assert_array_equal(few.temperature_c, year.temperature_c[:3])
    for name in few.solar_cf:
        np.testing.assert_allclose(few.solar_cf[name], year.solar_cf[name][:3], atol=1e-6)
    for name in few.wind_cf:
        np.testing.assert_array_equal(few.wind_cf[name], year.wind_cf[name][:3])


def test_years_and_seeds_differ(year):
    other = WeatherModel(Draws(MEMBERS, 4)).year(2031)
    later = WeatherModel(Draws(MEMBERS, 3)).year(2033)
    for second in (other, later):
        assert (
            abs(np.corrcoef(year.wind_cf["absheron"][0], second.wind_cf["absheron"][0])[0, 1]) < 0.4
        )


def test_mean_output_is_that_of_the_site(year):
    for name, block in year.solar_cf.items():
        assert block.mean() == pytest.approx(SITES[name].solar_cf, rel=0.03)
    for name, block in year.wind_cf.items():
        assert block.mean() == pytest.approx(SITES[name].wind_cf, rel=0.05)


def test_months_follow_the_published_ones(year):
    month, _, _ = local_calendar(2031)
    for kind, block, loose in (("solar", year.solar_cf, 0.06), ("wind", year.wind_cf, 0.15)):
        made = np.array([block["absheron"][:, month == m].mean() for m in range(1, 13)])
        np.testing.assert_allclose(made / made.mean(), parameters()[kind]["season"], atol=loose)


def test_no_sun_at_night(year):
    _, hour, _ = local_calendar(2031)
    night = (hour <= 3) | (hour >= 22)
    assert year.solar_cf["south"][:, night].max() == 0
    noon = year.solar_cf["south"][:, hour == 13].mean()
    assert noon > 2 * year.solar_cf["south"].mean()


def test_warming_moves_the_mean():
    cold = WeatherModel(Draws(10, 1), warming_c_per_decade=0.0).year(2034)
    warm = WeatherModel(Draws(10, 1), warming_c_per_decade=1.0).year(2034)
    np.testing.assert_allclose(warm.temperature_c - cold.temperature_c, 1.0, atol=1e-4)


def test_temperature_months_have_the_spread_of_the_long_record():
    year = WeatherModel(Draws(300, 5), 0.0).year(2024)
    month, _, _ = local_calendar(2024)
    means = np.array([year.temperature_c[:, month == m].mean(axis=1).std() for m in range(1, 13)])
    fitted = np.array(parameters()["temperature"]["monthly_sd"])
    np.testing.assert_allclose(means, fitted, rtol=0.15)
    centre = np.array([year.temperature_c[:, month == m].mean() for m in range(1, 13)])
    normal = np.array([year.normal_c[month == m].mean() for m in range(1, 13)])
    np.testing.assert_allclose(centre, normal, atol=0.4)


def test_sites_move_together_but_not_as_one(year):
    a, b = (year.wind_cf[n].ravel() for n in ("absheron", "southwest"))
    assert 0.6 < np.corrcoef(a, b)[0, 1] < 0.95
    days = {
        n: year.solar_cf[n].reshape(MEMBERS, 365, 24).sum(axis=2) for n in ("south", "absheron")
    }
    winter = slice(0, 59)
    together = np.corrcoef(days["south"][:, winter].ravel(), days["absheron"][:, winter].ravel())
    assert 0.5 < together[0, 1] < 0.95


def test_clear_days_are_warm_and_calm(year):
    month, _, _ = local_calendar(2031)
    sun = year.solar_cf["absheron"].reshape(MEMBERS, 365, 24).sum(axis=2)
    heat = year.temperature_c.reshape(MEMBERS, 365, 24).mean(axis=2)
    wind = year.wind_cf["absheron"].reshape(MEMBERS, 365, 24).mean(axis=2)
    january = month[::24] == 1

    def within(x):
        block = x[:, january]
        return (block - block.mean(axis=1, keepdims=True)).ravel()

    assert 0.15 < np.corrcoef(within(sun), within(heat))[0, 1] < 0.6
    assert -0.4 < np.corrcoef(within(sun), within(wind))[0, 1] < -0.02


def test_noise_has_unit_variance_and_the_fitted_correlation():
    process = parameters()["temperature"]["hourly"]
    x = noise(np.random.default_rng(1), 200, 5000, process)
    assert x.std() == pytest.approx(1.0, rel=0.04)
    v = process["window_variance"]
    for lag, shown in zip((1, 24, 48), process["correlation_at_1_24_48_h"], strict=True):
        wanted = shown * (1 - v) + v
        found = (x[:, lag:] * x[:, :-lag]).mean() / x.var()
        assert found == pytest.approx(wanted, abs=0.03)


def test_first_order_noise():
    x = noise(np.random.default_rng(2), 500, 400, first_order(0.6))
    assert np.corrcoef(x[:, 1:].ravel(), x[:, :-1].ravel())[0, 1] == pytest.approx(0.6, abs=0.02)


def test_days_are_joined_by_lines():
    hours = between_days(np.array([[0.0, 24.0, 24.0]], np.float32))
    assert hours.shape == (1, 72)
    np.testing.assert_allclose(np.diff(hours[0, 12:36]), 1.0, atol=1e-5)
    assert hours[0, :12].max() == 0
    assert hours[0, 36:].min() == 24


def test_sky_weight_gives_the_daily_correlation():
    rng = np.random.default_rng(0)
    sky = rng.standard_normal(200_000)
    own_day = np.sqrt(0.6) * rng.standard_normal(200_000)
    fitted = {"sky_correlation_by_quarter": [0.4] * 4, "daily_variance": 0.6}
    a = float(sky_weight(fitted)[0])
    mixed = a * sky + np.sqrt(1 - a * a) * own_day
    assert np.corrcoef(mixed, sky)[0, 1] == pytest.approx(0.4, abs=0.01)


def test_scores_map_to_the_quantiles_of_their_month():
    fitted = parameters()["wind"]
    score = np.random.default_rng(0).standard_normal((50, 8760)).astype(np.float32)
    month = hours_of(2031).month.to_numpy()
    made = to_quantiles(score, month, tables(fitted))
    levels = np.asarray(fitted["levels"])[4:-4]
    for m in (1, 7):
        wanted = np.asarray(fitted["quantiles_by_month"])[m - 1][4:-4]
        np.testing.assert_allclose(np.quantile(made[:, month == m], levels), wanted, atol=0.012)


def test_clear_sky_follows_the_seasons():
    clear = clear_sky("southwest", False)
    month = hours_of(2023).month
    assert clear[month == 6].mean() > 1.8 * clear[month == 12].mean()
    assert 0.9 < clear.max() < 1.2
    assert len(clear_output("south", 2032)) == 8784


def test_calendar_knows_baku_and_its_holidays():
    month, hour, kind = local_calendar(2026)
    stamps = hours_of(2026)
    assert hour[0] == 4
    assert set(month) == set(range(1, 13))
    novruz = (stamps.month == 3) & (stamps.day == 22) & (stamps.hour < 20)
    assert set(kind[novruz]) == {2}
    assert kind[stamps == pd.Timestamp("2026-12-31 20:00", tz="UTC")] == 2
    assert kind[stamps == pd.Timestamp("2026-10-07 08:00", tz="UTC")] == 0


def test_load_shape_is_complete():
    shape = load_shape()
    assert shape.shape == (12, 3, 24)
    assert np.isfinite(shape).all()
    assert (shape[:, 0].mean(axis=1) > shape[:, 2].mean(axis=1)).mean() > 0.9


@pytest.mark.needs_data
def test_donor_statistics(test_data, derive):
    """Measured in docs/hourly_method.md; the tolerances are twice the gaps found there."""
    found = derive("validate_weather").table(test_data)
    gap = found["drawn"] - found["donor"]
    for name, allowed in {
        "wind mean": 0.01, "wind p05": 0.01, "wind p50": 0.02, "wind p95": 0.02,
        "wind ramp_mean": 0.008, "wind ramp_p99": 0.02, "wind corr_1h": 0.01,
        "wind corr_24h": 0.06, "wind sd_of_day": 0.02, "wind sd_of_month": 0.01,
        "sun day_cv_winter": 0.05, "sun day_cv_summer": 0.03, "sun day_corr_1d": 0.08,
        "sun month_cv_winter": 0.04, "sun month_cv_summer": 0.02,
        "wind-sun day correlation": 0.06,
        "wind month-hour shape, gap": 0.12, "wind month-hour shape, correlation": 0.1,
        "temperature sd within month C": 0.3, "temperature sd of june C": 0.35,
        "temperature corr_1h": 0.02, "temperature corr_24h": 0.1,
        "temperature july p99 C": 2.0, "temperature january p01 C": 2.0,
    }.items():  # fmt: skip
        assert abs(gap[name]) <= allowed, f"{name}: {found.loc[name].to_dict()}"


@pytest.fixture
def derive(monkeypatch):
    """Import a script of data/derive/; sites it adds are taken away again."""
    import importlib

    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[2] / "data" / "derive"))
    before = dict(SITES)
    yield importlib.import_module
    for name in set(SITES) - set(before):
        del SITES[name]
    for name in ("donors", "fit_load", "fit_weather", "validate_weather", "validate_load"):
        sys.modules.pop(name, None)
