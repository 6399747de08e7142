"""Members of a component: twelve months make their year, and nothing is negative."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dcforecast.models import create
from dcforecast.pipelines.forecast_rows import component_rows
from dcforecast.pipelines.member_paths import Component, _evenly, member_paths


@pytest.fixture(scope="module")
def component() -> Component:
    months = pd.period_range("2015-01", "2024-12", freq="M")
    rng = np.random.default_rng(1)
    values = 100 * (1 + 0.3 * np.sin(2 * np.pi * np.arange(120) / 12)) + rng.normal(0, 5, 120)
    monthly = pd.Series(values, index=months, name="load")
    annual = monthly.groupby(months.year).sum()
    annual.index = pd.PeriodIndex([str(y) for y in annual.index], freq="Y")
    return Component("load", annual, monthly, create("theta"), create("theta"), "theta", "theta")


def test_the_level_of_months_and_years_is_one(component: Component) -> None:
    annual, shares = member_paths(component, 2030, 200, seed=1)
    assert annual.shape == (200, 6)
    assert shares.shape == (200, 6, 12)
    np.testing.assert_allclose(shares.sum(axis=2), 1.0)
    assert annual.min() >= 0
    assert shares.min() >= 0
    assert annual[:, 0].mean() == pytest.approx(1200, rel=0.05)


def test_means_of_the_table_add_up_over_months_quarters_and_years(component: Component) -> None:
    names = {"annual": "theta", "monthly": "theta"}
    drawn = member_paths(component, 2030, 200, seed=1)
    rows = component_rows("baseline", component, names, *drawn)
    tables = {name: table.set_index("timestamp")["mean"] for name, table in rows.groupby("series")}
    assert set(tables) == {"load", "load_annual", "load_quarterly"}
    yearly = {name: mean.groupby(mean.index.year).sum() for name, mean in tables.items()}
    assert list(yearly["load"].index) == [2025, 2026]
    np.testing.assert_allclose(yearly["load"], yearly["load_quarterly"], rtol=1e-12)
    np.testing.assert_allclose(yearly["load"], yearly["load_annual"].loc[2025:2026], rtol=1e-12)


def test_a_horizon_of_one_year_is_enough(component: Component) -> None:
    annual, shares = member_paths(component, 2025, 50, seed=1)
    assert annual.shape == (50, 1)
    assert shares.shape == (50, 1, 12)


def test_years_drawn_elsewhere_stay_as_they_are(component: Component) -> None:
    years = np.full((50, 6), 700.0)
    annual, shares = member_paths(component, 2030, 50, seed=1, annual=years)
    np.testing.assert_array_equal(annual, years)
    np.testing.assert_allclose(shares.sum(axis=2), 1.0)


def test_a_hundred_members_are_spread_as_evenly_as_a_thousand() -> None:
    rng = np.random.default_rng(3)
    level = rng.lognormal(size=(1000, 1)) * np.ones((1, 5))
    ordered = _evenly(level, rng)
    np.testing.assert_array_equal(np.sort(ordered, axis=0), np.sort(level, axis=0))
    for block in ordered[:, 0].reshape(10, 100):
        for share in (0.1, 0.5, 0.9):
            below = np.mean(level[:, 0] <= np.quantile(block, share))
            assert abs(below - share) < 0.02  # a free draw is off by 0.04 on average
