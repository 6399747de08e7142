"""The whole system of a year."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dcforecast.config.datacentres import DatacentresSettings
from dcforecast.config.demand import DemandSettings
from dcforecast.config.fleet import FleetSettings
from dcforecast.store import QUANTILE_COLUMNS
from dcforecast.system.draws import Draws
from dcforecast.system.fleet_margin import paper_margin
from dcforecast.system.model import SystemModel
from dcforecast.system.paths import MonthlyPaths
from dcforecast.system.storage import ROUND_TRIP

MONTHS = pd.period_range("2024-01", "2040-12", freq="M")


def model(members=6, seed=1, campuses=None, **fleet):
    rng = np.random.default_rng(0)
    growth = 1.02 ** (np.asarray(MONTHS.year) - 2024)
    scale = np.exp(0.05 * rng.standard_normal((50, 1)))[:members]
    paths = MonthlyPaths(
        MONTHS,
        {
            "demand_gross": 2_264 * growth * scale,
            "generation_hydro": np.tile(250 + 120 * np.sin(np.arange(12) / 2), 17) * scale,
            "export": np.full((members, len(MONTHS)), 110.0),
        },
    )
    return SystemModel(
        FleetSettings(name="f", **fleet),
        DemandSettings(name="d"),
        DatacentresSettings(
            **{"name": "c", "contracted_mw": {2025: 5, 2030: 140, 2040: 550}, **(campuses or {})}
        ),
        paths,
        Draws(members, seed),
    )


@pytest.fixture(scope="module")
def built():
    return model()


@pytest.fixture(scope="module")
def year(built):
    return built.year(2032)


def test_shapes_types_and_signs(year):
    shape = (6, 8_784)
    assert len(year.timestamps) == 8_784
    blocks = [t.available_mw for t in year.tranches] + [c.demand_mw for c in year.campuses]
    for block in [*blocks, *year.domestic_mw.values(), year.reserve_mw, year.temperature_c]:
        assert block.shape == shape
        assert block.dtype == np.float32
        assert np.isfinite(block).all()
    assert all((t.available_mw >= 0).all() for t in year.tranches)
    assert len(year.tranches) <= 15
    assert len({t.name for t in year.tranches}) == len(year.tranches)
    assert {t.node for t in year.tranches} == {"AZ", "NX"} == set(year.domestic_mw)


def test_the_reserve_holds_the_largest_step_where_it_is_told_to(year):
    """The mainland's campuses above the largest unit; what rides through needs no reserve."""
    assert year.contingency_mw == pytest.approx(np.full(6, 470.0))
    held = {"reserve_for_steps": True, "ride_through_share": 0.25, "nakhchivan_share": 0.1}
    system = model(campuses={**held, "contracted_mw": {2025: 5, 2030: 140, 2032: 650}}).year(2032)
    sizes = sum(c.contracted_mw for c in system.campuses if c.node == "AZ")
    step = 0.75 * sizes
    assert (step < 470).any()
    assert (step > 470).any()
    assert system.contingency_mw == pytest.approx(np.maximum(step, 470))
    more = system.reserve_mw - year.reserve_mw
    assert more == pytest.approx(
        np.broadcast_to(np.maximum(step - 470, 0)[:, None], more.shape), abs=0.01
    )


def test_fuel_and_carbon_belong_to_gas_alone(year):
    for tranche in year.tranches:
        burns = tranche.technology in {"ccgt", "engines", "steam", "own_use"}
        assert (tranche.gas_bcm_per_mwh > 0) == (tranche.co2_t_per_mwh > 0) == burns
        assert not (burns and tranche.clean)
    ccgt, steam = (next(t for t in year.tranches if t.technology == k) for k in ("ccgt", "steam"))
    assert ccgt.cost_eur_mwh < steam.cost_eur_mwh
    # 225 g of standard fuel per kWh [G005] is 1.575 kcal/kWh: 0.20 m3 of gas.
    assert ccgt.gas_bcm_per_mwh * 1e6 == pytest.approx(0.2, abs=0.01)


def test_reserve_covers_the_largest_unit(year):
    load = sum(year.domestic_mw.values())
    assert (year.reserve_mw >= 470).all()
    assert (year.reserve_mw <= 470.1 + 0.03 * load).all()


def test_hydro_energy_is_the_paths_plus_new_plants(built, year):
    path = built.paths.year("generation_hydro", 2032).sum(axis=1)
    made = sum(t.available_mw.sum(axis=1, dtype=float) for t in year.tranches
               if t.technology == "hydro") / 1_000  # fmt: skip
    new = {p.name: built.supply.fleet.active(p, 2032).mean(axis=1) for p in
           built.supply.fleet.projects if p.technology == "hydro"}  # fmt: skip
    whole = np.array([all(v[m] in {0.0, 1.0} for v in new.values()) for m in range(6)])
    expected = path + 358 * new["khudaferin_hydro"] + 100 * new["ordubad_hydro"]
    assert whole.any()
    assert made[whole] == pytest.approx(expected[whole], rel=0.01)


