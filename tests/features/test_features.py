"""Features are aligned and known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dcforecast.features import calendar_features, lag_matrix


def test_lags_hold_the_values_before() -> None:
    found = lag_matrix(np.arange(6.0), 2)
    assert found.tolist() == [[1, 0], [2, 1], [3, 2], [4, 3]]
    assert lag_matrix(np.arange(6.0), 0).shape == (6, 0)


def test_holidays_move_with_the_moon() -> None:
    days = pd.date_range("2025-03-01", "2025-04-10", freq="D")
    free = calendar_features(days, "AZ")[:, -1]
    assert free[days == "2025-03-20"] == 1  # Novruz
    assert free[days == "2025-03-31"] == 1  # end of Ramazan in 2025
    assert free[days == "2025-04-09"] == 0


def test_calendar_shows_only_what_the_step_can() -> None:
    assert calendar_features(pd.period_range("2000", periods=9, freq="Y")).shape[1] == 0
    assert calendar_features(pd.period_range("2000-01", periods=9, freq="M")).shape[1] == 6
    hours = calendar_features(pd.date_range("2025-01-01", periods=48, freq="h"))
    assert hours.shape == (48, 6 + 7 + 8)
