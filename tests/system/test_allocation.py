"""One year of exact allocation: balance, priority, capacity, gas."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from dcforecast.config.network import NetworkSettings
from dcforecast.system.allocation import allocate
from dcforecast.system.allocation_dispatch import dispatch
from dcforecast.system.allocation_gas import water_level
from dcforecast.system.allocation_loads import contracted_load
from dcforecast.system.allocation_worth import campus_worth, mean_price
from dcforecast.system.buyers import hourly_prices, price_received, revenue
from dcforecast.system.columns import assemble
from dcforecast.system.kernel import reference
from dcforecast.system.links import commissioning, hourly_capacity
from dcforecast.system.network import Network
from dcforecast.system.network_transit import transit


@pytest.fixture(scope="module", params=[(2027, 1.15), (2038, 0.95)], ids=["scarce", "built"])
def case(request, toy, network_settings, allocation_settings):
    year, tight = request.param
    system = toy(members=6, hours=900, tight=tight)
    network = Network.build(network_settings)
    data = system.year(year)
    dates = commissioning(network_settings, system.draws)
    capacity = hourly_capacity(network_settings, dates, data.timestamps, system.draws)
    flows = allocate(network, data, capacity, allocation_settings)
    return network, data, capacity, flows


def test_energy_balances_in_every_hour(case):
    _, data, _, flows = case
    available = sum(t.available_mw.astype(float) for t in data.tranches)
    used = flows.reserve + flows.unused + flows.losses.astype(float)
    for part in (flows.domestic, flows.data_centres, flows.corridors):
        used = used + sum(part.values())
    assert np.abs(used - available).max() <= 1e-6 * available.max()


def test_balance_of_each_home_node(case):
    """What a node sends and uses, less what arrives, its plants could make."""
    network, _, _, flows = case
    for node in ("AZ", "NX"):
        out = flows.domestic[node].astype(float) + flows.data_centres.get(node, 0.0)
        out = out + (flows.reserve if node == "AZ" else 0.0)
        out = out + sum(flows.corridors[c.name] for c in network.corridors if c.home == node)
        for link in network.home_links:
            flow = flows.home[f"{link.link}:{'reverse' if link.reverse else 'forward'}"]
            out = out + flow * ((link.start == node) - link.gain * (link.end == node))
        assert (out <= flows.available[node] + 5e-3).all()


def test_no_link_above_its_capacity(case):
    network, _, capacity, flows = case
    load = dict.fromkeys(capacity, 0.0)
    for corridor in network.corridors:
        for hop, gain in zip(corridor.hops, corridor.gains, strict=True):
            size = hop.capacity(capacity)
            load[hop.links[0]] = load[hop.links[0]] + flows.corridors[corridor.name] * gain
            assert (load[hop.links[0]] <= size + 2e-3).all(), corridor.name
    for link in network.home_links:
        flow = flows.home[f"{link.link}:{'reverse' if link.reverse else 'forward'}"]
        assert (flow <= capacity[link.link] * link.share + 1e-3).all()


def test_equals_highs(case, allocation_settings):
    network, data, capacity, _ = case
    contracted = contracted_load(data)
    columns = assemble(network, data, capacity, allocation_settings, contracted=contracted)
    programme, bounds = columns.programme, columns.bounds
    from dcforecast.system.kernel import solve

    found = solve(programme, bounds, np.arange(len(columns.names)), precise=True)
    assert found.fallbacks == 0
    for member, hour in np.random.default_rng(0).integers(0, [6, 900], (40, 2)):
        best = reference(programme.matrix, programme.cost, bounds[:, member, hour])
        ours = found.values[:, member, hour]
        assert programme.cost @ ours == pytest.approx(programme.cost @ best, rel=1e-9)
        assert np.abs(programme.matrix @ ours).max() < 1e-6


def test_corridors_send_only_what_data_centres_cannot_use(case):
    _, data, _, flows = case
    contracted = contracted_load(data)["AZ"]
    short = contracted - flows.data_centres["AZ"] > 0.01
    dark = data.domestic_mw["AZ"] - flows.domestic["AZ"] > 0.01
    from_mainland = sum(f for name, f in flows.corridors.items() if name not in {"igdir", "tripp"})
    assert (from_mainland[short] < 0.01).all()
    assert (flows.data_centres["AZ"][dark] < 0.01).all()
    # What is unused then is stranded in the exclave.
    assert (flows.unused[short] <= flows.available["NX"][short] + 0.01).all()


def test_scarce_hours_are_met(case):
    _, data, _, flows = case
    if data.year == 2027:
        assert (data.domestic_mw["AZ"] - flows.domestic["AZ"] > 1).any()
        assert (flows.unused > 1).any()


def test_value_order_leaves_dear_plants_still(toy, network_settings, allocation_settings):
    """In value order nothing is sent at a price that does not cover the plant's cost."""
    system = toy(members=3, hours=400)
    network, data = Network.build(network_settings), system.year(2027)
    dates = commissioning(network_settings, system.draws)
    capacity = hourly_capacity(network_settings, dates, data.timestamps, system.draws)
    value = allocation_settings.model_copy(update={"order": "value"})
    by_value = allocate(network, data, capacity, value)
    by_policy = allocate(network, data, capacity, allocation_settings)
    cheap = by_value.dispatch.energy_twh["steam"].sum()
    assert cheap < by_policy.dispatch.energy_twh["steam"].sum()
    assert by_value.corridors["iran"].sum() < by_policy.corridors["iran"].sum()


