"""Errors by kind of day: noisy Mondays and feasts have wide intervals, other days narrow ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dcforecast.models import create
from dcforecast.models.day_kinds import DayKinds, KindSizes

HOURS = 24 * 7 * 150


@pytest.fixture(scope="module")
def y() -> pd.Series:
    """Return nearly three years of hours whose Mondays are three times as noisy."""
    rng = np.random.default_rng(11)
    index = pd.date_range("2021-01-04", periods=HOURS, freq="h")
    noise = rng.normal(0, 2, HOURS) * np.where(index.day_of_week == 0, 3, 1)
    return pd.Series(100 + 20 * np.sin(2 * np.pi * index.hour / 24) + noise, index=index)


def coverage(name: str, y: pd.Series, **params: object) -> tuple[float, float]:
    """Return how much of the last 24 weeks lies in the 80 % interval: Mondays, other days."""
    starts = list(range(HOURS - 24 * 7 * 24, HOURS, 24))
    model = create(name, **params).fit(y.iloc[: starts[0]])
    found = model.forecasts(y, starts, 24, quantiles=(0.1, 0.9))
    actual = y.to_numpy()[np.array(starts)[:, None] + np.arange(24)]
    inside = (actual >= found[:, :, 1]) & (actual <= found[:, :, 2])
    monday = y.index[starts].day_of_week == 0
    return 100 * inside[monday].mean(), 100 * inside[~monday].mean()


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("day_ahead", {}),
        ("ridge", {"lags": [24, 168], "transform": "none", "difference": "none"}),
        (
            "ridge",
            {
                "lags": [24, 168],
                "transform": "none",
                "difference": "none",
                "strategy": "multi_output",
            },
        ),
    ],
)
def test_noisy_mondays_and_other_days_are_both_covered(
    name: str, params: dict[str, object], y: pd.Series
) -> None:
    mondays, others = coverage(name, y, **params)
    assert mondays == pytest.approx(80, abs=9)
    assert others == pytest.approx(80, abs=4)


def test_paths_are_as_wide_as_the_quantiles_say(y: pd.Series) -> None:
    model = create("ridge", lags=[24, 168], transform="none", difference="none").fit(
        y
    )  # Monday comes next
    paths = model.sample(48, 4000, random_state=1)
    found = model.predict(48, quantiles=(0.1, 0.9))
    wide = np.diff(np.quantile(paths, (0.1, 0.9), axis=0), axis=0)[0]
    np.testing.assert_allclose(wide, found["q900"] - found["q100"], rtol=0.1)
    assert wide[:24].mean() > 1.8 * wide[24:].mean()


def test_a_roll_keeps_the_sizes_of_each_weekday(y: pd.Series) -> None:
    model = create("day_ahead").fit(y.iloc[: -24 * 7])
    wide = {}
    for day in range(7):
        found = model.predict(24, quantiles=(0.1, 0.9))
        wide[day] = float((found["q900"] - found["q100"]).mean())
        model.update(y.iloc[HOURS - 24 * (7 - day) : HOURS - 24 * (6 - day)])
    assert wide[0] > 1.8 * max(wide[day] for day in range(1, 7))


def test_days_round_holidays_are_a_kind_of_their_own() -> None:
    index = pd.date_range("2024-12-23", periods=24 * 7, freq="h", tz="UTC")
    kinds = DayKinds.of(index, 24, "ES").at(np.arange(7) * 24, 24)
    np.testing.assert_array_equal(kinds, np.repeat([[0], [7], [7], [7], [4], [5], [6]], 24, axis=1))
    # Days are those of the clock that is meant, and go on after the record.
    moved = DayKinds.of(index, 24, None, "Asia/Baku").at(np.array([24 * 7]), 24)[0]
    np.testing.assert_array_equal(moved, [0] * 20 + [1] * 4)


def test_where_a_season_is_no_day_or_days_are_few_all_errors_are_alike() -> None:
    rng = np.random.default_rng(2)
    daily = pd.date_range("2024-01-01", periods=400, freq="D")
    kinds = DayKinds.of(daily, 7, "ES").at(np.arange(100), 3)
    assert not kinds.any()
    errors = rng.normal(0, 1, (100, 24))
    for one in (
        KindSizes.of(errors[:, :3], kinds, 7),
        KindSizes.of(errors[:50], np.arange(50 * 24).reshape(50, 24) // 24 % 7, 24),
    ):
        np.testing.assert_array_equal(one.past, 1.0)
        np.testing.assert_array_equal(one.ahead, 1.0)


def test_sizes_of_few_days_are_drawn_towards_the_usual_one() -> None:
    kinds = np.repeat(np.arange(70)[:, None] % 7, 24, axis=1)
    errors = np.where(kinds == 0, 3.0, 1.0) * np.where(np.arange(70) % 2, 1, -1)[:, None]
    found = KindSizes.of(errors, kinds, 24)
    usual = (3 + 6) / 7
    assert found.past[0] == pytest.approx((10 * 3 / usual + 8) / 18)
    assert found.ahead[0] == pytest.approx(found.past[0] * 19 / 18)
    assert found.past[7] == 1.0  # a kind never seen


def test_each_weekday_has_a_shape_of_its_own() -> None:
    index = pd.date_range("2023-01-02", periods=24 * 7 * 10, freq="h")
    at_work = (index.day_of_week < 5) & (index.hour >= 8) & (index.hour < 18)
    noise = np.random.default_rng(3).normal(0, 0.5, len(index))
    y = pd.Series(np.where(at_work, 130.0, 100.0) + noise, index=index)
    ahead = create("ridge").fit(y.iloc[: -24 * 7]).predict(24 * 7)["mean"]
    missed = (ahead - y).dropna().abs()
    # Rest days of the week: a sum of hour and weekday would put them some ten units off at noon.
    assert missed[missed.index.day_of_week >= 5].mean() < 4
