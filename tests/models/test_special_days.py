"""Special days: moving feasts, bridge days, and what they take from a load."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dcforecast.models import create
from dcforecast.models.special_days import describe_days, special_day_effects

#: First days of the Turkish Eid al-Fitr and Eid al-Adha.
FEASTS = [
    "2021-05-13", "2021-07-20", "2022-05-02", "2022-07-09", "2023-04-21", "2023-06-28",
    "2024-04-10", "2024-06-16",
]  # fmt: skip


@pytest.fixture(scope="module")
def y() -> pd.Series:
    rng = np.random.default_rng(1)
    index = pd.date_range("2021-01-01", "2024-04-12 23:00", freq="h")
    load = 1000 + 100 * np.sin(2 * np.pi * index.hour / 24) - 150 * (index.day_of_week >= 5)
    for start in FEASTS:
        load = load - 400 * ((index - pd.Timestamp(start)).days == 0) * (index.day_of_week < 5)
    return pd.Series(load + rng.normal(0, 5, len(index)), index=index)


def test_a_moving_feast_is_foreseen(y: pd.Series) -> None:
    known = y[:"2024-04-09 13:00"]
    effects = special_day_effects(known.to_numpy(), pd.DatetimeIndex(y.index), "TR")
    found = pd.Series(effects, index=y.index)
    assert found["2024-04-10"].mean() == pytest.approx(-400, abs=110)
    assert (found["2024-02-01":"2024-03-31"] == 0).all()
    ahead = create("day_ahead", holidays="TR").fit(known).predict(34)["mean"]
    blind = create("day_ahead").fit(known).predict(34)["mean"]
    day = "2024-04-10"
    assert (ahead[day] - y[day]).abs().mean() < 0.4 * (blind[day] - y[day]).abs().mean()


def test_the_future_does_not_change_the_past(y: pd.Series) -> None:
    stamps = pd.DatetimeIndex(y.index)
    short = special_day_effects(y.to_numpy()[:-200], stamps[:-200], "TR")
    longer = special_day_effects(y.to_numpy()[:-200], stamps, "TR")
    np.testing.assert_allclose(short, longer[:-200])


def test_kinds_of_days() -> None:
    days = pd.date_range("2024-04-01", "2024-05-10")
    kinds = pd.DataFrame(describe_days(days, "TR"), index=days)
    assert not kinds.loc["2024-04-02":"2024-04-04"].any(axis=None)
    # Eid on Wednesday to Friday: Monday and Tuesday before are a bridge to the weekend.
    assert kinds.loc["2024-04-08"].any()
    assert not kinds.loc["2024-04-10"].equals(kinds.loc["2024-04-11"])
    # 23 April fell on a Tuesday, the Monday before lies between free days.
    assert kinds.loc["2024-04-22"].any()
    assert kinds.loc["2024-05-01"].any()


def test_few_special_days_have_no_effect() -> None:
    index = pd.date_range("2024-01-05", periods=24 * 50, freq="h")
    assert not special_day_effects(np.ones(len(index)), index, "ES").any()


def test_half_hours_and_a_start_within_a_day() -> None:
    index = pd.date_range("2020-01-05 07:30", "2023-12-31 23:30", freq="30min")
    values = np.where((index.month == 5) & (index.day == 1), 50.0, 100.0)
    effects = pd.Series(special_day_effects(values, index, "ES"), index=index)
    assert effects["2023-05-01"].to_numpy() == pytest.approx(-33, abs=18)
