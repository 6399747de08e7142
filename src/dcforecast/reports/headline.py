"""The answer in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dcforecast.reports.answer import shown_years
from dcforecast.reports.families import NEW, family_of
from dcforecast.store import Run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["firm_share", "headline"]

#: Least energy over new corridors that is spoken of [TWh].
_SEEN = 0.05


def headline(run: Run, year: int = 2030) -> list[str]:
    """Return the answer in sentences: exports and data centres of one year.

    Parameters
    ----------
    run : Run
        A run with the table ``annual``.
    year : int
        The year spoken of; the run's last when it does not have it.
    """
    year = shown_years(run, (year,))[-1]
    annual = run.read("annual", year=[year])
    if "exports" not in set(annual["sink"]):  # a run of an older version
        return []
    rows: Any = annual.set_index(["sink", "answer", "quantity"]).sort_index().loc

    def spread(sink: str, answer: str) -> str:
        cell = rows[sink, answer, "energy_twh"]
        return f"{cell['q500']:.1f} TWh (P10-P90 {cell['q100']:.1f}-{cell['q900']:.1f})"

    firm = rows["data_centres", "firm", "power_mw"]["mean"]
    corridors = (
        f"{year}: plants, fuel and wires would let {spread('exports', 'capability')} leave the "
        f"country; history makes {spread('exports', 'expected')} likely{_assumed(run, annual)}."
    )
    campuses = (
        f"{year}: data centres under contract could draw {spread('data_centres', 'capability')} "
        f"and are expected to use {spread('data_centres', 'expected')}; {firm:,.0f} MW can be "
        f"promised to them in {firm_share(run)} of hours."
    )
    return [corridors, campuses]


def firm_share(run: Run) -> str:
    """Return the share of hours in which firm power is there, as the run was set: "99.9 %"."""
    return f"{100 * run.config.get('allocation', {}).get('firm_level', 0.999):g} %"


def _assumed(run: Run, annual: pd.DataFrame) -> str:
    """Say how much of what is expected goes where no record of use is, if it can be seen."""
    rows = annual[(annual["answer"] == "expected") & (annual["quantity"] == "energy_twh")]
    means = rows.set_index("sink")["mean"]
    new = sum(float(means[sink]) for sink in means.index if family_of(str(sink), run) == NEW)
    if new < _SEEN:
        return ""
    total = means["exports"]
    return f"; on average {new:.1f} of {total:.1f} TWh go over new corridors, an assumption"
