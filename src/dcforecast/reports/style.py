"""One look for all charts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from dcforecast.store import Run

__all__ = [
    "COLOURS",
    "GREY",
    "INK",
    "PALE",
    "across",
    "apart",
    "colour_bar",
    "colour_of",
    "heading",
    "new_figure",
    "note",
    "number",
    "show_years",
    "source",
    "thousands",
]

INK = "#22313f"
#: Letters of what is beside the point, and lines in the background.
GREY, PALE = "#666666", "#c4c4c4"
#: Okabe and Ito (2008): told apart by colour-blind readers.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C8C00", "#7A5195",
           "#444444", "#BBBBBB")  # fmt: skip


def colour_of(position: int) -> str:
    """Return the colour of the n-th thing."""
    return COLOURS[position % len(COLOURS)]


def new_figure(
    rows: int = 1, columns: int = 1, size: tuple[float, float] = (8.0, 4.5), **options: Any
) -> tuple[Figure, Any]:
    """Return a figure and its axes (a 2-D array); no global state is touched."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, **options)
    for axis in axes.ravel():
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(axis="y", color="#e5e5e5", linewidth=0.7)
        axis.set_axisbelow(True)
        axis.tick_params(colors=INK, labelsize=8)
    return figure, axes


def across(rows: pd.DataFrame) -> pd.DataFrame:
    """Widen a single year, the index, to a stretch that lines and bands can show."""
    import pandas as pd

    if len(rows) != 1:
        return rows
    return pd.concat([rows.set_axis(rows.index + shift) for shift in (-0.3, 0.3)])


def apart(places: Sequence[float], gap: float) -> list[float]:
    """Move places on a line at least `gap` apart, as little as it takes: for names of lines."""
    import numpy as np
    from scipy.optimize import isotonic_regression

    order = np.argsort(places, kind="stable")
    steps = gap * np.arange(len(order))
    moved = np.empty(len(order))
    moved[order] = isotonic_regression(np.asarray(places, float)[order] - steps).x + steps
    return [float(place) for place in moved]


def colour_bar(figure: Figure, image: Any, axis: Any, label: str) -> Any:
    """Draw the scale of colours beside a chart, in letters of the chart's size."""
    bar = figure.colorbar(image, ax=axis)
    bar.set_label(label, fontsize=8)
    bar.ax.tick_params(colors=INK, labelsize=8)
    return bar


def show_years(axis: Any) -> None:
    """Write whole years under a chart."""
    axis.xaxis.get_major_locator().set_params(integer=True)
    low, high = axis.get_xlim()
    if high - low < 1:
        axis.set_xlim(round((low + high) / 2) - 1.0, round((low + high) / 2) + 1.0)


def number(value: float) -> str:
    """Return a figure of a report: whole from 100 on, else with two decimals."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"


def heading(axis: Any, text: str, size: int = 10) -> None:
    """Write a heading over the left end of a chart."""
    axis.set_title(text, fontsize=size, color=INK, loc="left")


def thousands(axis: Any) -> None:
    """Part the thousands of the numbers on the upright axis."""
    axis.yaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")


def note(figure: Figure, text: str) -> None:
    """Write the source line under a chart."""
    figure.supxlabel(text, fontsize=7, color=GREY, x=0.01, ha="left")


def source(run: Run) -> str:
    """Return the source line of a chart of one run."""
    facts = run.manifest
    return (
        f"Modelled by dcforecast; scenario {facts['scenario']}, {facts['members']} members, "
        f"data to {facts.get('data_vintage', '?')}; run {run.id}"
    )
