"""The figures of a run as PNG files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dcforecast.config.report import ReportSettings
from dcforecast.reports import plots, plots_market, plots_models
from dcforecast.reports.answer import series_label, shown_years
from dcforecast.store import Run
from dcforecast.store.atomic import atomic_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["charts", "figures"]


def charts(run: Run) -> Iterator[tuple[str, str, Callable[[], Figure]]]:
    """Yield (name, caption, maker) of the charts a run has the tables for."""
    if run.has("annual"):
        yield ("corridors", "The three answers of every sink", lambda: plots.corridors(run))
        yield ("expected", "What would be sent", lambda: plots.expected_stack(run))
        have = set(run.read("annual", columns=["quantity"])["quantity"])
        if "cfe_grid" in have:
            yield ("clean", "How clean it is, by convention", lambda: plots_market.clean(run))
        if "node_price_eur_mwh" in have:
            yield (
                "prices",
                "Prices at home, worth of one more MW",
                lambda: plots_market.prices(run),
            )
    if run.kept("allocation"):
        years = shown_years(run, (2030, 2040))
        yield (
            "unused_hours",
            "Surplus that no sink takes, by hour",
            lambda: plots.duration(run, "unused", years),
        )
        yield (
            "unused_heatmap",
            "When surplus stays unused",
            lambda: plots.heatmap(run, "unused", years[0]),
        )
    if run.has("forecast") and run.has("history") and run.has("annual"):
        for series in ("demand_gross_annual", "generation_hydro_annual", "export_annual"):
            yield (
                f"forecast_{series}",
                f"Forecast of {series_label(series)}",
                lambda series=series: plots_models.forecast(run, series),  # type: ignore[misc]
            )
        yield (
            "history_export",
            "Exports by month, rebuilt",
            lambda: plots_models.history(run, "export"),
        )
    if run.has("scores"):
        yield ("scores", "Skill of each model by series", lambda: plots_models.scores(run))


def figures(run: Run, folder: Path, settings: ReportSettings) -> list[Path]:
    """Write every chart as PNG; return the files."""
    out = []
    for name, _, make in charts(run):
        with atomic_file(folder / f"{name}.png") as temporary:
            make().savefig(temporary, dpi=settings.dpi, metadata={"Software": "dcforecast"})
        out.append(folder / f"{name}.png")
    return out
