"""The dynamic Theta model: straight lines go on, a season is found only where there is one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dcforecast.models import create
from dcforecast.models.season import has_season, seasonal_effects


def _frame(values: np.ndarray) -> pd.Series:
    return pd.Series(values, index=pd.period_range("2010-01", periods=len(values), freq="M"))


def test_a_noisy_line_is_continued() -> None:
    t = np.arange(60)
    y = _frame(50 + 2.0 * t + np.random.default_rng(1).normal(0, 0.3, 60))
    found = create("dynamic_theta").fit(y).predict(12, quantiles=(0.5,))["q500"]
    np.testing.assert_allclose(found, 50 + 2.0 * np.arange(60, 72), atol=5.0)
    assert found.iloc[-1] - found.iloc[0] > 10


def test_its_line_is_the_regression_on_time() -> None:
    from dcforecast.models import theta_kernel

    y = np.random.default_rng(2).normal(10, 1, 30) + 0.3 * np.arange(30)
    _, state = theta_kernel.smooth(np.array([y[0], 0.4, 2.0]), y)
    slope, start = np.polyfit(np.arange(1, 31), y, 1)
    np.testing.assert_allclose(state[2:4], [start, slope], rtol=1e-8)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_season_is_kept(sign: int) -> None:
    t = np.arange(96)
    rng = np.random.default_rng(3)
    y = _frame(sign * (100 + 30 * np.sin(t * np.pi / 6) + rng.normal(0, 2, 96)))
    found = create("dynamic_theta").fit(y[:-12]).predict(12, quantiles=(0.5,))["q500"]
    assert np.abs(found.to_numpy() - y.to_numpy()[-12:]).mean() < 8


def test_noise_has_no_season() -> None:
    rng = np.random.default_rng(7)
    found = [has_season(rng.normal(0, 1, 120), 12) for _ in range(200)]
    assert np.mean(found) < 0.12
    assert has_season(np.sin(np.arange(60) * np.pi / 6) + rng.normal(0, 0.3, 60), 12)


def test_effects_are_those_put_in() -> None:
    put = np.array([0.8, 1.1, 1.3, 0.8])
    values = (100 + np.arange(40.0)) * put[np.arange(40) % 4]
    np.testing.assert_allclose(seasonal_effects(values, 4, multiply=True), put, atol=0.01)
    values = np.arange(40.0) + 10 * (put[np.arange(40) % 4] - 1)
    np.testing.assert_allclose(
        seasonal_effects(values, 4, multiply=False), 10 * (put - 1), atol=0.01
    )
