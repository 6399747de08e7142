"""The automatic choice: it takes what forecasts best, and stops when its time is up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dcforecast.errors import UserError
from dcforecast.models import create
from dcforecast.models.base import Ability


def _line(seed: int = 0) -> pd.Series:
    rng = np.random.default_rng(seed)
    index = pd.period_range("1980", periods=36, freq="Y")
    return pd.Series(50 + 5.0 * np.arange(36) + rng.normal(0, 1, 36), index=index)


def test_a_trend_is_not_left_to_the_naive_model() -> None:
    model = create("auto", models=["seasonal_naive", {"name": "drift", "damping": 1.0}])
    model.fit(_line())
    assert model.chosen_ == [{"name": "drift", "damping": 1.0}]
    assert model.tried_[0] == "seasonal_naive"
    ahead = model.predict(4, quantiles=(0.5,))["q500"].to_numpy()
    np.testing.assert_allclose(ahead, 50 + 5.0 * np.arange(36, 40), atol=4)


def test_the_budget_ends_the_trial_but_one_model_is_always_tried() -> None:
    model = create("auto", models=["drift", "dynamic_theta", "auto_ets"], seconds=0.0)
    assert model.fit(_line()).tried_ == ["drift"]


def _driven(periods: int = 90) -> tuple[pd.Series, pd.DataFrame]:
    rng = np.random.default_rng(3)
    index = pd.period_range("2016-01", periods=periods, freq="M")
    warm = rng.normal(0, 1, periods)
    values = 200 + 10 * np.sin(np.arange(periods) * np.pi / 6) + 15 * warm
    y = pd.Series(values + rng.normal(0, 1, periods), index=index)
    return y, pd.DataFrame({"warm": warm}, index=index)


def test_with_regressors_models_that_take_them_are_tried_and_win() -> None:
    y, X = _driven()
    model = create("auto", with_regressors=["ridge", "unobserved_components"], origins=2)
    model.fit(y.iloc[:-12], X.iloc[:-12])
    assert model.tried_[:2] == ["ridge", "unobserved_components"]
    assert set(map(str, model.chosen_)) <= {"ridge", "unobserved_components"}
    found = model.predict(12, X.iloc[-12:], quantiles=(0.1, 0.9))
    assert (found["mean"] - y.iloc[-12:]).abs().mean() < 3  # without: 12
    alone = create("auto", origins=2).fit(y.iloc[:-12])
    assert not {"ridge", "unobserved_components"} & set(map(str, alone.tried_))


def test_the_default_takes_regressors_within_its_budget() -> None:
    model = create("auto", seconds=0.0)
    assert Ability.EXOGENOUS in model.supports
    y, X = _driven()
    assert model.fit(y, X).tried_ == [model.with_regressors[0]]
    assert all(Ability.EXOGENOUS in create(name).supports for name in model.with_regressors)


def test_a_model_that_says_what_another_said_is_passed_over() -> None:
    y, X = _driven()  # by months both are the seasonal drift
    model = create("auto", models=["drift", "seasonal_naive"], with_regressors=["day_ahead"])
    assert model.fit(y, X).tried_ == ["day_ahead", "seasonal_naive"]


def test_models_that_refuse_the_series_are_passed_over() -> None:
    y = _line().iloc[:5]
    with pytest.raises(UserError, match="6"):
        create("auto").fit(y)
    with pytest.raises(UserError, match="no model"):
        bad = {"name": "combination", "models": []}
        create("auto", models=[bad]).fit(_line())
