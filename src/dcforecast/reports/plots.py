"""Charts of the answer; each returns a matplotlib Figure."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dcforecast.errors import UserError, choices_text
from dcforecast.reports.answer import label_of, sinks_of
from dcforecast.reports.families import FAMILIES, in_families, shades
from dcforecast.reports.style import (
    INK,
    across,
    apart,
    colour_bar,
    colour_of,
    heading,
    new_figure,
    note,
    show_years,
    source,
    thousands,
)
from dcforecast.store import Run

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["answer", "compare", "corridors", "duration", "expected_stack", "heatmap"]


def _energy(run: Run, sink: str, answer: str) -> pd.DataFrame:
    rows = run.read("annual", sink=sink, answer=answer, quantity="energy_twh")
    return across(rows.set_index("year").sort_index())


def _fan(axis: Any, run: Run, sink: str) -> None:
    able = _energy(run, sink, "capability")
    axis.fill_between(able.index, able["q100"], able["q900"], color=colour_of(0), alpha=0.18,
                      linewidth=0, label="capability P10-P90")  # fmt: skip
    axis.plot(able.index, able["q500"], color=colour_of(0), label="capability P50")
    likely = _energy(run, sink, "expected")
    if len(likely):
        axis.fill_between(likely.index, likely["q100"], likely["q900"], color=colour_of(5),
                          alpha=0.2, linewidth=0, label="expected P10-P90")  # fmt: skip
        axis.plot(likely.index, likely["q500"], color=colour_of(5), label="expected P50")
    rows = run.read("annual", sink=sink, answer="firm", quantity="power_mw")
    firm = across(rows.set_index("year").sort_index())
    if len(firm):
        axis.plot(firm.index, firm["mean"] * 8.76e-3, color=INK, linestyle=":",
                  label="firm power x 8,760 h")  # fmt: skip
    axis.set_ylim(bottom=0)
    show_years(axis)
    heading(axis, label_of(sink, run), 9)


def answer(run: Run, sink: str = "data_centres") -> Figure:
    """Draw the three answers of one sink by year [TWh]."""
    known = sorted(set(run.read("annual", columns=["sink"])["sink"]))
    if sink not in known:
        raise UserError(f"the run has no sink '{sink}'", choices_text(sink, known))
    figure, axes = new_figure()
    _fan(axes[0, 0], run, sink)
    axes[0, 0].set_ylabel("TWh a year", fontsize=8)
    axes[0, 0].legend(fontsize=8, frameon=False)
    note(figure, source(run))
    return figure


def corridors(run: Run) -> Figure:
    """Draw the three answers of every sink, side by side [TWh]."""
    sinks = sinks_of(run.read("annual", columns=["sink", "quantity"]))
    rows = -(-len(sinks) // 3)
    figure, axes = new_figure(rows, 3, size=(10.0, 2.4 * rows + 0.6), sharex=True)
    for axis, sink in zip(axes.ravel(), sinks, strict=False):
        _fan(axis, run, sink)
    for axis in axes.ravel()[len(sinks) :]:
        axis.set_visible(False)
    for axis in axes[:, 0]:
        axis.set_ylabel("TWh a year", fontsize=8)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=5, fontsize=8, frameon=False)
    note(figure, source(run))
    return figure


def expected_stack(run: Run) -> Figure:
    """Draw what would be sent, all sinks on top of each other [TWh, means]."""
    rows = run.read("annual", answer="expected", quantity="energy_twh")
    wide = across(rows.pivot_table(index="year", columns="sink", values="mean").fillna(0.0))
    drawn = [s for s in map(str, wide) if s != "exports" and wide[s].max() > 0.005]
    families = in_families(drawn, run)
    order = [sink for sinks in families.values() for sink in sinks]
    colours = shades(run)
    figure, axes = new_figure(size=(9.0, 4.8))
    axis = axes[0, 0]
    axis.stackplot(wide.index, [wide[s] for s in order], labels=[label_of(s, run) for s in order],
                   colors=[colours[s] for s in order], edgecolor="white",
                   linewidth=0.5)  # fmt: skip
    show_years(axis)
    axis.set_ylabel("expected, TWh a year (mean)", fontsize=8)
    figure.legend(loc="outside upper left", ncols=4, fontsize=7, frameon=False)
    _name_families(axis, {name: wide[sinks].sum(axis=1) for name, sinks in families.items()})
    heading(axis, "What would be sent, as history makes likely")
    note(figure, source(run))
    return figure


def _name_families(axis: Any, energy: dict[str, pd.Series]) -> None:
    """Write each family's name and last value beside its part of the stack."""
    last = [float(values.iloc[-1]) for values in energy.values()]
    middles = np.cumsum(last) - np.array(last) / 2
    end = next(iter(energy.values())).index[-1]
    places = apart(middles.tolist(), 0.11 * axis.get_ylim()[1])
    for name, value, place in zip(energy, last, places, strict=True):
        words = textwrap.fill(f"{name}: {value:.1f} TWh", 24)
        axis.annotate(words, (end, place), xytext=(6, 0), textcoords="offset points", fontsize=8,
                      color=FAMILIES[name][0], va="center", annotation_clip=False)  # fmt: skip
    axis.set_xlim(right=end)


