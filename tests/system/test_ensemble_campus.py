"""Campuses in the ensemble: own supply, steps of a voltage dip, and how clean each is."""

from __future__ import annotations

import dataclasses
from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dcforecast.config.ensemble import EnsembleSettings
from dcforecast.system.allocation import allocate
from dcforecast.system.allocation_worth import campus_worth
from dcforecast.system.answers import AnnualRows
from dcforecast.system.campus_site import Site
from dcforecast.system.ensemble import simulate
from dcforecast.system.ensemble_campus import _room, spare_power
from dcforecast.system.ensemble_site import CampusFlow, own_supply, step_rows
from dcforecast.system.links import commissioning, hourly_capacity
from dcforecast.system.network import Network

YEAR = 2034
SITE = Site(0.5, 40, 157.0, 0.71, battery_share=0.3, battery_hours=2.0)


class Campuses:
    """The synthetic system with three campuses of different habits, one of them in Nakhchivan."""

    def __init__(self, toy, site, **changes):
        self.toy, self.site, self.changes = toy, site, changes

    def __getattr__(self, name):
        return getattr(self.toy, name)

    def parts(self):
        return [Campuses(part, self.site, **self.changes) for part in self.toy.parts()]

    def year(self, year):
        data = self.toy.year(year)
        first = dataclasses.replace(data.campuses[0], site=self.site)
        night = np.where((np.arange(first.demand_mw.shape[1]) + 4) % 24 < 12, 0.9, 0.1)
        size = 0.5 * first.contracted_mw
        other = dataclasses.replace(
            first, name="two", contracted_mw=size,
            demand_mw=(size[:, None] * night).astype(np.float32),
        )  # fmt: skip
        away = dataclasses.replace(
            first, name="three", node="NX", contracted_mw=0.1 * first.contracted_mw,
            demand_mw=np.float32(0.1) * first.demand_mw,
        )  # fmt: skip
        return dataclasses.replace(data, campuses=(first, other, away), **self.changes)


@pytest.fixture(scope="module")
def answers(toy, network_settings, allocation_settings):
    def of(site, **changes):
        system = Campuses(toy(members=6, hours=2_400, tight=1.12), site, **changes)
        result = simulate(
            system,
            network=network_settings,
            allocation=allocation_settings,
            ensemble=EnsembleSettings(name="test", members=6, threads=1),
            years=[YEAR],
        )
        return result.annual.set_index(["sink", "answer", "quantity"])["mean"].sort_index()

    return of


@pytest.fixture(scope="module")
def done(answers):
    return answers(SITE)


def test_same_bytes_for_any_number_of_threads(toy, network_settings, allocation_settings):
    def of(threads):
        return simulate(
            Campuses(toy(members=4, hours=900, tight=1.12), SITE),
            network=network_settings,
            allocation=allocation_settings,
            ensemble=EnsembleSettings(name="test", members=4, threads=threads),
            years=[2033, 2034, 2035],
        ).annual

    pd.testing.assert_frame_equal(of(1), of(3), check_exact=True)


BOTH = pytest.mark.parametrize("answer", ["capability", "expected"])
SINKS = ("campus_one", "campus_two", "campus_three")


@BOTH
def test_shortage_is_made_on_site_or_missing(done, answer):
    for sink in (*SINKS, "data_centres"):
        own = done[sink, answer]
        covered = 1e6 * (own["backup_twh"] + own["battery_twh"]) + own["site_eens_mwh"]
        assert covered == pytest.approx(own["eens_mwh"], rel=1e-4, abs=0.5)
        assert own["site_lole_h"] <= own["lole_h"]
        assert own["backup_h"] <= min(own["lole_h"], 40) + (sink == "data_centres") * own["lole_h"]
        assert own["backup_cost_meur"] == pytest.approx(157.0 * own["backup_twh"])
        assert own["backup_co2_kt"] == pytest.approx(710.0 * own["backup_twh"])
    assert done["campus_one", answer, "backup_twh"] > 0
    assert done["campus_one", answer, "battery_twh"] > 0


