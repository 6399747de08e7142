"""Every model of the package keeps the Forecaster contract."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sklearn.exceptions

from dcforecast.config.model import ModelSettings
from dcforecast.errors import UserError
from dcforecast.models import NotFittedError, create, from_settings, names, registry
from dcforecast.models.base import Ability, Forecaster
from dcforecast.models.joint import orders
from dcforecast.testing import CHECKS, check_forecaster

#: The same models with fewer trees, rounds and members: the contract does not depend on how many.
_FAST = {
    "random_forest": {"n_estimators": 5},
    "extra_trees": {"n_estimators": 5},
    "hgb": {"max_iter": 10},
    "mlp": {"max_iter": 20},
    "auto": {"models": ["drift", "dynamic_theta"], "with_regressors": ["ridge"], "origins": 1},
    "panel_weights": {
        "models": [
            {
                "name": "combination", "models": ["drift", "ces"], "centre": "weights",
                "power": 4.0, "own": True, "origins": 4, "every": 2,
            }
        ]
    },
}  # fmt: skip


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.__name__)
def test_contract(name: str, check) -> None:
    check(create(name, **_FAST.get(name, {})))


def test_the_contract_can_fail() -> None:
    class Cheat(Forecaster):
        """Forecasts noise of its own."""

        def _fit(self, values, X):
            self.level_ = values[-1]

        def _sample(self, horizon, n, rng, X):
            return np.random.default_rng().normal(self.level_, 1, (n, horizon))

    with pytest.raises(AssertionError):
        check_forecaster(Cheat())


class Level(Forecaster):
    """The last season again, with the record's own noise; it rolls forward."""

    supports = frozenset({Ability.ROLL_FORWARD})

    def _fit(self, values, X):
        self.noise_ = float((values[self.season_ :] - values[: -self.season_]).std()) + 1e-9
        self.states_ = []
        self._roll(values)

    def _roll(self, values):
        self.states_ = [*self.states_, values[-self.season_ :]]

    def _sample(self, horizon, n, rng, X):
        return np.resize(self.states_[-1], horizon) + rng.normal(0, self.noise_, (n, horizon))


class Stale(Level):
    def _roll(self, values):
        if not self.states_:
            super()._roll(values)


class Blind(Level):
    """It turns its season on, but does not look at the new values."""

    def _roll(self, values):
        if self.states_:
            at = np.arange(len(values), len(values) + self.season_) - self.first_
            self.states_ = [*self.states_, self.states_[0][at % self.season_]]
        else:
            super()._roll(values)
            self.first_ = len(values)


class Refitted(Level):
    def _roll(self, values):
        if self.states_:
            self._fit(values, None)
        else:
            super()._roll(values)


class SharedState(Level):
    def _roll(self, values):
        self.states_.append(values[-self.season_ :])


class CountsUpdates(Level):
    def _roll(self, values):
        super()._roll(values)
        self.noise_ *= 1.1


class TooSure(Level):
    def _roll(self, values):
        super()._roll(values)
        if len(self.states_) > 1:
            self.noise_ /= 10


def test_a_models_own_roll_forward_passes() -> None:
    check_forecaster(Level())


class Boastful(Level):
    supports = frozenset({Ability.ROLL_FORWARD, Ability.MANY})


class WrongShape(Level):
    def _sample(self, horizon, n, rng, X):
        return super()._sample(horizon, n, rng, X).T


class Speechless(Level):
    def fit(self, y, X=None):
        super().fit(y, X)


class Deaf(Level):
    supports = frozenset({Ability.ROLL_FORWARD, Ability.EXOGENOUS})


class Prophet(Level):
    """It keeps what it may only build features from, and looks there."""

    def prepare(self, y, X, horizon):
        return y.to_numpy()

    def using(self, prepared):
        self.whole_ = prepared
        return self

    def _sample(self, horizon, n, rng, X):
        paths = super()._sample(horizon, n, rng, X)
        known = len(self.values_)
        ahead = getattr(self, "whole_", self.values_)[known : known + horizon]
        return ahead / self.scale_ + 0 * paths if len(ahead) == horizon else paths


class Seeding(Level):
    def _sample(self, horizon, n, rng, X):
        np.random.seed(1)  # noqa: NPY002
        return super()._sample(horizon, n, rng, X)


class Careless(Level):
    def update(self, y_new, X_new=None):
        super().update(y_new, X_new)
        y_new.iloc[0] = 0.0
        return self


