"""The compiled minimiser: as low as scipy's, within its bounds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dcforecast.compute.compiled import njit
from dcforecast.models import create, descent
from dcforecast.models.descent import minimiser


@njit(nogil=True)
def _valley(points: np.ndarray, bend: float) -> np.ndarray:
    """Return Rosenbrock's curved valley, whose floor is at 1, 1 ..."""
    found = np.zeros(len(points))
    for i in range(len(points)):
        one = points[i]
        for j in range(points.shape[1] - 1):
            found[i] += bend * (one[j + 1] - one[j] ** 2) ** 2 + (1.0 - one[j]) ** 2
    return found


@njit(nogil=True)
def _bowl(points: np.ndarray, middle: np.ndarray, steep: np.ndarray) -> np.ndarray:
    return ((points - middle) ** 2 * steep).sum(axis=1)


_in_valley = minimiser(_valley, "valley")
_in_bowl = minimiser(_bowl, "bowl")


@pytest.mark.parametrize("high", [4.0, 0.6])
def test_as_low_as_scipy(high: float) -> None:
    from scipy.optimize import minimize

    start, low, top = np.array([-0.5, 0.3, 0.4]), np.full(3, -2.0), np.full(3, high)
    point, loss = _in_valley(start, low, top, 500, (10.0,))
    peer = minimize(
        lambda x: float(_valley(x[None], 10.0)[0]),
        start, method="L-BFGS-B", bounds=[(-2.0, high)] * 3,
    )  # fmt: skip
    assert (point >= low).all()
    assert (point <= top).all()
    assert loss == pytest.approx(peer.fun, abs=1e-5)
    assert loss == _valley(point[None], 10.0)[0]


def test_what_a_bound_holds_stays_and_the_rest_goes_on() -> None:
    middle, steep = np.array([5.0, -0.3, 0.2, 9.0]), np.array([1.0, 30.0, 2.0, 1.0])
    low, high = np.array([-1.0, -1.0, -1.0, 0.5]), np.array([1.0, 1.0, 1.0, 0.5])
    point, loss = _in_bowl(np.zeros(4), low, high, 100, (middle, steep))
    np.testing.assert_allclose(point, [1.0, -0.3, 0.2, 0.5], atol=1e-5)
    assert point[3] == 0.5
    assert loss == pytest.approx(16.0 + 8.5**2, abs=1e-6)


def test_the_first_point_is_moved_within_the_bounds() -> None:
    held = np.array([2.0, 3.0])
    point, loss = _in_bowl(np.array([7.0, 7.0]), held, held, 10, (np.zeros(2), np.ones(2)))
    np.testing.assert_array_equal(point, held)
    assert loss == 13.0


@pytest.mark.parametrize("name", ["ces", "dynamic_theta", "auto_ets", "auto_arima"])
def test_all_models_end_a_descent_by_the_same_limit(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(5)
    season = 10 * np.sin(np.arange(72) / 6 * np.pi)
    values = 100 + season + rng.normal(0.3, 3, 72).cumsum()
    series = pd.Series(values, pd.period_range("2018-01", periods=72, freq="M"))
    whole = create(name).fit(series).predict(6)["mean"]
    monkeypatch.setattr(descent, "MOST_STEPS", 1)
    assert not np.allclose(create(name).fit(series).predict(6)["mean"], whole)
