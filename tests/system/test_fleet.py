"""Plants, projects and their delays."""

from __future__ import annotations

import numpy as np
import pytest

from dcforecast.config.fleet import FleetSettings
from dcforecast.sources import table
from dcforecast.system.commissioning import commissioned, projects, slippage
from dcforecast.system.draws import Draws
from dcforecast.system.fleet import Fleet, in_service, installed

THERMAL = ["ccgt", "steam", "engines", "own_use"]


def settings(**changes):
    return FleetSettings(name="test", **changes)


def test_nameplate_is_the_ministers_of_october_2025():
    plate = installed("2025-10-20")
    assert plate[THERMAL].sum() == pytest.approx(7_903)
    for technology, mw in {
        "hydro": 1_443.5, "solar": 278.2, "old_wind": 63.5, "waste": 37, "hybrid": 7.3,
    }.items():  # fmt: skip
        assert plate[technology] == pytest.approx(mw), technology
    assert plate.sum() == pytest.approx(9_732.5)


def test_earlier_totals_follow_from_the_dates():
    # 6,238 MW of thermal in December 2021 and 8,415 MW in all in 2024 [G025] were not put in.
    assert installed("2021-12-15")[THERMAL].sum() == pytest.approx(6_238)
    assert installed("2024-12-31").sum() == pytest.approx(8_415, abs=50)


def test_slippage_is_the_maximum_likelihood_lognormal():
    from scipy.stats import lognorm

    record = table("slippage")
    delays = record.loc[record["kind"] == "plant", "delay_years"]
    _, _, scale = lognorm.fit(delays, floc=0)
    fitted = slippage()
    assert fitted.median_years == pytest.approx(scale, rel=1e-6)
    assert fitted.sigma >= np.log(delays).std()


def test_nothing_comes_before_its_date_and_no_delay_means_the_date():
    draws = Draws(500, 3)
    for project in projects(settings()):
        start = project.date.year + (project.date.day_of_year - 1) / 365.25
        late = commissioned(project, draws, settings())
        prompt = commissioned(project, draws, settings(slippage_scale=0.0))
        assert (late >= start).all()
        assert np.allclose(prompt[np.isfinite(prompt)], start)
        built = np.isfinite(late).mean()
        assert built == pytest.approx(project.probability, abs=0.08)
        assert (np.isfinite(late) == np.isfinite(prompt)).all()


def test_projects_behind_one_substation_are_late_together():
    draws = Draws(2_000, 4)
    named = {p.name: commissioned(p, draws, settings()) for p in projects(settings())}

    def related(first, second):
        both = np.isfinite(named[first]) & np.isfinite(named[second])
        return np.corrcoef(
            np.log(named[first][both] - named[first].min() + 0.01),
            np.log(named[second][both] - named[second].min() + 0.01),
        )[0, 1]

    assert related("bilasuvar_solar", "banka_solar") > related("bilasuvar_solar", "kalbajar_wind")
    assert related("bilasuvar_solar", "kalbajar_wind") > 0.1  # the country's pace is common


def test_a_members_dates_do_not_depend_on_the_number_of_members():
    few, many = Draws(5, 7), Draws(50, 7)
    for project in projects(settings()):
        assert np.array_equal(
            commissioned(project, few, settings()), commissioned(project, many, settings())[:5]
        )


def test_scenario_changes_reach_the_project():
    change = {"offshore_wind": {"capacity_mw": 7200, "official_date": "2030-01-01",
                                "probability": 1}}  # fmt: skip
    fleet = Fleet(settings(projects=change, slippage_scale=0), Draws(10, 1))
    assert (fleet.clean(2031)["wind", "AZ", "offshore"] == 7_200).all()


def test_unknown_project_names_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'gobustan_solar'"):
        settings(projects={"gobustan_sola": {"capacity_mw": 1}})


@pytest.mark.parametrize(
    ("year", "low", "central", "high"),
    [(2027, 1_600, 1_900, 2_100), (2030, 2_300, 3_200, 5_000), (2032, 2_800, 4_200, 7_000),
     (2035, 3_500, 6_000, 9_500)],
)  # fmt: skip
def test_wind_and_sun_span_the_judged_range(year, low, central, high):
    fleet = Fleet(settings(), Draws(1_000, 5))
    december = sum(size[:, 11] for size in fleet.clean(year).values()) + 63.5
    found = np.quantile(december, [0.1, 0.5, 0.9])
    # Up to 2027 only named projects count: their own delays make the range, a little lower.
    assert found == pytest.approx([low, central, high], rel=0.2 if year == 2027 else 0.05)


def test_named_paths_are_in_order_and_scale_works():
    draws = Draws(50, 2)
    total = {
        name: sum(v.sum() for v in Fleet(settings(renewables=name), draws).clean(2034).values())
        for name in ("low", "central", "high")
    }
    assert total["low"] < total["central"] < total["high"]
    doubled = Fleet(settings(renewables="central", renewables_scale=2.0), draws).clean(2034)
    assert sum(v.sum() for v in doubled.values()) > 1.7 * total["central"]


def test_capacity_never_shrinks_but_for_the_steam_blocks():
    fleet = Fleet(settings(), Draws(30, 9))
    before = None
    for year in range(2026, 2041):
        now = sum(size for size in fleet.clean(year).values())
        assert (np.diff(now, axis=1) >= -1e-9).all()
        assert before is None or (now[:, 0] >= before[:, 11] - 1e-9).all()
        before = now


def test_old_steam_waits_for_its_replacement():
    draws = Draws(400, 9)
    fleet = Fleet(settings(), draws)
    new = fleet.dates["replacement_gas"]
    assert all((unit.active == 1).all() for unit in fleet.units("steam", 2034))
    for year in (2035, 2036, 2039):
        old = fleet.units("steam", year)[0].active
        assert (old[new >= year + 1] == 1).all()
        assert (old[new <= year] == 0).all()
    sure = {"replacement_gas": {"probability": 1.0, "official_date": "2030-01-01"}}
    assert not Fleet(settings(projects=sure, slippage_scale=0), draws).units("steam", 2035)


def test_part_of_a_month():
    part = in_service(np.array([2026.0 + 1.5 / 12]), np.array([2026.0 + 10 / 12]), 2026)[0]
    assert part == pytest.approx([0, 0.5, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0])


@pytest.mark.parametrize(
    "wrong",
    [{"gas_limit_bcm": -1}, {"gas_limit_bcm": {}}, {"gas_limit_bcm": {1900: 5}},
     {"dry_years": [27]}, {"renewables": "fast"}, {"slippage_scale": -0.1},
     {"projects": {"yashma_gas": {"capacity_mw": -5}}}],
)  # fmt: skip
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        settings(**wrong)


@pytest.mark.parametrize("name", ["plants", "projects", "slippage", "campuses", "gas"])
def test_every_fact_cited_is_a_row_of_the_facts(name):
    known = set()
    for facts in ("generation_projects", "data_centres", "corridors", "references"):
        known |= set(table(f"facts_{facts}")["id"])
    rows = table(name)
    column = "fact_ids" if "fact_ids" in rows.columns else "fact_id"
    cited = {part for cell in rows[column].dropna() for part in str(cell).split()}
    assert cited
    assert cited <= known
    if "basis" in rows.columns:  # a row without a fact says what it rests on
        assert rows.loc[rows[column].isna(), "basis"].notna().all()
