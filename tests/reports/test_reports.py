"""Reports say the store's numbers, and nothing in them can do harm."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from rich.console import Console

from dcforecast import reports, sources
from dcforecast.config.report import ReportSettings
from dcforecast.errors import UserError
from dcforecast.reports import plots, plots_market, plots_models
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
from dcforecast.reports.families import FAMILIES, in_families, shades
from dcforecast.reports.style import PALE, apart
from dcforecast.store import QUANTILE_COLUMNS, Run, Store

SETTINGS = ReportSettings(name="default", years=[2026, 2028, 2030], dpi=60)


def text_of(parts, width: int = 80) -> str:
    console = Console(width=width, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    for part in parts:
        console.print(part)
    return console.export_text()


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


def test_a_corridor_of_ones_own_is_in_tables_and_charts_under_its_label(run: Run) -> None:
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


def test_the_summary_fits_80_columns_and_holds_the_numbers(run: Run) -> None:
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


def test_the_last_published_year_stands_for_the_past(run: Run) -> None:
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


def test_the_page_is_escaped_and_needs_nothing_from_outside(run: Run, tmp_path: Path) -> None:
    reports.html(run, tmp_path / "r.html", SETTINGS)
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


def test_the_workbook_holds_texts_as_texts(run: Run, tmp_path: Path) -> None:
    reports.excel(run, tmp_path / "r.xlsx", SETTINGS)
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert {"Answer", "Champions", "Hindcast", "Annual", "Scores", "Config"} <= set(book.sheetnames)
    assert book["Champions"]["B2"].value == "=cmd()"
    assert book["Champions"]["B2"].data_type == "s"
    values = [cell.value for row in book["Answer"].iter_rows() for cell in row]
    stored = run.read("annual", sink="tripp", year=2030, answer="expected")["q500"].iloc[0]
    assert any(isinstance(v, float) and v == pytest.approx(stored) for v in values)
    rows = list(book["Annual"].iter_rows(min_row=2, values_only=True))
    assert len(rows) == len(run.read("annual"))


def test_the_workbook_says_what_it_holds_and_can_be_read_and_printed(run: Run, tmp_path: Path):
    reports.excel(run, tmp_path / "r.xlsx", SETTINGS)
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    answer = book["Answer"]
    assert book.sheetnames[:2] == ["Answer", "Sheets"]
    listed = [row[0] for row in book["Sheets"].iter_rows(min_row=2, values_only=True)]
    assert listed == book.sheetnames[2:]
    words = [str(answer.cell(row, 1).value).partition(":")[0] for row in (3, 4, 5)]
    assert words == ["capability", "expected", "firm"]
    drawn = [row for row in answer.iter_rows(min_row=8) for cell in row[:1] if cell.value]
    numbers = [cell for row in drawn for cell in row[1:] if isinstance(cell.value, float)]
    assert numbers
    assert {cell.number_format for cell in numbers} <= {"#,##0.00", "#,##0"}
    # The chart is never cut by the end of a page: its sheet is one page.
    assert [page.title for page in book if page._charts] == ["Expected"]
    assert book["Expected"].page_setup.fitToHeight in {1, None}
    assert book["Answer"].page_setup.fitToHeight == 0
    for page in book:
        assert page.page_setup.orientation == "landscape"
        assert page.page_setup.fitToWidth in {1, None}
        assert page.print_title_rows
    sheets = book["Sheets"]
    for column in "ABC":
        longest = max(len(str(cell.value)) for cell in sheets[column])
        assert sheets.column_dimensions[column].width > longest
    config = book["Config"]
    longest = max(len(str(cell.value)) for cell in config["A"])
    assert config.column_dimensions["A"].width >= min(longest, 60)
    assert book["Scores"]["E1"].alignment.horizontal == "right"


def test_every_chart_is_drawn_and_labelled(run: Run, tmp_path: Path) -> None:
    files = reports.figures(run, tmp_path / "figures", SETTINGS)
    assert len(files) >= 4
    assert all(file.stat().st_size > 3_000 for file in files)
    made = (plots.corridors(run), plots.answer(run, "tripp"), plots.expected_stack(run))
    for figure in (*made, plots_market.prices(run)):
        assert any(axis.get_ylabel() for axis in figure.axes)
        assert "Modelled" in figure._supxlabel.get_text()
    assert plots_models.scores_by_step(run, "demand").axes


def _another(run: Run, folder: Path) -> Run:
    facts = {"members": 9, "data_vintage": "2026-05-15", "scenario": "baseline"}
    return Store(folder / "another").create("run", run.config, **facts)


def test_a_year_alone_can_be_seen(run: Run, tmp_path: Path) -> None:
    one = _another(run, tmp_path)
    one.write("annual", run.read("annual", year=2030))
    for figure in (plots.corridors(one), plots_market.prices(one), plots.compare([one])):
        axis = figure.axes[0]
        assert axis.lines[0].get_xdata().tolist() == [2029.7, 2030.3]
        assert axis.get_xlim() == (2029.0, 2031.0)


def test_hours_that_were_not_kept_are_told(run: Run, tmp_path: Path) -> None:
    one = _another(run, tmp_path)
    with one.writer("allocation"):
        pass
    with pytest.raises(UserError, match=r"kept no rows of table 'allocation'"):
        plots.duration(one)
    one.write("annual", run.read("annual"))
    files = reports.figures(one, tmp_path / "figures", SETTINGS)
    assert {"corridors", "unused_hours"} & {file.stem for file in files} == {"corridors"}


def test_prices_and_clean_shares_are_in_the_page_and_the_workbook(run: Run, tmp_path: Path) -> None:
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
    reports.html(run, tmp_path / "r.html", SETTINGS)
    page = (tmp_path / "r.html").read_text("utf-8")
    assert "One more MW: Campus one, thousand EUR a year" in page
    assert "clean surplus after domestic demand" in page


def test_a_hue_tells_what_rests_on_an_assumption(run: Run) -> None:
    assert in_families(["tripp", "data_centres", "georgia", "black_sea"], run) == {
        "Data centres": ["data_centres"],
        "Corridors with a record of use": ["georgia"],
        "New corridors, their use assumed": ["tripp", "black_sea"],
    }
    colours = shades(run)
    assert colours["georgia"] == FAMILIES["Corridors with a record of use"][0]
    assert len(set(colours.values())) == len(colours) >= 10
    assert "on average 1.4 of 2.2 TWh go over new corridors" in text_of(reports.summary(run), 300)
    words = [text.get_text() for text in plots.expected_stack(run).axes[0].texts]
    stored = run.read("annual", sink="tripp", year=2030, answer="expected", quantity="energy_twh")
    assert f"assumed: {stored['mean'].iloc[0]:.1f} TWh" in words[-1].replace("\n", " ")


def test_a_day_ahead_can_be_seen_beside_a_long_record(run: Run) -> None:
    hours = pd.date_range("2024-01-01", periods=2_024, freq="h", tz="UTC")
    known = {"series": "load", "timestamp": hours[:2_000], "vintage": hours[:2_000], "mean": 5.0}
    run.write("history", pd.DataFrame({**known, "sd": 0.0, "unit": "MW", "basis": "reported"}))
    quantiles = dict.fromkeys(QUANTILE_COLUMNS, 6.0)
    ahead = {"series": "load", "model": "ridge", "timestamp": hours[2_000:], "mean": 6.0,
             "scenario": "csv", "origin": hours[1_999], "step": range(1, 25)}  # fmt: skip
    run.write("forecast", pd.DataFrame({**ahead, **quantiles, "unit": "MW"}))
    forecast, history = plots_models.forecast(run, "load").axes[0].lines
    assert (len(forecast.get_xdata()), len(history.get_xdata())) == (24, 6 * 24)


def test_names_beside_lines_keep_their_order_and_do_not_touch() -> None:
    assert apart([3.0, 1.0, 1.1], 0.5) == pytest.approx([3.0, 0.8, 1.3])


def test_of_many_models_the_best_are_in_colours(run: Run) -> None:
    scores = run.read("scores", model="seasonal_naive")
    worse = {"value": 20.0, "skill_vs_naive": -1.0}
    more = [scores.assign(model=f"m{k}", **worse) for k in range(6)]
    run.write("scores", pd.concat([run.read("scores"), *more]))
    axis = plots_models.scores_by_step(run, "demand").axes[0]
    assert [line.get_color() for line in axis.lines].count(PALE) == 3
    assert [text.get_text() for text in axis.texts][:2] == ["=cmd()", "seasonal_naive"]
    rows = plots_models.scores(run).axes[0].get_yticklabels()
    assert [row.get_text() for row in rows][:2] == ["=cmd()", "seasonal_naive"]


def test_the_sum_in_the_workbook_follows_its_cells(run: Run, tmp_path: Path) -> None:
    reports.excel(run, tmp_path / "r.xlsx", SETTINGS)
    page = openpyxl.load_workbook(tmp_path / "r.xlsx")["Expected"]
    assert [page.cell(row, 1).value for row in range(2, 6)] == [
        "Data centres", "Georgia", "TRIPP (Syunik, Nakhchivan, Türkiye)", "All corridors together",
    ]  # fmt: skip
    assert page["B5"].value == "=SUM(B3:B4)"
    past = openpyxl.load_workbook(tmp_path / "r.xlsx")["Hindcast"]
    heads = [cell.value for cell in past[1]]
    told = dict(zip(heads, [cell.value for cell in past[3]], strict=True))
    assert (told["quantity"], told["year"], told["inside P10-P90"]) == ("exports", 2024, "no")
    for row in (1, 3):
        apart_from = [
            head
            for head, cell in zip(heads, past[row], strict=True)
            if (cell.alignment.horizontal, cell.alignment.indent) == ("left", 1)
        ]
        assert apart_from == ["known by", "inside P10-P90"]


def test_a_comparison_of_nothing_is_refused(run: Run) -> None:
    with pytest.raises(UserError, match="did you mean 'expected'"):
        plots.compare([run], answer="expectd")
    with pytest.raises(UserError, match="no runs"):
        plots.compare([])


def test_hours_of_another_year_are_told(run: Run) -> None:
    with pytest.raises(UserError, match=r"no hours of 'unused' in 2050\n.*There is: 2030 to 2030"):
        plots.heatmap(run, "unused", 2050)
    with pytest.raises(UserError, match="did you mean 'unused'"):
        plots.heatmap(run, "unusd", 2030)


def test_an_unknown_sink_is_refused_with_the_nearest(run: Run) -> None:
    with pytest.raises(UserError, match="georgia"):
        plots.answer(run, "gorgia")


def test_comparison_says_what_differs(pair: list[Run], tmp_path: Path) -> None:
    found = reports.compare(pair)
    row = found.answers.set_index(["sink", "answer", "year"]).loc[("Georgia", "expected", 2030)]
    assert row["tripp_2030 - baseline"] == pytest.approx(row["tripp_2030"] - row["baseline"])
    assert found.settings["setting"].str.startswith("network.links.").any()
    # The order of the answer; what is nothing in both runs is left to the files.
    assert list(dict.fromkeys(found.answers["sink"]))[:3] == [
        "Data centres", "All corridors together", "Georgia",
    ]  # fmt: skip
    text = text_of(found.renderables(), 200)
    assert "Settings that differ" in text
    assert "left out" not in text
    found.answers.loc[found.answers["sink"] == "Unused", ["baseline", "tripp_2030"]] = 0.0
    found.answers.loc[found.answers["sink"] == "Unused", "tripp_2030 - baseline"] = 0.0
    text = text_of(found.renderables(), 200)
    assert "Rows of zeros left out: 2; --to FILE has them." in text
    assert "Unused" not in text
    for name in ("c.csv", "c.xlsx", "c.md", "c.png"):
        found.write(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 100
    with pytest.raises(UserError, match="docx"):
        found.write(tmp_path / "c.docx")


def test_backtests_are_compared_by_their_scores(pair: list[Run]) -> None:
    for run in pair:
        shutil.rmtree(run.path / "annual", ignore_errors=True)
        (run.path / "annual.parquet").unlink(missing_ok=True)
    found = reports.compare(pair)
    row = found.answers.set_index(["series", "model"]).loc[("demand", "=cmd()")]
    assert row["baseline"] == row["tripp_2030"] == 7.0
    assert row["tripp_2030 - baseline"] == 0.0
    assert "CRPS" in text_of(found.renderables(), 200)


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".xlsx"])
def test_export_writes_the_whole_table(run: Run, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"annual{suffix}"
    rows = reports.export(run, "annual", file)
    readers = {".csv": pd.read_csv, ".parquet": pd.read_parquet, ".xlsx": pd.read_excel}
    read = readers[suffix](file)
    assert len(read) == rows == len(run.read("annual"))


def test_days_are_days_and_hours_are_hours_in_excel(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "hours.xlsx"
    reports.export(run, "allocation", file)
    page = openpyxl.load_workbook(file).active
    heads = [cell.value for cell in page[1]]
    cell = page.cell(2, heads.index("timestamp (Asia/Baku)") + 1)
    assert (cell.value, cell.number_format) == (
        pd.Timestamp("2030-01-01 04:00"),
        "yyyy-mm-dd hh:mm",
    )
    months = pd.DataFrame(
        {
            "series": "export",
            "timestamp": pd.to_datetime(["2024-01-01", "2024-02-01"], utc=True),
            "vintage": pd.to_datetime(
                ["2024-03-31T23:59:59.999999", "2024-04-30T00:00:00.000000"], utc=True
            ),
            "mean": [376_717.9, 0.012345],
            "sd": [3.0, 1.2345],
            "unit": "GWh",
            "basis": "reported",
        }
    )
    run.write("history", months)
    reports.export(run, "history", file)
    page = openpyxl.load_workbook(file).active
    assert [cell.value for cell in page[1]] == list(months.columns)
    assert [cell.value for cell in page[2]][1:3] == [
        pd.Timestamp("2024-01-01"),
        pd.Timestamp("2024-03-31"),
    ]
    shown = [(row[3].number_format, row[4].number_format) for row in page.iter_rows(min_row=2)]
    assert shown == [("#,##0", "#,##0"), ("0.0000", "#,##0.00")]
    assert page["D3"].value == 0.012345  # the whole number is kept


def test_export_refuses_what_it_cannot_do(run: Run, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="docx"):
        reports.export(run, "annual", tmp_path / "a.docx")
    with pytest.raises(UserError, match="folder"):
        reports.export(run, "annual", tmp_path / "no" / "a.csv")


def test_champions_are_the_smallest_crps(run: Run) -> None:
    assert champion_rows(run)["model"].tolist() == ["=cmd()"]
