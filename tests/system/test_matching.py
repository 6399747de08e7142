"""Hourly clean matching."""

from __future__ import annotations

import numpy as np
import pytest

from dcforecast.system.matching import (
    annual_score,
    contracts,
    hourly_score,
    mixed,
    surplus_share,
)


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


def test_mixing_follows_the_flow_between_two_nodes():
    """A exports 40 of 100 made (half clean) to B, which makes 60 of its own, none clean."""
    made = {"A": np.array([[100.0]]), "B": np.array([[60.0]])}
    delivered = {"A": np.array([[60.0]]), "B": np.array([[100.0]])}
    clean = {"A": np.array([[50.0]]), "B": np.array([[0.0]])}
    share = mixed(made, delivered, clean)
    assert share["A"][0, 0] == pytest.approx(0.5)
    assert share["B"][0, 0] == pytest.approx(20 / 100)
    everything = sum(share[node] * delivered[node] for node in made)
    assert everything[0, 0] == pytest.approx(50.0)


def test_mixing_keeps_what_is_made():
    rng = np.random.default_rng(2)
    made = {node: rng.uniform(1, 100, (3, 50)) for node in "AB"}
    moved = rng.uniform(-1, 1, (3, 50)) * np.minimum(made["A"], made["B"])
    delivered = {"A": made["A"] - moved, "B": made["B"] + moved}
    content = {node: power * rng.uniform(0, 1, (3, 50)) for node, power in made.items()}
    share = mixed(made, delivered, content)
    for node in "AB":
        assert ((share[node] >= 0) & (share[node] <= 1)).all()
    kept = sum(share[node] * delivered[node] for node in "AB")
    assert kept == pytest.approx(sum(content.values()))


def test_surplus_is_what_domestic_demand_leaves():
    found = surplus_share(np.array([50.0, 80.0, 90.0]), np.full(3, 60.0), np.array([20, 40, 10.0]))
    assert found.tolist() == [0.0, 0.5, 1.0]


def test_contracts_cover_the_year_and_never_more_than_there_is(draw):
    load, clean, _ = draw
    own = contracts({"one": load, "two": 2 * load}, clean)
    total = own["one"] + own["two"]
    assert (total <= clean * (1 + 1e-6)).all()
    few = contracts({"one": 0.1 * load}, clean)["one"]
    assert few.sum(axis=1) == pytest.approx(0.1 * load.sum(axis=1), rel=1e-6)