@pytest.fixture(scope="module")
def moving(toy, network_settings):
    """A year whose buyers pay by the hour, its links, and the prices."""
    system = toy(members=3, hours=500)
    network, data = Network.build(network_settings), system.year(2038)
    dates = commissioning(network_settings, system.draws)
    capacity = hourly_capacity(network_settings, dates, data.timestamps, system.draws)
    prices = hourly_prices(network, data.timestamps, data.temperature_c, system.paths, system.draws)
    return network, data, capacity, prices


def test_value_order_follows_the_price_of_the_hour(moving, allocation_settings):
    """Exact at each member's prices, and worth more than a fixed rank."""
    network, data, capacity, prices = moving
    value = allocation_settings.model_copy(update={"order": "value"})
    contracted = contracted_load(data)
    columns = assemble(network, data, capacity, value, contracted=contracted, prices=prices)
    programme, bounds = columns.programme, columns.bounds
    places = columns.where("corridor")
    assert set(columns.moves) == {
        places[c.name] for c in network.corridors if c.settings.market is not None
    }
    flows = allocate(network, data, capacity, value, prices=prices)
    for member, hour in np.random.default_rng(0).integers(0, [3, 500], (40, 2)):
        cost = programme.cost.copy()
        for corridor in network.corridors:
            pays = prices[corridor.name][member, hour % prices[corridor.name].shape[1]]
            netback = pays * corridor.gain - corridor.settings.wheeling_eur_mwh
            cost[places[corridor.name]] = -netback
        best = reference(programme.matrix, cost, bounds[:, member, hour])
        sent = np.array([flows.corridors[name][member, hour] for name in places])
        ours, theirs = (
            cost[list(places.values())] @ x for x in (sent, best[list(places.values())])
        )
        assert ours == pytest.approx(theirs, rel=1e-4, abs=1.0)
    ranked = allocate(network, data, capacity, value)

    def money(found):
        gross = sum(
            revenue(
                c, found.corridors[c.name], price_received(found.corridors[c.name], prices[c.name])
            )
            for c in network.corridors
        )
        paid = 31e-6 * sum(part.sum(dtype=float) for part in found.data_centres.values())
        return gross.sum() + paid - found.dispatch.fuel_meur.sum()

    assert money(flows) > 1.005 * money(ranked)


def test_policy_order_keeps_one_rank(moving, allocation_settings):
    network, data, capacity, prices = moving
    with_prices = allocate(network, data, capacity, allocation_settings, prices=prices)
    without = allocate(network, data, capacity, allocation_settings)
    for name, flow in without.corridors.items():
        assert flow.tobytes() == with_prices.corridors[name].tobytes()


