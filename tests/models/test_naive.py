"""Seasonal naive and drift: what their sums over a year know."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dcforecast.models import create


def _monthly(shared: float, years: int = 30) -> pd.Series:
    """Months whose year-on-year changes are shared within a calendar year, or each their own."""
    rng = np.random.default_rng(1)
    yearly = np.repeat(rng.standard_normal(years), 12)
    own = rng.standard_normal(12 * years)
    changes = shared * yearly + np.sqrt(1 - shared**2) * own
    levels = 1_000.0 + changes.reshape(years, 12).cumsum(axis=0).ravel()
    return pd.Series(levels, index=pd.period_range("1990-01", periods=12 * years, freq="M"))


@pytest.mark.parametrize("name", ["seasonal_naive", "drift"])
@pytest.mark.parametrize("shared", [0.0, 0.9])
def test_a_years_sum_spreads_as_years_on_record_do(name: str, shared: float) -> None:
    record = _monthly(shared)
    drawn = create(name).fit(record).sample(12, 4_000, random_state=3).sum(axis=1)
    changes = record.to_numpy().reshape(-1, 12).sum(axis=1)
    assert drawn.std() == pytest.approx(np.diff(changes).std(), rel=0.25)


def test_a_month_spreads_as_before() -> None:
    record = _monthly(0.9)
    drawn = create("seasonal_naive").fit(record).sample(12, 4_000, random_state=3)
    changes = record.to_numpy()[12:] - record.to_numpy()[:-12]
    assert drawn.std(axis=0) == pytest.approx(np.full(12, changes.std()), rel=0.05)


def test_a_record_shorter_than_two_seasons_serves() -> None:
    record = _monthly(0.5)[:20]
    assert np.isfinite(create("drift").fit(record).sample(30, 50, random_state=1)).all()
