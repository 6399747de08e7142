"""The workbook and exported tables: texts stay texts, days stay days, sums follow their cells."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from dcforecast import reports
from dcforecast.config.report import ReportSettings
from dcforecast.errors import UserError
from dcforecast.store import Run


def test_the_workbook_holds_texts_as_texts(
    run: Run, tmp_path: Path, settings: ReportSettings
) -> None:
    reports.excel(run, tmp_path / "r.xlsx", settings)
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert {"Answer", "Champions", "Hindcast", "Annual", "Scores", "Config"} <= set(book.sheetnames)
    assert book["Champions"]["B2"].value == "=cmd()"
    assert book["Champions"]["B2"].data_type == "s"
    values = [cell.value for row in book["Answer"].iter_rows() for cell in row]
    stored = run.read("annual", sink="tripp", year=2030, answer="expected")["q500"].iloc[0]
    assert any(isinstance(v, float) and v == pytest.approx(stored) for v in values)
    rows = list(book["Annual"].iter_rows(min_row=2, values_only=True))
    assert len(rows) == len(run.read("annual"))


def test_the_workbook_says_what_it_holds_and_can_be_read_and_printed(
    run: Run, tmp_path: Path, settings: ReportSettings
):
    reports.excel(run, tmp_path / "r.xlsx", settings)
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


def test_the_sum_in_the_workbook_follows_its_cells(
    run: Run, tmp_path: Path, settings: ReportSettings
) -> None:
    reports.excel(run, tmp_path / "r.xlsx", settings)
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
