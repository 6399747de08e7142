"""The table of campuses says the store's numbers."""

from __future__ import annotations

from pathlib import Path

import openpyxl

from dcforecast import reports
from dcforecast.config.report import ReportSettings
from dcforecast.reports.campuses import campus_lines, campus_sheet
from dcforecast.store import Run


def test_lines_hold_the_means_and_a_dash_where_there_is_none(run: Run) -> None:
    lines = campus_lines(run, [2026, 2028])
    assert [line.campus for line in lines if line.campus] == ["All data centres", "one", "b nx"]
    by_label = {line.label: line.cells for line in lines[-3:]}
    hours = "Load short, h: of the grid / after own supply"
    assert by_label[hours] == ["- / -", "12.5 / 0.50"]
    assert by_label["One more MW under contract, EUR a year"] == ["-", "-152,966"]
    assert by_label["From the grid, TWh: contract / load"] == ["-", "0.25"]


def test_years_without_a_campus_give_no_table(run: Run) -> None:
    assert campus_lines(run, [2026, 2030]) == []


def test_the_sheet_has_a_column_a_year_and_numbers(run: Run, tmp_path: Path) -> None:
    frame = campus_sheet(run)
    assert list(frame.columns[:3]) == ["campus", "answer", "quantity"]
    row = frame[(frame["campus"] == "one") & (frame["quantity"] == "lole_h")].iloc[0]
    assert row["2028"] == 3.0
    settings = ReportSettings(name="default", years=[2026, 2028, 2030], dpi=60)
    reports.excel(run, tmp_path / "run.xlsx", settings)
    sheet = openpyxl.load_workbook(tmp_path / "run.xlsx")["Campuses"]
    assert 3.0 in [cell for line in sheet.iter_rows(values_only=True) for cell in line]


def test_the_page_shows_them(run: Run, tmp_path: Path) -> None:
    settings = ReportSettings(name="default", years=[2026, 2028, 2030], dpi=60)
    reports.html(run, tmp_path / "run.html", settings)
    page = (tmp_path / "run.html").read_text(encoding="utf-8")
    assert "Data-centre campuses" in page
    assert "12.5 / 0.50" in page
