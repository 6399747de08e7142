"""The campuses of a run, one by one: what each gets, misses, makes itself, and how clean it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from dcforecast.reports.answer import CAMPUSES
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
    "Firm, MW: on average / in nine of ten years": (
        ("firm", "power_mw"), ("firm", "power_9_in_10_mw"),
    ),
    "Load short, h: of the grid / after own supply": (
        ("expected", "lole_h"), ("expected", "site_lole_h"),
    ),
    "Load short, MWh: of the grid / after own supply": (
        ("expected", "eens_mwh"), ("expected", "site_eens_mwh"),
    ),
    "Own engines: h / fuel, million EUR": (
        ("expected", "backup_h"), ("expected", "backup_cost_meur"),
    ),
    "Step in a voltage dip, MW: contract / load": (
        ("capability", "step_mw"), ("expected", "step_mw"),
    ),
    "Must ride through for the reserve to do: contract / load": (
        ("capability", "ride_through_needed"), ("expected", "ride_through_needed"),
    ),
    "Clean share: grid mix / contracts / surplus": (
        ("expected", "cfe_grid"), ("expected", "cfe_contracted"), ("expected", "cfe_surplus"),
    ),
    "Carbon dioxide, t/MWh": (("expected", "co2_t_per_mwh"),),
    "One more MW under contract, EUR a year": (("capability", "added_mw_value_eur"),),
}  # fmt: skip


class Line(NamedTuple):
    """One line of the table: campus (only on its first line), what it is, a text a year."""

    campus: str
    label: str
    cells: list[str]


def campus_lines(run: Run, years: Sequence[int]) -> list[Line]:
    """Return the lines of the table of campuses, all data centres together first.

    Lines of nothing but zeros are left out.

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
            values = [[means.get((sink, *key, year)) for key in there] for year in years]
            if not any(value for cell in values for value in cell):
                continue
            lines.append(Line(name, label, [" / ".join(map(_text, cell)) for cell in values]))
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
    return CAMPUSES.get(sink) or sink.removeprefix(_START).replace("_", " ")


def _text(value: float | None) -> str:
    if value is None or value != value:  # noqa: PLR0124  (not a number)
        return "-"
    size = abs(value)
    if size < 0.005:
        return "0"
    return f"{value:,.0f}" if size >= 100 else f"{value:,.1f}" if size >= 10 else f"{value:,.2f}"
