"""What a forecaster is given is checked before any arithmetic: no wrong number in silence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dcforecast.errors import UserError
from dcforecast.models import create

INDEX = pd.date_range("2015-01-01", periods=72, freq="MS")
Y = pd.Series(100 + 10 * np.sin(np.arange(72) * np.pi / 6), index=INDEX)
X = pd.DataFrame({"a": np.arange(72.0), "b": np.cos(np.arange(72.0))}, index=INDEX)
AHEAD = pd.DataFrame({"a": [72.0, 73.0], "b": np.cos([72.0, 73.0])})


@pytest.mark.parametrize("name", ["ets", "theta", "auto_ets", "ces", "dynamic_theta", "drift"])
@pytest.mark.parametrize(("horizon", "n"), [(0, 3), (-1, 3), (3, 0)])
def test_counts_below_one_never_reach_compiled_code(name, horizon, n):
    model = create(name).fit(Y)
    with pytest.raises(UserError, match="must be at least 1"):
        model.sample(horizon, n)


@pytest.mark.parametrize(
    "y",
    [
        Y.iloc[::-1],
        Y.drop(INDEX[5]),
        pd.concat([Y, Y.iloc[-1:]]),
        Y.set_axis(INDEX.to_period("M")).drop(pd.Period("2016-01", "M")),
        Y.set_axis(INDEX.to_period("M"))[::-1],
    ],
)
def test_an_irregular_index_is_refused(y):
    with pytest.raises(UserError, match="regular step"):
        create("ets").fit(y)


def test_new_periods_follow_the_record():
    model = create("ets").fit(Y.iloc[:-2])
    with pytest.raises(UserError, match="the record ends at 2020-10-01"):
        model.update(Y.iloc[-3:])
    with pytest.raises(UserError, match="need a DatetimeIndex"):
        model.update(Y.iloc[-2:].set_axis(INDEX[-2:].to_period("M")))
    assert model.update(Y.iloc[-2:]).predict(1).index[0] == pd.Timestamp("2021-01-01")


def test_regressors_are_matched_by_name_and_counted():
    model = create("ridge").fit(Y, X)
    straight = model.predict(2, AHEAD)
    pd.testing.assert_frame_equal(straight, model.predict(2, AHEAD[["b", "a"]]))
    pd.testing.assert_frame_equal(straight, model.predict(2, AHEAD.assign(more=1.0)))
    with pytest.raises(UserError, match="lack b"):
        model.predict(2, AHEAD[["a"]])
    with pytest.raises(UserError, match="3 periods ahead need as many regressors, got 2"):
        model.predict(3, AHEAD)
    with pytest.raises(UserError, match="lack a"):
        model.sample(2, 5, AHEAD[["b"]])
    with pytest.raises(UserError, match="not the index of the series"):
        create("ridge").fit(Y, X.iloc[:-10])


@pytest.mark.parametrize("name", ["ridge", "sarimax"])
def test_regressors_are_wanted_always_or_never(name):
    with_them, without = create(name).fit(Y.iloc[:-2], X.iloc[:-2]), create(name).fit(Y.iloc[:-2])
    for model, given in ((with_them, None), (without, X)):
        ahead = None if given is None else given.iloc[-2:]
        with pytest.raises(UserError, match="in fit and in predict, or in neither"):
            model.predict(2, ahead)
        with pytest.raises(UserError, match="in fit and in predict, or in neither"):
            model.sample(2, 5, ahead)
        with pytest.raises(UserError, match="in fit and in forecasts, or in neither"):
            model.forecasts(Y, [70, 71], 1, given)
        with pytest.raises(UserError, match="in fit and in update, or in neither"):
            model.update(Y.iloc[-2:], ahead)
