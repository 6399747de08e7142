"""Conformal calibration: coverage is repaired, drift is followed, paths keep their marginals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dcforecast.errors import UserError
from dcforecast.models import create
from dcforecast.models.conformal import (
    _LEVELS,
    Conformal,
    adaptive,
    conformalised,
    split,
    widening,
)
from dcforecast.models.joint import rank_paths


@pytest.mark.parametrize("method", [split, conformalised, adaptive])
def test_intervals_cover_where_the_models_own_are_too_narrow(method) -> None:
    rng = np.random.default_rng(8)
    rows, steps = 80, 4
    own = np.tile(np.quantile(rng.normal(0, 0.4, 10_000), _LEVELS), (steps, 1))
    past = np.tile(own, (rows, 1, 1))
    inside = []
    for _ in range(30):
        actual = rng.standard_t(4, (rows, steps)) + 0.5
        found = method(actual, past, own, 0.02)
        new = rng.standard_t(4, (200, steps)) + 0.5
        ends = [np.searchsorted(_LEVELS, pair) for pair in ((0.1, 0.9), (0.05, 0.95))]
        inside.append([((new >= found[:, a]) & (new <= found[:, b])).mean() for a, b in ends])
    np.testing.assert_allclose(np.mean(inside, axis=0), [0.8, 0.9], atol=0.03)


def test_a_models_narrow_intervals_are_widened() -> None:
    rng = np.random.default_rng(4)
    y = pd.Series(rng.normal(100, 5, 90), index=pd.period_range("2000-01", periods=90, freq="M"))
    y.iloc[45:] += rng.normal(0, 15, 45)  # the newer half is wilder than the record as a whole
    plain = create("drift", season_length=1).fit(y).predict(1, quantiles=(0.1, 0.9)).iloc[0]
    given = {"season_length": 1}
    model = create("conformal", model="drift", params=given, method="split", every=1, origins=40)
    found = model.fit(y).predict(1, quantiles=(0.1, 0.9)).iloc[0]
    assert found["q900"] - found["q100"] > 1.15 * (plain["q900"] - plain["q100"])


def test_adaptive_levels_follow_a_growing_spread() -> None:
    rng = np.random.default_rng(3)
    errors = rng.normal(0, 1, (200, 6)) * np.geomspace(1, 8, 200)[:, None]
    past, own = np.zeros((200, 6, len(_LEVELS))), np.zeros((6, len(_LEVELS)))
    low, high = np.searchsorted(_LEVELS, [0.1, 0.9])
    wide = adaptive(errors, past, own, 0.02)
    plain = split(errors, past, own, 0.0)
    true = 8 * 2 * 1.2816
    span = (wide - plain)[:, high] - (wide - plain)[:, low]
    assert (span > 0).all()
    assert (wide[:, high] - wide[:, low]).mean() == pytest.approx(true, rel=0.4)


def test_paths_have_the_quantiles_and_the_ranks_of_past_errors() -> None:
    rng = np.random.default_rng(0)
    shared = rng.normal(0, 1, (80, 1))
    errors = shared + 0.3 * rng.normal(0, 1, (80, 4))
    levels = np.array([0.1, 0.5, 0.9])
    quantiles = np.array([[-1.0, 0, 1], [0, 1, 9], [5, 6, 7], [-9, 0, 1]])
    paths = rank_paths(levels, quantiles, errors, 1000, rng)
    found = np.quantile(paths, levels, axis=0).T
    np.testing.assert_allclose(found, quantiles, atol=0.05)
    ranks = [
        pd.Series(errors[:, j]).corr(pd.Series(errors[:, 0]), method="spearman") for j in (1, 3)
    ]
    drawn = [pd.Series(paths[:, j]).corr(pd.Series(paths[:, 0]), method="spearman") for j in (1, 3)]
    np.testing.assert_allclose(drawn, ranks, atol=0.06)


def test_quantiles_of_paths_are_the_forecast_quantiles_and_regressors_pass() -> None:
    rng = np.random.default_rng(1)
    index = pd.date_range("2024-01-01", periods=300, freq="D")
    X = pd.DataFrame({"warm": rng.normal(0, 1, 300)}, index=index)
    y = pd.Series(50 + 10 * X["warm"] + rng.normal(0, 1, 300), index=index)
    model = create("conformal", model="ridge", method="split").fit(y[:-7], X[:-7])
    found = model.predict(7, X[-7:], quantiles=(0.1, 0.5, 0.9))
    assert (found["q500"] - y[-7:]).abs().mean() < 3.0
    paths = model.sample(7, 4000, X[-7:], random_state=5)
    np.testing.assert_allclose(np.quantile(paths, 0.9, axis=0), found["q900"], atol=0.2)


def test_a_short_record_keeps_the_models_own_paths() -> None:
    y = pd.Series(np.arange(9.0) + 5, index=pd.period_range("2000", periods=9, freq="Y"))
    assert Conformal("drift").fit(y).predict(2)["mean"].notna().all()


def test_unknown_methods_are_refused() -> None:
    y = pd.Series(np.arange(40.0), index=pd.period_range("2000", periods=40, freq="Y"))
    with pytest.raises(UserError, match="method"):
        Conformal("drift", method="magic").fit(y)


def test_widening_is_one_for_equal_errors() -> None:
    errors = np.random.default_rng(2).normal(0, [1, 5], (500, 2))
    assert widening(errors, errors) == pytest.approx(1.0)
    assert widening(errors, 1.7 * errors) == pytest.approx(1.7)


def test_update_adds_the_scores_of_the_new_periods() -> None:
    rng = np.random.default_rng(2)
    index = pd.period_range("2000-01", periods=140, freq="M")
    y = pd.Series(100 + rng.normal(0, 2, 140), index=index)
    y.iloc[100:] += rng.normal(0, 20, 40)  # what comes is wilder than the record
    model = create("conformal", model="drift", params={}, method="split", every=2)
    model.fit(y.iloc[:100])
    before = model.predict(3, quantiles=(0.1, 0.9))
    calm = y.copy()
    calm.iloc[100:] = 100 + rng.normal(0, 2, 40)
    wild = model.forecasts(y, [100, 140], 3, quantiles=(0.1, 0.9))
    # The fitted model stays as it was, and another future is judged by its own forecasts.
    tame = model.forecasts(calm, [100, 140], 3, quantiles=(0.1, 0.9))
    np.testing.assert_array_equal(wild[0], before)
    np.testing.assert_array_equal(tame[0], before)
    widths = {name: np.diff(found[1][:, 1:]).mean() for name, found in (("y", wild), ("c", tame))}
    assert widths["y"] > 1.5 * widths["c"]
    model.update(y.iloc[100:])
    np.testing.assert_array_equal(model.predict(3, quantiles=(0.1, 0.9)), wild[1])
    actual, past = model._past(3)
    assert len(actual) == len(past) > 40
    np.testing.assert_array_equal(actual[-1], y.iloc[-3:])
