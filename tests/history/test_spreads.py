"""Spreads come from the figures, and from those alone that were published."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dcforecast import history
from dcforecast.config.history import HistorySettings
from dcforecast.errors import UserError
from dcforecast.history.temperature import degrees

STRUCTURE = history.Structure({"load": history.Prior()})


def figures(months: np.ndarray, scope: str = "country") -> pd.DataFrame:
    """Publish totals from January of a record that begins in January 2015."""
    start = pd.date_range("2015-01-01", periods=len(months), freq="MS", tz="UTC")
    january = start - pd.to_timedelta(start.day_of_year - 1, unit="D")
    totals = pd.Series(months).groupby(np.arange(len(months)) // 12).cumsum()
    end = start + pd.DateOffset(months=1)
    return pd.DataFrame(
        {
            "series": "load", "timestamp": january, "end": end, "value": totals.to_numpy(),
            "unit": "GWh", "vintage": end + pd.DateOffset(days=20), "publisher": "Office",
            "scope": scope, "source_id": "S", "precision_gwh": 0.1,
        }
    )  # fmt: skip


def record(season: float, noise: float, years: int = 8, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    t = np.arange(12 * years)
    wave = season * np.sqrt(2) * np.cos(2 * np.pi * t / 12)
    return 1000 * (1 + wave + noise * rng.standard_normal(len(t)))


def rebuilt(rows: pd.DataFrame, **rules: object) -> history.History:
    settings = HistorySettings(start="2015-01-01", **rules)
    return history.reconstruct(rows, settings=settings, structure=STRUCTURE)


def test_a_seasonal_record_has_a_wide_season_and_a_noisy_one_much_noise() -> None:
    calm = rebuilt(figures(record(0.3, 0.01))).structure.priors["load"]
    noisy = rebuilt(figures(record(0.05, 0.15))).structure.priors["load"]
    assert 0.15 < calm.season < 1.0
    assert np.hypot(calm.noise, calm.spell) < 0.03
    assert noisy.season < 0.15
    assert 0.1 < np.hypot(noisy.noise, noisy.spell) < 0.2


def test_a_noisy_record_has_wider_months_where_one_is_missing() -> None:
    spreads = []
    for noise in (0.01, 0.15):
        rows = figures(record(0.2, noise))
        spreads.append(rebuilt(rows.drop(index=[76, 77])).sd("load").iloc[76])
    assert spreads[1] > 4 * spreads[0]


def test_the_bias_of_a_scope_is_learned() -> None:
    truth = record(0.2, 0.05)
    structure = history.Structure(
        {"load": history.Prior()},
        scopes={"country": history.Bias(), "office": history.Bias(0.0, 0.1, 0.01)},
    )
    rows = pd.concat([figures(truth), figures(0.93 * truth, "office")], ignore_index=True)
    found = history.reconstruct(
        rows, settings=HistorySettings(start="2015-01-01"), structure=structure
    )
    mean, sd = found.posterior.scopes["office", "load"]
    assert mean == pytest.approx(0.07, abs=0.01)
    assert sd < 0.01


def temperatures(celsius: np.ndarray, path: Path) -> str:
    months = pd.date_range("2014-01-01", periods=12 + len(celsius), freq="MS")
    normal = celsius.reshape(-1, 12).mean(axis=0)
    values = np.concatenate([normal, celsius])
    pd.DataFrame({"month": months.astype(str), "celsius": values}).to_csv(path, index=False)
    return str(path)


def test_temperatures_tell_a_cold_month_from_a_mild_one(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    t = np.arange(96)
    celsius = 8 - 10 * np.cos(2 * np.pi * t / 12) + 3 * rng.standard_normal(96)
    days = pd.period_range("2015-01", periods=96, freq="M").days_in_month.to_numpy()
    truth = days * (33 + 0.5 * np.maximum(15 - celsius, 0) + np.maximum(celsius - 18, 0))
    rows = figures(truth).iloc[2::3]  # quarters
    path = temperatures(celsius, tmp_path / "celsius.csv")
    misses = [
        np.abs(rebuilt(rows, temperature=file).monthly("load").to_numpy() - truth).mean()
        for file in (None, path)
    ]
    assert misses[1] < 0.5 * misses[0]


def test_later_temperatures_are_not_looked_at(tmp_path: Path) -> None:
    celsius = np.tile(10 + 10 * np.sin(np.arange(12)), 3)
    months = pd.period_range("2015-01", periods=36, freq="M")
    until = pd.Timestamp("2016-06-20", tz="UTC")
    one = degrees(temperatures(celsius, tmp_path / "a.csv"), months, until)
    celsius = np.concatenate([celsius[:17], celsius[17:] + 9.0])
    frame = pd.read_csv(tmp_path / "a.csv")
    frame.loc[12:, "celsius"] = celsius
    frame.to_csv(tmp_path / "b.csv", index=False)
    np.testing.assert_array_equal(one, degrees(str(tmp_path / "b.csv"), months, until))


def test_a_calendar_month_without_temperature_is_named(tmp_path: Path) -> None:
    frame = pd.DataFrame({"month": ["2015-01-01", "2015-03-01"], "celsius": [2.0, 7.0]})
    frame.to_csv(tmp_path / "few.csv", index=False)
    months = pd.period_range("2015-01", periods=12, freq="M")
    with pytest.raises(UserError, match="calendar month 2"):
        degrees(str(tmp_path / "few.csv"), months, pd.Timestamp("2016-01-01", tz="UTC"))