class OtherPaths(Level):
    def sample(self, horizon, n, X=None, random_state=None):
        paths = super().sample(horizon, n, X, random_state)
        return paths.mean(axis=0) + 2 * (paths - paths.mean(axis=0))


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (Deaf, "regressors ahead make no difference"),
        (Prophet, "cannot change a forecast"),
        (Seeding, "global random numbers"),
        (Careless, "the series or regressors it is given"),
        (OtherPaths, "of the paths lie below"),
        (Stale, "far from a refit"),
        (Blind, "no notice"),
        (Refitted, "fitted again"),
        (SharedState, "the older model"),
        (CountsUpdates, "in parts"),
        (TooSure, "widths"),
        (Boastful, "Boastful: A model of many series"),
        (WrongShape, "WrongShape: Fitting twice"),
        (Speechless, "Speechless: Fitting twice"),
    ],
)
def test_claims_of_a_broken_model_are_checked(model: type[Forecaster], words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        check_forecaster(model())


@pytest.mark.parametrize("name", names())
def test_long_annual_forecasts_stay_sane(name: str) -> None:
    rng = np.random.default_rng(5)
    values = 25_000 * np.exp(np.cumsum(rng.normal(0.015, 0.03, 15)))
    y = pd.Series(values, index=pd.period_range("2010", periods=15, freq="Y"))
    found = create(name, **_FAST.get(name, {})).fit(y).predict(16, quantiles=(0.1, 0.5, 0.9))
    width = found["q900"] - found["q100"]
    assert width.iloc[-1] > width.iloc[0]
    assert 0.5 * values[-1] < found["q500"].iloc[-1] < 2.5 * values[-1]


def test_a_seasonal_model_beats_nothing_on_a_season() -> None:
    t = np.arange(96)
    y = pd.Series(
        100 + 30 * np.sin(t * np.pi / 6), index=pd.period_range("2010-01", periods=96, freq="M")
    )
    for name in ("seasonal_naive", "ets", "theta", "ridge", "unobserved_components", "sarimax"):
        found = create(name).fit(y.iloc[:-12]).predict(12)["mean"]
        assert np.abs(found.to_numpy() - y.iloc[-12:].to_numpy()).mean() < 8, name


def test_a_model_of_ones_own_comes_first_and_no_folder_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "conf" / "model").mkdir(parents=True)
    text = "name: theta\ndescription: mine\n_target_: dcforecast.models.naive.Drift\n"
    (tmp_path / "conf" / "model" / "theta.yaml").write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delattr(registry, "_files")
    assert type(create("theta")).__name__ == "Drift"
    assert type(create("ets")).__name__ == "ETS"


@pytest.mark.parametrize("step", ["15min", "h", "D"])
def test_a_step_that_is_not_set_is_found_without_a_warning(
    step: str, recwarn: pytest.WarningsRecorder
) -> None:
    told = pd.date_range("2024-03-20", periods=240, freq=step, tz="Europe/Berlin")
    y = pd.Series(np.arange(240.0) + 10, index=pd.DatetimeIndex(list(told)))
    assert y.index.freq is None
    found = create("drift").fit(y).predict(3)
    assert list(found.index) == list(pd.date_range(told[-1], periods=4, freq=step)[1:])
    assert not recwarn.list


def test_unknown_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(UserError, match="theta"):
        create("thetta")
    with pytest.raises(UserError, match="no model"):
        create("../model/theta")
    with pytest.raises(UserError, match="a policy, not a model"):
        create("champion")
    with pytest.raises(UserError, match="has no name"):
        _ = create("consensus", models=[{"season_length": 12}]).supports
    with pytest.raises(UserError, match="transform"):
        create("ets", trnsform="log")
    assert NotFittedError is sklearn.exceptions.NotFittedError
    with pytest.raises(NotFittedError, match=r"call fit\(y\) first"):
        create("ets").predict(1)


@pytest.mark.parametrize(
    "target",
    ["os.system", "builtins.eval", "sklearn.utils.Bunch", "dcforecast.models.base.season_of"],
)
def test_only_models_may_be_targets(target: str) -> None:
    with pytest.raises((UserError, ValueError)):
        from_settings(ModelSettings.model_validate({"name": "x", "_target_": target}))


def test_any_regressor_of_scikit_learn_is_a_model() -> None:
    settings = ModelSettings.model_validate(
        {
            "name": "knn",
            "_target_": "sklearn.neighbors.KNeighborsRegressor",
            "n_neighbors": 3,
            "lags": 2,
        }
    )
    y = pd.Series(np.arange(40.0) + 10, index=pd.period_range("2000", periods=40, freq="Y"))
    assert from_settings(settings).fit(y).predict(3)["mean"].notna().all()


def test_regressors_help_when_they_matter() -> None:
    rng = np.random.default_rng(2)
    index = pd.date_range("2024-01-01", periods=400, freq="D")
    X = pd.DataFrame({"warm": rng.normal(0, 1, 400)}, index=index)
    y = pd.Series(100 + 20 * X["warm"] + rng.normal(0, 1, 400), index=index)
    with_X = create("ridge").fit(y.iloc[:-20], X.iloc[:-20]).predict(20, X.iloc[-20:])["mean"]
    without = create("ridge").fit(y.iloc[:-20]).predict(20)["mean"]
    truth = y.iloc[-20:]
    assert (with_X - truth).abs().mean() < 0.7 * (without - truth).abs().mean()


@pytest.mark.parametrize("together", [False, True])
def test_a_part_of_a_year_is_not_carried_on_as_a_wave(together: bool) -> None:
    rng, t = np.random.default_rng(0), np.arange(220)
    values = 100 + 0.05 * t + 10 * np.sin(2 * np.pi * t / 7) + rng.normal(0, 2, 220)
    y = pd.Series(values, index=pd.date_range("2024-03-01", periods=220, freq="D"))
    model = create("ridge")
    if together:
        fitted = model.fit_many({"a": y.iloc[:100], "b": y.iloc[20:100]})["b"]
        found = fitted.forecasts(y.iloc[20:], [180], 14)[0, :, 0]
    else:
        found = model.fit(y.iloc[:100]).forecasts(y, [200], 14)[0, :, 0]
    assert np.abs(found - values[200:214]).mean() < 4.0  # with waves of the year: 9


def test_coupling_keeps_the_marginals_and_sets_the_correlation() -> None:
    rng = np.random.default_rng(0)
    paths = {
        "a": rng.normal(0, 1, (2000, 1)).cumsum(axis=1) + np.zeros((2000, 5)),
        "b": rng.gamma(2, 1, (2000, 1)) + np.zeros((2000, 5)),
    }
    order = orders(paths, np.array([[1, 0.8], [0.8, 1]]))
    for name in paths:
        assert sorted(order[name]) == list(range(2000))
    ranks = [pd.Series(paths[name][order[name]].mean(axis=1)).rank() for name in paths]
    assert np.corrcoef(ranks)[0, 1] == pytest.approx(0.79, abs=0.05)
