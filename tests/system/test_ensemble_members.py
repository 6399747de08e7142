"""Members of which every hour is kept."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from dcforecast.config.ensemble import EnsembleSettings
from dcforecast.store import TABLES, Store
from dcforecast.system.ensemble import simulate
from dcforecast.system.storage import Store as Battery

HOURS = 1_200


class WithBattery:
    """The synthetic system with a battery at home, and fuel for a part of it."""

    def __init__(self, toy):
        self.toy = toy

    def __getattr__(self, name):
        return getattr(self.toy, name)

    def parts(self):
        return [WithBattery(part) for part in self.toy.parts()]

    def year(self, year):
        found = self.toy.year(year)
        shape = found.reserve_mw.shape
        found.store = Battery(np.full(shape, 200, np.float32), np.full(shape, 400, np.float32))
        found.gas_limit_bcm = 4.0 * shape[1] / 8_760
        tranche = type(found.tranches[0])

        def run(charge, discharge):
            found.tranches = (*found.tranches, tranche("storage", "AZ", discharge, 0.0))
            found.domestic_mw["AZ"] = found.domestic_mw["AZ"] + charge
            return found

        found.with_store_run = run
        return found


def keep(system, network_settings, allocation_settings, years=(2028,), **changes):
    kept: list[pd.DataFrame] = []
    settings = EnsembleSettings(name="test", **{"members": 8, "keep_members": [6, 1], **changes})
    result = simulate(
        system,
        network=network_settings,
        allocation=allocation_settings,
        ensemble=settings,
        years=years,
        keep=kept.append,
    )
    return kept, result


@pytest.fixture(scope="module")
def kept(toy, network_settings, allocation_settings):
    """All members of two years."""
    system = WithBattery(toy(members=8, tight=1.05, hours=HOURS))
    return keep(
        system, network_settings, allocation_settings, (2028, 2035), keep_members=8, threads=1
    )


def test_rows_fit_the_store(kept, tmp_path):
    frames, _ = kept
    assert set(TABLES["members"].columns) - {"scenario"} == set(frames[0].columns)
    run = Store(tmp_path).create("allocate", {})
    with run.writer("members") as add:
        for frame in frames:
            add(frame.assign(scenario="s"))
    read = run.read("members", member=3, year=2035, answer="expected", name="georgia")
    assert set(read["kind"]) == {"corridor", "price"}
    assert len(read) == 2 * HOURS
    mine = next(
        f for f in frames if f["member"].iloc[0] == 3 and f["timestamp"].iloc[0].year == 2035
    )
    sent = mine[(mine["answer"] == "expected") & (mine["name"] == "georgia")]
    assert read["value"].tolist() == sent["value"].tolist()


def test_each_hour_balances(kept):
    frames, _ = kept
    for frame in frames[::5]:
        wide = frame[frame["kind"] != "price"].pivot_table(
            "value", "timestamp", ["answer", "kind", "name"]
        )
        one = wide["capability"].T.groupby("kind").sum().T
        used = one["load"] - one["unserved"] + one["corridor"] + one["loss"]
        assert np.abs(one["supply"] - used).max() < 0.05
        # With fuel for a part only, what plants give is less than what they could.
        assert (one["supply"] <= one["available"] + 0.05).all()
        spare = one["available"] - one["supply"] - one["reserve"]
        assert (one["unused"] - spare).abs().max() < 0.05
        assert wide["capability", "load", "storage"].sum() > 100
        served = wide["capability", "load", "data_centres_az"]
        served = served - wide["capability", "unserved", "data_centres_az"]
        assert (wide["capability", "campus", "campus_one"] - served).abs().max() < 0.05
        likely = wide["expected"]
        assert (likely["corridor"] <= wide["capability"]["corridor"] + 1e-3).all().all()
        assert (likely["supply"].sum(axis=1) <= one["supply"] + 0.05).all()


def test_all_members_together_are_the_answer(kept):
    frames, result = kept
    rows = pd.concat(frames)
    flows = rows[rows["kind"] == "corridor"]
    energy = flows.groupby(["answer", "name", flows["timestamp"].dt.year])["value"].sum() / 8e6
    annual = result.annual[result.annual["quantity"] == "energy_twh"].set_index(
        ["answer", "sink", "year"]
    )["mean"]
    for key, value in energy.items():
        assert value == pytest.approx(annual[key], rel=1e-4, abs=1e-6)
    price = rows[(rows["kind"] == "price") & (rows["name"] == "node_az")]
    mean = result.annual[result.annual["quantity"] == "node_price_eur_mwh"].set_index("sink")
    by_member = price.groupby([price["timestamp"].dt.year, "member"])["value"].mean()
    assert by_member[2035].mean() == pytest.approx(
        mean.loc[mean["year"] == 2035, "mean"]["node_az"], rel=1e-4
    )


def test_same_hours_for_any_threads_and_blocks(
    toy, network_settings, allocation_settings, kept, monkeypatch
):
    system = WithBattery(toy(members=8, tight=1.05, hours=HOURS))
    some, _ = keep(system, network_settings, allocation_settings, (2028, 2035), threads=2)
    assert [(f["timestamp"].iloc[0].year, f["member"].iloc[0]) for f in some] == [
        (2028, 1), (2028, 6), (2035, 1), (2035, 6)
    ]  # fmt: skip
    for frame, place in zip(some, (1, 6, 9, 14), strict=True):
        pd.testing.assert_frame_equal(frame, kept[0][place], check_exact=True)
    from dcforecast.system import draws

    monkeypatch.setattr(draws, "BLOCK", 4)
    system = toy(members=10, hours=200)
    one, _ = keep(system, network_settings, allocation_settings, members=10, keep_members=[9, 0])
    two, _ = keep(system, network_settings, allocation_settings, members=10, keep_members=10)
    assert [f["member"].iloc[0] for f in one] == [0, 9]
    for frame, place in zip(one, (0, 9), strict=True):
        pd.testing.assert_frame_equal(frame, two[place], check_exact=True)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ([0, 8], "no member 8; there are 0 to 7"),
        ([-1], "no member -1"),
        (9, "the ensemble has 8 members"),
        ("all", "keep_members"),
    ],
)
def test_members_that_are_not_there_are_refused(wanted, message):
    with pytest.raises(ValidationError, match=message):
        EnsembleSettings(name="test", members=8, keep_members=wanted)


def test_a_count_keeps_the_first():
    assert EnsembleSettings(name="test", members=8, keep_members=3).kept == (0, 1, 2)
    assert EnsembleSettings(name="test", members=8, keep_members=[5, 2, 5]).kept == (2, 5)
    assert EnsembleSettings(name="test").kept == ()
