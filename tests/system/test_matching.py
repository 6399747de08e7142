"""Hourly clean matching."""

from __future__ import annotations

import numpy as np
import pytest

from dcforecast.system.matching import annual_score, hourly_score


@pytest.fixture
def draw():
    rng = np.random.default_rng(3)
    load, own = rng.gamma(4.0, 50.0, (2, 6, 500))
    return load, own, rng.uniform(0, 1, (6, 500))


def test_scores_are_shares_and_more_clean_power_raises_them(draw):
    load, own, share = draw
    scores = [hourly_score(load, share, own * scale) for scale in (0.0, 0.5, 1.0, 2.0)]
    assert ((np.array(scores) >= 0) & (np.array(scores) <= 1)).all()
    assert (np.diff(scores, axis=0) > 0).all()
    assert scores[0] == pytest.approx(hourly_score(load, share))


def test_contracts_over_load_in_every_hour_match_all_of_it(draw):
    load, own, share = draw
    assert hourly_score(load, share, load + own) == pytest.approx(np.ones(6))


def test_annual_matching_never_scores_lower(draw):
    load, own, share = draw
    hourly = hourly_score(load, np.zeros_like(share), own)
    assert (annual_score(load, own) > hourly + 0.05).all()


def test_scale_does_not_matter(draw):
    load, own, share = draw
    assert hourly_score(7 * load, share, 7 * own) == pytest.approx(hourly_score(load, share, own))


def test_excess_of_one_hour_does_not_count_in_another():
    load, own = np.array([[100.0, 100.0]]), np.array([[200.0, 0.0]])
    assert hourly_score(load, np.zeros((1, 2)), own).tolist() == [0.5]
    assert annual_score(load, own).tolist() == [1.0]


def test_no_load_scores_nothing():
    assert hourly_score(np.zeros((2, 3)), np.ones((2, 3))).tolist() == [0.0, 0.0]
