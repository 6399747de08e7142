"""Rows of a benchmark: shown, put into a Markdown text, kept as a run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from dcforecast.config.compose import Composed
    from dcforecast.store import Run

__all__ = ["COLUMNS", "Rows", "cells", "close", "of_run", "table", "with_table"]

#: Columns by measure: heading and format.
COLUMNS = {
    "owa": ("OWA", ".3f"), "sql": ("SQL", ".3f"),
    "smape": ("sMAPE", ".2f"), "mase": ("MASE", ".3f"), "mae": ("mean MAE", ",.4g"),
    "mape": ("MAPE", ".2f"), "coverage_80": ("80 % covered", ".1%"),
    "coverage_90": ("90 % covered", ".1%"), "seconds": ("seconds", ".0f"),
}  # fmt: skip


@dataclass(frozen=True)
class Rows:
    """Scores of a set by method.

    Attributes
    ----------
    name, about : str
        The set, and what was scored.
    measure : str
        What the rows are ordered by.
    ours, published : mapping of str to mapping of str to float
        Scores by method and measure.
    source : str
        The file that was scored.
    """

    name: str
    about: str
    measure: str
    ours: Mapping[str, Mapping[str, float]]
    published: Mapping[str, Mapping[str, float]]
    source: str

    @property
    def columns(self) -> list[str]:
        """Measures that some row has."""
        seen = {key for one in (*self.ours.values(), *self.published.values()) for key in one}
        return [key for key in COLUMNS if key in seen]

    def lines(self) -> list[list[str]]:
        """Return method and cells of all rows, the best first."""
        rows = {f"{name} (published)": one for name, one in self.published.items()}
        rows |= self.ours
        order = sorted(rows, key=lambda name: rows[name].get(self.measure, float("inf")))
        return [[name, *(_cell(rows[name], key) for key in self.columns)] for name in order]


def _cell(scores: Mapping[str, float], key: str) -> str:
    if key not in scores:
        return ""
    value = scores[key]
    form = ",.0f" if key == "mae" and abs(value) >= 1000 else COLUMNS[key][1]
    return format(value, form)


def table(rows: Rows) -> Table:
    """Return the rows as a table for the terminal."""
    from rich.table import Table

    lines = rows.lines()
    shown = Table(title=rows.about, title_justify="left", box=None)
    shown.add_column("method", overflow="fold")
    for place, key in enumerate(rows.columns, start=1):
        # A heading may be broken between its words, a number may not.
        words = [*COLUMNS[key][0].split(), *(line[place] for line in lines)]
        shown.add_column(COLUMNS[key][0], min_width=max(map(len, words)), justify="right")
    for line in lines:
        shown.add_row(*line)
    return shown


def with_table(text: str, rows: Rows) -> str:
    """Return a Markdown text with the rows: in the set's table there, or in one at the end.

    Methods of the former table that were not scored now keep their rows, if it says the same of
    the set.
    """
    from dcforecast.reports import markdown

    begin, end = f"<!-- benchmark {rows.name} -->", "<!-- end -->"
    former = re.search(f"{re.escape(begin)}.*?{re.escape(end)}", text, re.DOTALL)
    kept = _kept(former.group(), rows) if former and f"\n{rows.about}.\n" in former.group() else {}
    whole = replace(rows, ours={**kept, **rows.ours})
    heads = ["method", *(COLUMNS[key][0] for key in whole.columns)]
    block = "\n".join([begin, f"{rows.about}.", "", markdown(heads, whole.lines()), end])
    if former:
        return text[: former.start()] + block + text[former.end() :]
    return f"{text.rstrip()}\n\n{block}\n"


def _kept(block: str, rows: Rows) -> dict[str, dict[str, float]]:
    """Return the scores of our methods in a table that was written before."""
    table = cells(block)
    if not table:
        return {}
    keys = {heading: key for key, (heading, _) in COLUMNS.items()}
    heads = [keys.get(heading) for heading in table[0]]
    return {
        line[0]: {k: _number(c) for k, c in zip(heads, line, strict=True) if k and c}
        for line in table[1:]
        if not line[0].endswith("(published)") and line[0] not in rows.ours
    }


def cells(block: str) -> list[list[str]]:
    """Return the cells of a Markdown table, its headings first."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in block.splitlines()
        if line.startswith("|") and "---" not in line
    ]


def _number(cell: str) -> float:
    plain = float(cell.rstrip("%").replace(",", ""))
    return plain / 100 if cell.endswith("%") else plain


def of_run(run: Run) -> Rows:
    """Return the rows that a run keeps; one of an early version lacks some of the words."""
    keys = ("benchmark", "about", "measure", "ours", "published", "source")
    return Rows(*(run.manifest.get(key, "") for key in keys))


def close(rows: Rows, composed: Composed, started: float) -> Run:
    """Keep the rows as a run of the store, and track it, each method a run of its own."""
    from dcforecast.pipelines.preflight import file_digest
    from dcforecast.pipelines.provenance import provenance
    from dcforecast.store import Store

    settings = composed.settings
    store = Store(settings.store.path)
    run = store.create(
        "benchmark", composed.config, started=started, scenario="",
        model=settings.model.name if settings.model.target else "",
        overrides=list(composed.overrides), seed=settings.ensemble.seed, benchmark=rows.name,
        about=rows.about, measure=rows.measure, ours=rows.ours, published=rows.published,
        source=rows.source, input_digest=file_digest(Path(rows.source)), **provenance(),
    )  # fmt: skip
    run.finish("finished")
    if settings.tracking.kind != "off":
        from dcforecast.tracking import upload

        url = upload(run, settings.tracking, project_dir=store.project, batch=run.id)
        run.update(tracking_url=url)
    return run
