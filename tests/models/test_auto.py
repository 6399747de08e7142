"""The automatic choice: it takes what forecasts best, and stops when its time is up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dcforecast.errors import UserError
from dcforecast.models import create
from dcforecast.models.auto import Auto
from dcforecast.models.base import Ability
from dcforecast.models.naive import Drift


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


#: Seconds of a fit for each period.
_PRICES = {"drift": 0.01, "seasonal_naive": 0.01, "dynamic_theta": 0.1}


class _Clock:
    """Time passes by fits alone."""

    now = 0.0

    def perf_counter(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("budget", "tried"),
    [(75.0, {"drift"}), (100.0, {"drift", "seasonal_naive"}), (600.0, {*_PRICES})],
)
def test_the_budget_covers_the_final_fit_too(
    monkeypatch: pytest.MonkeyPatch, budget: float, tried: set[str]
) -> None:
    clock, fit, y = _Clock(), Auto._member, _hours(days=100)

    def priced(self: Auto, one: str, y: pd.Series, first: int, last: int) -> object:
        clock.now += _PRICES[one] * (last - first)
        return fit(self, one, y, first, last)

    monkeypatch.setattr("dcforecast.models.auto.time", clock)
    monkeypatch.setattr(Auto, "_member", priced)
    model = create("auto", models=list(_PRICES), seconds=budget).fit(y)
    assert set(model.tried_) == tried
    probe = _PRICES["dynamic_theta"] * len(y) / 20
    assert clock.now + sum(_PRICES[one] * len(y) for one in model.tried_) <= budget + probe


def _hours(days: int, wilder: int = 0) -> pd.Series:
    """Return a repeated day with noise that is thrice as large on the newest `wilder` days."""
    index = pd.date_range("2024", periods=24 * days, freq="h")
    size = np.where(np.arange(24 * days) < 24 * (days - wilder), 1.0, 3.0)
    noise = size * np.random.default_rng(7).normal(size=24 * days)
    return pd.Series(100 + 10 * np.sin(np.arange(24 * days) * np.pi / 12) + noise, index=index)


def test_widths_come_from_the_held_out_forecasts_without_further_fits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    y = _hours(days=100, wilder=20)
    widths = []
    for calibrate in (False, True):
        model = create("auto", models=["drift"], calibrate=calibrate).fit(y)
        table = model.predict(24, quantiles=(0.1, 0.9))
        widths.append((table["q900"] - table["q100"]).mean())
    assert widths[1] == pytest.approx(2.56 * 3 * 2**0.5, rel=0.2)  # noise of two days
    assert widths[0] < 0.8 * widths[1]
    fits, fit = [], Drift._fit
    monkeypatch.setattr(Drift, "_fit", lambda *a: (fits.append(len(a[1])), fit(*a))[1])
    create("auto", models=["drift"]).fit(y)
    assert fits == [90 * 24, 100 * 24]  # before the held-out days, and at the end


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
