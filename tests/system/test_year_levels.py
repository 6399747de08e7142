"""Levels of exports, price and water: recovery, spread, and no look ahead."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dcforecast.system.draws import Draws
from dcforecast.system.log_level import LogLevel, Prior
from dcforecast.system.year_levels import ExportLevels, explain, market_prices, water_levels

RECORD = pd.Series(
    [480, 600, 590, 320, 1140, 1160, 1400, 1770, 1100, 1600, 3000, 3250, 1400.0],
    index=range(2012, 2025),
)


def simulated(years, a, r, b, sigma, seed=0):
    rng = np.random.default_rng(seed)
    x = np.exp(0.5 * rng.standard_normal(years))
    y = np.zeros(years + 1)
    for t in range(years):
        y[t + 1] = a + r * y[t] + b * np.log(x[t]) + sigma * rng.standard_normal()
    return np.exp(y[1:]), np.exp(y[:-1]), x


def test_long_record_gives_the_true_coefficients():
    after, before, x = simulated(4_000, 0.1, 0.6, 0.4, 0.3)
    fitted = LogLevel.fit(after, before, Prior(scale=1.0, response=0.0), x)
    np.testing.assert_allclose(fitted.centre, [0.1, 0.6, 0.4], atol=0.04)
    assert np.sqrt(fitted.variance) == pytest.approx(0.3, abs=0.02)


def test_without_a_record_the_forecast_is_the_prior():
    none = np.zeros(0)
    fitted = LogLevel.fit(none, none, Prior(scale=2.0, persistence=0.5))
    np.testing.assert_allclose(fitted.centre, [0.0, 0.5, 0.0], atol=1e-9)
    drawn = fitted.sample(np.full(20_000, 2.0), 1, np.random.default_rng(0))
    assert np.median(drawn) == pytest.approx(2.0, rel=0.02)


def test_eight_of_ten_outcomes_of_short_records_fall_inside():
    """Coverage of the 80 % interval over 600 simulated records of 10 years: 0.75 to 0.85."""
    inside = []
    for seed in range(600):
        after, before, x = simulated(11, 0.0, 0.6, 0.4, 0.4, seed)
        fitted = LogLevel.fit(after[:-1], before[:-1], Prior(scale=1.0, response=0.5), x[:-1])
        drawn = fitted.sample(
            np.full(400, after[-2]),
            1,
            np.random.default_rng(seed),
            driver=np.full((400, 1), x[-1]),
        )
        low, high = np.quantile(drawn, (0.1, 0.9))
        inside.append(low <= after[-1] <= high)
    assert 0.75 < np.mean(inside) < 0.85


def test_prices_are_of_years_over_by_then():
    price, december = market_prices(pd.Timestamp("2021-12-31"))
    assert price.index.max() == december.index.max() == 2021
    price, _ = market_prices(pd.Timestamp("2022-05-15"))
    assert price.index.max() == 2021


def test_exports_return_to_their_mean_and_follow_the_price():
    model = ExportLevels.fit(RECORD, pd.Timestamp("2024-12-31"))
    assert 0 < model.exports.centre[1] < 1
    assert model.exports.centre[2] > 0
    rng = np.random.default_rng(0)
    energy, price = model.sample(np.full(20_000, 1_400.0), 15, rng)
    assert energy.shape == price.shape == (20_000, 15)
    assert (energy > 0).all()
    assert 900 < np.median(energy[:, -1]) < 2_500
    assert np.corrcoef(np.log(energy[:, 5]), np.log(price[:, 5]))[0, 1] > 0.2
    low, high = np.quantile(energy[:, 0], (0.1, 0.9))
    assert high / low > 2.0


def test_water_comes_from_the_surprises_on_record():
    hydro = pd.Series(np.random.default_rng(0).lognormal(7.6, 0.25, 25), index=range(2000, 2025))
    drawn = water_levels(hydro, np.full(5_000, hydro.iloc[-1]), 12, Draws(5_000, 1))
    assert np.median(drawn[:, -1]) == pytest.approx(hydro.median(), rel=0.15)
    assert np.log(drawn[:, -1]).std() == pytest.approx(0.25, abs=0.1)


def test_the_parts_of_a_change_add_up_and_the_fall_of_2024_is_not_explained():
    told = explain(RECORD, 2024)
    parts = told["return"] + told["price"] + told["unexplained"]
    assert parts == pytest.approx(told["after"] - told["before"])
    assert told["unexplained"] < 0.7 * (told["after"] - told["before"]) < 0
    rise = explain(RECORD, 2022)
    assert rise["price"] > 0.4 * (rise["after"] - rise["before"])
