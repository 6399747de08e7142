"""Hourly clean matching."""

from __future__ import annotations

import numpy as np
import pytest

from dcforecast.system.matching import CleanHours, contract_parts, mixed, share_of, surplus_share

EVERYTHING = np.ones(6)


@pytest.fixture
def draw():
    rng = np.random.default_rng(3)
    load, own = rng.gamma(4.0, 50.0, (2, 6, 500)).astype(np.float32)
    return load, own, rng.uniform(0, 1, (6, 500)).astype(np.float32)


def scores(load, clean, share=0.0, part=1.0, left=0.0, carbon=0.0):
    """Grid mix, contracts, surplus and carbon dioxide per MWh; a number stands for all hours."""
    load = np.asarray(load, np.float32)
    whole = [np.broadcast_to(np.asarray(a, np.float32), load.shape) for a in (left, clean)]
    mix = [np.broadcast_to(np.asarray(a, np.float32), load.shape) for a in (share, carbon)]
    found = CleanHours(*whole).sums(load, *mix, np.broadcast_to(float(part), len(load)).copy())
    return np.array([share_of(row, load.sum(axis=1, dtype=float)) for row in found])


def test_scores_are_shares_and_more_clean_power_raises_them(draw):
    load, own, share = draw
    found = np.array([scores(load, own * scale, share, left=share)[:3] for scale in (0.5, 1.0, 2)])
    assert ((found >= 0) & (found <= 1)).all()
    assert (np.diff(found[:, 1], axis=0) > 0).all()


def test_sums_are_those_of_the_hours(draw):
    load, own, share = draw
    carbon = 0.6 * (1 - share)
    grid, contracted, surplus, co2 = scores(load, own, share, 0.3, share**2, carbon)
    energy = load.sum(axis=1)
    assert grid == pytest.approx((load * share).sum(axis=1) / energy)
    assert contracted == pytest.approx(np.minimum(load, 0.3 * own).sum(axis=1) / energy)
    assert surplus == pytest.approx((load * share**2).sum(axis=1) / energy)
    assert co2 == pytest.approx((load * carbon).sum(axis=1) / energy)


def test_contracts_over_load_in_every_hour_match_all_of_it(draw):
    load, own, _ = draw
    assert scores(load, load + own)[1] == pytest.approx(EVERYTHING)


def test_annual_matching_never_scores_lower(draw):
    load, own, _ = draw
    energy = load.sum(axis=1)
    annual = np.minimum(own.sum(axis=1), energy) / energy
    assert (annual > scores(load, own)[1] + 0.05).all()


def test_scale_does_not_matter(draw):
    load, own, share = draw
    assert scores(7 * load, 7 * own, share) == pytest.approx(scores(load, own, share))


def test_a_load_of_the_same_shape_scores_the_same_under_its_part_of_the_contracts(draw):
    load, own, share = draw
    assert scores(0.2 * load, own, share, 0.1) == pytest.approx(scores(load, own, share, 0.5))


def test_excess_of_one_hour_does_not_count_in_another():
    assert scores([[100.0, 100.0]], [[200.0, 0.0]])[1].tolist() == [0.5]


def test_no_load_scores_nothing():
    assert not scores(np.zeros((2, 3)), np.ones((2, 3)), 1.0, 1.0, 1.0, 1.0).any()


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


def test_contracts_cover_the_year_and_never_more_than_there_is():
    there = np.array([300.0, 90.0])
    parts = contract_parts({"one": np.array([50.0, 40.0]), "two": np.array([100.0, 80.0])}, there)
    assert parts["one"] == pytest.approx([50 / 300, 40 / 120])
    assert parts["two"] == pytest.approx([100 / 300, 80 / 120])