def test_more_plants_never_send_less(toy, network_settings, allocation_settings):
    system = toy(members=3, hours=400, tight=1.1)
    network, data = Network.build(network_settings), system.year(2030)
    dates = commissioning(network_settings, system.draws)
    capacity = hourly_capacity(network_settings, dates, data.timestamps, system.draws)
    more = dataclasses.replace(
        data,
        tranches=tuple(
            dataclasses.replace(t, available_mw=t.available_mw * np.float32(1.2))
            for t in data.tranches
        ),
    )
    few, many = (allocate(network, d, capacity, allocation_settings) for d in (data, more))
    assert (many.data_centres["AZ"] >= few.data_centres["AZ"] - 1e-3).all()
    value = [
        sum(f.corridors[c.name] * c.value_eur_mwh for c in network.corridors) for f in (few, many)
    ]
    assert (value[1] >= value[0] - 0.5).all()


def test_gas_budget_is_kept_and_spent(toy, network_settings, allocation_settings):
    system = toy(members=4, hours=2_000)
    network, data = Network.build(network_settings), system.year(2028)
    dates = commissioning(network_settings, system.draws)
    capacity = hourly_capacity(network_settings, dates, data.timestamps, system.draws)
    free = allocate(network, data, capacity, allocation_settings)
    burnt = free.dispatch.gas_bcm_h.sum(axis=1, dtype=float)
    home = dispatch(data.tranches, dict(free.domestic)).gas_bcm_h.sum(axis=1, dtype=float)
    limit = float((home.max() + burnt.min()) / 2)
    tight = allocate(network, data, capacity, allocation_settings, gas_limit_bcm=limit)
    spent = tight.dispatch.gas_bcm_h.sum(axis=1, dtype=float)
    assert (spent <= limit * (1 + 1e-4)).all()
    assert (spent >= limit * 0.97).all()
    assert (tight.domestic["AZ"] == free.domestic["AZ"]).all()
    loose = allocate(network, data, capacity, allocation_settings, gas_limit_bcm=1e3)
    assert loose.corridors["georgia"].tobytes() == free.corridors["georgia"].tobytes()


def test_water_level():
    rate = np.array([1.0, 4.0, 2.0, 0.0])
    level = water_level(rate, 4.0)
    assert np.minimum(rate, level).sum() == pytest.approx(4.0)
    assert water_level(rate, 100.0) == 4.0
    assert water_level(rate, 0.0) == 0.0


def test_shared_limit_binds(toy, network_config, allocation_settings):
    limit = {"limit": {"links": ["ge_tr", "ge_ro"], "capacity_mw": 300.0}}
    settings = NetworkSettings(**{**network_config, "shared_limits": limit})
    system = toy(members=4, hours=300)
    network, data = Network.build(settings), system.year(2039)
    dates = commissioning(settings, system.draws)
    capacity = hourly_capacity(settings, dates, data.timestamps, system.draws)
    flows = allocate(network, data, capacity, allocation_settings)
    through = sum(
        flows.corridors[name] * np.float32(0.985)
        for name in ("turkiye_via_georgia", "black_sea", "bulgaria")
    )
    assert through.max() == pytest.approx(300.0, abs=0.01)
    assert flows.solution.fallbacks == 0


def test_transit_stays_within_the_cable(case):
    network, _, capacity, flows = case
    sent = transit(network, flows.corridors, flows.home, capacity)
    if not capacity["az_kz"].any():
        assert sent is None
        return
    arrives = capacity["az_kz"].sum(axis=1, dtype=float) * 0.96 / 1e6
    assert (sent <= arrives + 1e-9).all()
    assert (sent >= 0).all()
    nothing = {name: np.zeros_like(flow) for name, flow in flows.corridors.items()}
    assert (transit(network, nothing, flows.home, capacity) >= sent).all()


def year_of(system, config, allocation_settings, year=2028, data=None):
    """Network and flows of a year of a network given as plain data."""
    settings = NetworkSettings(**config)
    network, data = Network.build(settings), data or system.year(year)
    dates = commissioning(settings, system.draws)
    capacity = hourly_capacity(settings, dates, data.timestamps, system.draws)
    return network, allocate(network, data, capacity, allocation_settings)


def income(network, flows):
    """Money of the corridors at the prices of the network, EUR (members,)."""
    return sum(
        flows.corridors[c.name].sum(axis=1, dtype=float) * c.value_eur_mwh
        for c in network.corridors
    )


