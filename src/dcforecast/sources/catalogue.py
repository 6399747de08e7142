"""What the project's data is made of: tables, sources, licences, last dates."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from dcforecast.sources.tables import names, table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["catalogue", "fact_sources", "source_rows"]


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
        date = next((c for c in ("start", "date", "year", "source_date") if c in frame), None)
        dates = frame[date].dropna().astype(str) if date else pd.Series(dtype=str)
        dates = dates[dates.str[:4].str.isdigit()]
        ids = frame["source_id"].dropna().unique() if "source_id" in frame else []
        cited = known.loc[[i for i in ids if i in known.index]]
        rows.append(
            {
                "table": name,
                "rows": len(frame),
                "first": dates.min() if len(dates) else "",
                "last": dates.max() if len(dates) else "",
                "sources": len(cited),
                "publishers": "; ".join(cited["publisher"].value_counts().index[:3]),
                "licences": "; ".join(cited["licence"].value_counts().index[:2]),
            }
        )
    return pd.DataFrame(rows)
