"""Whole years against HiGHS: the base year, who comes first, and the store."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from dcforecast.config.datacentres import DatacentresSettings
from dcforecast.config.demand import DemandSettings
from dcforecast.config.fleet import FleetSettings
from dcforecast.system.allocation import allocate, prepare
from dcforecast.system.allocation_loads import contracted_load
from dcforecast.system.columns import DOMESTIC_VALUE, assemble
from dcforecast.system.draws import Draws
from dcforecast.system.firmness import firm, most_deliverable
from dcforecast.system.foresight import foresight
from dcforecast.system.kernel import solve
from dcforecast.system.links import commissioning, hourly_capacity
from dcforecast.system.model import SystemModel
from dcforecast.system.network import Network
from dcforecast.system.paths import MonthlyPaths


def prepared(system, settings, year):
    data = system.year(year)
    dates = commissioning(settings, system.draws)
    return data, hourly_capacity(settings, dates, data.timestamps, system.draws), dates


def test_base_year_equals_highs(toy, network_settings, allocation_settings):
    """All 8,760 hours of a year as one programme of HiGHS."""
    system = toy(members=1, tight=1.05)
    data, capacity, _ = prepared(system, network_settings, 2035)
    network = Network.build(network_settings)
    contracted = contracted_load(data)
    columns = assemble(network, data, capacity, allocation_settings, contracted=contracted)
    programme, bounds = columns.programme, columns.bounds
    found = solve(programme, bounds, np.arange(len(columns.names)), precise=True)
    ours, best = found.values[:, 0], foresight(programme, bounds[:, 0])
    assert found.fallbacks == 0
    assert (programme.cost @ ours).sum() == pytest.approx(best.objective, rel=1e-9)
    # Domestic demand drowns the rest in the objective; each kind of delivery agrees by itself.
    for kind in ("domestic", "reserve", "data_centre", "corridor"):
        rows = list(columns.where(kind).values())
        money = [(programme.cost[rows] @ x[rows]).sum() for x in (ours, best.values)]
        assert money[0] == pytest.approx(money[1], rel=1e-6), kind


def test_nothing_before_its_date_and_no_more_arrives_than_leaves(
    toy, network_settings, allocation_settings
):
    system = toy(members=20)
    network = Network.build(network_settings)
    data, capacity, dates = prepared(system, network_settings, 2034)
    flows = allocate(network, data, capacity, allocation_settings)
    hour = 2034 + np.arange(len(data.timestamps)) / len(data.timestamps)
    late = 0
    for corridor in network.corridors:
        assert 0 < corridor.gain <= 1
        for hop in corridor.hops + corridor.upstream:
            first = np.min([dates[link] for link in hop.links], axis=0)
            before = hour[None, :] < first[:, None] - 1e-9
            late += int(before.any())
            assert not flows.corridors[corridor.name][before].any(), corridor.name
    assert late > 0
    assert (flows.losses >= 0).all()


def test_no_corridor_takes_what_a_site_could_have_had(toy, network_settings, allocation_settings):
    """A second programme that only maximises data-centre supply serves no more of it."""
    system = toy(members=3, hours=1_500, tight=1.1)
    network = Network.build(network_settings)
    data, capacity, _ = prepared(system, network_settings, 2036)
    exclave = dataclasses.replace(data.campuses[0], node="NX", contracted_mw=np.full(3, 2_000.0))
    data = dataclasses.replace(data, campuses=(*data.campuses, exclave))
    contracted = contracted_load(data)
    columns = assemble(network, data, capacity, allocation_settings, contracted=contracted)
    programme, bounds = columns.programme, columns.bounds
    x = solve(programme, bounds, np.arange(len(columns.names)), precise=True).values
    sites = list(columns.where("data_centre").values())
    before = [*columns.where("domestic").values(), *columns.where("reserve").values()]
    short = np.argwhere((bounds[sites] - x[sites]).sum(axis=0) > 1.0)
    sending = x[list(columns.where("corridor").values())].sum(axis=0)
    assert len(short) > 50
    assert (sending[tuple(short.T)] > 1.0).any()  # else the test would show nothing
    aim = np.zeros(len(columns.names))
    aim[sites] = -1.0
    for member, hour in short[:: len(short) // 50]:
        upper = bounds[:, member, hour].astype(float)
        lower = np.zeros_like(upper)
        lower[before] = np.maximum(x[before, member, hour] - 1e-6, 0.0)
        best = linprog(
            aim,
            A_eq=programme.matrix,
            b_eq=np.zeros(len(programme.matrix)),
            bounds=np.column_stack([lower, upper]),
        )
        assert x[sites, member, hour].sum() == pytest.approx(-best.fun, abs=1e-4)


@pytest.mark.parametrize("level", [0.99, 0.999])
def test_lole_at_the_firm_size_keeps_the_target(toy, network_settings, allocation_settings, level):
    system = toy(members=12, hours=2_000, tight=1.02)
    network = Network.build(network_settings)
    data, capacity, _ = prepared(system, network_settings, 2036)
    flows = allocate(network, data, capacity, allocation_settings)
    most = most_deliverable(network, flows, capacity, "AZ", after_data_centres=False)
    size = firm(most, level).pooled_mw
    campus = dataclasses.replace(data.campuses[0], contracted_mw=np.full(12, size))
    contract = dataclasses.replace(data, campuses=(campus,))
    again = allocate(network, contract, capacity, allocation_settings)
    short = np.count_nonzero(again.data_centres["AZ"] < size - 0.01, axis=1)
    error = short.std(ddof=1) / np.sqrt(len(short))
    assert 0 < short.mean() <= (1 - level) * 2_000 + 2 * error


def test_added_plants_never_lower_the_objective(toy, network_settings, allocation_settings):
    system = toy(members=2, hours=500, tight=1.1)
    network = Network.build(network_settings)
    data, capacity, _ = prepared(system, network_settings, 2033)
    contracted = contracted_load(data)
    columns = assemble(network, data, capacity, allocation_settings, contracted=contracted)
    programme, bounds = columns.programme, columns.bounds
    wanted = np.arange(len(columns.names))
    best = np.einsum("c,cmh->mh", programme.cost, solve(programme, bounds, wanted).values)
    for column in range(len(wanted)):
        more = bounds.copy()
        more[column] += 50.0
        value = np.einsum("c,cmh->mh", programme.cost, solve(programme, more, wanted).values)
        assert (value <= best + 1e-6 * np.abs(best)).all(), columns.names[column]


def model(battery: bool) -> SystemModel:
    months = pd.period_range("2035-01", "2039-12", freq="M")
    growth = 1.025 ** (np.asarray(months.year) - 2024)
    paths = MonthlyPaths(
        months,
        {
            "demand_gross": np.tile(2_264 * growth, (2, 1)),
            "generation_hydro": np.tile(250 + 120 * np.sin(np.arange(12) / 2), (2, 5)),
            "export": np.full((2, len(months)), 110.0),
        },
    )
    return SystemModel(
        FleetSettings(name="f", battery=battery),
        DemandSettings(name="d"),
        DatacentresSettings(name="c", contracted_mw={2025: 5, 2030: 140, 2040: 550}),
        paths,
        Draws(2, 5),
    )


@pytest.fixture(scope="module", params=["policy", "value"])
def stored(request, network_settings, allocation_settings):
    """Storage value of the rule and of perfect foresight by member (EUR), shortfall (MWh)."""
    settings = allocation_settings.model_copy(update={"order": request.param})
    network, built = Network.build(network_settings), model(battery=True)
    data, capacity, _ = prepared(built, network_settings, 2038)
    columns = assemble(network, data, capacity, settings, contracted=contracted_load(data))
    programme, bounds = columns.programme, columns.bounds
    ready = prepare(network, data, capacity, settings, judged=2)
    run, gained = ready.year, ready.gained
    after = assemble(network, run, capacity, settings, contracted=contracted_load(run))
    assert np.abs(after.bounds - ready.bounds).max() < 0.01
    charge = run.domestic_mw["AZ"] - data.domestic_mw["AZ"]
    plain = solve(programme, bounds, np.arange(len(columns.names)), precise=True).values
    exact = solve(after.programme, after.bounds, np.arange(len(after.names)), precise=True).values
    loads = [j for kind in ("domestic", "reserve", "data_centre") for j in
             columns.where(kind).values()]  # fmt: skip
    found = []
    for member in range(2):
        base = float((programme.cost @ plain[:, member]).sum())
        best = foresight(programme, bounds[:, member], power_mw=250.0, energy_mwh=500.0)
        # What the store takes is a part of domestic load, whose value is not its own.
        ours = float((after.programme.cost @ exact[:, member]).sum())
        ours += DOMESTIC_VALUE * charge[member].sum(dtype=float)
        wanted = bounds[loads, member].sum(dtype=float)
        mine = [after.names.index(columns.names[j]) for j in loads]
        short = wanted + charge[member].sum(dtype=float) - exact[mine, member].sum()
        found.append((base - ours, base - best.objective, short, wanted - best.values[loads].sum()))
    return gained, np.array(found), best


def test_store_of_the_reference_stays_within_its_bounds(stored):
    best = stored[-1]
    assert best.level.min() >= -1e-6
    assert best.level.max() <= 500 + 1e-6
    assert max(best.charge.max(), best.discharge.max()) <= 250 + 1e-6
    after = np.roll(best.level, 1) + 0.86 * best.charge - best.discharge
    assert np.abs(after - best.level).max() < 1e-5


def test_the_rule_keeps_95_percent_of_the_storage_value_of_every_year(stored):
    gained, found, _ = stored
    rule, best, *_ = found.T
    assert gained["storage_rule_eur"] == pytest.approx(rule.sum(), rel=0.01)
    assert gained["storage_foresight_eur"] == pytest.approx(best.sum(), rel=0.01)
    assert (best > 0).all()
    assert (rule >= 0.95 * best).all()
    # float32 hours of thousands of MW are good to a few parts in a thousand of so small a gain.
    assert (rule <= best * 1.005).all()


def test_the_rule_leaves_no_more_shortfall_than_foresight(stored):
    _, found, _ = stored
    *_, ours, best = found.T
    assert (ours <= 1.05 * best + 1.0).all()
