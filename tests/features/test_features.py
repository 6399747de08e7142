"""Features are aligned, say when they are known, and are refused when they are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from dcforecast.errors import UserError
from dcforecast.features import (
    FORECAST,
    FeatureSpec,
    Known,
    build_features,
    calendar_features,
    check_known,
    lag_matrix,
    parse_lags,
    rolling_matrix,
)
from dcforecast.features.calendar import calendar_table
from dcforecast.features.weather import degrees, smoothed


def test_lags_hold_the_values_before() -> None:
    values = np.arange(6.0)
    found = lag_matrix(values, parse_lags(2), np.arange(2, 7))
    assert found.tolist() == [[1, 0], [2, 1], [3, 2], [4, 3], [5, 4]]
    assert lag_matrix(values, parse_lags(0), np.arange(6)).shape == (6, 0)


def test_lags_are_read_from_numbers_and_ranges() -> None:
    assert parse_lags(["1-3", 7, "24"]).tolist() == [1, 2, 3, 7, 24]
    for wrong in (["0-3"], ["x"], [-1], -2):
        with pytest.raises(UserError, match="lag"):
            parse_lags(wrong)


def test_rolling_statistics_end_before_their_row() -> None:
    values = np.array([1.0, 2, 4, 8, 16])
    found = rolling_matrix(values, {"mean": [2], "max": [3]}, np.array([3, 4, 5]))
    assert found.tolist() == [[3, 4], [6, 8], [12, 16]]


def test_holidays_move_with_the_moon() -> None:
    days = pd.date_range("2025-03-01", "2025-04-10", freq="D")
    free = calendar_features(days, "AZ")[:, -1]
    assert free[days == "2025-03-20"] == 1  # Novruz
    assert free[days == "2025-03-31"] == 1  # end of Ramazan in 2025
    assert free[days == "2025-04-09"] == 0


def test_bridge_days_lie_between_a_holiday_and_a_weekend() -> None:
    # Thursday 1 May 2025 is a holiday in Spain: the Friday after it is a bridge.
    days = pd.date_range("2025-04-28", "2025-05-04", freq="D")
    table = calendar_table(days, ["holiday", "bridge", "weekend"], country="ES")
    assert table["holiday"].tolist() == [0, 0, 0, 1, 0, 0, 0]
    assert table["bridge"].tolist() == [0, 0, 0, 0, 1, 0, 0]


def test_feasts_not_decreed_yet_carry_a_flag_of_their_own() -> None:
    days = pd.date_range("2034-01-01", "2034-12-31", freq="D")
    table = calendar_table(days, ["holiday", "estimated"], country="AZ")
    assert 0 < table["estimated"].sum() < table["holiday"].sum()
    decreed = calendar_table(
        pd.date_range("2015-01-01", "2015-12-31", freq="D"), ["estimated"], country="AZ"
    )
    assert decreed["estimated"].sum() == 0


def test_a_clock_of_its_own() -> None:
    hours = pd.date_range("2025-07-01", periods=3, freq="h", tz="UTC")
    assert calendar_table(hours, ["hour"], timezone="Asia/Baku")["hour"].tolist() == [4, 5, 6]
    for wrong in (["houre"], ["holiday"]):
        with pytest.raises(UserError, match="calendar"):
            calendar_table(hours, wrong)
    with pytest.raises(UserError, match="did you mean 'Asia/Baku'"):
        calendar_table(hours, ["hour"], timezone="Asia/Bku")
    with pytest.raises(UserError, match="holidays of"):
        calendar_table(hours, ["holiday"], country="XX")


def test_calendar_shows_only_what_the_step_can() -> None:
    assert calendar_features(pd.period_range("2000", periods=9, freq="Y")).shape[1] == 0
    assert calendar_features(pd.period_range("2000-01", periods=9, freq="M")).shape[1] == 6
    hours = calendar_features(pd.date_range("2025-01-01", periods=48, freq="h"))
    assert hours.shape == (48, 6 + 7 + 8 + 7 * 8)


def test_degrees_and_smoothing() -> None:
    assert degrees(np.array([10.0, 25.0]), 18.0, "heating").tolist() == [8, 0]
    assert degrees(np.array([10.0, 25.0]), 18.0, "cooling").tolist() == [0, 7]
    step = smoothed(np.r_[0.0, np.ones(48)], 24.0)
    assert step[24] == pytest.approx(1 - np.exp(-1.0))


def _weather() -> pd.DataFrame:
    index = pd.date_range("2025-01-01", periods=60, freq="h", tz="UTC")
    rng = np.random.default_rng(1)
    return pd.DataFrame({"temp": rng.normal(15, 5, 60), "load": rng.normal(9, 1, 60)}, index=index)


def _specs(*given: dict) -> list[FeatureSpec]:
    return [FeatureSpec.model_validate(one) for one in given]


def test_a_feature_set_says_of_each_column_when_it_is_known() -> None:
    X = _weather()
    found, known = build_features(
        _specs(
            {"kind": "calendar", "parts": ["hour"]},
            {"kind": "degrees", "column": "temp", "smooth": 6},
            {"kind": "mean", "column": "temp", "windows": [24]},
            {"kind": "lags", "column": "load", "lags": [24, "30-31"]},
            {"kind": "interaction", "columns": ["temp_heating", "load_lag24"]},
            {"kind": "power", "column": "temp", "powers": [2]},
        ),
        X.index,
        X,
        {"load": Known.parse("delayed 2")},
    )
    assert "load" not in found  # late, and used by a feature: only its lags stay
    assert found["load_lag24"].iloc[24] == X["load"].iloc[0]
    assert found["temp_mean24"].iloc[30] == pytest.approx(X["temp"].iloc[6:30].mean())
    assert known["hour"].word == "always"
    assert known["temp"].reaches(1000)
    assert known["temp_heating"].reaches(1000)
    assert known["load_lag24"].reaches(22)
    assert not known["load_lag24"].reaches(23)
    latest = known["temp_heating_x_load_lag24"]
    assert (latest.reaches(22), latest.reaches(23)) == (True, False)


def test_features_never_look_ahead() -> None:
    X = _weather()
    specs = _specs(
        {"kind": "degrees", "column": "temp", "smooth": 6, "lag": 1},
        {"kind": "mean", "column": "temp", "windows": [6]},
        {"kind": "lags", "column": "load", "lags": [3]},
    )
    whole, _ = build_features(specs, X.index, X)
    part, _ = build_features(specs, X.index[:40], X.iloc[:40])
    pd.testing.assert_frame_equal(whole.iloc[:40], part, check_freq=False)


def test_a_gap_and_a_lag_cost_a_mean_only_the_windows_they_touch() -> None:
    X = _weather()
    X.iloc[10, 0] = np.nan
    specs = _specs({"kind": "mean", "column": "temp", "windows": [6], "lag": 3})
    found = build_features(specs, X.index, X)[0]["temp_mean6"]
    assert found.iloc[20] == pytest.approx(X["temp"].iloc[12:18].mean())
    # Six values behind the lag of three before the record has them, and six windows with the gap.
    assert found.index[found.isna()].tolist() == X.index[[*range(8), *range(13, 19)]].tolist()


def test_a_column_that_is_not_known_in_time_is_refused() -> None:
    origin, last = pd.Timestamp("2025-01-02", tz="UTC"), pd.Timestamp("2025-01-03", tz="UTC")
    facts = {"origin": origin, "last": last, "horizon": 24}
    check_known(["temp"], {}, **facts)  # by default a forecast
    check_known(["load"], {"load": Known.parse("delayed 3").back(27)}, **facts)
    with pytest.raises(UserError, match=r"'load'.*2025-01-02.*delayed 3") as error:
        check_known(["temp", "load"], {"temp": FORECAST, "load": Known.parse("delayed 3")}, **facts)
    assert "at least 27 periods (" in str(error.value)
    with pytest.raises(UserError, match=r"\(delayed 3, 26 periods back\)") as error:
        check_known(["load"], {"load": Known.parse("delayed 3").back(26)}, **facts)
    assert "at least 1 periods more (" in str(error.value)


def test_mistakes_in_a_feature_set_are_named() -> None:
    with pytest.raises(ValidationError, match="needs 'lags'"):
        FeatureSpec(kind="lags", column="temp")
    with pytest.raises(UserError, match="did you mean 'temp'"):
        build_features(_specs({"kind": "power", "column": "tmp", "powers": [2]}),
                       _weather().index, _weather())  # fmt: skip
    with pytest.raises(UserError, match=r"data\.exog names"):
        build_features(_specs({"kind": "power", "column": "tmp", "powers": [2]}), _weather().index)
    with pytest.raises(UserError, match="delayed N"):
        Known.parse("tomorrow")
