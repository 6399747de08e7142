"""The run as an Excel workbook."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dcforecast.config.report import ReportSettings
from dcforecast.reports.answer import (
    answer_rows,
    champion_rows,
    hindcast_rows,
    label_of,
    shown_years,
)
from dcforecast.reports.campuses import campus_sheet
from dcforecast.reports.market import market_sheet
from dcforecast.store import Run
from dcforecast.store.atomic import atomic_file

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["excel", "formats_of", "sheet", "workbook_options"]

_ZONE = "Asia/Baku"
_SECOND = timedelta(seconds=1)
#: Cell texts are never formulas, links or numbers in disguise.
workbook_options: dict[str, Any] = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}


def excel(run: Run, path: Path, settings: ReportSettings) -> None:
    """Write the workbook: answer, champions, hindcast, prices, tables, lineage, configuration."""
    import xlsxwriter

    with atomic_file(path) as temporary, xlsxwriter.Workbook(temporary, workbook_options) as book:
        book.set_properties({"title": settings.title, "comments": f"dcforecast run {run.id}"})
        formats = formats_of(book)
        if run.has("annual"):
            _answer_sheet(book, formats, run, settings)
        for name, frame in _frames(run).items():
            sheet(book, formats, name, frame)


def formats_of(book: Any) -> dict[str, Any]:
    """Return the workbook's cell formats by name."""
    kinds = {
        "head": {"bold": True, "bottom": 1, "text_wrap": True},
        "number": {"num_format": "#,##0.00"},
        "small": {"num_format": "0.0000"},
        "large": {"num_format": "#,##0"},
        "day": {"num_format": "yyyy-mm-dd"},
        "hour": {"num_format": "yyyy-mm-dd hh:mm"},
        "title": {"bold": True, "font_size": 14},
    }
    return {name: book.add_format(kind) for name, kind in kinds.items()}


def _frames(run: Run) -> dict[str, pd.DataFrame]:
    import pandas as pd

    out: dict[str, pd.DataFrame] = {}
    if run.has("scores"):
        out["Champions"] = champion_rows(run)
    hindcast = hindcast_rows(run)
    if hindcast:
        rows = [{**row, "source_ids": " ".join(row["source_ids"])} for row in hindcast]
        out["Hindcast"] = pd.DataFrame(rows)
    if run.has("annual"):
        more = {"Prices": market_sheet(run, clean=False), "Clean": market_sheet(run, clean=True)}
        out |= {name: frame for name, frame in more.items() if len(frame)}
    for table, name in (("annual", "Annual"), ("forecast", "Forecast"), ("scores", "Scores"),
                        ("lineage", "Lineage")):  # fmt: skip
        if run.has(table):
            out[name] = run.read(table)
    if run.has("annual"):
        out["Campuses"] = campus_sheet(run)
    from dcforecast.reports.html import flat

    out["Config"] = pd.DataFrame(flat(run.config), columns=["key", "value"])
    return out


def _answer_sheet(
    book: Any, formats: Mapping[str, Any], run: Run, settings: ReportSettings
) -> None:
    page = book.add_worksheet("Answer")
    page.write_string(0, 0, settings.title, formats["title"])
    facts = run.manifest
    page.write_string(
        1,
        0,
        f"Modelled. Scenario {facts['scenario']}, run {run.id}, data to {facts['data_vintage']}",
    )
    years = shown_years(run, settings.years)
    heads = ["to", "answer", "unit", *map(str, years)]
    for column, head in enumerate(heads):
        page.write_string(3, column, head, formats["head"])
    row = 4
    for sink, cells in answer_rows(run, years).items():
        lines: list[tuple[str, str, list[float | None]]] = [
            ("capability P10", "TWh", [cells[y].low for y in years]),
            ("capability P50", "TWh", [cells[y].middle for y in years]),
            ("capability P90", "TWh", [cells[y].high for y in years]),
            ("expected P10", "TWh", [cells[y].expected_low for y in years]),
            ("expected P50", "TWh", [cells[y].expected for y in years]),
            ("expected P90", "TWh", [cells[y].expected_high for y in years]),
            ("firm", "MW", [cells[y].firm for y in years]),
            ("firm, standard error", "MW", [cells[y].firm_se for y in years]),
        ]
        for answer, unit, values in lines:
            if all(value is None for value in values):
                continue
            page.write_string(row, 0, label_of(sink))
            page.write_string(row, 1, answer)
            page.write_string(row, 2, unit)
            for column, value in enumerate(values, 3):
                if value is not None:
                    page.write_number(row, column, value, formats["number"])
            row += 1
    page.autofilter(3, 0, row - 1, len(heads) - 1)
    page.freeze_panes(4, 3)
    page.set_column(0, 0, 36)
    page.set_column(1, len(heads), 15)
    _chart(book, page, run, row)