@BOTH
def test_data_centres_are_their_campuses_together(done, answer):
    for quantity in ("backup_twh", "battery_twh", "site_eens_mwh", "backup_cost_meur"):
        parts = sum(done[sink, answer, quantity] for sink in SINKS)
        assert done["data_centres", answer, quantity] == pytest.approx(parts)
    for quantity in ("backup_h", "site_lole_h"):
        parts = [done[sink, answer, quantity] for sink in SINKS]
        assert max(parts) <= done["data_centres", answer, quantity] <= sum(parts)


def test_what_stands_on_a_campus_leaves_the_grid_as_it_is(done, answers):
    bare = answers(Site())
    new = ("backup", "battery", "site_")
    same = ~bare.index.get_level_values("quantity").str.startswith(new)
    assert same.sum() > 200
    np.testing.assert_array_equal(done[same].to_numpy(), bare[same].to_numpy())
    for answer in ("capability", "expected"):
        assert not bare["data_centres", answer, "backup_twh"]
        missing = bare["data_centres", answer, "site_eens_mwh"]
        assert missing == pytest.approx(bare["data_centres", answer, "eens_mwh"], rel=1e-4)
        assert done["data_centres", answer, "site_eens_mwh"] < missing


def test_campuses_of_one_node_are_equally_clean_by_contract_of_capability(done):
    for quantity in ("cfe_grid", "cfe_contracted", "cfe_surplus", "co2_t_per_mwh"):
        one, two, three = (done[sink, "capability", quantity] for sink in SINKS)
        assert one == pytest.approx(two, rel=1e-6), quantity
        assert one != pytest.approx(three, rel=1e-3), quantity
    whole = done["data_centres", "capability", "cfe_contracted"]
    assert done["campus_one", "capability", "cfe_contracted"] == pytest.approx(whole, rel=0.02)


def test_a_campus_of_the_night_is_as_clean_as_its_own_hours(done):
    """Scores of the whole lie between those of its parts, and the parts differ."""
    for quantity in ("cfe_grid", "cfe_surplus", "co2_t_per_mwh"):
        parts = [done[sink, "expected", quantity] for sink in SINKS]
        assert parts[0] != pytest.approx(parts[1], rel=1e-4), quantity
        assert min(parts) <= done["data_centres", "expected", quantity] <= max(parts), quantity


def test_worth_of_one_more_mw_of_contract_equals_a_finite_difference(
    toy, network_settings, allocation_settings
):
    """What the tenth of a MW more pays at the tariff, less what it takes off the corridors."""
    system, network = toy(members=3, hours=900, tight=1.05), Network.build(network_settings)
    data = system.year(2030)
    dates = commissioning(network_settings, system.draws)
    capacity = hourly_capacity(network_settings, dates, data.timestamps, system.draws)
    tariff, earned = allocation_settings.data_centre_price_eur_mwh, []
    for more in (0.0, 0.1):
        campus = data.campuses[0]
        campus = dataclasses.replace(campus, contracted_mw=campus.contracted_mw + more)
        flows = allocate(
            network, dataclasses.replace(data, campuses=(campus,)), capacity, allocation_settings
        )
        paid = [(flows.data_centres["AZ"], tariff)]
        paid += [(flows.corridors[c.name], c.value_eur_mwh) for c in network.corridors]
        earned.append(sum(flow.sum(axis=1, dtype=float) * price for flow, price in paid))
        worth = campus_worth(flows.prices["AZ"], tariff, ranked=True)
    assert (earned[1] - earned[0]) / 0.1 == pytest.approx(worth, rel=0.02)


def test_batteries_fill_from_what_nobody_or_a_corridor_would_have_had():
    """100 can be made, 60 is, 20 of it for a corridor; 10 of the rest is held."""
    one = np.ones((2, 3), np.float32)
    corridors = [SimpleNamespace(name="out", home="AZ"), SimpleNamespace(name="far", home="NX")]
    flows = SimpleNamespace(
        supply={"AZ": 100 * one, "NX": 50 * one},
        reserve=10 * one,
        corridors={"out": 20 * one, "far": 5 * one},
    )
    need = {"AZ": 60 * one, "NX": 50 * one}
    network = SimpleNamespace(corridors=corridors)
    spare = partial(spare_power, network, flows, need)
    assert spare("AZ", np.array([1])).tolist() == [[50, 50, 50]]
    assert spare("NX", np.array([0, 1])).tolist() == [[5, 5, 5]] * 2


