"""The summary at the top of a file of benchmark tables: one row a set, taken from its table."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dcforecast.pipelines.benchmark_daily import DAILY, DailyBenchmark
from dcforecast.pipelines.benchmark_rows import COLUMNS, cells
from dcforecast.pipelines.benchmark_series import SERIES, SeriesBenchmark
from dcforecast.pipelines.benchmark_windows import WINDOWS, WindowsBenchmark

__all__ = ["SETS", "with_summary"]

#: All public sets by name.
SETS: dict[str, SeriesBenchmark | DailyBenchmark | WindowsBenchmark] = {
    **SERIES,
    **DAILY,
    **WINDOWS,
}

_SUMMARY = re.compile("<!-- summary -->.*?<!-- end -->", re.DOTALL)
_TABLE = re.compile(r"<!-- benchmark (\S+) -->(.*?)<!-- end -->", re.DOTALL)
_HEADS = [
    "set", "measure", "best published", "ours", "model", "80 % covered", "90 % covered",
    "next of ours", "naive",
]  # fmt: skip
_NAIVE = ("seasonal_naive", "weekly naive")


def with_summary(text: str) -> str:
    """Return a text, its ``<!-- summary -->`` (up to ``<!-- end -->``) renewed if it has one."""
    from dcforecast.reports import markdown

    block = f"<!-- summary -->\n{markdown(_HEADS, _summary(text))}\n<!-- end -->"
    return _SUMMARY.sub(lambda _: block, text, count=1)


def _summary(text: str) -> Iterator[list[str]]:
    """Yield the cells of each public set whose table stands in a text, in its order."""
    for name, block in _TABLE.findall(text):
        if name in SETS:
            yield [f"[{name}](#{name})", *_row(block, COLUMNS[SETS[name].ordered_by][0])]


def _row(block: str, measure: str) -> list[str]:
    """Return a set's cells; its table has the best rows first, and intervals of ours alone."""
    heads, *lines = cells(block)
    rows = [dict(zip(heads, line, strict=True)) for line in lines]
    ours = [row for row in rows if row["80 % covered"]]
    others = [row for row in rows if not row["80 % covered"]]
    naive = [row for row in ours if row["method"] in _NAIVE]
    best, *rest = [row for row in ours if row not in naive] or naive

    def said(found: list[dict[str, str]]) -> str:
        name = found[0]["method"].removesuffix(" (published)") if found else ""
        return f"{name} {found[0][measure]}" if found else ""

    covered = [best["80 % covered"], best["90 % covered"]]
    return [measure, said(others), best[measure], best["method"], *covered, said(rest), said(naive)]
