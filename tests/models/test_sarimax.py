"""SARIMA models of statsmodels: seasons short and long, deterministic terms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.statespace.sarimax import SARIMAX

from dcforecast.errors import UserError
from dcforecast.models import create
from dcforecast.models.season import fourier_effects

_DAY = 24


def _season(t: np.ndarray) -> np.ndarray:
    return 20 * np.sin(2 * np.pi * t / _DAY) + 6 * np.cos(6 * np.pi * t / _DAY)


@pytest.fixture
def hourly() -> pd.Series:
    rng, t = np.random.default_rng(4), np.arange(24 * 30)
    noise = np.zeros(len(t))
    for k in range(1, len(t)):
        noise[k] = 0.8 * noise[k - 1] + rng.normal()
    index = pd.date_range("2024-03-20", periods=len(t), freq="h", tz="Europe/Berlin")
    return pd.Series(200 + _season(t) + noise, index=index)


@pytest.mark.parametrize("name", ["ar", "sarimax"])
def test_the_season_of_a_day_of_hours_is_forecast(name: str, hourly: pd.Series) -> None:
    found = create(name).fit(hourly.iloc[:-48]).predict(48, quantiles=(0.1, 0.9))
    actual = hourly.iloc[-48:]
    assert (found["mean"] - actual).abs().mean() < 3.0  # without the season: 13
    assert (found["q900"] - found["q100"]).mean() < 8.0


def test_fourier_effects_are_those_of_the_season_with_gaps_and_regressors() -> None:
    rng, t = np.random.default_rng(1), np.arange(24 * 20)
    X = rng.normal(size=(len(t), 1)) + np.cos(2 * np.pi * t / _DAY)[:, None]
    values = 0.05 * t + _season(t) + 3 * X[:, 0] + rng.normal(0, 0.5, len(t))
    values[100:110] = np.nan
    np.testing.assert_allclose(fourier_effects(values, X, _DAY), _season(np.arange(_DAY)), atol=0.5)
    flat = fourier_effects(np.full(60, 3.0), None, _DAY)
    assert np.abs(flat).max() < 1e-9


def test_a_long_season_moves_on_and_is_drawn_with_regressors(hourly: pd.Series) -> None:
    X = pd.DataFrame({"x": np.random.default_rng(2).normal(size=len(hourly))}, index=hourly.index)
    y = hourly + 5 * X["x"]
    fitted = create("sarimax").fit(y.iloc[:500], X.iloc[:500])
    together = fitted.forecasts(y, [500, 517], 30, X, (0.1, 0.9))
    fitted.update(y.iloc[500:517], X.iloc[500:517])
    alone = fitted.predict(30, X.iloc[517:547], quantiles=(0.1, 0.9))
    np.testing.assert_allclose(together[1], alone, rtol=1e-6)
    paths = fitted.sample(30, 500, X.iloc[517:547], 1)
    assert np.abs(np.median(paths, axis=0) - alone["mean"]).max() < 1.0
    assert np.abs(alone["mean"].to_numpy() - y.iloc[517:547]).mean() < 3.0


def test_an_order_that_is_given_is_obeyed_whatever_the_season(hourly: pd.Series) -> None:
    y = hourly.iloc[:120]
    order, seasonal = (1, 0, 0), (0, 1, 0)
    found = create("sarimax", order=order, seasonal_order=seasonal, transform="none").fit(y)
    peer = SARIMAX(y.to_numpy(), order=order, seasonal_order=(*seasonal, _DAY)).fit(disp=False)
    np.testing.assert_allclose(found.predict(24)["mean"], peer.forecast(24), rtol=1e-3)


def test_an_autoregression_has_the_deterministic_terms_that_are_asked_for() -> None:
    rng, t = np.random.default_rng(3), np.arange(60)
    y = pd.Series(
        50 + 2.0 * t + rng.normal(0, 1, 60), index=pd.period_range("1960", periods=60, freq="Y")
    )
    model = create("ar", order=[2, 0, 0], trend="ct", transform="none")
    found = model.fit(y).predict(10)["mean"]
    assert np.abs(found.to_numpy() - (50 + 2.0 * np.arange(60, 70))).max() < 2.0
    again = create("ar", order=[2, 0, 0], trend="ct", transform="none").fit(y.iloc[:50])
    np.testing.assert_allclose(
        again.forecasts(y, [50, 55], 5)[1, :, 0], again.update(y.iloc[50:55]).predict(5)["mean"]
    )
    with pytest.raises(UserError, match="no trend 'line'"):
        create("ar", trend="line").fit(y)
