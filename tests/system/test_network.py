"""Links, corridors, commissioning and outages."""

from __future__ import annotations

import copy

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from dcforecast.config.network import LinkSettings, NetworkSettings
from dcforecast.system.draws import Draws
from dcforecast.system.links import commissioning, hourly_capacity
from dcforecast.system.network import Network

CORRIDORS = {
    "georgia", "turkiye_via_georgia", "tripp", "black_sea", "bulgaria", "central_asia",
    "russia", "iran",
}  # fmt: skip


def change(config, path, value):
    changed = copy.deepcopy(config)
    *parents, last = path.split(".")
    place = changed
    for key in parents:
        place = place[key]
    place[last] = value
    return changed


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("links.az_ge.capacity_mw", -5, "greater than or equal to 0"),
        ("links.az_ge.to_node", "GEO", "no node 'GEO'"),
        ("links.az_ge.loss_fraction", 0.7, "less than 0.5"),
        ("links.ge_ro.date", None, "needs a date"),
        ("corridors.georgia.path", ["az_gee"], "did you mean 'az_ge'"),
        ("corridors.iran.path", ["ge_tr"], "begins at 'GE'"),
        ("corridors.black_sea.path", ["az_ge", "tr_bg"], "the hop before ends at 'GE'"),
        ("corridors.georgia.path", [["az_ge", "az_ru"]], "same ends"),
        ("shared_limits", {"x": {"links": ["ge_rr"], "capacity_mw": 5}}, "no link 'ge_rr'"),
        ("transit.link", "az_zz", "transit.link"),
        ("corridors.georgia.path", ["az_ge"], "name the same parallel links"),
        ("corridors.georgia.path", ["tripp_line"], "at home"),
        ("corridors.georgia.price_eur_mwh", 0, "greater than 0"),
        ("links.az_ge.status", "planed", "'existing', 'construction'"),
    ],
)
def test_wrong_settings_are_refused(network_config, path, value, message):
    with pytest.raises(ValidationError, match=message):
        NetworkSettings(**change(network_config, path, value))


def test_every_corridor_has_its_row(network_settings):
    assert set(network_settings.corridors) >= CORRIDORS


def test_sizes_without_a_figure_are_flagged(network_settings):
    for name, link in network_settings.links.items():
        assert link.facts, name
        if link.assumed:
            assert link.note, name


def test_facts_exist(network_settings):
    from dcforecast.sources.catalogue import fact_sources

    known = fact_sources()
    blocks = [*network_settings.links.values(), *network_settings.corridors.values()]
    assert {fact for block in blocks for fact in block.facts} <= set(known)


def test_gains_multiply(network_settings):
    corridor = {c.name: c for c in Network.build(network_settings).corridors}["black_sea"]
    assert corridor.gain == pytest.approx(0.985 * 0.92)
    assert corridor.gains == (1.0, pytest.approx(0.985))


def test_dates_follow_the_stated_delay(network_settings):
    dates = commissioning(network_settings, Draws(20_000, 1))
    link = network_settings.links["ge_ro"]
    built = dates["ge_ro"][dates["ge_ro"] < 9_000]
    assert len(built) / 20_000 == pytest.approx(link.probability, abs=0.015)
    assert np.median(built) == pytest.approx(2033.0 + link.slip_median_years, abs=0.1)
    assert built.min() >= 2032.99
    assert np.isneginf(dates["az_ge"]).all()


def test_links_of_one_border_slip_together(network_settings):
    dates = commissioning(network_settings, Draws(5_000, 1))
    both = (dates["tripp_line"] < 9_000) & (dates["nx_tr"] < 9_000)
    a, b = (np.log(dates[k][both] - 2027.0) for k in ("tripp_line", "nx_tr"))
    assert np.corrcoef(a, b)[0, 1] == pytest.approx(0.7, abs=0.05)
    other = dates["az_kz"] < 9_000
    c = np.log(dates["az_kz"][both & other] - 2033.0 + 0.01)
    assert abs(np.corrcoef(np.log(dates["nx_tr"][both & other] - 2027.0), c)[0, 1]) < 0.1


def test_a_member_keeps_its_dates_in_a_larger_ensemble(network_settings):
    few, many = (commissioning(network_settings, Draws(n, 3)) for n in (5, 50))
    for name, dates in few.items():
        assert (dates == many[name][:5]).all(), name


def one_link(**changes):
    link = {"from_node": "AZ", "to_node": "GE", "capacity_mw": 900.0, "circuits": 3,
            "forced_outage_rate": 0.05, "outage_hours": 48.0, **changes}  # fmt: skip
    return NetworkSettings(
        name="one",
        nodes={"AZ": "", "NX": "", "GE": ""},
        links={"a": LinkSettings(**link)},
        corridors={},
    )


def test_outages_take_the_stated_share_of_time():
    stamps = pd.date_range("2031-01-01", periods=8760, freq="h", tz="UTC")
    draws = Draws(60, 2)
    network = one_link()
    capacity = hourly_capacity(network, commissioning(network, draws), stamps, draws)["a"]
    assert capacity.mean() / 900.0 == pytest.approx(0.95, abs=0.01)
    assert set(np.unique(capacity.round())) <= {0.0, 300.0, 600.0, 900.0}


def test_nothing_before_the_date():
    stamps = pd.date_range("2031-01-01", periods=8760, freq="h", tz="UTC")
    draws = Draws(200, 2)
    network = one_link(status="planned", date="2030-06-30", slip_median_years=1.0, slip_sigma=0.5)
    dates = commissioning(network, draws)
    capacity = hourly_capacity(network, dates, stamps, draws)["a"]
    moments = 2031 + np.arange(8760) / 8760
    assert not capacity[moments[None, :] < dates["a"][:, None] - 1e-9].any()
    assert (dates["a"] < 2031).any()
    assert (dates["a"] > 2032).any()
    later = moments[None, :] >= dates["a"][:, None] + 1e-3
    assert capacity[later].mean() > 800
