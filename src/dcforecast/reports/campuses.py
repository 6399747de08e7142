"""The campuses of a run, one by one: what each gets, misses, makes itself, and how clean it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from dcforecast.store import Run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Line", "campus_lines", "campus_sheet"]

_TOGETHER = "data_centres"
_START = "campus_"

#: What is shown of each campus: label, and the (answer, quantity) whose means stand in a cell.
_SHOWN: dict[str, tuple[tuple[str, str], ...]] = {
    "From the grid, TWh: contract / load": (
        ("capability", "served_twh"), ("expected", "served_twh"),
    ),
    "Firm power, MW: on average / in nine of ten years": (
        ("firm", "power_mw"), ("firm", "power_9_in_10_mw"),
    ),
    "Hours the grid leaves the load short / short after own engines and battery": (
        ("expected", "lole_h"), ("expected", "site_lole_h"),
    ),
    "Energy short, MWh: grid / after own engines and battery": (
        ("expected", "eens_mwh"), ("expected", "site_eens_mwh"),
    ),
    "Engines on site: hours a year / fuel, million EUR": (
        ("expected", "backup_h"), ("expected", "backup_cost_meur"),
    ),
    "Largest step in a voltage dip, MW: contract / load": (
        ("capability", "step_mw"), ("expected", "step_mw"),
    ),
    "Part of the load that must ride through, so that a dip takes no more than the largest unit": (
        ("capability", "ride_through_needed"), ("expected", "ride_through_needed"),
    ),
    "CFE of the load: grid mix / contracts / surplus after domestic demand": (
        ("expected", "cfe_grid"), ("expected", "cfe_contracted"), ("expected", "cfe_surplus"),
    ),
    "Carbon dioxide of the load, t/MWh": (("expected", "co2_t_per_mwh"),),
    "Worth of one more MW under contract, EUR a year": (("capability", "added_mw_value_eur"),),
}  # fmt: skip


class Line(NamedTuple):
    """One line of the table: campus (only on its first line), what it is, a text a year."""

    campus: str
    label: str
    cells: list[str]


def campus_lines(run: Run, years: Sequence[int]) -> list[Line]:
    """Return the lines of the table of campuses, all data centres together first.

    Parameters
    ----------
    run : Run
        A run with the table ``annual``; older ones without campuses give no line.
    years : sequence of int
        Columns.
    """
    annual = _rows(run)
    annual = annual[annual["year"].isin(list(years))]
    means = annual.set_index(["sink", "answer", "quantity", "year"])["mean"].to_dict()
    sinks = list(dict.fromkeys(annual["sink"]))
    if not any(sink.startswith(_START) for sink in sinks):
        return []
    lines = []
    for sink in sinks:
        name = _name(sink)
        for label, keys in _SHOWN.items():
            there = [key for key in keys if any((sink, *key, year) in means for year in years)]
            if not there:
                continue
            texts = [
                " / ".join(_text(means.get((sink, *key, year))) for key in there) for year in years
            ]
            lines.append(Line(name, label, texts))
            name = ""
    return lines


def campus_sheet(run: Run) -> pd.DataFrame:
    """Return the means of all quantities of the campuses, with a column a year."""
    rows = _rows(run)
    rows = rows.assign(campus=[_name(sink) for sink in rows["sink"]])
    index = ["campus", "answer", "quantity"]
    index += ["unit"] if "unit" in rows else []
    wide = rows.pivot_table(index=index, columns="year", values="mean", sort=False)
    return wide.rename(columns=str).reset_index().rename_axis(columns=None)


def _rows(run: Run) -> pd.DataFrame:
    annual = run.read("annual")
    wanted = annual["sink"].str.startswith(_START) | (annual["sink"] == _TOGETHER)
    return annual[wanted].sort_values("sink", key=lambda s: s != _TOGETHER, kind="stable")


def _name(sink: str) -> str:
    if sink == _TOGETHER:
        return "All data centres"
    return sink.removeprefix(_START).replace("_", " ")


def _text(value: float | None) -> str:
    if value is None or value != value:  # noqa: PLR0124  (not a number)
        return "-"
    size = abs(value)
    return f"{value:,.0f}" if size >= 100 else f"{value:,.1f}" if size >= 10 else f"{value:,.2f}"
