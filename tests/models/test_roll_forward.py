"""Models that move on without a refit: what is kept stays, what is a state follows the series."""

from __future__ import annotations

import copy

import numpy as np
import pandas as pd
import pytest

from dcforecast.models import create


def _months(count: int = 96, seed: int = 0) -> pd.Series:
    rng = np.random.default_rng(seed)
    t = np.arange(count)
    level = np.exp(np.cumsum(rng.normal(0.004, 0.02, count)))
    values = 300 * level * (1 + 0.2 * np.sin(2 * np.pi * t / 12))
    return pd.Series(values, index=pd.period_range("2010-01", periods=count, freq="M"))


def test_the_level_of_theta_is_smoothed_by_the_weight_of_the_fit() -> None:
    y = _months()
    model = create("theta", transform="none").fit(y.iloc[:-7])
    moved = copy.copy(model).update(y.iloc[-7:])
    season = model.effects_[np.arange(len(y)) % 12]
    level = model.level_
    for value in (y.to_numpy() / model.scale_ - season)[-7:]:
        level += model.alpha_ * (value - level)
    assert moved.level_ == pytest.approx(level, rel=1e-12)
    assert (moved.alpha_, moved.sigma_) == (model.alpha_, model.sigma_)


@pytest.mark.parametrize("name", ["theta", "dynamic_theta", "mstl", "pooled", "ces", "auto_ets"])
def test_the_season_keeps_its_place(name: str) -> None:
    rolled, kept, refit = [], [], []
    for seed in range(4):
        y = _months(seed=seed)
        fitted = create(name).fit(y.iloc[:-20])
        for back in (17, 9, 5):  # no whole seasons after the fit
            ahead = y.iloc[-back:][:4]
            moved = copy.copy(fitted).update(y.iloc[-20:-back])
            again = create(name).fit(y.iloc[:-back])
            rolled.append((moved.predict(4)["mean"] - ahead).abs().mean())
            refit.append((again.predict(4)["mean"] - ahead).abs().mean())
            kept.append((fitted.predict(24)["mean"] - ahead).abs().mean())
    assert np.mean(rolled) < 1.25 * np.mean(refit)
    assert np.mean(rolled) < np.mean(kept)


def test_two_seasons_stay_in_place() -> None:
    t = np.arange(24 * 42)
    noise = np.random.default_rng(0).normal(0, 4, len(t))
    values = 500 + 80 * np.sin(2 * np.pi * t / 24) + 50 * np.sign(np.sin(2 * np.pi * t / 168))
    y = pd.Series(values + noise, index=pd.date_range("2024-01-01", periods=len(t), freq="h"))
    model = create("mstl", seasons=[24, 168], remainder="drift").fit(y.iloc[:-300])
    model.update(y.iloc[-300:-259]).update(y.iloc[-259:-168])
    assert (model.predict(168)["mean"] - y.iloc[-168:]).abs().mean() < 15


def test_trees_of_many_series_are_kept() -> None:
    panel = {str(k): _months(seed=k) for k in range(4)}
    known = {k: y.iloc[:-5] for k, y in panel.items()}
    found = create("pooled", iterations=5, horizon=2).fit_many(known)
    moved = {k: copy.copy(one).update(panel[k].iloc[-5:]) for k, one in found.items()}
    assert len({id(one.learned_) for one in [*found.values(), *moved.values()]}) == 1
    for name, one in moved.items():
        assert one.predict(1).index[0] == panel[name].index[-1] + 1


def _hours(days: int = 90) -> tuple[pd.Series, pd.DataFrame]:
    rng = np.random.default_rng(1)
    index = pd.date_range("2024-01-01", periods=24 * days, freq="h")
    warm = 10 + 5 * np.sin(2 * np.pi * index.hour / 24) + np.repeat(rng.normal(0, 3, days), 24)
    wander = np.repeat(np.convolve(rng.normal(0, 2, days + 9), 0.8 ** np.arange(10), "valid"), 24)
    values = 200 - 2 * warm + wander - 15 * (index.day_of_week >= 5)
    values = values + 20 * np.cos(2 * np.pi * index.hour / 24) + rng.normal(0, 1, len(index))
    return pd.Series(values, index=index), pd.DataFrame({"warm": warm}, index=index)


