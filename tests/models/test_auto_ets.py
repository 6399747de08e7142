"""Own exponential smoothing: the recursion is statsmodels', the choice finds the form."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from dcforecast.models import create, ets_kernel


def _series(count: int = 84, relative: bool = True) -> pd.Series:
    rng = np.random.default_rng(4)
    t = np.arange(count)
    turn = 1 + 0.3 * np.sin(2 * np.pi * t / 12)
    level = 100 + 1.5 * t
    values = level * turn if relative else level + 100 * (turn - 1)
    noise = 1 + 0.02 * rng.standard_normal(count)
    return pd.Series(values * noise, index=pd.period_range("2015-01", periods=count, freq="M"))


@pytest.mark.parametrize("error", ["add", "mul"])
@pytest.mark.parametrize("season", [None, "add"])
@pytest.mark.parametrize("damped", [False, True])
def test_the_recursion_is_that_of_statsmodels(error: str, season: str | None, damped: bool) -> None:
    y = _series().to_numpy() / 150
    period = 12 if season else 1
    effects = 0.1 * np.sin(np.arange(12))
    alpha, b, g, phi = 0.4, 0.25, 0.3, 0.9 if damped else 1.0
    point = np.concatenate([[alpha, b, g if season else 0, phi, 0.7, 0.01], effects[:period]])
    _, errors, _ = ets_kernel.smooth(point, y, period, error == "mul", int(season is not None))
    model = ETSModel(
        y, error=error, trend="add", damped_trend=damped, seasonal=season,
        seasonal_periods=12 if season else None, initialization_method="known",
        initial_level=0.7, initial_trend=0.01, initial_seasonal=effects if season else None,
    )  # fmt: skip
    known = [alpha, alpha * b, *([g * (1 - alpha)] if season else []), *([phi] if damped else [])]
    np.testing.assert_allclose(errors, model.smooth(known).resid, rtol=1e-8, atol=1e-10)


def test_multiplicative_seasons_follow_table_2_3_of_the_book() -> None:
    # statsmodels divides by the new level instead, so the equations stand here once more.
    y = _series().to_numpy() / 150
    alpha, b, g, phi, level, slope = 0.4, 0.25, 0.3, 0.9, 0.7, 0.01
    season = list(1 + 0.2 * np.sin(np.arange(12)))
    point = np.array([alpha, b, g, phi, level, slope, *season])
    loss, errors, state = ets_kernel.smooth(point, y, 12, True, ets_kernel.MULTIPLY)
    want, logs = [], 0.0
    for t, value in enumerate(y):
        base = level + phi * slope
        e = value / (base * season[t % 12]) - 1
        logs += np.log(base * season[t % 12])
        level, slope = base * (1 + alpha * e), phi * slope + alpha * b * base * e
        season[t % 12] *= 1 + g * (1 - alpha) * e
        want.append(e)
    np.testing.assert_allclose(errors, want, rtol=1e-9)
    np.testing.assert_allclose(state, [level, slope, *season], rtol=1e-9)
    assert loss == pytest.approx(84 * np.log(np.mean(np.square(want))) + 2 * logs, rel=1e-9)


@pytest.mark.parametrize("relative", [True, False])
def test_the_choice_finds_trend_and_season(relative: bool) -> None:
    y = _series(120, relative)
    model = create("auto_ets", trends=["none", "add", "damped"]).fit(y.iloc[:-12])
    assert model.form_.trend
    assert model.form_.season == (2 if relative else 1)
    found = model.predict(12, quantiles=(0.5,))["q500"]
    assert np.abs(found / y.iloc[-12:] - 1).mean() < 0.04


def test_the_likelihood_is_no_worse_than_that_of_statsmodels() -> None:
    y = _series()
    model = create("auto_ets", trends=["none", "add", "damped"]).fit(y)
    values = y.to_numpy() / model.scale_
    theirs = ETSModel(
        values, error="mul", trend="add", seasonal="mul", seasonal_periods=12,
        initialization_method="estimated",
    ).fit(disp=False)  # fmt: skip
    form = model.form_
    loss, *_ = ets_kernel.smooth(model.point_, values, 12, form.relative, form.season)
    n = len(values)
    mine = -0.5 * (loss + n * (1 + np.log(2 * np.pi)))
    assert -2 * mine + 2 * form.size(12) < theirs.aic + 1.0


def test_trends_can_be_left_out() -> None:
    model = create("auto_ets", trends=["none"]).fit(_series())
    assert model.form_.name in {"M,N,M", "M,N,A", "A,N,A"}
