"""What the project's data is made of: tables, sources, licences, last dates."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from dcforecast.sources.tables import names, table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["catalogue", "fact_sources", "source_rows"]

#: Columns that hold ids of facts, one or several.
_FACT_COLUMNS = ("fact_id", "fact_ids", "total_fact_id", "kept", "set_aside", "basis")


def source_rows(ids: Iterable[str]) -> pd.DataFrame:
    """Return the rows of ``SOURCES.csv`` with these ids, in table order."""
    rows = table("SOURCES")
    return rows[rows["source_id"].isin(set(ids))].reset_index(drop=True)


@lru_cache(maxsize=1)
def fact_sources() -> dict[str, str]:
    """Map each fact id (C001, G001, D001, R001 ...) to its source id."""
    found: dict[str, str] = {}
    for name in names():
        if name.startswith("facts_"):
            rows = table(name)
            found.update(zip(rows["id"].astype(str), rows["source_id"].astype(str), strict=True))
    return found


def _cited(frame: pd.DataFrame) -> list[str]:
    """Return the source ids that a table cites, directly or by fact ids."""
    found: dict[str, None] = {}
    facts = fact_sources()
    for column in frame.columns:
        if str(column).endswith("source_id"):
            found.update(dict.fromkeys(frame[column].dropna().astype(str)))
        elif str(column) in _FACT_COLUMNS:
            cells = " ".join(frame[column].dropna().astype(str)).replace(";", " ").split()
            found.update(dict.fromkeys(facts[cell] for cell in cells if cell in facts))
    return list(found)


def _dates(frame: pd.DataFrame, columns: Iterable[str]) -> pd.Series:
    import pandas as pd

    column = next((c for c in columns if c in frame), None)
    if column is None:
        return pd.Series(dtype=str)
    dates = frame[column].dropna().astype(str)
    return dates[dates.str.match(r"\d{4}")]


def catalogue() -> pd.DataFrame:
    """Describe every table of the project's data.

    Returns
    -------
    pandas.DataFrame
        table, rows, first, last, sources, publishers, licences.
    """
    import pandas as pd

    known = table("SOURCES").set_index("source_id")
    rows = []
    for name in names():
        frame = table(name)
        if name == "SOURCES":
            continue
        dates = _dates(frame, ("start", "date", "year", "source_date"))
        ends = _dates(frame, ("end", "date", "year", "source_date"))
        ids = _cited(frame)
        cited = known.loc[[i for i in ids if i in known.index]]
        rows.append(
            {
                "table": name,
                "rows": len(frame),
                "first": dates.min() if len(dates) else "",
                "last": ends.max() if len(ends) else "",
                "sources": len(cited),
                "publishers": "; ".join(cited["publisher"].value_counts().index[:3]),
                "licences": "; ".join(cited["licence"].value_counts().index[:2]),
            }
        )
    return pd.DataFrame(rows)
