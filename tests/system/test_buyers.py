"""Hourly prices of the buyers: levels, hours, weather, and what is received."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from dcforecast.config.paths import packaged
from dcforecast.system.buyers import (
    MARKETS,
    appetite,
    hourly_prices,
    market_hours,
    price_received,
    revenue,
)
from dcforecast.system.draws import Draws
from dcforecast.system.network import Network
from dcforecast.system.weather_sites import hours_of, local_calendar

MEMBERS, YEAR = 30, 2031
DRAWS = Draws(MEMBERS, 5)
MILD = np.full((MEMBERS, 8760), 15.0, np.float32)


@pytest.fixture(scope="module", params=sorted(MARKETS))
def market(request):
    return request.param, market_hours(request.param, YEAR, MILD, DRAWS)


def test_hours_have_the_fitted_spread_season_and_persistence(market):
    name, price = market
    file = packaged("data", "SOURCES.csv") / "shapes" / "markets.json"
    fitted = json.loads(file.read_text(encoding="utf-8"))[name]
    month, hour, kind = local_calendar(YEAR)
    assert price.shape == (MEMBERS, 8760)
    assert price.min() >= 0
    assert price.mean() == pytest.approx(1.0, abs=0.02)
    made = [price[:, month == m].mean() for m in range(1, 13)]
    np.testing.assert_allclose(made, fitted["season"], rtol=1e-3)
    rest = price / np.asarray(fitted["season"])[month - 1]
    assert rest.std() == pytest.approx(fitted["sd"], rel=0.15)
    assert rest[:, hour == 21].mean() > 1.1 * rest[:, hour == 14].mean()
    assert rest[:, kind == 2].mean() < 0.9 * rest[:, kind == 0].mean()


def test_a_member_is_the_same_whatever_the_number_of_members(market):
    name, price = market
    few = market_hours(name, YEAR, MILD[:3], Draws(3, 5))
    np.testing.assert_allclose(few, price[:3], rtol=1e-5)


def test_warm_days_are_dear_in_turkiye():
    warm = MILD.copy()
    july = hours_of(YEAR).month == 7
    hot = july & (hours_of(YEAR).day > 15)
    warm[:, hot] = 31.0
    plain, moved = (market_hours("turkiye", YEAR, t, DRAWS) for t in (MILD, warm))
    gap = moved[:, hot].mean() / plain[:, hot].mean()
    assert 1.03 < gap < 1.15
    assert moved[:, july].mean() == pytest.approx(plain[:, july].mean(), rel=1e-3)


def test_levels_follow_romania_and_fixed_prices_stay(toy, network_settings):
    system = toy(members=4)
    paths = system.paths
    times = np.array([0.5, 1.0, 2.0, 4.0])
    paths.values["price_romania"] = np.tile(108.2 * times[:, None], (1, 180))
    stamps = system.year(2026).timestamps
    network = Network.build(network_settings)
    prices = hourly_prices(network, stamps, system.year(2026).temperature_c, paths, system.draws)
    romania = prices["black_sea"].mean(axis=1) / 90
    np.testing.assert_allclose(romania, times, rtol=0.02)
    turkiye = prices["tripp"].mean(axis=1) / 42
    np.testing.assert_allclose(turkiye, np.sqrt(times), rtol=0.02)
    assert prices["georgia"].shape == (4, 1)
    same = prices["tripp"] / 42 - prices["turkiye_via_georgia"] / 42
    np.testing.assert_allclose(same, 0.0, atol=1e-5)
    wish = appetite(prices, stamps)
    assert wish["black_sea"].mean() == pytest.approx(1.0, abs=0.01)
    assert wish["georgia"].shape == (1, 1)


def test_price_received_weighs_by_what_is_sent():
    price = np.array([[10.0, 30.0], [10.0, 30.0]], np.float32)
    flow = np.array([[1.0, 3.0], [0.0, 0.0]], np.float32)
    np.testing.assert_allclose(price_received(flow, price), [25.0, 20.0])
    np.testing.assert_allclose(price_received(flow, price[:, :1]), [10.0, 10.0])


def test_revenue_is_for_what_arrives_at_the_price_of_its_hour(network_settings):
    network = Network.build(network_settings)
    (sea,) = [corridor for corridor in network.corridors if corridor.name == "black_sea"]
    price = np.array([[100.0, 60.0]], np.float32)
    flow = np.array([[1_000.0, 3_000.0]], np.float32)
    gross = (100 * 1_000 + 60 * 3_000) * 0.985 * 0.92 - 5 * 4_000
    found = revenue(sea, flow, price_received(flow, price))
    np.testing.assert_allclose(found, [gross / 1e6], rtol=1e-6)


@pytest.mark.needs_data
def test_the_fit_is_the_shipped_one(test_data, monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[2] / "data" / "derive"))
    import fit_markets

    kept = json.loads(fit_markets.OUT.read_text(encoding="utf-8"))
    monkeypatch.setattr(fit_markets, "OUT", tmp_path / "markets.json")
    fit_markets.main(test_data)
    made = json.loads(fit_markets.OUT.read_text(encoding="utf-8"))
    for name in kept:
        for key in ("sd", "cycle_share", "per_warm_degree"):
            assert made[name][key] == pytest.approx(kept[name][key], abs=0.002)
        np.testing.assert_allclose(
            made[name]["quantiles_by_month"], kept[name]["quantiles_by_month"], atol=0.005
        )
    for name in ("donors", "fit_markets"):
        sys.modules.pop(name, None)