def _hours(run: Run, sink: str, year: int) -> pd.DataFrame:
    rows = run.read("allocation", sink=sink, year=year, columns=["timestamp", "mean", "q100",
                                                                 "q500", "q900"])  # fmt: skip
    if rows.empty:
        have = run.read("allocation", columns=["sink", "timestamp"])
        if sink not in set(have["sink"]):
            hint = choices_text(sink, set(have["sink"]))
        else:
            years = have.loc[have["sink"] == sink, "timestamp"].dt.year
            hint = f"There is: {years.min()} to {years.max()}"
        raise UserError(f"the run has no hours of '{sink}' in {year}", hint)
    return rows.sort_values("timestamp")


def duration(run: Run, sink: str = "unused", years: Sequence[int] = (2030, 2040)) -> Figure:
    """Draw the hourly median and P10 of a sink, sorted over the year [MW]."""
    figure, axes = new_figure()
    axis = axes[0, 0]
    for position, year in enumerate(years):
        hours = _hours(run, sink, year)
        share = np.linspace(0, 100, len(hours))
        for column, style in (("q500", "-"), ("q100", ":")):
            level = np.sort(hours[column].to_numpy())[::-1]
            name = f"{year} {'P50' if column == 'q500' else 'P10'}"
            axis.plot(share, level, style, color=colour_of(position), label=name)
    axis.set_xlabel("% of hours", fontsize=8)
    axis.set_ylabel("MW", fontsize=8)
    thousands(axis)
    heading(axis, f"{label_of(sink, run)}: hours of the year, sorted")
    axis.legend(fontsize=8, frameon=False)
    note(figure, source(run))
    return figure


def heatmap(run: Run, sink: str = "unused", year: int = 2030) -> Figure:
    """Draw a sink's mean power by month and hour of the day in Baku [MW]."""
    hours = _hours(run, sink, year)
    local = hours["timestamp"].dt.tz_convert("Asia/Baku")
    table = hours.groupby([local.dt.month, local.dt.hour])["mean"].mean().unstack()
    figure, axes = new_figure(size=(8.0, 3.6))
    axis = axes[0, 0]
    axis.grid(visible=False)
    image = axis.imshow(table, aspect="auto", cmap="viridis")
    names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    axis.set_yticks(range(len(table)), [names[int(m) - 1] for m in table.index])
    axis.set_xticks(range(0, 24, 3))
    axis.set_xlabel("hour in Baku", fontsize=8)
    colour_bar(figure, image, axis, "MW").ax.yaxis.set_major_formatter("{x:,.0f}")
    heading(axis, f"{label_of(sink, run)} {year}: mean power by month and hour")
    note(figure, source(run))
    return figure


def compare(runs: Sequence[Run], answer: str = "expected") -> Figure:
    """Draw exports and data centres of several runs by year [TWh, P50]."""
    answers = ("capability", "expected")
    if answer not in answers:
        raise UserError(f"answer='{answer}' has no energy", choices_text(answer, answers))
    if not runs:
        raise UserError("no runs to compare were named")
    figure, axes = new_figure(1, 2, size=(10.0, 4.2))
    titles = (f"Corridors together, {answer}", f"Data centres, {answer}")
    for position, run in enumerate(runs):
        rows = run.read("annual", answer=answer, quantity="energy_twh")
        by_year = rows.set_index("year").sort_index()
        total, centres = (
            across(by_year.loc[by_year["sink"] == sink, ["q500"]])["q500"]
            for sink in ("exports", "data_centres")
        )
        name = f"{run.manifest['scenario']} ({run.id[-4:]})"
        for axis, series in zip(axes[0], (total, centres), strict=True):
            # The first are broad: lines that are the same lie on each other and can all be seen.
            axis.plot(series.index, series, color=colour_of(position), label=name,
                      linewidth=max(3.2 - 0.8 * position, 1.2))  # fmt: skip
    for axis, title in zip(axes[0], titles, strict=True):
        heading(axis, title, 9)
        axis.set_ylabel("TWh a year", fontsize=8)
        axis.set_ylim(bottom=0)
        show_years(axis)
    axes[0, 0].legend(fontsize=8, frameon=False)
    note(figure, f"Modelled by dcforecast; medians; runs {', '.join(run.id for run in runs)}")
    return figure
