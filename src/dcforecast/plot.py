"""Charts ready to paste: each function returns a matplotlib Figure.

>>> import dcforecast as dcf
>>> dcf.plot.answer("tripp").savefig("tripp.png")  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dcforecast.api import find
from dcforecast.reports import plots, plots_market, plots_models
from dcforecast.store import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "answer",
    "clean",
    "compare",
    "corridors",
    "duration",
    "expected",
    "forecast",
    "heatmap",
    "history",
    "prices",
    "scores",
    "scores_by_step",
]


def answer(
    sink: str = "data_centres",
    run: str | Run = "latest",
    *,
    scenario: str | None = None,
    store: str = "outputs",
) -> Figure:
    """Draw capability, expected and firm of one sink by year [TWh].

    Parameters
    ----------
    sink : str
        ``data_centres``, ``georgia``, ``tripp``, ``black_sea`` ...
    run : str or Run
        Run id, a beginning of it, or ``"latest"``.
    scenario : str, optional
        With ``"latest"``: the newest run of this scenario.
    store : str
        Folder of runs.
    """
    return plots.answer(find("annual", run, scenario, store=store), sink)


def corridors(
    run: str | Run = "latest", *, scenario: str | None = None, store: str = "outputs"
) -> Figure:
    """Draw the three answers of every sink side by side [TWh]."""
    return plots.corridors(find("annual", run, scenario, store=store))


def expected(
    run: str | Run = "latest", *, scenario: str | None = None, store: str = "outputs"
) -> Figure:
    """Draw what would be sent, all sinks on top of each other [TWh a year, means]."""
    return plots.expected_stack(find("annual", run, scenario, store=store))


def clean(
    years: Sequence[int] = (2030, 2040),
    run: str | Run = "latest",
    *,
    scenario: str | None = None,
    store: str = "outputs",
) -> Figure:
    """Draw the clean share of what each sink is expected to get, under three conventions [%]."""
    return plots_market.clean(find("annual", run, scenario, store=store), years)


def prices(
    run: str | Run = "latest", *, scenario: str | None = None, store: str = "outputs"
) -> Figure:
    """Draw the price of power at home [EUR/MWh] and the worth of one more MW to each buyer."""
    return plots_market.prices(find("annual", run, scenario, store=store))


def duration(
    sink: str = "unused",
    years: Sequence[int] = (2030, 2040),
    run: str | Run = "latest",
    *,
    store: str = "outputs",
) -> Figure:
    """Draw a sink's hours sorted over the year [MW]."""
    return plots.duration(find("allocation", run, store=store), sink, years)


def heatmap(
    sink: str = "unused", year: int = 2030, run: str | Run = "latest", *, store: str = "outputs"
) -> Figure:
    """Draw a sink's mean power by month and hour of the day in Baku [MW]."""
    return plots.heatmap(find("allocation", run, store=store), sink, year)


def history(
    series: str = "demand_gross", run: str | Run = "latest", *, store: str = "outputs"
) -> Figure:
    """Draw the monthly history of a series with its 90 % interval [GWh]."""
    return plots_models.history(find("history", run, store=store), series)


def forecast(
    series: str = "demand_gross_annual", run: str | Run = "latest", *, store: str = "outputs"
) -> Figure:
    """Draw the forecast of a series with its 50 and 90 % intervals, after its history."""
    return plots_models.forecast(find("forecast", run, store=store), series)


def scores(run: str | Run = "latest", *, store: str = "outputs") -> Figure:
    """Draw each model's skill against seasonal naive, by series."""
    return plots_models.scores(find("scores", run, store=store))


def scores_by_step(series: str, run: str | Run = "latest", *, store: str = "outputs") -> Figure:
    """Draw each model's CRPS by lead time."""
    return plots_models.scores_by_step(find("scores", run, store=store), series)


def compare(
    runs: Sequence[str | Run], answer: str = "expected", *, store: str = "outputs"
) -> Figure:
    """Draw exports and data centres of several runs by year [TWh].

    Parameters
    ----------
    runs : sequence of str or Run
        Run ids.
    answer : {"expected", "capability"}
    store : str
        Folder of runs.
    """
    return plots.compare([find("annual", run, store=store) for run in runs], answer)
