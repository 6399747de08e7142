"""The figures of a run as PNG files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dcforecast.config.report import ReportSettings
from dcforecast.reports import plots, plots_market, plots_models
from dcforecast.reports.answer import series_label, shown_years
from dcforecast.store import Run
from dcforecast.store.atomic import atomic_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Chart", "charts", "figures"]


class Chart(NamedTuple):
    """A chart of a run, drawn."""

    name: str
    caption: str
    figure: Figure


def charts(run: Run) -> Iterator[Chart]:
    """Draw the charts a run has the tables for."""
    if run.has("annual"):
        yield Chart(
            "corridors",
            "The three answers of every sink; firm power as its energy over a year",
            plots.corridors(run),
        )
        yield Chart(
            "expected",
            "What would be sent, in the mean; the use of new corridors is assumed",
            plots.expected_stack(run),
        )
        have = set(run.read("annual", columns=["quantity"])["quantity"])
        if "cfe_grid" in have:
            yield Chart(
                "clean", "How clean it is, under three conventions", plots_market.clean(run)
            )
        if "node_price_eur_mwh" in have:
            drawn = plots_market.prices(run)
            yield Chart(
                "prices", "Prices at home, and the worth of one more MW to each buyer", drawn
            )
    if run.kept("allocation"):
        years = shown_years(run, (2030, 2040))
        drawn = plots.duration(run, "unused", years)
        yield Chart("unused_hours", "Surplus that no sink takes, by hour", drawn)
        drawn = plots.heatmap(run, "unused", years[0])
        yield Chart("unused_heatmap", "When surplus stays unused", drawn)
    if run.has("forecast") and run.has("history") and run.has("annual"):
        for series in ("demand_gross_annual", "generation_hydro_annual", "export_annual"):
            drawn = plots_models.forecast(run, series)
            yield Chart(f"forecast_{series}", f"Forecast of {series_label(series)}", drawn)
        drawn = plots_models.history(run, "export")
        yield Chart("history_export", "Exports by month, rebuilt", drawn)
    if run.has("scores"):
        yield Chart(
            "scores", "Models against each other: skill by series", plots_models.scores(run)
        )


def figures(
    run: Run, folder: Path, settings: ReportSettings, drawn: Iterable[Chart] | None = None
) -> list[Path]:
    """Write every chart as PNG, as drawn if they are; return the files."""
    out = []
    for chart in drawn or charts(run):
        with atomic_file(folder / f"{chart.name}.png") as temporary:
            chart.figure.savefig(temporary, dpi=settings.dpi, metadata={"Software": "dcforecast"})
        out.append(folder / f"{chart.name}.png")
    return out
