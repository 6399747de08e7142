"""Figures that cannot both hold, each named with its row and source."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

from dcforecast.history.figures import named
from dcforecast.history.tiling import tilings
from dcforecast.history.units import wrong_units

if TYPE_CHECKING:
    import pandas as pd

    from dcforecast.history.structure import Structure

__all__ = ["KINDS", "contradictions"]

#: What each kind means, in the words of the report.
KINDS = {
    "unit": "wrong unit",
    "same period": "two figures of one period",
    "falling": "a total from January falls",
    "sum": "parts of a period do not add up to it",
    "identity": "series of one period do not add up to their total",
}
#: Difference that is never more than arithmetic [unit of the figures].
_ARITHMETIC = 0.01


def contradictions(observations: pd.DataFrame, structure: Structure | None = None) -> pd.DataFrame:
    """Find figures of one series and scope that cannot both be right.

    Five kinds, all beyond rounding: a figure about 1,000 times (or a thousandth of) its
    neighbours; two publishers, or one on one day, with two values of one period; a total from
    January that falls as months are added; a period whose parts do not add up to it; a total
    whose series do not, if their account is given.  A later value of the same publisher is a
    revision, no contradiction; only the newest is looked at.

    Parameters
    ----------
    observations : pandas.DataFrame
        Published figures.
    structure : Structure, optional
        The account of the series, for its sums.

    Returns
    -------
    pandas.DataFrame
        kind, series, scope, older, newer (row labels), rows (all labels), gap (what lies beyond
        rounding) and text (the figures with their sources), ordered by kind.
    """
    import pandas as pd

    columns = ["kind", "series", "scope", "older", "newer", "rows", "gap", "text"]
    found = list(wrong_units(observations))
    odd = {row["rows"][0] for row in found}
    rest = observations[~observations.index.isin(odd)]
    for rows in _newest(rest):
        found += [*_same_period(rows), *_falling(rows), *_sums(rows)]
    if structure is not None:
        found += _identities(rest, structure)
    order = list(KINDS)
    found.sort(key=lambda row: order.index(row["kind"]))
    return pd.DataFrame(found, columns=columns)


def _newest(figures: pd.DataFrame) -> list[list[Any]]:
    """Return what each publisher says last of each period, by series and scope.

    Within them in order of publication.
    """
    publisher = figures["publisher"] if "publisher" in figures else figures["source_id"]
    keyed = figures.assign(_by=publisher)
    last = keyed.groupby(["series", "scope", "timestamp", "end", "_by"])["vintage"].transform("max")
    rows = keyed[keyed["vintage"] == last]
    rows = rows.sort_values(["series", "scope", "timestamp", "end", "vintage"])
    same = groupby(rows.itertuples(name="Figure"), key=lambda row: (row.series, row.scope))
    return [list(group) for _, group in same]


def _told(
    kind: str, older: Any, newer: Any, rows: list[Any], gap: float, text: str
) -> dict[str, Any]:
    return {
        "kind": kind, "series": rows[0].series, "scope": newer.scope, "older": older.Index,
        "newer": newer.Index, "rows": tuple(row.Index for row in rows), "gap": float(gap),
        "text": f"{rows[0].series} ({newer.scope}): {text}",
    }  # fmt: skip


def _figure(row: Any) -> str:
    unit = getattr(row, "unit", "GWh")
    span = f"{row.timestamp:%Y-%m} to {row.end - timedelta(days=1):%Y-%m}"
    return f"{row.value:,.10g} {unit} for {span} {named(row)}"


def _same_period(rows: list[Any]) -> Iterator[dict[str, Any]]:
    periods: dict[tuple[Any, Any], list[Any]] = {}
    for row in rows:
        periods.setdefault((row.timestamp, row.end), []).append(row)
    for same in periods.values():
        if len(same) < 2:
            continue
        for position, older in enumerate(same[:-1]):
            newer = same[position + 1]
            gap = abs(older.value - newer.value) - _slack(older, newer)
            if gap > 0:
                yield _told("same period", older, newer, [older, newer], gap,
                            f"{_figure(older)} but {_figure(newer)}")  # fmt: skip


def _slack(*rows: Any) -> float:
    return float(sum(row.precision_gwh for row in rows)) / 2 + _ARITHMETIC


def _falling(rows: list[Any]) -> Iterator[dict[str, Any]]:
    """Compare each total from January with the one before it."""
    if rows and rows[0].series.startswith("net_"):
        return
    years: dict[Any, dict[Any, Any]] = {}
    for row in rows:
        if (row.timestamp.month, row.timestamp.day) == (1, 1):
            years.setdefault(row.timestamp, {})[row.end] = row  # the newest stays
    for totals in years.values():
        ordered = [totals[end] for end in sorted(totals)]
        for before, after in pairwise(ordered):
            gap = before.value - after.value - _slack(before, after)
            if gap > 0:
                older, newer = sorted((before, after), key=lambda row: row.vintage)
                yield _told("falling", older, newer, [before, after], gap,
                            f"{_figure(before)} but {_figure(after)}")  # fmt: skip


def _sums(rows: list[Any]) -> Iterator[dict[str, Any]]:
    """Compare each period with the sum of shorter figures that fill it."""
    newest = {(row.timestamp, row.end): row for row in rows}
    for whole, parts in tilings(newest):
        total = sum(part.value for part in parts)
        yield from _unequal("sum", whole, parts, total)


def _identities(rows: pd.DataFrame, structure: Structure) -> Iterator[dict[str, Any]]:
    """Compare each total with its series, where one scope tells all of them of one period."""
    newest = rows.sort_values("vintage").drop_duplicates(
        ["series", "scope", "timestamp", "end"], keep="last"
    )
    told: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in newest.sort_values(["scope", "timestamp", "end"]).itertuples(name="Figure"):
        told.setdefault((row.scope, row.timestamp, row.end), {})[str(row.series)] = row
    for known in told.values():
        for name, weights in structure.sums.items():
            if name not in structure.loose and {name, *weights} <= set(known):
                parts = [known[part] for part in weights]
                total = sum(weight * known[part].value for part, weight in weights.items())
                yield from _unequal("identity", known[name], parts, total)


def _unequal(kind: str, whole: Any, parts: list[Any], total: float) -> Iterator[dict[str, Any]]:
    gap = abs(total - whole.value) - _slack(whole, *parts)
    if gap <= 0:
        return
    last = max(parts, key=lambda row: row.vintage)
    older, newer = sorted((whole, last), key=lambda row: row.vintage)
    listed = " + ".join(f"{part.value:,.10g} {named(part)}" for part in parts[:3])
    more = f" + {len(parts) - 3} more" if len(parts) > 3 else ""
    text = f"{_figure(whole)} but its {len(parts)} parts make {total:,.10g}: {listed}{more}"
    yield _told(kind, older, newer, [whole, *parts], gap, text)
