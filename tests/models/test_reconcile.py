"""Reconciled paths add up, stay positive, and leave alone what adds up already."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dcforecast.models.reconcile import over_parts, over_time, project, shrunk

SUMS = {
    "total": {"thermal": 1.0, "hydro": 1.0, "export": -1.0},
    "generation": {"thermal": 1.0, "hydro": 1.0},
}


def paths(seed: int, spread: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    annual = 1200 * np.exp(spread * rng.standard_normal((300, 6)).cumsum(axis=1))
    season = 100 * (1 + 0.3 * np.sin(np.arange(24)))
    monthly = season * np.exp(spread * rng.standard_normal((300, 24)))
    return annual, monthly


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), spread=st.floats(0.01, 2.0))
def test_months_make_years_and_none_is_negative(seed: int, spread: float) -> None:
    annual, monthly = over_time(*paths(seed, spread))
    np.testing.assert_allclose(monthly.reshape(300, 2, 12).sum(axis=2), annual[:, :2], rtol=1e-9)
    assert annual.min() >= 0
    assert monthly.min() >= 0


def test_coherent_months_and_years_stay_as_they_are() -> None:
    annual, monthly = paths(1)
    annual[:, :2] = monthly.reshape(300, 2, 12).sum(axis=2)
    again, months = over_time(annual, monthly)
    np.testing.assert_allclose(again, annual, rtol=1e-12)
    np.testing.assert_allclose(months, monthly, rtol=1e-12)


def test_the_surer_side_moves_less_and_known_months_do_not_move() -> None:
    annual, monthly = paths(2)
    annual *= 1.2
    sure = annual.mean(axis=0) + 0.01 * (annual - annual.mean(axis=0))
    monthly[:, :6] = 90.0
    whole, months = over_time(sure, monthly)
    np.testing.assert_allclose(months[:, :6], 90.0)
    moved_years = abs(whole[:, 0].mean() / sure[:, 0].mean() - 1)
    moved_months = abs(months[:, :12].sum(axis=1).mean() / monthly[:, :12].sum(axis=1).mean() - 1)
    assert moved_years < 0.01 * moved_months


def test_later_years_follow_the_first() -> None:
    annual, monthly = paths(3)
    whole, _ = over_time(annual, 1.3 * monthly)
    assert whole[:, 1].mean() > annual[:, 1].mean()
    assert whole[:, 2].mean() > annual[:, 2].mean()


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), spread=st.floats(1.0, 200.0))
def test_parts_make_their_totals_in_every_path(seed: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    names = ("thermal", "hydro", "export", "total", "generation", "other")
    base = {n: np.maximum(200 + spread * rng.standard_normal((200, 5)), 0) for n in names}
    found = over_parts(base, SUMS)
    for total, weights in SUMS.items():
        expected = sum(w * found[p] for p, w in weights.items())
        np.testing.assert_allclose(found[total], expected, atol=1e-9)
    assert min(found[part].min() for part in ("thermal", "hydro", "export")) >= 0
    np.testing.assert_array_equal(found["other"], base["other"])
    again = over_parts(found, SUMS)
    for name in names:
        np.testing.assert_allclose(again[name], found[name], atol=1e-6)


def test_totals_without_all_parts_are_passed_over() -> None:
    base = {"total": np.ones((5, 2)), "hydro": np.ones((5, 2))}
    assert over_parts(base, SUMS)["total"] == pytest.approx(np.ones((5, 2)))


def test_projection_is_the_minimum_trace_solution() -> None:
    rng = np.random.default_rng(4)
    S = np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    root = rng.standard_normal((3, 3))
    W = root @ root.T
    x = rng.standard_normal((10, 3))
    inverse = np.linalg.inv(W)
    expected = x @ (S @ np.linalg.inv(S.T @ inverse @ S) @ S.T @ inverse).T
    np.testing.assert_allclose(project(x, np.array([[1.0, -1.0, -1.0]]), W), expected)


def test_shrinkage_keeps_variances_and_weakens_correlations() -> None:
    rng = np.random.default_rng(5)
    samples = rng.standard_normal((40, 1)) + 0.5 * rng.standard_normal((40, 8))
    found, plain = shrunk(samples), np.cov(samples.T, bias=True)
    np.testing.assert_allclose(np.diag(found), np.diag(plain), rtol=1e-9)
    assert abs(found[0, 1]) < abs(plain[0, 1])
