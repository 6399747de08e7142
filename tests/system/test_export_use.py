"""Expected flows: shares on record, level flows, never above capability."""

from __future__ import annotations

import numpy as np
import pytest

from dcforecast.system.export_use import (
    destination_shares,
    expected_corridors,
    level_flow,
    new_use,
)
from dcforecast.system.network import Network


def test_shares_add_up_and_follow_the_record():
    shares, concentration = destination_shares()
    assert sum(shares.values()) == pytest.approx(1.0)
    assert shares["georgia"] == max(shares.values())
    assert 1 < concentration < 200


def test_destinations_cite_facts():
    from dcforecast.sources import fact_sources, table

    known = fact_sources()
    for name, column in (
        ("export_destinations", "fact_id"),
        ("export_destinations", "total_fact_id"),
        ("links", "fact_id"),
        ("prices", "fact_id"),
    ):
        assert set(table(name)[column]) <= set(known), name


def test_links_table_speaks_of_links_of_the_network(network_settings):
    from dcforecast.sources import table

    assert set(table("links")["link"]) == set(network_settings.links)


def test_level_flow_meets_energy_or_all_there_is():
    rng = np.random.default_rng(0)
    able = np.maximum(rng.normal(300, 300, (50, 720)), 0).astype(np.float32)
    wanted = rng.uniform(0, 1.5, 50) * able.sum(axis=1)
    flow = level_flow(able, wanted)
    assert (flow <= able).all()
    energy = flow.sum(axis=1, dtype=float)
    assert energy == pytest.approx(np.minimum(wanted, able.sum(axis=1, dtype=float)), rel=2e-3)


def test_expected_follows_exports_and_stays_within_capability(
    toy, network_settings, allocation_settings
):
    system = toy(members=40)
    stamps = system.year(2026).timestamps
    network = Network.build(network_settings)
    wide = {c.name: np.full((40, len(stamps)), 900, np.float32) for c in network.corridors}
    flows = expected_corridors(
        network, wide, stamps, system.paths, settings=allocation_settings, draws=system.draws
    )
    existing = [c.name for c in network.corridors if c.settings.destination]
    energy = sum(flows[name].sum(axis=1, dtype=float) for name in existing) / 1e3
    assert energy == pytest.approx(system.paths.values["export"][:, :12].sum(axis=1), rel=1e-3)
    assert all((flows[name] <= wide[name]).all() for name in flows)
    narrow = {name: able * np.float32(0.05) for name, able in wide.items()}
    less = expected_corridors(
        network, narrow, stamps, system.paths, settings=allocation_settings, draws=system.draws
    )
    assert all((less[name] <= narrow[name]).all() for name in less)


def test_use_of_new_corridors(toy, network_settings, allocation_settings):
    use = new_use(Network.build(network_settings), allocation_settings, toy(members=4_000).draws)
    assert set(use) == {"tripp", "black_sea", "bulgaria", "central_asia"}
    for drawn in use.values():
        assert drawn.mean() == pytest.approx(allocation_settings.new_use_mean, abs=0.01)
        assert drawn.std() == pytest.approx(allocation_settings.new_use_sd, abs=0.01)
        assert ((drawn > 0) & (drawn < 1)).all()