@pytest.mark.parametrize("name", ["day_ahead", "day_ahead_kernel", "weather_load", "hourly_blend"])
def test_equations_of_hours_are_kept_and_follow_the_newest_days(name: str) -> None:
    y, X = _hours()
    takes = name != "hourly_blend"

    def of(rows: slice) -> pd.DataFrame | None:
        return X.iloc[rows] if takes else None

    older = create(name).fit(y.iloc[:-200], of(slice(None, -200)))
    before = older.predict(30, of(slice(-200, -170)), quantiles=(0.1, 0.9))
    errors: dict[str, list[float]] = {"rolled": [], "refit": []}
    for end in (-180, -107, -72, -31):
        known, ahead = y.iloc[:end], of(slice(end, end + 30))
        rolled = copy.copy(older).update(y.iloc[-200:end], of(slice(-200, end)))
        parts = copy.copy(older).update(y.iloc[-200:-189], of(slice(-200, -189)))
        parts.update(y.iloc[-189:end], of(slice(-189, end)))
        found = rolled.predict(30, ahead, quantiles=(0.1, 0.9))
        np.testing.assert_allclose(parts.predict(30, ahead, quantiles=(0.1, 0.9)), found, rtol=1e-9)
        refit = create(name).fit(known, of(slice(None, end))).predict(30, ahead)
        for kind, one in (("rolled", found), ("refit", refit)):
            errors[kind].append((one["mean"] - y.reindex(found.index)).abs().mean())
        risen = copy.copy(older).update(y.iloc[-200:end] + 30, of(slice(-200, end)))
        assert (risen.predict(30, ahead)["mean"] - found["mean"]).abs().max() > 3
        assert (found["q900"] > found["q100"]).all()
    mean = {kind: np.mean(missed) for kind, missed in errors.items()}
    assert mean["rolled"] < 1.3 * mean["refit"], mean
    again = older.predict(30, of(slice(-200, -170)), quantiles=(0.1, 0.9))
    pd.testing.assert_frame_equal(again, before)


@pytest.mark.parametrize("name", ["sarimax", "unobserved_components"])
def test_state_space_models_filter_and_forecast_as_if_they_smoothed(name: str) -> None:
    y = _months()
    model = create(name).fit(y.iloc[:-7])
    for known in (y.iloc[:-7], y):
        model.update(y.iloc[len(model.index_) : len(known)])
        assert model.result_.smoothed_state is None  # two thirds of the cost
        smoothed = model.result_.model.smooth(model.result_.params).get_forecast(5)
        ours = model.result_.get_forecast(5)
        np.testing.assert_array_equal(ours.predicted_mean, smoothed.predicted_mean)
        np.testing.assert_array_equal(ours.se_mean, smoothed.se_mean)


@pytest.mark.parametrize("name", ["sarimax", "unobserved_components"])
@pytest.mark.parametrize("columns", [0, 2])
def test_paths_of_state_space_models_are_those_of_statsmodels(name: str, columns: int) -> None:
    y, rng = _months(), np.random.default_rng(4)
    X = pd.DataFrame(rng.normal(0, 1, (len(y), 2)), index=y.index) if columns else None
    ahead = rng.normal(0, 1, (9, 2)) if columns else None
    model = create(name).fit(y, X)
    ours = model._sample(9, 5, np.random.default_rng(1), ahead)
    theirs = model.result_.simulate(
        9, anchor="end", repetitions=5, exog=ahead, rng=np.random.default_rng(1)
    )
    np.testing.assert_allclose(ours, np.reshape(theirs, (9, 5)).T, rtol=1e-9)