def _chart(book: Any, page: Any, run: Run, below: int) -> None:
    """Draw expected energy by sink from numbers on the sheet, so that it can be edited."""
    rows = run.read("annual", answer="expected", quantity="energy_twh")
    rows = rows[rows["sink"] != "exports"]  # the sum of the others
    wide = rows.pivot_table(index="year", columns="sink", values="mean").fillna(0.0)
    start = below + 2
    page.write_string(start, 0, "Expected, TWh a year (mean)")
    chart = book.add_chart({"type": "area", "subtype": "stacked"})
    for column, year in enumerate(wide.index, 1):
        page.write_number(start, column, int(year))
    for line, sink in enumerate(wide, 1):
        page.write_string(start + line, 0, label_of(str(sink)))
        for column, value in enumerate(wide[sink], 1):
            page.write_number(start + line, column, float(value))
        last = len(wide)
        chart.add_series(
            {
                "name": ["Answer", start + line, 0],
                "categories": ["Answer", start, 1, start, last],
                "values": ["Answer", start + line, 1, start + line, last],
            }
        )
    chart.set_title({"name": "Expected, TWh a year (mean, modelled)"})
    chart.set_size({"width": 760, "height": 380})
    page.insert_chart(start + len(wide.columns) + 2, 0, chart)


def _days(stamps: pd.Series) -> bool:
    """Tell whether times are calendar days: starts of periods, or ends of days (origins)."""
    known = stamps.dropna()
    return bool((((known + _SECOND).dt.normalize() - known).abs() <= _SECOND).all())


def _naive(stamps: pd.Series) -> tuple[pd.Series, str]:
    """Return times as Excel knows them, without a zone, and the name of their format.

    Calendar days stay what they are; hours are those of Baku.
    """
    if _days(stamps):
        return stamps.dt.tz_localize(None).dt.normalize(), "day"
    return stamps.dt.tz_convert(_ZONE).dt.tz_localize(None), "hour"


def _size(value: float) -> str:
    """Name the format that shows a number with three or four digits that count."""
    if value == round(value) or abs(value) >= 100:
        return "large"
    return "number" if abs(value) >= 1 else "small"


def _writer(
    page: Any, formats: Mapping[str, Any], values: pd.Series, form: str | None
) -> Callable[[int, int, Any], Any]:
    """Return what writes a column's cells: as times, numbers or plain texts."""
    if form is not None:
        return lambda row, column, value: page.write_datetime(
            row, column, value.to_pydatetime(), formats[form]
        )
    if values.dtype.kind == "f":
        return lambda row, column, value: page.write_number(
            row, column, value, formats[_size(value)] if math.isfinite(value) else None
        )
    if values.dtype.kind in "iub":
        return lambda row, column, value: page.write_number(row, column, value)
    return lambda row, column, value: page.write_string(row, column, str(value))


def sheet(book: Any, formats: Mapping[str, Any], name: str, frame: pd.DataFrame) -> None:
    """Write a table as a sheet: days as days, hours in Baku, texts as texts, filters on."""
    import pandas as pd

    page = book.add_worksheet(name)
    for position, label in enumerate(frame.columns):
        values, head, form = frame[label], str(label), None
        if isinstance(values.dtype, pd.DatetimeTZDtype):
            values, form = _naive(values)
            head += f" ({_ZONE})" if form == "hour" else ""
        page.write_string(0, position, head, formats["head"])
        write = _writer(page, formats, values, form)
        for row, value in enumerate(values.tolist(), 1):
            if value is not None and value == value:  # noqa: PLR0124  (not missing)
                write(row, position, value)
    page.freeze_panes(1, 0)
    if len(frame):
        page.autofilter(0, 0, len(frame), len(frame.columns) - 1)
    page.set_column(0, len(frame.columns), 14)
