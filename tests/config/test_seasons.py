"""The season of a step, however the step is written."""

from __future__ import annotations

import pandas as pd
import pytest

from dcforecast.config.seasons import season_of_step
from dcforecast.models import create


@pytest.mark.parametrize(
    ("step", "season"),
    [
        ("YE-DEC", 1), ("YS", 1), ("QS-OCT", 4), ("QE", 4), ("MS", 12), ("ME", 12), ("3MS", 4),
        ("12MS", 1), ("W-SUN", 52), ("7D", 52), ("D", 7), ("24h", 7), ("B", 5), ("2D", 1),
        ("h", 24), ("60min", 24), ("3h", 8), ("30min", 48), ("15min", 96), ("5min", 288),
        ("7h", 1), ("", 1), ("nonsense", 1),
    ],
)  # fmt: skip
def test_the_season_of_a_step(step: str, season: int) -> None:
    assert season_of_step(step) == season


def test_hours_by_another_name_are_forecast_alike() -> None:
    days = [float(hour) for _ in range(10) for hour in range(24)]
    found = [
        create("seasonal_naive").fit(pd.Series(days, pd.date_range("2024", periods=240, freq=f)))
        for f in ("h", "60min")
    ]
    first, second = (model.predict(24, quantiles=(0.5,))["q500"].to_list() for model in found)
    assert first == second
