"""Automatic ARIMA: its likelihood is that of statsmodels, the search finds what made the series."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pandas as pd
import pytest
from scipy.special import stdtrit
from statsmodels.tsa.statespace.sarimax import SARIMAX

from dcforecast.errors import UserError
from dcforecast.models import arima_kernel, arima_order, create
from dcforecast.models.statespace import Part


def _series(values: np.ndarray) -> pd.Series:
    return pd.Series(values, index=pd.period_range("2005-01", periods=len(values), freq="M"))


def _autoregression(count: int = 240, phi: float = 0.7, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    out = np.zeros(count)
    for t in range(1, count):
        out[t] = phi * out[t - 1] + rng.normal()
    return out


def _seasonal(count: int = 108) -> np.ndarray:
    t = np.arange(count)
    return np.asarray(50 + 0.2 * t + 8 * np.sin(t * np.pi / 6) + _autoregression(count))


def test_partial_autocorrelations_give_stationary_coefficients() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        found = arima_kernel.coefficients(rng.uniform(-0.98, 0.98, 4))
        roots = np.roots(np.concatenate([-found[::-1], [1.0]]))
        assert (np.abs(roots) > 1).all()


@pytest.mark.parametrize(
    ("terms", "period"),
    [((1, 0, 0, 0), 1), ((0, 2, 0, 0), 1), ((3, 2, 0, 0), 1), ((2, 1, 1, 0), 4),
     ((0, 1, 0, 2), 12), ((2, 2, 1, 1), 12)],
)  # fmt: skip
def test_the_likelihood_is_that_of_the_kalman_filter(
    terms: tuple[int, int, int, int], period: int
) -> None:
    rng = np.random.default_rng(sum(terms))
    point = rng.uniform(-0.9, 0.9, sum(terms))
    w = rng.normal(size=90)
    errors, logs = arima_kernel.errors(point, w[None], np.array(terms), period)
    variance = float((errors**2).mean())
    a, b, c = np.cumsum(terms[:3])
    ar, ma, sar, sma = (
        arima_kernel.coefficients(part) for part in (point[:a], point[a:b], point[b:c], point[c:])
    )
    season = period if period > 1 else 0
    theirs = SARIMAX(
        w, order=(terms[0], 0, terms[1]), seasonal_order=(terms[2], 0, terms[3], season)
    )
    expected = theirs.loglike(np.concatenate([ar, -ma, sar, -sma, [variance]]))
    loss = arima_kernel.losses(point[None], w[None], np.array(terms), period)[0]
    assert loss == pytest.approx(90 * np.log(variance) + logs)
    assert -(loss + 90 * (1 + np.log(2 * np.pi))) / 2 == pytest.approx(expected, abs=1e-6)


def test_estimates_are_those_of_statsmodels_with_constant_and_regressors() -> None:
    rng = np.random.default_rng(2)
    X = rng.normal(size=(2, 150))
    w = 3 + X.T @ [2.0, -1.0] + _autoregression(150, 0.6)
    order = arima_order.Order(1, 1, 0, 0, constant=True)
    found = arima_order.parameters(arima_order.fitted(w, X, 1, order), w, X, 1)
    model = SARIMAX(w, exog=X.T, order=(1, 0, 1), trend="c")
    theirs = model.fit(disp=False, maxiter=200)
    found[-1] *= (150 - 5) / 150  # theirs is not the unbiased one
    assert model.loglike(found) == pytest.approx(theirs.llf, abs=1e-3)
    assert model.loglike(found) >= theirs.llf - 1e-6
    np.testing.assert_allclose(found, theirs.params, atol=0.02)


def test_differences_are_those_that_made_the_series() -> None:
    w = _autoregression()
    assert arima_order.differences(w) == 0
    assert arima_order.differences(w.cumsum()) == 1
    assert arima_order.differences(w.cumsum().cumsum()) == 2


def test_a_season_is_differenced_only_where_it_is_strong() -> None:
    t = np.arange(120)
    noise = np.random.default_rng(1).normal(0, 1, 120)
    assert arima_order.seasonal_differences(5 * np.sin(t * np.pi / 6) + noise, 12) == 1
    assert arima_order.seasonal_differences(noise, 12) == 0
    assert arima_order.seasonal_differences(noise[:24], 12) == 0


def test_no_model_nearby_is_better_and_none_has_a_root_near_the_circle() -> None:
    w = np.diff(np.random.default_rng(8).normal(size=120))  # a moving average with a unit root
    X = np.zeros((0, len(w)))
    found = arima_order.choose(w, X, 1, (False, True), (5, 5, 0, 0))[0]
    unit = arima_order.Order(0, 1, 0, 0, constant=False)
    assert not np.isfinite(arima_order.fitted(w, X, 1, unit).aicc)
    for p, q, constant in ((-1, 0, 0), (1, 0, 0), (0, -1, 0), (0, 1, 0), (0, 0, 1)):
        order = found.order._replace(
            p=max(found.order.p + p, 0),
            q=max(found.order.q + q, 0),
            constant=found.order.constant ^ bool(constant),
        )
        assert arima_order.fitted(w, X, 1, order, found).aicc >= found.aicc - 1e-6


def test_the_search_starts_small_by_the_record_before_differences() -> None:
    for count, richest in ((9, 1), (10, 2)):
        values = 100 + 0.5 * np.arange(count) + np.random.default_rng(5).normal(size=count)
        with mock.patch.object(arima_order, "choose", wraps=arima_order.choose) as choose:
            create("auto_arima", season_length=1).fit(_series(values))
        w, start = choose.call_args.args[0], choose.call_args.args[-1]
        assert len(w) < 10
        assert start[:2] == (richest, richest)


def test_a_constant_takes_part_up_to_one_difference() -> None:
    trend = 0.5 * np.arange(120.0)
    noise = np.random.default_rng(4).normal(size=120)
    for values, differences, constant in (
        (100 + noise, 0, True), (trend + noise.cumsum() * 0.2, 1, True),
        ((trend + noise).cumsum(), 2, False),
    ):  # fmt: skip
        form = create("auto_arima", season_length=1).fit(_series(values)).form_
        assert form["order"][1] == differences
        assert (form["trend"] == "c") == constant


def test_the_result_is_the_exact_optimum_of_statsmodels() -> None:
    model = create("auto_arima").fit(_series(_seasonal()))
    again = model.result_.model.fit(model.result_.params, disp=False, maxiter=50)
    count = model.result_.nobs_effective
    free = len(model.result_.params) - 1
    own = model.result_.params.copy()
    own[-1] *= (count - free) / count
    assert again.llf <= model.result_.model.loglike(own) + 0.05


def test_regressors_and_gaps_are_taken() -> None:
    rng = np.random.default_rng(5)
    index = pd.period_range("2010-01", periods=120, freq="M")
    X = pd.DataFrame({"heat": rng.normal(0, 1, 120)}, index=index)
    y = pd.Series(100 + 20 * X["heat"] + _autoregression(120), index=index)
    y.iloc[30] = np.nan
    found = create("auto_arima").fit(y.iloc[:-12], X.iloc[:-12]).predict(12, X.iloc[-12:])["mean"]
    assert (found - y.iloc[-12:]).abs().mean() < 4


def test_a_straight_line_goes_on() -> None:
    y = _series(5 + 2 * np.arange(40.0))
    ahead = create("auto_arima", season_length=1).fit(y).predict(3, quantiles=(0.1, 0.9))
    np.testing.assert_allclose(ahead["mean"], [85, 87, 89], rtol=1e-6)


def test_a_level_of_logarithms_has_a_constant() -> None:
    """Without one it would be the logarithm of the scale, which is no parameter of the search."""
    values = 400 * np.exp(0.3 * np.random.default_rng(6).normal(size=60)) + 10
    model = create("auto_arima", transform="log").fit(_series(values))
    assert model.form_["order"][1] == model.form_["seasonal_order"][1] == 0
    assert all(part.form["trend"] == "c" for part in model.parts_)


def test_the_best_few_models_are_averaged_by_their_akaike_weights() -> None:
    model = create("auto_arima", averaged=4).fit(_series(_seasonal()))
    weights = np.array([part.weight for part in model.parts_])
    assert 1 < len(weights) <= 4
    assert weights.sum() == pytest.approx(1)
    assert (np.diff(weights) <= 0).all()
    count = model.result_.nobs_effective

    def aicc(part: Part) -> float:
        free = part.result.params.copy()
        free[-1] *= (count - len(free) + 1) / count  # statsmodels' likelihood at its own variance
        k = len(free)
        return -2 * part.result.model.loglike(free) + 2 * k * count / (count - k - 1)

    best, second = (aicc(part) for part in model.parts_[:2])
    assert weights[1] / weights[0] == pytest.approx(np.exp((best - second) / 2), rel=0.01)
    alone = create("auto_arima", averaged=1).fit(_series(_seasonal()))
    assert [part.form for part in alone.parts_] == [model.form_]
    with pytest.raises(UserError, match="averaged=0"):
        create("auto_arima", averaged=0).fit(_series(_seasonal()))


def test_forecast_and_paths_are_those_of_the_mixture() -> None:
    model = create("auto_arima").fit(_series(_seasonal()))
    ahead = [part.result.get_forecast(12) for part in model.parts_]
    weights = [part.weight for part in model.parts_]
    middle = np.average([one.predicted_mean for one in ahead], axis=0, weights=weights)
    table = model.predict(12, quantiles=(0.1, 0.5))
    np.testing.assert_allclose(table["q500"], middle * model.scale_)
    inner = np.average([one.se_mean**2 for one in ahead], axis=0, weights=weights)
    freedom = model.freedom_
    spread = (table["q500"] - table["q100"]).to_numpy() / stdtrit(freedom, 0.9) / model.scale_
    assert (spread**2 > inner * (1 + 1e-6)).all()  # the models differ: that is part of it
    paths = model.sample(12, 4000, random_state=1)
    np.testing.assert_allclose(paths.mean(axis=0), table["q500"], rtol=0.01)
    heavy = np.sqrt(freedom / (freedom - 2))  # of Student's t over the estimate
    np.testing.assert_allclose(paths.std(axis=0), heavy * spread * model.scale_, rtol=0.06)


def test_intervals_of_a_short_record_are_those_of_students_t() -> None:
    y = _series(100 + np.random.default_rng(9).normal(size=9))
    model = create("auto_arima", season_length=1, averaged=1).fit(y)
    order = model.chosen_.order
    assert model.freedom_ == len(y) - model.form_["order"][1] - sum(order)
    paths = model.sample(2, 40_000, random_state=3)
    table = model.predict(2, quantiles=(0.05, 0.5, 0.95))
    quantiles = np.quantile(paths, (0.05, 0.5, 0.95), axis=0).T
    deviation = model.result_.get_forecast(2).se_mean * model.scale_
    np.testing.assert_allclose(
        table["q950"] - table["q500"], stdtrit(model.freedom_, 0.95) * deviation
    )
    assert (np.abs(quantiles - table.iloc[:, 1:]) < 0.05 * deviation[:, None]).all(axis=None)
    before = model.freedom_
    assert model.update(_series(np.append(y, 100.0)).iloc[-1:]).freedom_ == before
