"""Common factors: a series is forecast with what the others show."""

from __future__ import annotations

import copy

import numpy as np
import pandas as pd
import pytest

from dcforecast.errors import UserError
from dcforecast.evaluation import backtest
from dcforecast.models import create


def _panel(count: int = 4, length: int = 80) -> dict[str, pd.Series]:
    """Return yearly series whose growth is one persistent factor and a little noise."""
    rng = np.random.default_rng(3)
    factor = np.zeros(length)
    for t in range(1, length):
        factor[t] = 0.9 * factor[t - 1] + rng.normal(0, 0.02)
    index = pd.period_range("1940", periods=length, freq="Y")
    return {
        str(k): pd.Series(
            100 * (k + 1) * np.exp((factor + rng.normal(0, 0.02, length)).cumsum()), index=index
        )
        for k in range(count)
    }


def test_the_factor_helps() -> None:
    panel = _panel()
    errors: dict[str, list[float]] = {"joint": [], "alone": []}
    for cut in (-14, -10, -6, -2):
        known = {name: y.iloc[:cut] for name, y in panel.items()}
        joint = create("dynamic_factor").fit_many(known)
        for name, y in panel.items():
            actual = np.log(y.iloc[len(known[name]) + 1])
            for kind, model in (
                ("joint", joint[name]), ("alone", create("dynamic_factor").fit(known[name]))
            ):  # fmt: skip
                middle = model.predict(2, quantiles=(0.5,))["q500"].iloc[-1]
                errors[kind].append(float(np.abs(np.log(middle) - actual)))
    assert np.mean(errors["joint"]) < np.mean(errors["alone"])


def test_paths_of_one_seed_are_joint() -> None:
    found = create("dynamic_factor").fit_many(_panel())
    drawn = [np.log(one.sample(3, 300, random_state=1))[:, -1] for one in found.values()]
    assert np.corrcoef(drawn).min() > 0.3


def test_the_state_moves_on_as_statsmodels_would_carry_it() -> None:
    panel = _panel()
    found = create("dynamic_factor").fit_many({name: y.iloc[:-5] for name, y in panel.items()})
    before = found["1"].predict(2)
    moved = copy.copy(found["1"]).update(panel["1"].iloc[-5:-3]).update(panel["1"].iloc[-3:])
    pd.testing.assert_frame_equal(found["1"].predict(2), before)
    result, changes = found["1"].shared_.result, np.log(panel["1"]).diff().iloc[-5:]
    new = pd.DataFrame(np.nan, index=changes.index, columns=result.model.endog_names)
    new[1] = changes
    expected = np.log(panel["1"].iloc[-1]) + result.append(new).forecast(2)[1].cumsum()
    middle = np.log(moved.predict(2, quantiles=(0.5,))["q500"])
    np.testing.assert_allclose(middle, expected, atol=0.004)  # 1,000 paths, deviation 0.03


def test_a_panel_is_backtested_without_a_refit() -> None:
    found = backtest(
        {"factor": create("dynamic_factor")}, _panel(), horizon=2, origins=6, refit=3,
        together=True,
    )  # fmt: skip
    assert found["fit_seconds"].gt(0).groupby(found["origin"]).any().sum() == 2
    error = (found["mean"] - found["actual"]).abs() / found["actual"]
    assert error.max() < 0.2


def test_a_stranger_and_a_lone_series_are_refused() -> None:
    panel = _panel(2)
    found = create("dynamic_factor").fit_many(panel)
    model = found["0"]
    with pytest.raises(UserError, match="not among"):
        model.sharing(model.shared_).fit(panel["0"] * 2)
    with pytest.raises(UserError, match="two"):
        create("dynamic_factor").fit_many({"0": panel["0"]})
