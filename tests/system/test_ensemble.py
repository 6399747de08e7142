"""The whole ensemble on a synthetic system."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from dcforecast.config.ensemble import EnsembleSettings
from dcforecast.config.network import NetworkSettings
from dcforecast.store import QUANTILE_COLUMNS, TABLES
from dcforecast.system.ensemble import simulate
from dcforecast.system.links import commissioning

YEARS = (2026, 2033, 2040)


def work(toy, network_settings, allocation_settings, **changes):
    system = toy(members=changes.pop("members", 8))
    threads = changes.pop("threads", 2)
    hours: list[pd.DataFrame] = []
    shares: list[float] = []
    result = simulate(
        system,
        network=network_settings,
        allocation=allocation_settings,
        ensemble=EnsembleSettings(name="test", members=8, threads=threads),
        years=changes.pop("years", YEARS),
        progress=shares.append,
        write=hours.append,
    )
    return result, hours, shares, system


@pytest.fixture(scope="module")
def done(toy, network_settings, allocation_settings):
    return work(toy, network_settings, allocation_settings)


def test_tables_fit_the_store(done):
    result, hours, shares, _ = done
    assert set(TABLES["annual"].columns) - {"scenario"} <= set(result.annual.columns)
    assert set(TABLES["allocation"].columns) - {"scenario"} <= set(hours[0].columns)
    assert [frame["timestamp"].dt.year.unique().tolist() for frame in hours] == [[y] for y in YEARS]
    assert shares[-1] == 1.0
    keys = ["sink", "year", "answer", "quantity"]
    assert not result.annual.duplicated(keys).any()
    assert not pd.concat(hours).duplicated(["sink", "timestamp"]).any()


def test_every_sink_has_every_year_and_answer(done, network_settings):
    annual = done[0].annual
    for sink in ("data_centres", *network_settings.corridors):
        for answer in ("capability", "expected", "firm"):
            rows = annual[(annual["sink"] == sink) & (annual["answer"] == answer)]
            assert set(rows["year"]) == set(YEARS), (sink, answer)


def test_quantiles_do_not_cross(done):
    result, hours, *_ = done
    for frame in (result.annual, *hours):
        values = frame[list(QUANTILE_COLUMNS)].to_numpy()
        assert np.isfinite(values).all()
        assert (np.diff(values, axis=1) >= -1e-4).all()


def test_capability_is_at_least_expected(done):
    annual = done[0].annual.set_index(["sink", "year", "answer", "quantity"])
    energy = annual.xs("energy_twh", level="quantity")[["mean", *QUANTILE_COLUMNS]]
    able = energy.xs("capability", level="answer")
    likely = energy.xs("expected", level="answer")
    assert (able.loc[likely.index] >= likely - 1e-9).all().all()


def test_exports_are_the_corridors_together(done):
    annual = done[0].annual[lambda table: table["quantity"] == "energy_twh"]
    means = annual.groupby(["kind", "answer", "year"])["mean"].sum()
    total = annual[annual["sink"] == "exports"].set_index(["answer", "year"])["mean"]
    assert set(total.index.get_level_values("answer")) == {"capability", "expected"}
    np.testing.assert_allclose(total, means.loc["corridor"].loc[total.index], rtol=1e-9)


def test_nothing_flows_before_its_date(done, network_settings):
    result, hours, _, system = done
    dates = commissioning(network_settings, system.draws)
    first = hours[0]
    for sink, link in (("black_sea", "ge_ro"), ("tripp", "nx_tr"), ("central_asia", "az_kz")):
        assert (dates[link] >= 2027).all()
        assert not first.loc[first["sink"] == sink, ["mean", "q990"]].to_numpy().any()
        rows = result.annual[(result.annual["sink"] == sink) & (result.annual["year"] == 2026)]
        flows = rows[~rows["quantity"].isin(["added_mw_value_eur", "price_eur_mwh"])]
        assert not flows["mean"].any()
    last = hours[-1]
    assert last.loc[last["sink"] == "black_sea", "mean"].max() > 0


def test_hours_and_years_agree(done):
    result, hours, *_ = done
    frame = pd.concat(hours)
    hourly = frame.groupby(["sink", frame["timestamp"].dt.year])["mean"].sum() / 1e6
    rows = result.annual[
        (result.annual["answer"] == "capability") & (result.annual["quantity"] == "energy_twh")
    ].set_index(["sink", "year"])["mean"]
    for key, value in hourly.items():
        assert value == pytest.approx(rows[key], rel=1e-4, abs=1e-6), key


def test_solver_never_failed(done):
    metrics = done[0].metrics
    assert metrics["fallbacks"] == 0
    assert metrics["balance_residual"] < 1e-6
    assert metrics["hours"] == 8 * sum(8784 if y % 4 == 0 else 8760 for y in YEARS)


def test_same_bytes_for_any_number_of_threads(toy, network_settings, allocation_settings, done):
    again, hours, *_ = work(toy, network_settings, allocation_settings, threads=1)
    pd.testing.assert_frame_equal(again.annual, done[0].annual, check_exact=True)
    for one, other in zip(hours, done[1], strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_a_large_ensemble_in_blocks(toy, network_settings, allocation_settings, monkeypatch):
    """Any number of threads gives the same; the first block is a small ensemble."""
    from dcforecast.system import draws

    args = (toy, network_settings, allocation_settings)
    small, small_hours, *_ = work(*args, members=4)
    monkeypatch.setattr(draws, "BLOCK", 4)
    large, hours, *_ = work(*args, members=10)
    again, hours_again, *_ = work(*args, members=10, threads=1)
    pd.testing.assert_frame_equal(large.annual, again.annual, check_exact=True)
    pd.testing.assert_frame_equal(pd.concat(hours), pd.concat(hours_again), check_exact=True)
    for name, by_year in large.members.items():
        for year in YEARS:
            assert by_year[year].shape == (10,)
            assert (by_year[year][:4] == small.members[name][year]).all()
            assert len(np.unique(by_year[year])) > 4 or name == "unserved_twh"
    assert not large.annual.duplicated(["sink", "year", "answer", "quantity"]).any()
    assert set(large.annual["quantity"]) >= set(small.annual["quantity"])
    assert hours[0].shape == small_hours[0].shape


def test_members_of_the_headline(done):
    result = done[0]
    expected = result.members["expected_export_twh"]
    assert set(expected) == set(YEARS)
    for year in YEARS:
        assert expected[year].shape == (8,)
        assert (expected[year] <= result.members["capability_export_twh"][year]).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"years": {"first": 2030, "last": 2029}}, "lies before"),
        ({"years": {"first": 2020, "last": 2030}}, "2026"),
        ({"members": 1}, "greater than or equal to 2"),
        ({"member": 10}, "Extra inputs"),
    ],
)
def test_wrong_settings_are_refused(changes, message):
    with pytest.raises(ValidationError, match=message):
        EnsembleSettings(name="x", **changes)


def test_a_new_corridor_is_one_block(toy, network_config, allocation_settings):
    config = {
        **network_config,
        "nodes": {**network_config["nodes"], "TM": "Turkmenistan"},
        "links": {
            **network_config["links"],
            "az_tm": {"from_node": "AZ", "to_node": "TM", "capacity_mw": 500.0},
        },
        "corridors": {
            **network_config["corridors"],
            "tm": {"label": "Turkmenistan", "path": ["az_tm"], "price_eur_mwh": 80.0},
        },
    }
    result, hours, *_ = work(toy, NetworkSettings(**config), allocation_settings, years=[2030])
    rows = result.annual[result.annual["sink"] == "tm"].set_index(["answer", "quantity"])["mean"]
    assert rows["capability", "energy_twh"] > 2
    assert rows["expected", "energy_twh"] > 0
    assert set(hours[0]["sink"]) >= {"tm"}


def test_alone_is_at_least_what_the_joint_allocation_sends(done):
    annual = done[0].annual.set_index(["sink", "year", "answer", "quantity"])["mean"]
    alone = annual.xs("alone_twh", level="quantity").xs("capability", level="answer")
    joint = annual.xs("energy_twh", level="quantity").xs("capability", level="answer")
    assert (alone >= joint.loc[alone.index] - 1e-3).all()


@pytest.mark.parametrize("node", [None, "NX"])
def test_no_data_centres_and_data_centres_in_the_exclave(
    toy, network_settings, allocation_settings, node
):
    system = toy(members=3)
    plain = system.year

    def year(number):
        data = plain(number)
        campuses = (dataclasses.replace(data.campuses[0], node=node),) if node else ()
        return dataclasses.replace(data, campuses=campuses)

    system.year = year
    system.parts = lambda: [system]
    result = simulate(
        system,
        network=network_settings,
        allocation=allocation_settings,
        ensemble=EnsembleSettings(name="test", members=3),
        years=[2035],
    )
    rows = result.annual[result.annual["sink"] == "data_centres"]
    energy = rows.set_index(["answer", "quantity"])["mean"]
    if node is None:
        assert energy["capability", "energy_twh"] == 0
        assert energy["capability", "eens_mwh"] == 0
    else:
        assert 0 < energy["capability", "energy_twh"] < 800 * 10 / 15 * 8760 / 1e6
        assert energy["capability", "eens_mwh"] > 0


def test_clean_shares_are_shares(done):
    annual = done[0].annual
    rows = annual[annual["quantity"] == "cfe"]
    values = rows[["mean", *QUANTILE_COLUMNS]].to_numpy()
    assert ((values >= 0) & (values <= 1)).all()
    mean = rows[rows["year"] > 2030].pivot_table("mean", "year", "answer")
    # Sending less leaves gas plants still first, so that the mix is cleaner.
    assert (mean["expected"] > mean["capability"]).all()


def test_more_is_burnt_when_more_is_sent(done):
    annual = done[0].annual
    gas = annual[annual["quantity"] == "gas_bcm"].pivot_table("mean", "year", "answer")
    assert (gas["capability"] > gas["expected"]).all()


def test_clean_power_under_three_conventions(done):
    """Shares lie between 0 and 1; what domestic demand leaves is least of all."""
    annual = done[0].annual
    rows = annual[annual["quantity"].str.startswith("cfe_")]
    assert set(rows["sink"]) >= {"data_centres", "georgia", "igdir", "russia"}
    values = rows[["mean", *QUANTILE_COLUMNS]].to_numpy()
    assert ((values >= 0) & (values <= 1)).all()
    mean = rows.pivot_table("mean", ["sink", "year", "answer"], "quantity")
    late = mean[mean.index.get_level_values("year") == max(YEARS)]
    assert (late["cfe_surplus"] < late["cfe_grid"]).mean() > 0.5
    carbon = annual[annual["quantity"] == "co2_t_per_mwh"]
    assert ((carbon["mean"] >= 0) & (carbon["mean"] < 0.56)).all()
    old = annual[(annual["sink"] == "data_centres") & (annual["quantity"] == "cfe")]
    grid = rows[(rows["sink"] == "data_centres") & (rows["quantity"] == "cfe_grid")]
    both = old.merge(grid, on=["year", "answer"])
    assert both["mean_x"].to_numpy() == pytest.approx(both["mean_y"].to_numpy())


def test_campuses_add_up_to_the_data_centres(done):
    annual = done[0].annual.set_index(["sink", "year", "answer", "quantity"])["mean"]
    for year in YEARS:
        for answer in ("capability", "expected"):
            whole = annual["data_centres", year, answer, "energy_twh"]
            part = annual["campus_one", year, answer, "served_twh"]
            assert part == pytest.approx(whole, rel=1e-5)
            short = annual["campus_one", year, answer, "eens_mwh"]
            assert short == pytest.approx(
                annual["data_centres", year, answer, "eens_mwh"], rel=1e-3, abs=1
            )
            cost = annual["campus_one", year, answer, "cost_meur"]
            assert cost == pytest.approx(31.0 * part)
        assert annual["campus_one", year, "firm", "power_mw"] >= 0


def test_prices_at_home_and_the_worth_of_links_and_campuses(done, network_settings):
    annual = done[0].annual.set_index(["sink", "quantity", "year"]).sort_index()
    assert set(annual.loc["node_az":"node_nx", "kind"]) == {"system"}
    for node in ("node_az", "node_nx"):
        for year in YEARS:
            price = annual.loc[node, "node_price_eur_mwh", year]
            # Never above the best netback abroad, never below nothing.
            assert 0 <= price["q100"] <= price["mean"] <= 90
            assert 0 <= annual.loc[node, "scarce_h", year]["mean"] < 8_784
    worth = annual.xs("added_mw_value_eur", level="quantity")["mean"]
    for year in YEARS:
        assert (worth[[(f"link_{link}", year) for link in network_settings.links]] >= 0).all()
        assert worth["russia", year] == worth["link_az_ru", year]
    hours = 8_760 - annual.loc[("node_az", "scarce_h", 2033)]["mean"]
    price = annual.loc["node_az", "node_price_eur_mwh", 2033]["mean"]
    assert worth["campus_one", 2033] == pytest.approx(hours * (31 - price), rel=0.03)


def test_free_transit_is_bought_like_other_supply(toy, network_config, allocation_settings):
    cable = {**network_config["links"]["az_kz"], "probability": 1.0, "date": "2027-01-01"}
    cable |= {"slip_median_years": 0.0, "reverse_mw": 800}
    found = {}
    for mode in ("ring_fenced", "free"):
        config = {
            **network_config,
            "links": {**network_config["links"], "az_kz": cable},
            "transit": {**network_config["transit"], "mode": mode, "price_eur_mwh": 35},
        }
        annual = work(toy, NetworkSettings(**config), allocation_settings, years=(2033,))[0].annual
        found[mode] = annual.set_index(["sink", "answer", "quantity"])["mean"]
    fenced, free = found["ring_fenced"], found["free"]
    assert fenced["central_asia", "capability", "energy_twh"] > 0
    assert free["central_asia", "capability", "energy_twh"] == 0
    for answer in ("capability", "expected"):
        taken = free["central_asia", answer, "transit_twh"]
        assert 0 < taken <= 800 * 0.96 * 8_760 / 1e6
        assert free["central_asia", answer, "transit_cost_meur"] == pytest.approx(35 * taken)
    assert fenced["central_asia", "capability", "transit_twh"] > 0
    assert "transit_cost_meur" not in fenced.index.get_level_values("quantity")
    # Ring-fenced power serves nobody at home; free power does.
    for quantity in ("lole_h", "eens_mwh"):
        short = [x["domestic", "capability", quantity] for x in (fenced, free)]
        assert short[1] < short[0]
    assert (
        free["exports", "capability", "energy_twh"] > fenced["exports", "capability", "energy_twh"]
    )


def test_gas_forgone_is_valued_at_the_price_abroad(
    toy, network_settings, allocation_settings, done
):
    assert not done[0].annual["quantity"].str.startswith("gas_value").any()
    priced = allocation_settings.model_copy(update={"gas_export_price_eur_mwh_th": 30.0})
    found = work(toy, network_settings, priced, years=(2033,))[0].annual
    annual = found.set_index(["sink", "answer", "quantity"])["mean"]
    for answer in ("capability", "expected"):
        value = annual["system", answer, "gas_value_forgone_meur"]
        # 9.3 kWh a m3: a bcm is 9.3 TWh of heat.
        assert value == pytest.approx(annual["system", answer, "gas_bcm"] * 9.3 * 30, rel=1e-6)
        each = annual[:, answer, "gas_value_forgone_eur_mwh"]
        assert {"data_centres", "georgia", "russia"} <= set(each.index)
        # Never more than the least efficient plant burns in a MWh.
        assert (each >= 0).all()
        assert each.max() <= 2.8e-7 * 9.3e6 * 30
    rest = found[~found["quantity"].str.startswith("gas_value")].reset_index(drop=True)
    plain = done[0].annual
    plain = plain[plain["year"] == 2033].reset_index(drop=True)
    pd.testing.assert_frame_equal(rest, plain)


def test_money_follows_the_flows(done):
    annual = done[0].annual.set_index(["sink", "year", "answer", "quantity"])["mean"]
    for year in YEARS:
        sent = annual["georgia", year, "capability", "energy_twh"]
        money = annual["georgia", year, "capability", "revenue_meur"]
        assert 40 * sent <= money <= 60 * sent
        costs = [annual["system", year, a, "fuel_cost_meur"] for a in ("expected", "capability")]
        assert 0 < costs[0] < costs[1]
