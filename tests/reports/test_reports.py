"""Reports say the store's numbers, and nothing in them can do harm."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from dcforecast import reports, sources
from dcforecast.config.report import ReportSettings
from dcforecast.reports import plots
from dcforecast.reports.answer import (
    CAMPUSES,
    answer_rows,
    champion_rows,
    hindcast_rows,
    label_of,
    markdown,
    series_label,
    shown_years,
)
from dcforecast.store import Run, Store


def test_the_answer_is_the_stores(run: Run) -> None:
    cells = answer_rows(run, [2028])
    assert list(cells) == ["data_centres", "exports", "georgia", "tripp", "unused"]
    cell = cells["georgia"][2028]
    main = ["energy_twh", "power_mw"]
    stored = run.read("annual", sink="georgia", year=2028, quantity=main).set_index("answer")
    assert cell.middle == stored.loc["capability", "q500"]
    assert (cell.low, cell.high) == (
        stored.loc["capability", "q100"],
        stored.loc["capability", "q900"],
    )
    assert cell.expected == stored.loc["expected", "q500"]
    assert cell.firm == stored.loc["firm", "mean"]
    assert cell.firm_text == "110 ± 11 MW"
    assert (cell.expected_low, cell.expected_high) == tuple(
        stored.loc["expected", ["q100", "q900"]]
    )
    assert cells["unused"][2028].firm is None


def test_a_corridor_of_ones_own_is_in_tables_and_charts_under_its_label(
    run: Run, text_of: Callable[..., str]
) -> None:
    network = run.config["network"]
    kars = {**network["corridors"]["georgia"], "label": "Kars line"}
    network = {**network, "corridors": {**network["corridors"], "kars": kars}}
    facts = {key: run.manifest[key] for key in ("scenario", "model", "members", "data_vintage")}
    own = Store(run.path.parent).create("run", {**run.config, "network": network}, **facts)
    own.write("annual", run.read("annual").replace({"sink": {"tripp": "kars"}}))
    titles = [axis.get_title(loc="left") for axis in plots.corridors(own).axes]
    assert [title for title in titles if title][-2:] == ["Kars line", "Unused"]
    (legend,) = plots.expected_stack(own).legends
    assert "Kars line" in [text.get_text() for text in legend.get_texts()]
    assert "Kars line" in text_of(reports.summary(own))


def test_campuses_of_the_programme_have_names(run: Run) -> None:
    names = sources.table("campuses")["campus"]
    assert {f"campus_{name}" for name in names} == set(CAMPUSES)
    assert label_of("campus_socar", run) == "Campus: SOCAR"


@pytest.mark.parametrize(
    ("series", "label"),
    [
        ("export_annual", "exports a year"),
        ("demand_gross_quarterly", "gross demand a quarter"),
        ("generation_hydro", "hydro generation a month"),
        ("load", "load"),
        ("north_hall_annual", "north hall a year"),
    ],
)
def test_series_are_named_with_their_step(series: str, label: str) -> None:
    assert series_label(series) == label


def test_years_that_are_not_there_are_left_out(run: Run) -> None:
    assert shown_years(run, [2026, 2035]) == [2026]
    assert shown_years(run, [2050]) == [2026, 2030]


def test_the_summary_fits_80_columns_and_holds_the_numbers(
    run: Run, text_of: Callable[..., str]
) -> None:
    text = text_of(reports.summary(run))
    assert max(map(len, text.splitlines())) <= 80
    for word in (
        "capability",
        "expected",
        "firm MW",
        "TRIPP",
        "2.20",
        "Champion",
        "modelled",
        "let 5.4 TWh (P10-P90 4.3-6.5) leave",
        "actual 1.40",
        "+93 %",
    ):
        assert word in text, word


def test_the_last_published_year_stands_for_the_past(run: Run, text_of: Callable[..., str]) -> None:
    assert [row["year"] for row in hindcast_rows(run)] == [2023, 2024, 2025]
    last = hindcast_rows(run, last=True)
    assert [(row["year"], row["name"]) for row in last] == [(2024, "exports")]
    text = text_of(reports.summary(run))
    assert "Hindcast 2024" in text
    assert "Hindcast 2023" not in text


def test_markdown_has_a_column_a_year(run: Run) -> None:
    lines = markdown(run, [2026, 2030]).splitlines()
    assert lines[0].count("|") == 4
    assert len(lines) == 2 + 5


def test_the_page_is_escaped_and_needs_nothing_from_outside(
    run: Run, tmp_path: Path, settings: ReportSettings
) -> None:
    reports.html(run, tmp_path / "r.html", settings)
    page = (tmp_path / "r.html").read_text()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert 'src="http' not in page
    assert "Content-Security-Policy" in page
    for word in ("missed by", "Champion model", "TRIPP", "+93 %, outside", "exports 1 of 3"):
        assert word in page, word
    # Wide tables scroll by themselves on a narrow screen, and repeat their heads in print.
    assert page.count("<table>") == page.count('<div class="scroll"><table>')
    assert page.count("<thead>") >= 3
    # Ranges have one form in all tables.
    assert not re.search(r"\d\s*–\s*\d|P10–P90", page)
    assert re.search(r"\d \(\d+-\d+\)", page)


def test_prices_and_clean_shares_are_in_the_page_and_the_workbook(
    run: Run, tmp_path: Path, settings: ReportSettings
) -> None:
    from dcforecast.reports.market import clean_rows, market_rows, market_sheet

    assert ("Georgia", "mix of the grid", ["50 %", "50 %"]) in clean_rows(run, [2026, 2030])
    market = dict(market_rows(run, [2030]))
    assert market["Price of power on the mainland, EUR/MWh"] == ["12 (10-14)"]
    assert market["One more MW: Georgia, thousand EUR a year"] == ["200 (160-240)"]
    loss = dict(market_rows(run, [2028]))["One more MW: Campus one, thousand EUR a year"]
    assert loss == ["-153 (-122 to -184)"]
    assert not any("link" in row.lower() for row in market)
    sheet = market_sheet(run, clean=False).set_index(["quantity", "sink", "statistic"])
    assert sheet.loc[("node_price_eur_mwh", "node_nx", "mean"), "2028"] == 9.0
    assert sheet.loc[("added_mw_value_eur", "link_az_ge", "mean"), "2028"] == 3e5
    reports.html(run, tmp_path / "r.html", settings)
    page = (tmp_path / "r.html").read_text("utf-8")
    assert "One more MW: Campus one, thousand EUR a year" in page
    assert "clean surplus after domestic demand" in page


def test_champions_are_the_smallest_crps(run: Run) -> None:
    assert champion_rows(run)["model"].tolist() == ["=cmd()"]