@pytest.mark.parametrize("link", ["az_ir", "az_ru", "az_ge", "nx_tr_igdir", "nx_swap"])
def test_worth_of_one_more_mw_equals_a_finite_difference(
    toy, network_config, allocation_settings, link
):
    """Reduced costs of a hop against the value of a programme with 0.1 MW more of it."""
    links = {**network_config["links"]}
    links[link] = {**links[link], "forced_outage_rate": 0.0, "reverse_mw": 0.0}
    if link == "nx_swap":
        links[link]["capacity_mw"] = 20  # less than the exclave's line abroad takes
    system = toy(members=2, hours=500)
    data = system.year(2028)
    data.domestic_mw["NX"] *= np.float32(0.1)  # the exclave is never short
    worth = {}
    for more in (0.0, 0.1):
        wider = {**links[link], "capacity_mw": links[link]["capacity_mw"] + more}
        config = {**network_config, "links": {**links, link: wider}}
        network, flows = year_of(system, config, allocation_settings, data=data)
        worth[more] = income(network, flows), flows.gains
    step = (worth[0.1][0] - worth[0.0][0]) / 0.1
    assert (step > 0).all()
    assert worth[0.0][1][link] == pytest.approx(step, rel=0.02)


def test_a_link_beside_another_bound_has_a_worth_of_its_own(
    toy, network_config, allocation_settings
):
    """Where the buyer takes no more, more of his line is worth nothing."""
    russia = network_config["corridors"]["russia"]
    links = dict(network_config["links"])
    links["az_ru"] = {**links["az_ru"], "forced_outage_rate": 0.0}
    system, worth = toy(members=2, hours=300), {}
    for limit in (150.0, 1_000.0):
        corridors = {
            **network_config["corridors"],
            "russia": {**russia, "buyer_limit_mw": limit},
        }
        config = {**network_config, "links": links, "corridors": corridors}
        _, flows = year_of(system, config, allocation_settings)
        most = flows.corridors["russia"].max()
        assert most == pytest.approx(min(limit / 0.98, 300.0), rel=1e-5)
        worth[limit] = flows.gains["az_ru"]
    assert (worth[150.0] == 0).all()
    assert (worth[1_000.0] > 0).all()


@pytest.mark.parametrize("node", ["AZ", "NX"])
def test_node_price_is_what_one_more_mwh_earns(toy, network_config, allocation_settings, node):
    system = toy(members=3, hours=600, tight=1.05)
    data = system.year(2028)
    more = dataclasses.replace(
        data.tranches[0], name="more", node=node, available_mw=np.full((3, 600), 0.1, np.float32)
    )
    network, flows = year_of(system, network_config, allocation_settings, data=data)
    wider = dataclasses.replace(data, tranches=(*data.tranches, more))
    _, wide = year_of(system, network_config, allocation_settings, data=wider)
    step = (income(network, wide) - income(network, flows)) / 0.1
    price = flows.prices[node]
    assert (step > 0).all()
    assert mean_price(price) * np.count_nonzero(~np.isnan(price), axis=1) == pytest.approx(
        step, rel=0.02
    )
    assert price[~np.isnan(price)].min() > -1e-3
    # Hours in which a load goes short, and only they, have no price.
    short = contracted_load(data)["AZ"] - flows.data_centres["AZ"]
    short = short + data.reserve_mw - flows.reserve
    short = short + data.domestic_mw["AZ"] - flows.domestic["AZ"] > 0.01
    dark = data.domestic_mw["NX"] - flows.domestic["NX"] > 0.01
    assert short.any()
    assert np.isnan(price)[{"AZ": short, "NX": dark}[node]].all()
    assert (short | dark)[np.isnan(price)].all()


def test_a_contract_is_worth_its_tariff_less_the_price():
    price = np.array([[0.0, 50.0, np.nan]], np.float32)
    assert campus_worth(price, 31.0, ranked=True) == pytest.approx([31.0 - 19.0])
    assert campus_worth(price, 31.0, ranked=False) == pytest.approx([31.0])
    assert mean_price(price) == pytest.approx([25.0])
    assert np.isnan(mean_price(price[:, 2:])).all()
