"""The day-ahead equations: exact errors, known inputs only, corrections of a forecast."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dcforecast.errors import UserError
from dcforecast.models import create
from dcforecast.models.ridge import leave_one_out_equations


@pytest.fixture
def y() -> pd.Series:
    rng = np.random.default_rng(7)
    index = pd.date_range("2023-01-01", periods=24 * 120, freq="h", tz="UTC")
    hours = 100 + 20 * np.sin(2 * np.pi * index.hour / 24) - 15 * (index.day_of_week >= 5)
    return pd.Series(hours + rng.normal(0, 2, len(index)), index=index, name="load")


@pytest.mark.parametrize("shape", [(60, 8), (30, 50)])
def test_errors_are_those_of_a_row_left_out(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    features = rng.normal(0, 1, shape)
    targets = features[:, :3] @ rng.normal(0, 1, (3, 2)) + rng.normal(0, 0.3, (shape[0], 2))
    # A column of noughts is no input.
    wide = np.column_stack([features, np.zeros(shape[0])])
    equations, errors = leave_one_out_equations(wide, targets)
    forecast = equations.forecast(wide[0])
    assert np.isfinite(forecast).all()
    again = leave_one_out_equations(features, targets)[0].forecast(features[0])
    np.testing.assert_allclose(forecast, again)
    assert errors.std() < targets.std()


def test_leave_one_out_matches_a_refit() -> None:
    rng = np.random.default_rng(3)
    features = rng.normal(0, 1, (40, 4))
    targets = features @ np.array([[1.0], [2.0], [0.0], [-1.0]]) + rng.normal(0, 0.5, (40, 1))
    _, errors = leave_one_out_equations(features, targets)
    rest = np.arange(40) != 5
    # With much more signal than noise the penalty is next to nothing: least squares is near.
    design = np.column_stack([np.ones(39), features[rest]])
    slopes = np.linalg.lstsq(design, targets[rest], rcond=None)[0]
    plain = targets[5] - np.concatenate([[1.0], features[5]]) @ slopes
    assert errors[5, 0] == pytest.approx(plain[0], abs=0.1)


def test_weekend_and_hour_are_found_and_intervals_cover(y: pd.Series) -> None:
    inside, errors = [], []
    for day in range(14):
        end = len(y) - 24 * (day + 1)
        found = create("day_ahead").fit(y.iloc[:end]).predict(24, quantiles=(0.1, 0.5, 0.9))
        actual = y.iloc[end : end + 24]
        errors.append((found["q500"] - actual).abs().mean())
        inside.append(((actual >= found["q100"]) & (actual <= found["q900"])).mean())
    assert np.mean(errors) < 2.4  # the noise alone is 1.6
    assert 0.65 < np.mean(inside) < 0.92


def test_any_hour_and_horizon_and_gaps(y: pd.Series) -> None:
    holed = y.iloc[:-7].copy()
    holed.iloc[100:103] = np.nan
    model = create("day_ahead", holidays="ES").fit(holed)
    for horizon in (1, 38, 200):
        found = model.predict(horizon)["mean"]
        assert len(found) == horizon
        assert found.between(50, 150).all()


def test_a_published_forecast_is_corrected(y: pd.Series) -> None:
    rng = np.random.default_rng(5)
    X = pd.DataFrame({"published": y + 5 + rng.normal(0, 0.5, len(y))}, index=y.index)
    model = create("day_ahead", correct=True).fit(y.iloc[:-24], X.iloc[:-24])
    found = model.predict(24, X.iloc[-24:])["mean"]
    assert (found - y.iloc[-24:]).abs().mean() < 1.0
    with pytest.raises(UserError, match="regressors"):
        model.predict(24)
    with pytest.raises(UserError, match="published"):
        create("day_ahead", correct=True).fit(y)


def test_spikes_and_negative_prices(y: pd.Series) -> None:
    price = y - 90
    price.iloc[500] = 3000.0
    found = create("day_ahead", transform="asinh").fit(price).predict(24, quantiles=(0.1, 0.9))
    assert found["mean"].between(-60, 60).all()
    assert (found["q900"] > found["q100"]).all()


@pytest.mark.parametrize("params", [{}, {"holidays": "ES"}, {"windows": (56, 90)}])
def test_update_keeps_the_equations_and_sees_the_new_days(
    y: pd.Series, params: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    from dcforecast.models import day_ahead

    begun, starts = 24 * 90, [24 * 90, 24 * 91, 24 * 100 + 7, 24 * 118]
    solved = []
    solve = day_ahead.leave_one_out_equations
    monkeypatch.setattr(
        day_ahead, "leave_one_out_equations", lambda *a: solved.append(len(a[0])) or solve(*a)
    )
    model = create("day_ahead", **params).fit(y.iloc[:begun])
    found = model.forecasts(y, starts, 24, quantiles=(0.1, 0.9))
    # Two hours of the day: their equations once each, on days before the fit alone.
    windows = len(set(params.get("windows", (0,))))
    assert len(solved) == 2 * windows
    assert max(solved) < 90
    for start, one in zip(starts, found, strict=True):
        alone = create("day_ahead", **params).fit(y.iloc[:begun]).update(y.iloc[begun:start])
        np.testing.assert_array_equal(one, alone.predict(24, quantiles=(0.1, 0.9)))
        refit = create("day_ahead", **params).fit(y.iloc[:start]).predict(24)["mean"]
        assert np.abs(one[:, 0] - refit).mean() < 1.0


def test_update_moves_a_corrected_forecast_on(y: pd.Series) -> None:
    X = pd.DataFrame({"published": y + 5.0}, index=y.index)
    model = create("day_ahead", correct=True).fit(y.iloc[:-240], X.iloc[:-240])
    model.update(y.iloc[-240:-24], X.iloc[-240:-24])
    found = model.predict(24, X.iloc[-24:])["mean"]
    assert (found - y.iloc[-24:]).abs().max() < 0.1


@pytest.mark.parametrize("held", [1, 9])
def test_kernel_errors_are_those_of_refits(held: int) -> None:
    from dcforecast.models.kernel_ridge import _PENALTIES, leave_one_out_kernel

    rng = np.random.default_rng(5)
    features = np.column_stack([np.arange(60.0), rng.normal(0, 1, (60, 4))])
    targets = np.column_stack([np.abs(features[:, 1]), features[:, 2] ** 2])
    targets += rng.normal(0, 0.1, targets.shape)
    whole = leave_one_out_kernel(features, targets, held)
    rest = 60 - held
    for column, group in enumerate(whole.equations.groups):  # few targets: a group each
        rows, own = group.places, targets[:, column] - group.level
        apart = np.sqrt(3 * ((rows[:, None] - rows) ** 2).sum(axis=2))
        likeness = (1 + apart) * np.exp(-apart) + rows[:, 1:] @ rows[:, 1:].T
        refits = []
        for penalty in _PENALTIES:  # on the days before, with the same distances
            solved = np.linalg.solve(likeness[:rest, :rest] + penalty * np.eye(rest), own[:rest])
            refits.append(own[rest:] - likeness[rest:, :rest] @ solved)
        nearest = np.abs(np.array(refits) - whole.newest[:, column]).max(axis=1).min()
        assert nearest < 1e-9
    if held == 1:
        np.testing.assert_allclose(whole.errors[-1:], whole.newest, atol=1e-9)


def test_held_days_have_no_part_in_the_distances_they_are_judged_by() -> None:
    from dcforecast.models.kernel_ridge import leave_one_out_kernel

    rng = np.random.default_rng(8)
    features = np.column_stack([np.arange(80.0), rng.normal(0, 1, (80, 5))])
    targets = features[:, 1:4] + rng.normal(0, 0.3, (80, 3))
    other = targets.copy()
    other[-10:] = rng.normal(0, 5, (10, 3))
    axes = [
        [group.axes for group in leave_one_out_kernel(features, one, 10).equations.groups]
        for one in (targets, other)
    ]
    np.testing.assert_array_equal(*axes)


def test_kernel_goes_on_as_lines_do_beyond_what_was_seen() -> None:
    from dcforecast.models.kernel_ridge import leave_one_out_kernel

    rng = np.random.default_rng(6)
    inputs = rng.uniform(-1, 1, (300, 3))
    features = np.column_stack([np.arange(300.0), inputs])
    slopes = np.array([[3.0, -1.0], [0.0, 2.0], [0.0, 0.0]])
    found = leave_one_out_kernel(features, inputs @ slopes, 0).equations
    far = np.array([[300.0, 3.0, 3.0, 0.0]])
    share = found.forecast(far) / (far[:, 1:] @ slopes)  # by distance alone it is a tenth
    assert ((share > 0.7) & (share < 1.1)).all()


def test_each_group_of_targets_has_a_likeness_of_its_own() -> None:
    from dcforecast.models.kernel_ridge import leave_one_out_kernel

    rng = np.random.default_rng(7)
    inputs = rng.uniform(-1, 1, (200, 30))
    features = np.column_stack([np.arange(200.0), inputs])
    # Each third of the targets bends with one input of its own.
    targets = np.repeat(np.maximum(inputs[:, :3], 0.0), 4, axis=1)
    targets += rng.normal(0, 0.05, targets.shape)
    found = leave_one_out_kernel(features, targets, 0)
    # The noise alone is 0.040; with one likeness for all it is 0.049.
    assert np.abs(found.errors).mean() < 0.043


def test_kernel_bends_where_lines_cannot(y: pd.Series) -> None:
    rng = np.random.default_rng(11)
    wind = pd.Series(np.repeat(rng.uniform(-1, 1, len(y) // 24), 24), y.index)
    price = 60 * wind.clip(lower=0) + rng.normal(0, 1, len(y))
    X = wind.to_frame("wind")
    errors = {}
    for name in ("day_ahead", "day_ahead_kernel"):
        model = create(name, transform="none").fit(price.iloc[:-480], X.iloc[:-480])
        starts = range(len(y) - 480, len(y), 24)
        found = model.forecasts(price, list(starts), 24, X)[:, :, 0]
        errors[name] = np.abs(found.ravel() - price.iloc[-480:]).mean()
    assert errors["day_ahead_kernel"] < 0.5 * errors["day_ahead"]


def test_kernel_moves_on_without_a_refit_and_covers(y: pd.Series) -> None:
    begun, starts = 24 * 90, list(range(24 * 90, 24 * 119, 24))
    model = create("day_ahead_kernel").fit(y.iloc[:begun])
    found = model.forecasts(y, starts, 24, quantiles=(0.1, 0.5, 0.9))
    alone = create("day_ahead_kernel").fit(y.iloc[:begun]).update(y.iloc[begun : starts[-1]])
    np.testing.assert_array_equal(found[-1], alone.predict(24, quantiles=(0.1, 0.5, 0.9)))
    actual = y.to_numpy()[np.add.outer(starts, np.arange(24))]
    assert np.abs(found[:, :, 2] - actual).mean() < 2.4  # the noise alone is 1.6
    assert 0.65 < ((actual >= found[:, :, 1]) & (actual <= found[:, :, 3])).mean() < 0.92
