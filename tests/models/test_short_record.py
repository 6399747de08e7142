"""What a short record hides of its spread is added, and nothing to the centre."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dcforecast.models import create
from dcforecast.models.short_record import drawn_noise, with_breaks


def test_noise_of_an_estimated_variance_is_students() -> None:
    found = drawn_noise(2.0, 6, 40_000, 2, np.random.default_rng(1))
    for level in (0.05, 0.25, 0.9, 0.99):
        want = 2.0 * stats.t(6).ppf(level)
        np.testing.assert_allclose(np.quantile(found, level, axis=0), want, rtol=0.05)
    # One draw of the variance a path: a wild first step is followed by a wild second.
    assert np.corrcoef(np.abs(found), rowvar=False)[0, 1] > 0.1


@pytest.mark.parametrize("name", ["dynamic_theta", "ces", "theta", "auto_ets"])
def test_the_median_is_the_forecast_free_of_chance(name: str) -> None:
    rng = np.random.default_rng(5)
    y = pd.Series(100 + rng.normal(0, 5, 18), pd.period_range("2000", periods=18, freq="Y"))
    model = create(name, transform="none").fit(y)
    few, many = model.sample(4, 10, random_state=1), model.sample(4, 400, random_state=2)
    np.testing.assert_allclose(np.median(few, axis=0), np.median(many, axis=0), rtol=1e-6)


@pytest.mark.parametrize(("name", "freedom"), [("theta", 8), ("auto_ets", 10)])
def test_errors_of_smoothers_have_students_tails(name: str, freedom: int) -> None:
    rng = np.random.default_rng(6)
    y = pd.Series(100 + rng.normal(0, 5, 12), pd.period_range("2000", periods=12, freq="Y"))
    model = create(name, transform="none").fit(y)
    assert freedom == getattr(model, "freedom_", len(y) - 4)
    low, middle, high = np.quantile(model.sample(1, 40_000, random_state=3), (0.01, 0.5, 0.75))
    want = stats.t(freedom).ppf(0.99) / stats.t(freedom).ppf(0.75)
    assert (middle - low) / (high - middle) == pytest.approx(want, rel=0.05)  # normal: 3.4


@pytest.mark.parametrize(
    ("freq", "count", "variances"),
    [("Y", 16, [2.0, 3.0, 4.0]), ("M", 60, [13 / 12, 14 / 12, 15 / 12]), ("Y", 40, [1.5, 2, 2.5])],
)
def test_breaks_add_a_variance_for_each_year(freq: str, count: int, variances: list[float]) -> None:
    index = pd.period_range("1990-01", periods=count, freq=freq)
    paths = np.random.default_rng(2).normal(5, 1, (500, 3))
    found = with_breaks(paths, index)
    np.testing.assert_allclose(np.median(found, axis=0), np.median(paths, axis=0))
    np.testing.assert_allclose(found.var(axis=0) / paths.var(axis=0), variances, rtol=5e-3)
    stamps = with_breaks(paths, index.to_timestamp())
    np.testing.assert_allclose(stamps, found)


def test_hours_ahead_add_next_to_nothing() -> None:
    paths = np.random.default_rng(3).normal(0, 1, (500, 24))
    found = with_breaks(paths, pd.date_range("2024", periods=900, freq="h"))
    np.testing.assert_allclose(found, paths, atol=1e-2)


@pytest.mark.parametrize("name", ["dynamic_theta", "ces"])
def test_years_of_a_short_record_are_wider_further_ahead(name: str) -> None:
    rng = np.random.default_rng(4)
    index = pd.period_range("2000", periods=18, freq="Y")
    y = pd.Series(100 + rng.normal(0, 5, 18), index)
    table = create(name).fit(y).predict(6, quantiles=(0.1, 0.9))
    width = (table["q900"] - table["q100"]).to_numpy()
    assert width[5] > 1.6 * width[0]
