"""Combinations: centre, spread, weights and widths learned from held-out ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dcforecast.errors import UserError
from dcforecast.models import create
from dcforecast.models.base import Ability
from dcforecast.models.holdouts import Holdout, Record
from dcforecast.models.learned import Learned, learn


def test_the_centre_is_the_median_of_the_members() -> None:
    rng = np.random.default_rng(6)
    index = pd.period_range("2000", periods=30, freq="Y")
    y = pd.Series(100 + 3 * np.arange(30) + rng.normal(0, 4, 30), index=index)
    members = [{"name": "theta"}, {"name": "drift", "damping": 1.0}, {"name": "seasonal_naive"}]
    found = create("consensus", models=members).fit(y).predict(4, quantiles=(0.1, 0.5, 0.9))
    alone = [create(**one).fit(y).predict(4, quantiles=(0.1, 0.5, 0.9)) for one in members]
    centre = np.median([one["q500"] for one in alone], axis=0)
    np.testing.assert_allclose(found["q500"], centre, rtol=1e-9)
    widths = [(one["q900"] - one["q100"]).to_numpy() for one in alone]
    assert ((found["q900"] - found["q100"]).to_numpy() > np.min(widths, axis=0)).all()


def test_no_members_are_refused() -> None:
    y = pd.Series(np.arange(20.0) + 5, index=pd.period_range("2000", periods=20, freq="Y"))
    with pytest.raises(UserError, match="empty"):
        create("consensus", models=[]).fit(y)


def _yearly(seed: int, count: int = 30, slope: float = 3.0) -> pd.Series:
    rng = np.random.default_rng(seed)
    index = pd.period_range("1990", periods=count, freq="Y")
    return pd.Series(100 + slope * np.arange(count) + rng.normal(0, 4, count), index=index)


def _held(actual: list[float], centres: list[list[float]], scale: float = 1.0) -> Holdout:
    steps = len(actual)
    one = np.ones(steps)
    errors = np.abs(np.array(centres) - np.array(actual)).mean(axis=1)
    return Holdout(np.array(actual), np.array(centres, float), one, one, errors, Record(scale, 40))


def test_stacking_finds_the_mixture_and_best_the_best() -> None:
    rng = np.random.default_rng(0)
    holdouts = []
    for _ in range(40):
        a, b, c = rng.normal(0, 1, (3, 4))
        holdouts.append(_held(list(0.7 * a + 0.3 * b), [list(a), list(b), list(c)]))
    np.testing.assert_allclose(
        learn(holdouts, "stack", "mase", False).weights, [0.7, 0.3, 0], atol=1e-6
    )
    best = learn(holdouts, "best", "mase", False)
    assert best.chosen in {(0,), (0, 1)}


def test_weights_are_in_inverse_proportion_to_errors() -> None:
    one = _held([0.0, 0.0], [[1.0, 1.0], [-3.0, 3.0]], scale=2.0)
    for measure in ("mae", "mase", "crps"):
        found = learn([one], "weights", measure, False).weights
        np.testing.assert_allclose(found, [0.75, 0.25])


def test_the_measure_decides_which_series_rules() -> None:
    large = _held([1000.0], [[1100.0], [1200.0]], scale=1000.0)
    small = [_held([1.0], [[3.0], [1.0]]) for _ in range(5)]
    assert learn([large, *small], "best", "mae", False).chosen == (0,)
    assert learn([large, *small], "best", "mase", False).chosen == (1,)


def test_calibration_covers_what_it_promises() -> None:
    # Trends of all sizes, which a naive forecast does not see.
    slopes = np.random.default_rng(9).normal(0, 8, 60)
    panel = {str(k): _yearly(k, 34, slope=slopes[k]) for k in range(60)}
    known = {name: y.iloc[:-4] for name, y in panel.items()}
    inside = {}
    for calibrate in (False, True):
        model = create(
            "combination", models=["seasonal_naive"], centre="median", calibrate=calibrate
        )
        found = model.fit_many(known)
        hits = []
        for name, one in found.items():
            table = one.predict(4, quantiles=(0.1, 0.9))
            actual = panel[name].iloc[-4:]
            hits.append((actual >= table["q100"]) & (actual <= table["q900"]))
        inside[calibrate] = float(np.mean(hits))
    assert -0.02 < inside[True] - 0.8 < 0.1  # a little wider, as ends differ
    assert abs(inside[False] - 0.8) > 0.1


def test_wrong_parameters_are_refused() -> None:
    y = _yearly(1)
    for params, text in (
        ({"centre": "medain"}, "median"),
        ({"centre": "mean", "measure": "mas"}, "mase"),
        ({"calibrate": True}, "centre"),
    ):
        with pytest.raises(UserError, match=text):
            create("combination", **params).fit(y)


def test_members_of_many_series_learn_from_all() -> None:
    panel = {str(k): _yearly(k, 16) for k in range(24)}
    members = [{"name": "pooled", "iterations": 20}, "drift"]
    model = create("combination", models=members, centre="mean", horizon=3, origins=1)
    found = model.fit_many(panel)
    pooled = [one.members_[0] for one in found.values()]
    assert len({id(one.learned_) for one in pooled}) == 1
    assert pooled[0].learned_ is not None
    alone = create("pooled").fit(panel["0"])
    assert alone.learned_ is None
    assert set(found) == set(panel)


@pytest.mark.parametrize("name", ["combination", "auto"])
def test_update_moves_the_members_on_and_learns_nothing_anew(name: str) -> None:
    y = _yearly(3, 40)
    params = {"models": ["theta", "drift", "ets"]}
    params |= {"centre": "stack", "calibrate": True} if name == "combination" else {}
    model = create(name, **params).fit(y.iloc[:-6])
    pool = model if name == "combination" else model.model_
    rule, members = pool.rule_, pool.members_
    before = model.predict(3)
    moved = model.forecasts(y, [34, 37, 40], 3, quantiles=(0.5,))
    pd.testing.assert_frame_equal(model.predict(3), before)  # the fitted model stays
    model.update(y.iloc[-6:])
    pool = model if name == "combination" else model.model_
    assert pool.rule_ is rule
    assert all(len(member.index_) == 34 for member in members)
    assert all(len(member.index_) == 40 for member in pool.members_)
    np.testing.assert_array_equal(moved[-1], model.predict(3, quantiles=(0.5,)))


def _driven(count: int = 60, seed: int = 0) -> tuple[pd.Series, pd.DataFrame]:
    """A series that follows a regressor."""
    rng = np.random.default_rng(seed)
    index = pd.period_range("1960", periods=count, freq="Y")
    X = pd.DataFrame({"x": rng.normal(0, 1, count)}, index=index)
    return pd.Series(100 + 20 * X["x"] + rng.normal(0, 1, count), index=index), X


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("combination", {}),
        ("combination", {"centre": "stack", "calibrate": True}),
        ("auto", {"calibrate": False, "with_regressors": []}),
    ],
)
def test_members_that_take_regressors_get_them(name: str, params: dict[str, object]) -> None:
    y, X = _driven()
    members = ["theta", "sarimax", {"name": "unobserved_components", "transform": "none"}]
    model = create(name, models=members, **params)
    assert Ability.EXOGENOUS in model.supports
    assert Ability.EXOGENOUS not in create(name, models=["theta", "ets"], **params).supports
    miss = {}
    for with_X in (True, False):
        fitted = model.clone().fit(y.iloc[:-10], X.iloc[:-10] if with_X else None)
        if with_X:
            fitted.update(y.iloc[-10:-6], X.iloc[-10:-6])
            found = fitted.predict(6, X.iloc[-6:], quantiles=(0.1, 0.5, 0.9))
        else:
            found = fitted.predict(10, quantiles=(0.1, 0.5, 0.9)).iloc[-6:]
        miss[with_X] = (found["q500"] - y.iloc[-6:]).abs().mean()
    assert miss[True] < 0.7 * miss[False]


def test_many_series_share_weights_learned_with_their_regressors() -> None:
    panel, X = {}, {}
    for k in range(6):
        panel[str(k)], X[str(k)] = _driven(40, k)
    known = {name: y.iloc[:-4] for name, y in panel.items()}
    model = create("combination", models=["drift", "sarimax"], centre="stack", horizon=4)
    found = model.fit_many(known, {name: one.iloc[:-4] for name, one in X.items()})
    assert found["0"].rule_.weights[1] > 0.9  # the one that knows the regressor
    ahead = found["0"].predict(4, X["0"].iloc[-4:], quantiles=(0.5,))["q500"]
    assert (ahead - panel["0"].iloc[-4:]).abs().mean() < 10  # the regressor moves it by 20
    with pytest.raises(UserError, match="takes no regressors"):
        create("combination", models=["drift"]).fit_many(known, X)


def test_own_weights_follow_the_end_of_each_series() -> None:
    rng = np.random.default_rng(3)
    rising = np.cumsum(np.full(30, 5.0)) + rng.normal(0, 0.3, 30)
    level = 60 + rng.normal(0, 3, 30)
    index = pd.period_range("1990", periods=30, freq="Y")
    panel = {"rising": pd.Series(rising, index), "level": pd.Series(level, index)}
    members = [{"name": "drift", "damping": 1.0}, {"name": "auto_ets", "trends": ["none"]}]
    inner = {"name": "combination", "models": members, "centre": "weights", "power": 4.0,
             "own": True, "origins": 4, "every": 2, "horizon": 4}  # fmt: skip
    model = create("combination", models=[inner], centre="median", calibrate=True, horizon=4)
    found = {name: one.members_[0].rule_.weights for name, one in model.fit_many(panel).items()}
    assert found["rising"][0] > 0.95
    assert found["level"][1] > 0.5
    steep = create(**{**inner, "power": 0.0}).fit(panel["rising"])
    np.testing.assert_allclose(steep.rule_.weights, 0.5)


def test_origins_may_be_closer_than_a_horizon() -> None:
    y = _yearly(2, 24)
    model = create("combination", models=["drift"], centre="mean", horizon=6, origins=4, every=1)
    held = model.own_holdouts(y)
    assert [one.actual[-1] for one in held] == [y.iloc[-1 - k] for k in range(4)]


def _noise(rng: np.random.Generator, count: int, known: int) -> list[Holdout]:
    """Held-out ends of records whose errors are larger where less was known."""
    errors = rng.normal(0, np.exp(3 / known), (count, 4))
    return [replace(_held(list(e), [[0.0] * 4]), record=Record(1.0, known)) for e in errors]


def _width(rule: Learned, record: Record, horizon: int = 4, size: float = 1.0) -> np.ndarray:
    paths = np.random.default_rng(1).normal(0, size / 1.2816, (4000, horizon))
    return np.asarray(np.quantile(rule.spread(paths, np.zeros(horizon), record), 0.9, axis=0))


def test_widths_of_a_longer_record_than_was_held_out_are_smaller() -> None:
    rng = np.random.default_rng(1)
    rule = learn(_noise(rng, 3000, 8), "median", "mase", True)
    # The unit holds the length, so that a rule of short records serves long ones.
    at_8, at_14 = _width(rule, Record(1.0, 8)), _width(rule, Record(1.0, 14))
    np.testing.assert_allclose(at_14 / at_8, np.exp(3 / 14 - 3 / 8), rtol=1e-9)
    # A fifth more or less from end to end makes it a little wider than the errors were.
    np.testing.assert_allclose(at_8, 1.28 * np.exp(3 / 8), rtol=0.06)


def test_widths_follow_the_pool_and_the_record_in_equal_parts() -> None:
    rule = learn(_noise(np.random.default_rng(2), 400, 40), "median", "mase", True)
    one = _width(rule, Record(1.0, 40))
    np.testing.assert_allclose(_width(rule, Record(4.0, 40)), 2 * one, rtol=1e-9)
    np.testing.assert_allclose(_width(rule, Record(1.0, 40), size=4.0), 2 * one, rtol=1e-6)
    assert (_width(rule, Record(0.0, 40)) > 0).all()  # a flat record keeps some spread


def test_widths_beyond_the_held_out_steps_grow_with_the_pool() -> None:
    rule = learn(_noise(np.random.default_rng(3), 400, 40), "median", "mase", True)
    paths = np.random.default_rng(1).normal(0, 1, (4000, 1)) * np.array([1, 1, 1, 1, 3.0])
    wide = np.quantile(rule.spread(paths, np.zeros(5), Record(1.0, 40)), 0.9, axis=0)
    np.testing.assert_allclose(wide[4] / wide[3], 3.0, rtol=0.01)


def test_few_errors_leave_the_pools_own_widths() -> None:
    rule = learn(_noise(np.random.default_rng(4), 4, 40), "median", "mase", True)
    assert rule.widths is None
    np.testing.assert_allclose(_width(rule, Record(1.0, 40)), 1.0, rtol=0.06)


@pytest.mark.parametrize("params", [{"origins": 0}, {"horizon": 0}, {"every": 0}, {"power": -1.0}])
def test_numbers_that_mean_nothing_are_refused(params: dict[str, float]) -> None:
    y = pd.Series(np.arange(60.0), index=pd.period_range("2010-01", periods=60, freq="M"))
    with pytest.raises(UserError, match=next(iter(params))):
        create("combination", centre="weights", **params).fit(y)
