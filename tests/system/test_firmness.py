"""Firm power: the closed form against the linear programme, and the re-run at the firm size."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from dcforecast.system.allocation import allocate
from dcforecast.system.firmness import (
    Tail,
    bound_with_one_out,
    firm,
    firm_of_tails,
    most_deliverable,
    most_with_one_out,
)
from dcforecast.system.links import commissioning, hourly_capacity
from dcforecast.system.network import Network


@pytest.fixture(scope="module")
def case(toy, network_settings, allocation_settings):
    system = toy(members=8, hours=1_200, tight=1.02)
    network, data = Network.build(network_settings), system.year(2036)
    dates = commissioning(network_settings, system.draws)
    capacity = hourly_capacity(network_settings, dates, data.timestamps, system.draws)
    return network, data, capacity, allocate(network, data, capacity, allocation_settings)


@pytest.mark.parametrize("name", ["georgia", "black_sea", "tripp", "igdir", "russia"])
def test_closed_form_equals_the_programme_with_one_sink(case, allocation_settings, name):
    """With every other corridor closed the programme sends exactly the closed form's most."""
    network, data, capacity, flows = case
    (corridor,) = [c for c in network.corridors if c.name == name]
    alone = dataclasses.replace(network, corridors=(corridor,))
    found = allocate(alone, data, capacity, allocation_settings).corridors[name]
    most = most_deliverable(network, flows, capacity, corridor.home, after_data_centres=True)
    formula = np.minimum(most, corridor.bound(capacity))
    assert np.abs(found - formula).max() < 0.01
    assert found.max() > 1


def test_closed_form_for_data_centres(case, allocation_settings):
    network, data, capacity, flows = case
    open_ = [dataclasses.replace(data.campuses[0], contracted_mw=np.full(8, 1e5))]
    wide = dataclasses.replace(data, campuses=open_)
    found = allocate(network, wide, capacity, allocation_settings).data_centres["AZ"]
    most = most_deliverable(network, flows, capacity, "AZ", after_data_centres=False)
    assert np.abs(found - most).max() < 0.02


@pytest.mark.parametrize("level", [0.9, 0.99, 0.999])
def test_rerun_at_the_firm_size_meets_the_target(case, allocation_settings, level):
    network, data, capacity, flows = case
    most = most_deliverable(network, flows, capacity, "AZ", after_data_centres=False)
    size = firm(most, level).pooled_mw
    campus = dataclasses.replace(data.campuses[0], contracted_mw=np.full(8, size))
    again = allocate(
        network, dataclasses.replace(data, campuses=(campus,)), capacity, allocation_settings
    )
    served = (again.data_centres["AZ"] >= size - 0.01).mean()
    assert served >= level - 1e-9
    assert served <= level + 2e-3


def test_released_reserve_goes_to_data_centres(case, allocation_settings):
    network, data, capacity, held = case
    released = allocation_settings.model_copy(update={"reserve_before_data_centres": False})
    campus = dataclasses.replace(data.campuses[0], contracted_mw=np.full(8, 1e5))
    wide = dataclasses.replace(data, campuses=(campus,))
    flows = allocate(network, wide, capacity, released)
    most = most_deliverable(
        network, held, capacity, "AZ", after_data_centres=False, after_reserve=False
    )
    assert np.abs(flows.data_centres["AZ"] - most).max() < 0.02
    assert not flows.corridors["georgia"].any()


def test_firm_counts():
    most = np.tile(np.arange(1.0, 1_001.0, dtype=np.float32), (3, 1))
    most[0] *= 0.5
    found = firm(most, 0.99)
    assert (most >= found.pooled_mw).mean() >= 0.99
    assert (most > found.pooled_mw).mean() < 0.99
    short = np.maximum(found.pooled_mw - most, 0)
    assert found.short_h.tolist() == (short > 0).sum(axis=1).tolist()
    assert found.short_mwh == pytest.approx(short.sum(axis=1))
    assert found.by_member_mw.tolist() == [5.5, 11.0, 11.0]


@pytest.mark.parametrize("level", [0.9, 0.99, 0.999, 0.9999])
def test_tails_of_blocks_hold_all_that_matters(level):
    rng = np.random.default_rng(8)
    most = np.maximum(rng.normal(500, 200, (10, 700)), 0).astype(np.float32)
    most[3] = 0.0  # one member holds all the lowest hours
    whole = firm(most, level)
    cuts = [Tail.of(most[a:b], level, 10) for a, b in ((0, 4), (4, 5), (5, 10))]
    parts = firm_of_tails(cuts, level)
    flat = np.sort(most, axis=None)
    assert parts.pooled_mw == whole.pooled_mw == flat[int((1 - level) * 7_000 + 1e-9)]
    for name in ("by_member_mw", "short_h", "short_mwh"):
        assert getattr(parts, name).tolist() == getattr(whole, name).tolist(), name
    assert (parts.pooled_se_mw, parts.nine_se_mw) == (whole.pooled_se_mw, whole.nine_se_mw)
    short = np.maximum(whole.pooled_mw - most.astype(float), 0.0)
    assert parts.short_mwh == pytest.approx(short.sum(axis=1))


def test_a_sink_without_power_is_not_firm():
    found = firm(np.zeros((3, 100), np.float32), 0.999)
    assert found.pooled_mw == 0
    assert not found.short_h.any()


def test_standard_errors_are_the_spread_of_many_ensembles():
    """Members differ for good, as growth does; the error is that between ensembles."""
    rng = np.random.default_rng(3)

    def ensemble() -> np.ndarray:
        level = rng.normal(800, 150, (60, 1))
        return np.maximum(level + rng.normal(0, 120, (60, 400)), 0).astype(np.float32)

    found = [firm(ensemble(), 0.99) for _ in range(80)]
    for value, error in (("pooled_mw", "pooled_se_mw"), (None, "nine_se_mw")):
        values = [getattr(f, value) if value else np.quantile(f.by_member_mw, 0.1) for f in found]
        told = np.median([getattr(f, error) for f in found])
        assert 0.6 * np.std(values) < told < 1.4 * np.std(values)


def test_one_circuit_less_is_never_more_and_sometimes_less(case):
    network, _, capacity, flows = case
    for node in ("AZ", "NX"):
        most, least = (
            reach(network, flows, capacity, node, after_data_centres=True)
            for reach in (most_deliverable, most_with_one_out)
        )
        assert (least <= most).all()
    assert (least < most - 1).any()
    for corridor in network.corridors:
        bound = corridor.bound(capacity)
        fewer = bound_with_one_out(network, corridor, capacity)
        assert (fewer <= bound).all()
        circuits = [
            network.settings.links[link].circuits
            for hop in corridor.hops + corridor.upstream
            for link in hop.links
        ]
        assert fewer.any() == (bound.any() and circuits != [1]), corridor.name
