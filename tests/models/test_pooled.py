"""One regression of many series: it sees what no single short series shows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dcforecast.errors import UserError
from dcforecast.models import Forecaster, create
from dcforecast.models.pooled import _Windows


def _series(seed: int, count: int, size: float) -> pd.Series:
    """Return a series whose growth of each year undoes half of that of the year before."""
    rng = np.random.default_rng(seed)
    growth = np.zeros(count)
    for t in range(1, count):
        growth[t] = -0.7 * growth[t - 1] + rng.normal(0, 0.1)
    values = size * np.exp(growth.cumsum())
    return pd.Series(values, index=pd.period_range("2000", periods=count, freq="Y"))


@pytest.fixture(scope="module")
def panel() -> dict[str, pd.Series]:
    return {str(k): _series(k, 20, 10.0 ** (k % 6)) for k in range(40)}


@pytest.fixture(scope="module")
def fitted(panel: dict[str, pd.Series]) -> dict[str, Forecaster]:
    """Return models fitted without the last two years."""
    known = {name: y.iloc[:-2] for name, y in panel.items()}
    return create("pooled", iterations=30, horizon=2).fit_many(known)


def test_many_short_series_teach_what_follows(
    panel: dict[str, pd.Series], fitted: dict[str, Forecaster]
) -> None:
    error, naive = [], []
    for name, one in fitted.items():
        ahead = one.predict(2, quantiles=(0.5,))["q500"].to_numpy()
        actual, last = panel[name].to_numpy()[-2:], panel[name].to_numpy()[-3]
        error.append(np.abs(np.log(ahead / actual))[0])
        naive.append(np.abs(np.log(last / actual))[0])
    assert np.mean(error) < 0.85 * np.mean(naive)


def test_scale_does_not_matter(panel: dict[str, pd.Series]) -> None:
    panel = {name: panel[name] for name in list(panel)[:16]}
    model = create("pooled", iterations=10, horizon=2, size_power=0.0)
    once = model.fit_many(panel)["3"].predict(2)["mean"]
    grown = model.fit_many({k: y * 1000 for k, y in panel.items()})["3"].predict(2)["mean"]
    np.testing.assert_allclose(grown, 1000 * once, rtol=1e-6)


def test_errors_are_those_of_series_left_out(
    panel: dict[str, pd.Series], fitted: dict[str, Forecaster]
) -> None:
    inside = []
    for name, one in fitted.items():
        table = one.predict(2, quantiles=(0.1, 0.9))
        actual = panel[name].iloc[-2:]
        inside.append((actual >= table["q100"]) & (actual <= table["q900"]))
    assert abs(np.mean(inside) - 0.8) < 0.1


def test_regressors_are_refused(panel: dict[str, pd.Series]) -> None:
    with pytest.raises(UserError, match="regressors"):
        create("pooled").fit_many(panel, X={})


def test_windows_hold_the_past_alone_and_say_what_came() -> None:
    plain = np.random.default_rng(5).normal(size=20).cumsum()
    windows = _Windows.of(plain, np.ones(20), lags=6, horizon=4)
    for row, origin in enumerate(range(3, 19)):
        changes = [plain[origin] - plain[origin - k] for k in range(1, min(origin, 6) + 1)]
        steps = np.diff(plain[: origin + 1])
        want = [*changes, *[np.nan] * (6 - len(changes)), steps.mean(), steps.std(), origin + 1]
        np.testing.assert_allclose(windows.inputs[row], want)
        came = plain[origin + 1 : origin + 5] - plain[origin]
        np.testing.assert_allclose(windows.targets[row, : len(came)], came)
        assert np.isnan(windows.targets[row, len(came) :]).all()


@pytest.mark.parametrize(("series", "fits"), [(15, 1), (40, 3)])
def test_halves_steady_the_forecast_of_many_series(
    panel: dict[str, pd.Series], series: int, fits: int
) -> None:
    few = list(panel.values())[:series]
    learned = create("pooled", iterations=5, horizon=2).learned_from(few).shared_
    inputs = np.full((1, 11), 0.1)
    alone = [np.column_stack([one.predict(inputs) for one in fit]) for fit in learned.fits]
    assert len(alone) == fits
    np.testing.assert_allclose(learned.changes(inputs), np.mean(alone, axis=0))


def test_records_too_short_for_the_longest_lag_of_a_far_step_serve() -> None:
    # Windows that know what came twelve months later have no change over thirteen months.
    rng = np.random.default_rng(3)
    index = pd.period_range("2020-01", periods=25, freq="M")
    short = {str(k): pd.Series(100 + rng.normal(1, 3, 25).cumsum(), index=index) for k in range(30)}
    fitted = create("pooled", iterations=5).fit_many(short)
    assert all(np.isfinite(one.predict(12).to_numpy()).all() for one in fitted.values())
