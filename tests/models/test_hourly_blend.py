"""The blend of daily and weekly repetitions: learns which of them a series follows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dcforecast.models import create
from dcforecast.models.hourly_blend import _shrunk, _weigh


def _series(weekly: float, days: int = 40, seed: int = 0) -> pd.Series:
    rng = np.random.default_rng(seed)
    index = pd.date_range("2024-01-01", periods=24 * days, freq="h")
    level = np.repeat(rng.normal(0, 3, days), 24)
    shape = 20 * np.sin(2 * np.pi * index.hour / 24) - weekly * (index.day_of_week >= 5)
    return pd.Series(200 + level + shape + rng.normal(0, 2, len(index)), index=index)


@pytest.mark.parametrize("weekly", [0.0, 60.0])
def test_finds_whether_there_is_a_week_and_covers(weekly: float) -> None:
    errors, naive, inside = [], [], []
    for seed in range(28):
        y = _series(weekly, seed=seed).iloc[: -24 * (seed % 7) or None]  # every day of the week
        known, actual = y.iloc[:-48], y.iloc[-48:].to_numpy()
        found = create("hourly_blend").fit(known).predict(48, quantiles=(0.1, 0.5, 0.9))
        errors.append(np.abs(found["q500"] - actual).mean())
        last = {lag: known.to_numpy()[-lag:] for lag in (24, 168)}
        naive.append([np.abs(np.resize(one, 48) - actual).mean() for one in last.values()])
        inside.append(np.mean((actual >= found["q100"]) & (actual <= found["q900"])))
    # With a week the daily repetition misses by 28, the weekly one by 4.
    assert np.mean(errors) < 1.1 * np.mean(naive, axis=0).min()
    assert 0.6 < np.mean(inside) < 0.97


def test_weights_go_to_the_method_that_is_right() -> None:
    rng = np.random.default_rng(2)
    target = rng.normal(0, 1, (30, 24))
    known = np.stack([target + rng.normal(0, 0.01, target.shape), -target], axis=1)
    coming = np.stack([np.ones(24), -np.ones(24)])
    weights, errors = _shrunk(known, target)
    np.testing.assert_allclose(_weigh(coming, weights), 1.0, atol=0.1)
    assert np.abs(errors).mean() < 0.1


def test_equal_weights_stay_where_nothing_is_better() -> None:
    rng = np.random.default_rng(3)
    target = rng.normal(0, 1, (12, 6))
    known = np.stack([target + rng.normal(0, 1, target.shape) for _ in range(4)], axis=1)
    coming = rng.normal(0, 1, (4, 6))
    weights, _ = _shrunk(known, target)
    assert np.abs(_weigh(coming, weights) - coming.mean(axis=0)).mean() < 0.5


def test_any_horizon_and_a_record_too_short() -> None:
    y = _series(30.0)
    for horizon in (1, 100, 400):
        assert len(create("hourly_blend").fit(y).predict(horizon)) == horizon
    assert create("hourly_blend").fit(y.iloc[:100]).predict(30)["mean"].notna().all()


def test_a_model_of_too_few_days_is_the_drift_until_it_is_fitted_again() -> None:
    y = _series(30.0)
    short = create("hourly_blend").fit(y.iloc[: 24 * 10])
    drift = create("hourly_blend").fit(y.iloc[: 24 * 12]).predict(24)
    pd.testing.assert_frame_equal(short.update(y.iloc[24 * 10 : 24 * 12]).predict(24), drift)
    short.update(y.iloc[24 * 12 :])
    naive = create("drift").fit(y).predict(24)["mean"]
    assert (short.predict(24)["mean"] - naive).abs().mean() < 3
