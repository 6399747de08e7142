"""The report as one self-contained HTML page."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

from dcforecast.config.report import ReportSettings
from dcforecast.reports.answer import (
    answer_rows,
    champion_rows,
    hindcast_rows,
    label_of,
    series_label,
    shown_years,
)
from dcforecast.reports.campuses import campus_lines
from dcforecast.reports.figures import Chart, charts
from dcforecast.reports.headline import firm_share, headline
from dcforecast.reports.market import clean_rows, market_rows
from dcforecast.reports.style import number
from dcforecast.sources import source_rows
from dcforecast.store import Run
from dcforecast.store.atomic import write_text

__all__ = ["html"]


def html(
    run: Run, path: Path, settings: ReportSettings, drawn: Iterable[Chart] | None = None
) -> None:
    """Write the report of a run: answer, charts, hindcast, champions, assumptions, sources.

    Everything is inside the page; nothing is loaded from elsewhere and all text is escaped.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("report.html.j2")
    write_text(path, template.render(**_content(run, settings, drawn or charts(run))))


def _content(run: Run, settings: ReportSettings, drawn: Iterable[Chart]) -> dict[str, Any]:
    years = shown_years(run, settings.years) if run.has("annual") else []
    return {
        "title": settings.title,
        "run": run.manifest,
        "scenario": run.config.get("scenario", {}),
        "years": years,
        "headline": headline(run) if years else [],
        "firm_share": firm_share(run),
        "answer": [
            (label_of(sink, run), [cells[year] for year in years])
            for sink, cells in (answer_rows(run, years) if years else {}).items()
        ],
        "charts": [(one.name, one.caption, _inline(one)) for one in drawn],
        "hindcast": _by_quantity(hindcast_rows(run)),
        "champions": _champions(run) if run.has("scores") else [],
        "assumptions": _assumptions(run),
        "sources": _sources(run),
        "system": _system(run, years),
        "clean": clean_rows(run, years) if years else [],
        "market": market_rows(run, years) if years else [],
        "campuses": campus_lines(run, years) if years else [],
        "config": run.flat_config.items(),
    }


def _by_quantity(rows: Iterable[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    return [(name, list(part)) for name, part in groupby(rows, key=lambda row: str(row["name"]))]


def _champions(run: Run) -> list[dict[str, Any]]:
    rows = champion_rows(run)
    rows["series"] = rows["series"].map(series_label)
    records: list[Any] = rows.to_dict("records")
    return records


def _inline(chart: Chart) -> str:
    buffer = io.BytesIO()
    chart.figure.savefig(buffer, format="png", dpi=110, metadata={"Software": "dcforecast"})
    return base64.b64encode(buffer.getvalue()).decode()


def _assumptions(run: Run) -> list[dict[str, Any]]:
    """Links and settings whose numbers no source gives."""
    links = run.config.get("network", {}).get("links", {})
    rows = []
    for name, link in links.items():
        if link.get("assumed") or link.get("date_basis") == "judgement":
            what = "size and date" if link.get("assumed") else "date"
            late = " before delays" if link.get("date") and link.get("slip_median_years") else ""
            when = f"{link.get('date') or 'now'}{late}"
            rows.append(
                {
                    "name": name,
                    "what": what,
                    "value": f"{link.get('capacity_mw', 0):,.0f} MW, {when}",
                    "note": link.get("note", ""),
                }
            )
    return rows


def _sources(run: Run) -> list[dict[str, Any]]:
    if not run.has("lineage"):
        return []
    used = run.read("lineage", columns=["source_id"])["source_id"]
    rows: Any = source_rows(used).fillna("").to_dict("records")
    return list(rows)


def _system(run: Run, years: list[int]) -> list[tuple[str, list[str]]]:
    """Gas, carbon dioxide and the like of the whole system."""
    if not years:
        return []
    annual = run.read("annual", year=years, answer=["capability", "expected"])
    names = {
        ("system", "gas_bcm"): "Gas burnt, bcm",
        ("system", "co2_mt"): "Carbon dioxide, Mt",
        ("data_centres", "lole_h"): "Data centres: LOLE, hours short a year",
        ("data_centres", "eens_mwh"): "Data centres: EENS, MWh short a year",
        ("data_centres", "co2_t_per_mwh"): "Data centres: carbon dioxide, t/MWh",
        ("domestic", "lole_h"): "Domestic demand: LOLE, hours short a year",
    }
    out = []
    for (sink, quantity), label in names.items():
        rows = annual[(annual["sink"] == sink) & (annual["quantity"] == quantity)]
        for answer, part in rows.groupby("answer"):
            by_year = part.set_index("year")["mean"]
            cells = [number(by_year[y]) if y in by_year.index else "-" for y in years]
            out.append((f"{label} ({answer})", cells))
    return out
