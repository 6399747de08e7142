"""The automatic choice: it takes what forecasts best, and stops when its time is up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dcforecast.errors import UserError
from dcforecast.models import create


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


def test_models_that_refuse_the_series_are_passed_over() -> None:
    y = _line().iloc[:5]
    with pytest.raises(UserError, match="6"):
        create("auto").fit(y)
    with pytest.raises(UserError, match="no model"):
        bad = {"name": "combination", "models": []}
        create("auto", models=[bad]).fit(_line())
