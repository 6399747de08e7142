"""Expected flows: shares on record, level flows, never above capability."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dcforecast.system.destinations import BuyerShares, destination_record, split_by_month
from dcforecast.system.export_use import (
    border_links,
    expected_corridors,
    fit_to_room,
    level_flow,
    new_use,
)
from dcforecast.system.network import Network


def sampled(price, as_of=None, members=4_000, water=None):
    drawn = np.full((members, 1), float(price))
    rng = np.random.default_rng(0)
    return BuyerShares.fit(as_of).sample(drawn, rng, water)


def test_shares_add_up_and_turkiye_takes_more_when_power_is_dear():
    cheap, dear = sampled(45.0), sampled(110.0)
    assert set(dear) == {"georgia", "turkiye", "iran", "russia"}
    assert sum(dear.values()) == pytest.approx(np.ones((4_000, 1)))
    assert np.median(dear["turkiye"]) > 0.4
    assert np.median(cheap["turkiye"]) < 0.2
    assert np.median(cheap["georgia"]) > 0.5 > np.median(dear["georgia"])


def test_shares_at_a_date_know_only_what_was_published():
    early = pd.Timestamp(2019, 12, 31, tz="UTC")
    assert list(destination_record(early).index) == [2017, 2018]
    assert list(destination_record().index)[-1] == 2025
    assert np.median(sampled(110.0, early)["turkiye"]) < 0.2


def test_without_a_dear_year_on_record_a_dear_year_is_doubtful():
    early = sampled(150.0, pd.Timestamp(2018, 12, 31, tz="UTC"))["turkiye"]
    late = sampled(150.0)["turkiye"]
    width = [np.diff(np.quantile(np.log(s), (0.1, 0.9)))[0] for s in (early, late)]
    assert width[0] > 1.2 * width[1]


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


def test_dear_hours_are_sold_to_first():
    rng = np.random.default_rng(0)
    able = np.full((20, 720), 400, np.float32)
    wish = rng.gamma(4.0, 0.25, (20, 720)).astype(np.float32)
    wanted = np.full(20, 60_000.0)
    flow = level_flow(able, wanted, wish)
    assert flow.sum(axis=1, dtype=float) == pytest.approx(wanted, rel=2e-3)
    assert flow.max() <= 400
    assert np.corrcoef(flow.ravel(), wish.ravel())[0, 1] > 0.95
    full = level_flow(able, np.full(20, 1e9), wish)
    assert full.sum() == pytest.approx(able.sum(), rel=1e-3)


def test_georgia_takes_more_in_dry_years(toy, network_settings, allocation_settings):
    system = toy(members=400, hours=744)
    stamps = system.year(2026).timestamps
    network = Network.build(network_settings)
    wide = {c.name: np.full((400, 744), 900, np.float32) for c in network.corridors}
    water = np.random.default_rng(3).lognormal(5.0, 0.3, (400, 180))
    paths = system.paths
    paths.values["generation_hydro"] = water
    flows = expected_corridors(
        network, wide, stamps, paths, settings=allocation_settings, draws=system.draws
    )
    share = flows["georgia"].sum(axis=1) / sum(
        flows[c.name].sum(axis=1) for c in network.corridors if c.settings.destination
    )
    assert np.corrcoef(share, water[:, :12].sum(axis=1))[0, 1] < -0.3


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


def test_power_that_a_new_corridor_takes_first_makes_it_no_less_used(
    toy, network_settings, allocation_settings
):
    system = toy(members=40)
    stamps = system.year(2026).timestamps
    network = Network.build(network_settings)
    even = {c.name: np.full((40, len(stamps)), 300, np.float32) for c in network.corridors}
    over = [c.name for c in network.corridors if c.hops[0].links == border_links(network)]
    crowded = even | {name: even[name] * np.float32(0.0) for name in over if name != "black_sea"}
    crowded["black_sea"] = even["black_sea"] * np.float32(len(over))
    fair, taken = (
        expected_corridors(
            network, able, stamps, system.paths, settings=allocation_settings, draws=system.draws
        )
        for able in (even, crowded)
    )
    assert taken["black_sea"] == pytest.approx(len(over) * fair["black_sea"], rel=1e-5)
    # Exports find their way over the other borders: nothing is scarce.
    existing = [c.name for c in network.corridors if c.settings.destination]
    sent, before = (sum(flows[n].sum() for n in existing) for flows in (taken, fair))
    assert sent == pytest.approx(before, rel=1e-3)
    assert sum(taken.values()).sum() > sum(fair.values()).sum()


def test_use_of_new_corridors_follows_the_border_and_the_price(
    toy, network_settings, allocation_settings
):
    draws = toy(members=4_000).draws
    network = Network.build(network_settings)
    assert border_links(network) == ("az_ge", "az_ge_reinforcement")
    border = np.full(4_000, 0.2)
    use = new_use(network, allocation_settings, draws, border)
    assert set(use) == {"tripp", "black_sea", "bulgaria", "central_asia"}
    for name, drawn in use.items():
        ratio = network_settings.corridors[name].price_eur_mwh / 47.0
        wanted = 0.2 * ratio**allocation_settings.new_use_elasticity
        assert np.median(drawn) == pytest.approx(wanted, rel=0.03)
        assert np.log(drawn).std() == pytest.approx(allocation_settings.new_use_sigma, abs=0.02)
        twice = new_use(network, allocation_settings, draws, 2 * border)[name]
        assert (twice >= drawn).all()
        assert twice.max() <= 0.95
    fixed = allocation_settings.model_copy(update={"new_use_mean": 0.5})
    tripp = new_use(network, fixed, draws, border)["tripp"]
    assert np.median(tripp) == pytest.approx(0.5, rel=0.03)


def test_months_and_buyers_both_add_up():
    rng = np.random.default_rng(1)
    export = rng.gamma(4.0, 40.0, (50, 12))
    drawn = rng.dirichlet([3.0, 2.0, 1.0], 50)
    shares = {name: drawn[:, k] for k, name in enumerate(("georgia", "turkiye", "iran"))}
    winter = np.where(np.isin(np.arange(12), [0, 1, 2, 11]), 2.8, 0.1)
    part = split_by_month(export, shares, {"georgia": winter})
    np.testing.assert_allclose(sum(part.values()), export, rtol=1e-6)
    for name, share in shares.items():
        got = part[name].sum(axis=1) / export.sum(axis=1)
        np.testing.assert_allclose(got, share, atol=0.03)
    july = part["georgia"][:, 6] / export[:, 6]
    assert july.mean() < 0.75 * shares["georgia"].mean()


def test_what_does_not_fit_one_corridor_moves_to_others():
    wanted = np.array([[300.0, 100.0, 500.0], [50.0, 50.0, 500.0]])
    room = np.array([[200.0, 200.0, 200.0], [400.0, 400.0, 300.0]])
    flow = fit_to_room(wanted, room)
    np.testing.assert_allclose(flow, [[200.0, 100.0, 200.0], [150.0, 50.0, 300.0]])


def test_less_capability_less_sent(toy, network_settings, allocation_settings):
    system = toy(members=10)
    stamps = system.year(2026).timestamps
    network = Network.build(network_settings)
    existing = [c.name for c in network.corridors if c.settings.destination]
    wide = {
        c.name: np.full((10, len(stamps)), 900.0 * (c.name in existing), np.float32)
        for c in network.corridors
    }

    def sent(able):
        flows = expected_corridors(
            network, able, stamps, system.paths, settings=allocation_settings, draws=system.draws
        )
        return sum(flows[name].sum(axis=1, dtype=float) for name in existing)

    tenth = {name: able * np.float32(0.1) for name, able in wide.items()}
    assert (sent(tenth) < 0.5 * sent(wide)).all()
