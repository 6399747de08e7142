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


def test_regressors_ahead_are_found_by_their_periods():
    model = create("ridge").fit(Y.iloc[:-2], X.iloc[:-2])
    straight = model.predict(2, X.iloc[-2:])
    pd.testing.assert_frame_equal(straight, model.predict(2, X))  # the whole table
    pd.testing.assert_frame_equal(straight, model.predict(2, X.iloc[[-1, -2]]))
    with pytest.raises(UserError, match="no row for 2020-11-01"):
        model.predict(2, X.iloc[:2])  # regressors of the past say nothing of the future


@pytest.mark.parametrize("name", ["ridge", "sarimax", "combination", "conformal", "day_ahead"])
def test_regressors_that_are_no_numbers_are_refused_by_name(name):
    known = X.iloc[:-2]
    for bad, words in (
        (known.assign(a="x"), "no number"),
        (known.assign(b=np.inf), "'b' has an infinite value at 2015-01-01"),
        (known["a"], "DataFrame, got Series"),
        (known.to_numpy(), "DataFrame, got ndarray"),
    ):
        with pytest.raises(UserError, match=words):
            create(name).fit(Y.iloc[:-2], bad)
    model = create(name).fit(Y.iloc[:-2], known)
    with pytest.raises(UserError, match="in fit and in predict"):
        model.predict(2)
    with pytest.raises(UserError, match="'a' has no value at 2020-12-01"):
        model.sample(2, 3, X.iloc[-2:].mask(X.iloc[-2:] == 71.0))


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (Y.to_numpy(), "Series, got ndarray"),
        (Y.to_frame(), "Series, got DataFrame"),
        (Y.astype(str) + "x", "no number"),
        (Y * np.nan, "needs at least"),
    ],
)
def test_what_is_no_series_of_numbers_is_refused(y, words):
    with pytest.raises(UserError, match=words):
        create("sarimax").fit(y)


def test_new_periods_of_another_time_zone_are_refused():
    model = create("ets").fit(Y.iloc[:-2].tz_localize("UTC"))
    with pytest.raises(UserError, match="time zone is UTC, that of the new periods None"):
        model.update(Y.iloc[-2:])


@pytest.mark.parametrize("quantiles", [0.5, ["a"], [np.nan], [], [0.1, 0.1], [0.0001], [0.9999]])
def test_quantiles_are_levels_that_columns_can_tell_apart(quantiles):
    with pytest.raises(UserError, match="quantiles="):
        create("drift").fit(Y).predict(2, quantiles=quantiles)


@pytest.mark.parametrize("horizon", [2.5, "3"])
def test_a_horizon_is_a_whole_number(horizon):
    with pytest.raises(UserError, match="whole number"):
        create("drift").fit(Y).predict(horizon)


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("ets", {"transform": "sqrt"}),
        ("ridge", {"transform": "sqrt"}),
        ("ets", {"season_length": 7.5}),
        ("sarimax", {"order": [1, 0]}),
        ("sarimax", {"seasonal_order": [0, 1, 1, 12]}),
        ("sarimax", {"order": [-1, 0, 0]}),
        ("unobserved_components", {"level": "stairs"}),
        ("unobserved_components", {"harmonics": 0}),
        ("theta", {"theta": 0}),
        ("conformal", {"origins": 0}),
        ("conformal", {"rate": -1.0}),
        ("day_ahead", {"transform": "log"}),
        ("mstl", {"seasons": ["week"]}),
    ],
)
def test_parameters_that_mean_nothing_are_refused(name, params):
    with pytest.raises(UserError):
        create(name, **params).fit(Y)


def test_a_panel_of_no_series_is_refused():
    with pytest.raises(UserError, match="one model of many series"):
        create("ridge").fit_many({})