def test_batteries_add_their_losses_to_the_load(year):
    assert year.store is not None
    assert year.store.power_mw.max() == pytest.approx(250)
    assert year.store.energy_mwh.max() == pytest.approx(500)
    charge = np.zeros_like(year.reserve_mw)
    charge[:, ::24] = 100.0
    after = year.with_store_run(charge, ROUND_TRIP * charge)
    assert after.store is None
    assert np.array_equal(after.domestic_mw["AZ"] - year.domestic_mw["AZ"] > 50, charge > 0)
    (given,) = [t for t in after.tranches if t.name == "storage"]
    assert given.available_mw.sum() == pytest.approx(ROUND_TRIP * charge.sum(), rel=1e-5)
    assert model(battery=False).year(2032).store is None


def test_same_seed_same_numbers_and_members_keep_theirs(year):
    again = model().year(2032)
    fewer = model(members=2).year(2032)
    for one, same in zip(year.tranches, again.tranches, strict=True):
        assert np.array_equal(one.available_mw, same.available_mw)
    for few in fewer.tranches:  # a plant no member has is no tranche
        one = next(t for t in year.tranches if t.name == few.name)
        assert np.allclose(one.available_mw[:2], few.available_mw, rtol=1e-5, atol=1e-3)
        assert one.gas_bcm_per_mwh == few.gas_bcm_per_mwh
    other = model(seed=2).year(2032)
    assert not np.array_equal(other.tranches[2].available_mw, year.tranches[2].available_mw)


def test_levers_move_what_they_say(year):
    def energy(found, *kinds):
        return sum(t.available_mw.sum(dtype=float) for t in found.tranches if t.technology in kinds)

    dry = model(dry_years=[2032]).year(2032)
    assert energy(dry, "hydro") == pytest.approx(0.6 * energy(year, "hydro"), rel=0.01)
    weak = model(thermal_scale=0.5).year(2032)
    gas = ("ccgt", "engines", "steam")
    assert energy(weak, *gas) == pytest.approx(0.5 * energy(year, *gas), rel=1e-4)
    prompt = model(slippage_scale=0.0, renewables="high").year(2032)
    assert energy(prompt, "wind", "solar") > energy(year, "wind", "solar")
    oil = next(t for t in model(oil_share=0.25).year(2032).tranches if t.name == "oil_steam")
    steam = next(t for t in year.tranches if t.name == "gas_steam")
    assert oil.available_mw.sum() == pytest.approx(0.25 * steam.available_mw.sum(), rel=1e-4)
    assert oil.gas_bcm_per_mwh == 0
    assert oil.co2_t_per_mwh > steam.co2_t_per_mwh
    limited = model(gas_limit_bcm={2030: 6.0, 2034: 4.0})
    assert limited.year(2032).gas_limit_bcm == pytest.approx(5.0)
    assert year.gas_limit_bcm is None


def test_no_plant_of_2025_runs_in_2024():
    past = model().year(2024)
    ccgt = next(t for t in past.tranches if t.name == "gas_ccgt").available_mw
    assert ccgt.max() <= 400 + 409 + 525 + 780
    wind = next(t for t in past.tranches if t.name == "wind").available_mw
    assert wind.mean() == pytest.approx(63.5 * 0.092, rel=0.2)


def test_spare_at_the_peak_of_2025_is_the_stated_two_gigawatts():
    steps = paper_margin(FleetSettings(name="f"), Draws(100, 3)).set_index("step")["mw"]
    assert steps["paper margin"] == pytest.approx(9_732.5 - 4_871)
    assert steps.drop("paper margin").sum() == pytest.approx(steps["paper margin"], rel=1e-4)
    assert steps["spare"] == pytest.approx(2_000, abs=150)
    assert (steps > 0).all()


def test_components_are_forecast_rows(built):
    rows = built.components([2026, 2030])
    names = set(rows["series"])
    assert {"generation_wind", "generation_solar", "thermal_available",
            "data_centre_demand"} == names  # fmt: skip
    assert (rows.groupby("series").size() == 24).all()
    assert (np.diff(rows[list(QUANTILE_COLUMNS)].to_numpy(float), axis=1) >= -1e-6).all()
    assert set(rows["unit"]) == {"GWh", "MW"}
    year = built.year(2030)
    solar = sum(t.available_mw.sum(dtype=float) for t in year.tranches if t.technology == "solar")
    stated = rows[(rows["series"] == "generation_solar") & (rows["timestamp"].dt.year == 2030)]
    assert stated["mean"].sum() == pytest.approx(solar / 6 / 1_000, rel=1e-4)
