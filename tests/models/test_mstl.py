"""MSTL with a model for the rest."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dcforecast.models import create


def _hours(count: int = 24 * 7 * 6) -> pd.Series:
    t = np.arange(count)
    rng = np.random.default_rng(0)
    values = 500 + 80 * np.sin(2 * np.pi * t / 24) + 50 * np.sign(np.sin(2 * np.pi * t / 168))
    return pd.Series(
        values + rng.normal(0, 4, count), index=pd.date_range("2024-01-01", periods=count, freq="h")
    )


def test_two_seasons_are_kept() -> None:
    y = _hours()
    model = create("mstl", seasons=[24, 168], remainder="drift")
    found = model.fit(y.iloc[:-168]).predict(168)["mean"]
    assert (found - y.iloc[-168:]).abs().mean() < 15
    one = create("mstl", remainder="drift").fit(y.iloc[:-168]).predict(168)["mean"]
    assert (one - y.iloc[-168:]).abs().mean() > 20


def test_any_model_may_take_the_rest() -> None:
    y = _hours(240).iloc[::6].asfreq("6h")
    for rest in ("ridge", {"name": "dynamic_theta", "theta": 2.0}):
        found = create("mstl", remainder=rest, season_length=4).fit(y.iloc[:-4]).predict(4)["mean"]
        assert (found - y.iloc[-4:]).abs().mean() < 40
