"""Quantiles of regressors that have their own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dcforecast.errors import UserError
from dcforecast.models import create
from dcforecast.models.base import Forecaster

_PLAIN = {
    "lags": 0, "calendar": [], "difference": "none", "transform": "none", "season_length": 1,
}  # fmt: skip


def _noisy(count: int = 600) -> tuple[pd.Series, pd.DataFrame]:
    """A series whose noise is as large as its regressor."""
    rng = np.random.default_rng(0)
    index = pd.date_range("2020-01-01", periods=count, freq="D")
    X = pd.DataFrame({"size": rng.uniform(1, 10, count)}, index=index)
    return pd.Series(200 + X["size"] * rng.normal(0, 1, count), index=index), X


def _fitted(name: str, **params: object) -> Forecaster:
    y, X = _noisy()
    model = create(name, strategy="direct", spread="native", **_PLAIN, **params)
    return model.fit(y, X)


@pytest.mark.parametrize(
    ("name", "params"),
    [("quantile_regression", {"alpha": 0.0}), ("hgb", {"max_iter": 60, "min_samples_leaf": 40})],
)
def test_intervals_follow_what_makes_the_noise(name: str, params: dict[str, object]) -> None:
    model = _fitted(name, **params)
    ahead = pd.DataFrame({"size": [1.5, 9.5]})
    found = model.predict(2, ahead, quantiles=(0.1, 0.5, 0.9))
    width = (found["q900"] - found["q100"]).to_numpy()
    # 80 % of a normal distribution lie within 1.28 deviations.
    np.testing.assert_allclose(width, 2 * 1.2816 * ahead["size"], rtol=0.45)
    assert width[1] > 3 * width[0]
    paths = model.sample(2, 2000, ahead, random_state=1)
    np.testing.assert_allclose(
        np.quantile(paths, (0.1, 0.5, 0.9), axis=0).T, found.iloc[:, 1:], atol=0.25
    )


def test_quantiles_are_asked_of_those_that_have_them() -> None:
    y, X = _noisy(60)
    with pytest.raises(UserError, match="Ridge has no quantiles of its own"):
        create("ridge", strategy="direct", spread="native").fit(y, X)
    with pytest.raises(UserError, match=r"needs model\.strategy=direct"):
        create("hgb", spread="native").fit(y, X)
