"""Automatic ARIMA: the search finds what made the series, its sums are those of statsmodels."""

from __future__ import annotations

import numpy as np
import pandas as pd
from statsmodels.tsa.statespace.sarimax import SARIMAX

from dcforecast.models import arima_kernel, arima_order, create


def _series(values: np.ndarray) -> pd.Series:
    return pd.Series(values, index=pd.period_range("2005-01", periods=len(values), freq="M"))


def _autoregression(count: int = 240, phi: float = 0.7, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    out = np.zeros(count)
    for t in range(1, count):
        out[t] = phi * out[t - 1] + rng.normal()
    return out


def test_partial_autocorrelations_give_stationary_coefficients() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        found = arima_kernel.coefficients(rng.uniform(-0.98, 0.98, 4))
        roots = np.roots(np.concatenate([-found[::-1], [1.0]]))
        assert (np.abs(roots) > 1).all()


def test_the_sum_of_squares_is_that_of_the_equation() -> None:
    w = _autoregression(60)
    point = np.array([0.3, 0.5, 0.4, 0.3, -0.2])  # mean, AR, MA, seasonal AR, seasonal MA
    errors = np.zeros(60)
    x = w - 0.3
    for t in range(60):
        past = [x[t - k] if t >= k else 0.0 for k in (1, 4, 5)]
        gone = [errors[t - k] if t >= k else 0.0 for k in (1, 4, 5)]
        ar = 0.5 * past[0] + 0.3 * past[1] - 0.15 * past[2]
        ma = -0.4 * gone[0] + 0.2 * gone[1] - 0.08 * gone[2]
        errors[t] = x[t] - ar - ma
    found = arima_kernel.losses(point[None], w, np.array([1, 1, 1, 1]), 4)
    np.testing.assert_allclose(found, 60 * np.log((errors**2).mean()), rtol=1e-9)


def test_the_search_finds_autoregression_and_differences() -> None:
    w = _autoregression()
    assert arima_order.differences(w) == 0
    assert arima_order.differences(w.cumsum()) == 1
    order, point, _ = arima_order.choose(w, 1, constant=True)
    assert order.p >= 1
    fitted = SARIMAX(w, order=(1, 0, 0), trend="c").fit(disp=False).params
    only, *_ = arima_order.choose(w, 1, constant=False, most=1)
    assert (only.p, only.q) == (1, 0)
    assert abs(point[1] - fitted[1]) < 0.3


def test_a_season_is_differenced_only_where_it_is_strong() -> None:
    t = np.arange(120)
    noise = np.random.default_rng(1).normal(0, 1, 120)
    assert arima_order.seasonal_differences(5 * np.sin(t * np.pi / 6) + noise, 12) == 1
    assert arima_order.seasonal_differences(noise, 12) == 0


def test_the_exact_likelihood_is_no_worse_than_its_start() -> None:
    t = np.arange(108)
    y = _series(50 + 0.2 * t + 8 * np.sin(t * np.pi / 6) + _autoregression(108))
    quick = create("auto_arima", iterations=0).fit(y)
    full = create("auto_arima").fit(y)
    assert quick.form_ == full.form_
    assert full.result_.llf >= quick.result_.llf


def test_regressors_and_gaps_are_taken() -> None:
    rng = np.random.default_rng(5)
    index = pd.period_range("2010-01", periods=120, freq="M")
    X = pd.DataFrame({"heat": rng.normal(0, 1, 120)}, index=index)
    y = pd.Series(100 + 20 * X["heat"] + _autoregression(120), index=index)
    y.iloc[30] = np.nan
    found = create("auto_arima").fit(y.iloc[:-12], X.iloc[:-12]).predict(12, X.iloc[-12:])["mean"]
    assert (found - y.iloc[-12:]).abs().mean() < 4
