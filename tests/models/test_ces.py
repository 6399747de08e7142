"""Complex exponential smoothing: the recursion is the paper's, the season is found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dcforecast.errors import UserError
from dcforecast.models import ces_kernel, create


def _series(count: int = 96, swing: float = 0.0, slope: float = 0.0) -> pd.Series:
    rng = np.random.default_rng(8)
    t = np.arange(count)
    values = 200 + slope * t + swing * np.sin(2 * np.pi * t / 12) + rng.normal(0, 3, count)
    return pd.Series(values, index=pd.period_range("2010-01", periods=count, freq="M"))


def test_the_recursion_is_the_complex_one_of_the_paper() -> None:
    y = _series(40, slope=1.0).to_numpy()
    weight, lasting = complex(1.2, 0.9), complex(1 - 1.2, 1 - 0.9)
    point, first = np.array([1.2, 0.9, 0.0, 0.0]), np.array([190.0, 170.0, 0.0, 0.0])
    seen = complex(*first[:2])
    for values in (y, y[::-1], y):  # forward, back, forward again
        want = []
        for value in values:
            error = value - seen.real
            want.append(error)
            # The error stands in for the unseen information potential.
            seen = weight * complex(value, error) + lasting * seen
    loss, errors, state = ces_kernel.smooth(point, first, y, 1, ces_kernel.NONE)
    np.testing.assert_allclose(errors, want, rtol=1e-9)
    np.testing.assert_allclose(state[:2], [seen.real, seen.imag], rtol=1e-9)
    assert loss == pytest.approx(40 * np.log(np.mean(np.square(want))))


def test_the_simple_season_is_a_series_for_each_month() -> None:
    y = _series(48, 30.0).to_numpy()
    point = np.array([1.1, 0.95, 0.0, 0.0])
    first = np.concatenate([[0, 0], y[:12], y[:12] / 1.1])
    _, errors, _ = ces_kernel.smooth(point, first, y, 12, ces_kernel.SIMPLE)
    for month in range(12):
        own = np.array([y[month], y[month] / 1.1, 0.0, 0.0])
        alone = ces_kernel.smooth(point, own, y[month::12], 1, ces_kernel.NONE)[1]
        np.testing.assert_allclose(errors[month::12], alone, rtol=1e-9)


def test_a_season_is_taken_where_there_is_one() -> None:
    assert create("ces").fit(_series(swing=40)).form_ in {"partial", "full"}
    assert create("ces").fit(_series()).form_ == "none"


@pytest.mark.parametrize("form", ["simple", "partial", "full"])
def test_each_form_forecasts_trend_and_season(form: str) -> None:
    y = _series(120, swing=40, slope=1.0)
    found = create("ces", seasons=[form]).fit(y.iloc[:-12]).predict(12, quantiles=(0.5,))["q500"]
    naive = np.abs(y.iloc[-24:-12].to_numpy() - y.iloc[-12:].to_numpy()).mean()
    assert np.abs(found - y.iloc[-12:]).mean() < 0.8 * naive


def test_noise_of_the_record_is_the_width_of_a_step() -> None:
    table = create("ces").fit(_series(240)).predict(1, quantiles=(0.1, 0.9))
    width = float((table["q900"] - table["q100"]).iloc[0])
    assert width == pytest.approx(2 * 1.2816 * 3.0, rel=0.25)


def test_an_unknown_season_is_refused_with_the_nearest() -> None:
    with pytest.raises(UserError, match="partial"):
        create("ces", seasons=["partail"]).fit(_series())
