"""The run as an Excel workbook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dcforecast.config.report import ReportSettings
from dcforecast.reports.answer import (
    SINKS,
    answer_rows,
    champion_rows,
    hindcast_rows,
    label_of,
    shown_years,
)
from dcforecast.reports.campuses import campus_sheet
from dcforecast.reports.families import in_families, shades
from dcforecast.reports.headline import firm_share
from dcforecast.reports.market import market_sheet
from dcforecast.reports.sheets import formats_of, printed, sheet, workbook_options
from dcforecast.store import Run
from dcforecast.store.atomic import atomic_file

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["excel"]

#: What each sheet holds, and in which unit.
_ABOUT = {
    "Expected": ("Expected energy by sink and year, as a chart too", "TWh a year (mean)"),
    "Champions": (
        "The model that won the backtest of each series",
        "CRPS in the series' unit (GWh); skill: 1 less CRPS over that of seasonal naive",
    ),
    "Hindcast": (
        "Past years, each forecast from what was published before it; what came, its sources",
        "column unit; missed by: (P50 / actual - 1) x 100",
    ),
    "Prices": (
        "Prices, revenue and the worth of one more MW: mean, P10 (q100), P90 (q900)",
        "the end of the quantity's name",
    ),
    "Clean": (
        "Share of clean power by convention, and carbon dioxide: mean, P10, P90",
        "0 to 1; t per MWh",
    ),
    "Campuses": ("Each data-centre campus: means", "column unit"),
    "Annual": (
        "All yearly answers with their quantiles: q100 is P10, q500 the median",
        "column unit",
    ),
    "Forecast": (
        "Forecasts of the components; a period is named by its first day, UTC",
        "column unit",
    ),
    "Scores": (
        "Scores of every model by series and steps ahead",
        "crps, mae, rmse, pinball in the series' unit; fit_seconds in s; the others have none",
    ),
    "Lineage": (
        "Source rows behind the numbers",
        "ids of data/SOURCES.csv: dcforecast data SOURCES",
    ),
    "Config": ("Every setting of the run", "dcforecast config GROUP tells them"),
}
#: Row of the headings of the answer.
_HEAD = 6


def excel(run: Run, path: Path, settings: ReportSettings) -> None:
    """Write the workbook: answer, champions, hindcast, prices, tables, lineage, configuration."""
    import xlsxwriter

    with atomic_file(path) as temporary, xlsxwriter.Workbook(temporary, workbook_options) as book:
        book.set_properties({"title": settings.title, "comments": f"dcforecast run {run.id}"})
        formats = formats_of(book)
        if run.has("annual"):
            _answer_sheet(book, formats, run, settings)
        frames = _frames(run)
        drawn = ["Expected"] if run.has("annual") else []
        sheet(book, formats, "Sheets", _contents([*drawn, *frames]))
        if drawn:
            _chart(book, formats, run)
        for name, frame in frames.items():
            sheet(book, formats, name, frame)


def _frames(run: Run) -> dict[str, pd.DataFrame]:
    import pandas as pd

    out: dict[str, pd.DataFrame] = {}
    if run.has("scores"):
        out["Champions"] = champion_rows(run)
    hindcast = hindcast_rows(run)
    if hindcast:
        out["Hindcast"] = _past(hindcast)
    if run.has("annual"):
        more = {"Prices": market_sheet(run, clean=False), "Clean": market_sheet(run, clean=True)}
        more["Campuses"] = campus_sheet(run)
        out |= {name: frame for name, frame in more.items() if len(frame)}
    for table, name in (("annual", "Annual"), ("forecast", "Forecast"), ("scores", "Scores"),
                        ("lineage", "Lineage")):  # fmt: skip
        if run.has(table):
            out[name] = run.read(table)
    rows = [{"key": key, "value": str(value)} for key, value in run.flat_config.items()]
    out["Config"] = pd.DataFrame(rows)
    return out


def _past(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    told = [
        {
            "quantity": row["name"],
            "unit": row["unit"],
            "year": row["year"],
            "known by": row["as_of"],
            **{key.upper(): row[key] for key in ("p10", "p50", "p90")},
            "actual": row["actual"],
            "missed by, %": row["miss_percent"],
            "inside P10-P90": "yes" if row["inside"] else "no",
            "basis": row["basis"],
            "official forecast": row["official"],
            "sources of the actual": " ".join(row["source_ids"]),
        }
        for row in rows
    ]
    return pd.DataFrame(told)


def _contents(names: Iterable[str]) -> pd.DataFrame:
    import pandas as pd

    rows = [(name, *_ABOUT[name]) for name in names]
    return pd.DataFrame(rows, columns=["sheet", "what it holds", "units"])


def _answer_sheet(
    book: Any, formats: Mapping[str, Any], run: Run, settings: ReportSettings
) -> None:
    page = book.add_worksheet("Answer")
    page.write_string(0, 0, settings.title, formats["title"])
    facts = run.manifest
    page.write_string(
        1,
        0,
        f"Modelled. Scenario {facts['scenario']}, {facts.get('members', '?')} members, "
        f"data to {facts['data_vintage']}; run {run.id}",
    )
    for line, text in enumerate(_words(run), 2):
        page.write_string(line, 0, text, formats["soft"])
    years = shown_years(run, settings.years)
    heads = ["to", "answer", "unit", *map(str, years)]
    for column, head in enumerate(heads):
        kind = "right" if head.isdecimal() else "head"
        page.write_string(_HEAD, column, head, formats[kind])
    row = _HEAD + 1
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
            page.write_string(row, 0, label_of(sink, run))
            page.write_string(row, 1, answer)
            page.write_string(row, 2, unit)
            for column, value in enumerate(values, 3):
                if value is not None:
                    kind = "large" if unit == "MW" else "number"
                    page.write_number(row, column, value, formats[kind])
            row += 1
    page.autofilter(_HEAD, 0, row - 1, len(heads) - 1)
    page.freeze_panes(_HEAD + 1, 3)
    for column, width in enumerate((36, 20, 7)):
        page.set_column(column, column, width)
    page.set_column(3, len(heads), 10)
    printed(page, _HEAD)


def _words(run: Run) -> list[str]:
    """Say what the three answers are."""
    firm = f"firm: there in {firm_share(run)} of the hours of all members, each sink alone."
    return [
        "capability: what plants, fuel, reserve and wires allow; data centres: their contracts.",
        "expected: what history and use make likely.",
        f"{firm} The three never add up. Units of the other sheets: see Sheets.",
    ]


def _chart(book: Any, formats: Mapping[str, Any], run: Run) -> None:
    """Draw expected energy by sink from numbers on the sheet, so that it can be edited.

    The sheet is its own and prints on one page: a chart below a long table would be cut in two.
    """
    page = book.add_worksheet("Expected")
    rows = run.read("annual", answer="expected", quantity="energy_twh")
    rows = rows[rows["sink"] != "exports"]  # the sum of the others
    wide = rows.pivot_table(index="year", columns="sink", values="mean").fillna(0.0)
    families = in_families(map(str, wide), run)
    wide = wide[[sink for sinks in families.values() for sink in sinks]]
    colours = shades(run)
    page.write_string(0, 0, "Expected, TWh a year (mean)", formats["head"])
    chart = book.add_chart({"type": "area", "subtype": "stacked"})
    last = len(wide)
    for column, year in enumerate(wide.index, 1):
        page.write_number(0, column, int(year), formats["right"])
    for line, sink in enumerate(wide, 1):
        page.write_string(line, 0, label_of(str(sink), run))
        for column, value in enumerate(wide[sink], 1):
            page.write_number(line, column, float(value), formats["number"])
        chart.add_series(
            {
                "name": ["Expected", line, 0],
                "categories": ["Expected", 0, 1, 0, last],
                "values": ["Expected", line, 1, line, last],
                "fill": {"color": colours[str(sink)]},
            }
        )
    chart.set_title({"name": "Expected, TWh a year (mean, modelled)"})
    chart.set_size({"width": 1100, "height": 500})
    _total(page, formats, wide)
    page.insert_chart(len(wide.columns) + 3, 0, chart)
    page.set_column(0, 0, 36)
    page.set_column(1, last, 10)
    printed(page, 0, pages=1)


def _total(page: Any, formats: Mapping[str, Any], wide: pd.DataFrame) -> None:
    """Write what all corridors send below the rows, as formulas that follow a changed cell."""
    from xlsxwriter.utility import xl_range

    corridors = [sink != "data_centres" for sink in wide]
    first, end = corridors.index(True) + 1, len(corridors)
    page.write_string(end + 1, 0, SINKS["exports"])
    for column, total in enumerate(wide.loc[:, corridors].sum(axis=1), 1):
        cells = xl_range(first, column, end, column)
        page.write_formula(end + 1, column, f"=SUM({cells})", formats["number"], float(total))
