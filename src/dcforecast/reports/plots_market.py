"""Charts of clean shares, prices at home and the worth of one more MW."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dcforecast.errors import UserError
from dcforecast.reports.answer import label_of, shown_years
from dcforecast.reports.families import FAMILIES, in_families
from dcforecast.reports.market import CLEAN, NODES, clean_sinks
from dcforecast.reports.style import (
    across,
    apart,
    colour_of,
    heading,
    new_figure,
    note,
    show_years,
    source,
)
from dcforecast.store import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["clean", "prices"]

_MARKS = ("o", "s", "^")


def clean(run: Run, years: Sequence[int] = (2030, 2040)) -> Figure:
    """Draw the clean share of what each sink is expected to get, by convention [%]."""
    sinks = clean_sinks(run)
    if not sinks:
        raise UserError(f"run {run.id} holds no clean shares", "dcforecast allocate makes them")
    shown = shown_years(run, years)
    figure, axes = new_figure(1, len(shown), size=(10.0, 0.34 * len(sinks) + 1.6), sharey=True)
    rows = run.read("annual", answer="expected", year=shown, quantity=list(CLEAN))
    means = 100 * rows.set_index(["year", "quantity", "sink"])["mean"].sort_index()
    for axis, year in zip(axes[0], shown, strict=True):
        for position, (quantity, words) in enumerate(CLEAN.items()):
            share = means[year, quantity].reindex(sinks)
            axis.plot(share, range(len(sinks)), _MARKS[position], color=colour_of(position),
                      label=words, alpha=0.85)  # fmt: skip
        axis.set_yticks(range(len(sinks)), [label_of(sink, run) for sink in sinks])
        axis.set_xlim(-2, 102)
        axis.set_ylim(len(sinks) - 0.5, -0.5)
        axis.grid(axis="x", color="#e5e5e5", linewidth=0.7)
        axis.set_xlabel("% of the energy, hour by hour (mean)", fontsize=8)
        heading(axis, f"{year}, expected", 9)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper right", ncols=3,
                  fontsize=8, frameon=False)  # fmt: skip
    note(figure, source(run))
    return figure


def prices(run: Run) -> Figure:
    """Draw what power is worth at home [EUR/MWh], and one more MW to each buyer [kEUR a year]."""
    figure, axes = new_figure(1, 2, size=(10.0, 4.2))
    home, worth = axes[0]
    for position, (sink, words) in enumerate(NODES.items()):
        rows = run.read("annual", sink=sink, quantity="node_price_eur_mwh")
        rows = across(rows.set_index("year").sort_index())
        home.fill_between(rows.index, rows["q100"], rows["q900"], color=colour_of(position),
                          alpha=0.18, linewidth=0)  # fmt: skip
        home.plot(rows.index, rows["mean"], color=colour_of(position), label=words)
    home.set_ylim(bottom=0)
    home.set_ylabel("EUR/MWh, mean and P10-P90", fontsize=8)
    heading(home, "What a MWh is worth at home", 9)
    home.legend(fontsize=8, frameon=False)
    show_years(home)
    _worth(worth, run)
    note(figure, source(run))
    return figure


def _worth(axis: Any, run: Run) -> None:
    """Draw the worth of one more MW to each buyer; names stand beside the lines."""
    rows = run.read("annual", quantity="added_mw_value_eur", kind="corridor")
    wide = across(rows.pivot_table(index="year", columns="sink", values="mean") / 1e3)
    names, colours = [], []
    for family, sinks in in_families(map(str, wide), run).items():
        colour = FAMILIES[family][0]
        lines = axis.plot(wide.index, wide[sinks], color=colour, linewidth=1.3)
        lines[0].set_label(family)
        names += sinks
        colours += [colour] * len(sinks)
    axis.set_ylim(bottom=0)
    show_years(axis)
    places = apart([float(wide[sink].iloc[-1]) for sink in names], 0.045 * axis.get_ylim()[1])
    for sink, place, colour in zip(names, places, colours, strict=True):
        axis.annotate(label_of(sink, run), (wide.index[-1], place), xytext=(5, 0), fontsize=7,
                      textcoords="offset points", color=colour, va="center",
                      annotation_clip=False)  # fmt: skip
    axis.set_ylabel("thousand EUR a year, mean", fontsize=8)
    axis.legend(fontsize=7, frameon=False, loc="lower left", bbox_to_anchor=(0, 0.12))
    heading(axis, "What one more MW to each buyer is worth", 9)
