"""Load by weather: the temperature of the week ahead is used, recent errors carry on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dcforecast.errors import UserError
from dcforecast.models import create
from dcforecast.models.weather_load import _rows

HORIZON = 72


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    index = pd.date_range("2022-01-01", periods=24 * 400, freq="h")
    year = np.cos(2 * np.pi * (index.day_of_year - 20) / 365)
    slow = np.convolve(rng.normal(0, 3, len(index) + 47), np.ones(48) / 7, "valid")
    warm = 12 - 12 * year + 4 * np.sin(2 * np.pi * index.hour / 24) + slow
    cold = np.maximum(15 - warm, 0) + 2 * np.maximum(warm - 22, 0)
    load = 100 + 3 * cold + 10 * np.sin(2 * np.pi * index.hour / 24)
    load = load - 8 * (index.day_of_week >= 5) + rng.normal(0, 1, len(index))
    return pd.DataFrame({"load": load, "warm": warm}, index=index)


def _forecast(frame: pd.DataFrame, end: int, horizon: int = HORIZON) -> pd.DataFrame:
    y, X = frame["load"], frame[["warm"]]
    model = create("weather_load").fit(y.iloc[:end], X.iloc[:end])
    return model.predict(horizon, X.iloc[end : end + horizon], quantiles=(0.1, 0.5, 0.9))


def test_weather_is_used_and_intervals_cover(frame: pd.DataFrame) -> None:
    inside, errors = [], []
    for back in range(1, 9):
        end = len(frame) - back * HORIZON
        found = _forecast(frame, end)
        actual = frame["load"].iloc[end : end + HORIZON]
        errors.append((found["q500"] - actual).abs().mean())
        inside.append(((actual >= found["q100"]) & (actual <= found["q900"])).mean())
    assert np.mean(errors) < 1.3  # the noise alone is 0.8
    assert 0.7 < np.mean(inside) < 0.95


def test_a_new_level_is_taken_up(frame: pd.DataFrame) -> None:
    moved = frame.copy()
    end = len(frame) - HORIZON
    # The level wanders all year, so that errors are seen to last.
    wander = 4 * np.sin(np.arange(len(frame)) / 150.0)
    moved["load"] += wander
    found = _forecast(moved, end)["q500"]
    actual = moved["load"].iloc[end:]
    first = slice(0, 24)
    assert (found - actual).iloc[first].abs().mean() < 1.8
    assert np.abs(wander[end : end + 24]).mean() > 2.5


def test_any_horizon_and_starts_within_a_day(frame: pd.DataFrame) -> None:
    for horizon in (1, 30):
        found = _forecast(frame, len(frame) - 41, horizon)
        assert len(found) == horizon
        actual = frame["load"].reindex(found.index)
        assert (found["q500"] - actual).abs().max() < 8


def test_regressors_in_fit_alone_are_refused_and_none_is_a_drift(frame: pd.DataFrame) -> None:
    y, X = frame["load"], frame[["warm"]]
    with pytest.raises(UserError, match="regressors"):
        create("weather_load").fit(y, X).predict(5)
    assert create("weather_load").fit(y).predict(5)["mean"].notna().all()
    assert create("weather_load").fit(y[:500], X[:500]).predict(5, X[500:505])["mean"].notna().all()


def test_weeks_that_were_wild_in_years_before_are_less_sure() -> None:
    index = pd.date_range("2022-01-01", "2023-12-31 23:00", freq="h")
    rng = np.random.default_rng(8)
    warm = 15 + 5 * np.convolve(rng.normal(0, 1, len(index) + 47), np.ones(48) / 7, "valid")
    away = np.abs(index.day_of_year.to_numpy() - 300)
    feast = np.repeat(rng.normal(-8, 8, len(index) // 24), 24) * (away <= 7)
    load = pd.Series(100 + warm + feast + rng.normal(0, 1, len(index)), index=index)
    X = pd.DataFrame({"warm": warm}, index=index)
    widths = {}
    calm = index.get_loc(pd.Timestamp("2023-09-20"))
    model = create("weather_load").fit(load.iloc[:calm], X.iloc[:calm])
    for start in ("2023-09-20", "2023-10-24"):
        begun, end = len(model.index_), index.get_loc(pd.Timestamp(start))
        model.update(load.iloc[begun:end], X.iloc[begun:end])
        table = model.predict(72, X.iloc[end : end + 72], quantiles=(0.1, 0.9))
        widths[start] = (table["q900"] - table["q100"]).mean()
    assert widths["2023-10-24"] > 2 * widths["2023-09-20"]


def test_half_of_the_errors_are_of_the_same_days_where_a_year_has_passed() -> None:
    drawn = _rows(800, 3, 20_000, np.random.default_rng(1))
    ages = 3 + 799 - drawn
    alike = np.abs(ages[:, None] - [365, 731]).min(axis=1) <= 7
    assert alike.mean() == pytest.approx(0.5 + 0.5 * 30 / 800, abs=0.02)
    short = _rows(300, 3, 20_000, np.random.default_rng(1))
    assert np.bincount(short, minlength=300).min() > 30  # all alike