def test_campuses_share_what_is_spare_by_contract_and_have_the_rest_of_their_own():
    def flow(node, wanted, got):
        of = [np.full((1, 2), power, np.float32) for power in (wanted, got)]
        return CampusFlow(SimpleNamespace(node=node), *of, of[1])

    able = {"a": flow("AZ", 30, 20), "b": flow("AZ", 10, 10), "c": flow("NX", 99, 99)}
    likely = {"a": flow("AZ", 18, 18), "b": flow("AZ", 12, 12)}
    member = np.array([0])
    room = partial(_room, able, None, lambda _node, _members: np.full((1, 2), 40, np.float32))
    assert [room(sink, member)[0, 0] for sink in "abc"] == [30, 10, 40]
    within = partial(_room, able, likely, lambda *_: 1 / 0)
    assert [within(sink, member)[0, 0] for sink in "ab"] == [2, 0]


def test_hours_of_all_campuses_are_those_of_any_of_them():
    rows, flows, short = AnnualRows(YEAR, 2, 0.999), {}, {}
    for sink, hours in (("a", [0, 10, 10, 0]), ("b", [0, 0, 10, 30])):
        campus = SimpleNamespace(
            site=Site(backup_share=0.2, backup_hours=9), contracted_mw=[100] * 2
        )
        flows[sink] = CampusFlow(campus, *[np.zeros((2, 4), np.float32)] * 3)
        short[sink] = np.array([[0] * 4, hours], np.float32)
    own_supply(rows, "expected", flows, short, lambda _, members: np.zeros((len(members), 4)))
    found = {(sink, quantity): v.tolist() for (sink, _, quantity), v in rows.values.items()}
    assert [found[sink, "backup_h"] for sink in ("a", "b")] == [[0, 2], [0, 2]]
    assert found["data_centres", "backup_h"] == [0, 3]
    assert found["data_centres", "site_lole_h"] == [0, 1]
    assert found["data_centres", "site_eens_mwh"] == [0, 10]


def rows_of(loads, rides=(0.0, 0.0), nodes=("AZ", "AZ"), held=300.0):
    rows = AnnualRows(YEAR, 1, 0.999)
    flows = {}
    for k, (load, ride, node) in enumerate(zip(loads, rides, nodes, strict=True)):
        campus = SimpleNamespace(node=node, site=Site(ride_through_share=ride))
        drawn = np.array([load], np.float32)
        flows[f"campus_{k}"] = CampusFlow(campus, drawn, drawn, drawn)
    step_rows(rows, "expected", flows, np.array([held]))
    return {(sink, quantity): float(v[0]) for (sink, _, quantity), v in rows.values.items()}


def test_a_dip_takes_all_campuses_of_a_node_at_once():
    found = rows_of([[250, 100, 50], [200, 250, 50]])
    assert [found[f"campus_{k}", "step_mw"] for k in (0, 1)] == [250, 250]
    assert found["campus_0", "step_over_reserve_h"] == 0
    assert found["campus_0", "ride_through_needed"] == 0
    assert found["data_centres", "step_mw"] == 450
    assert found["data_centres", "step_over_reserve_h"] == 2
    assert found["data_centres", "ride_through_needed"] == pytest.approx(1 - 300 / 450)


def test_riding_through_as_much_as_needed_brings_the_step_to_the_reserve():
    needed = rows_of([[250, 100], [200, 250]])["data_centres", "ride_through_needed"]
    found = rows_of([[250, 100], [200, 250]], rides=(needed, needed))
    assert found["data_centres", "step_mw"] == pytest.approx(300)
    assert rows_of([[250, 100], [200, 250]], rides=(1, 1))["data_centres", "step_mw"] == 0


def test_nodes_do_not_share_a_dip():
    found = rows_of([[250, 100], [200, 250]], nodes=("AZ", "NX"))
    assert found["data_centres", "step_mw"] == 250
    assert found["data_centres", "step_over_reserve_h"] == 0


def test_a_step_never_goes_over_a_reserve_that_holds_it(answers, done):
    assert done["data_centres", "capability", "step_over_reserve_h"] > 0
    held = answers(SITE, contingency_mw=np.full(6, 2_000.0))
    assert held["data_centres", "capability", "step_over_reserve_h"] == 0
    assert held["data_centres", "capability", "ride_through_needed"] == 0
