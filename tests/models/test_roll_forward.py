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
