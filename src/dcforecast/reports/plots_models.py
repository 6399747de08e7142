"""Charts of history, forecasts and scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from dcforecast.errors import UserError, choices_text
from dcforecast.reports.answer import newest, series_label
from dcforecast.reports.style import (
    GREY,
    INK,
    PALE,
    apart,
    colour_bar,
    colour_of,
    heading,
    new_figure,
    note,
    thousands,
)
from dcforecast.store import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Series in one chart of scores by lead time.
_PANELS = 6
#: Models in colours where there are more of them: the best, in the mean of what is drawn.
_BRIGHT = 5
#: Periods of history before each period of the forecast: of hours on record only the last days.
_BEFORE = 6
#: Skill beyond which a cell of the table of skill is too dark for dark letters.
_DARK_SKILL = 0.38
#: What the yearly levels that are drawn without a model of `conf/model` rest on.
_LEVELS = {
    "export_level": "from past years and Romania's price",
    "water_years": "from years of water on record",
}
#: How a month of the history is known, and the words for it.
_KNOWN = {"reported": "published", "derived": "difference of published totals"}

__all__ = ["forecast", "history", "scores", "scores_by_step"]


def _title(series: str) -> str:
    label = series_label(series)
    return label[:1].upper() + label[1:]


def _newest(run: Run, series: str) -> pd.DataFrame:
    rows = run.read("history", series=series)
    if rows.empty:
        known = sorted(set(run.read("history", columns=["series"])["series"]))
        raise UserError(f"the history has no series '{series}'", choices_text(series, known))
    return newest(rows).sort_values("timestamp")


def history(run: Run, series: str = "demand_gross") -> Figure:
    """Draw the monthly history with its 90 % interval; how each month is known is marked."""
    rows = _newest(run, series)
    figure, axes = new_figure()
    axis = axes[0, 0]
    low, high = rows["mean"] - 1.645 * rows["sd"], rows["mean"] + 1.645 * rows["sd"]
    axis.fill_between(rows["timestamp"], low.clip(lower=0), high, color=colour_of(0), alpha=0.2,
                      linewidth=0, label="90 % interval")  # fmt: skip
    axis.plot(rows["timestamp"], rows["mean"], color=colour_of(0), linewidth=1)
    for position, (basis, words) in enumerate(_KNOWN.items()):
        part = rows[rows["basis"] == basis]
        axis.scatter(part["timestamp"], part["mean"], s=10, color=colour_of(position + 1),
                     label=words, zorder=3)  # fmt: skip
    if rows["mean"].min() >= 0:
        axis.set_ylim(bottom=0)
    monthly = bool((rows["timestamp"].dt.day == 1).all())
    axis.set_ylabel(f"{rows['unit'].iloc[0]}{' a month' * monthly}", fontsize=8)
    thousands(axis)
    heading(axis, f"{_title(series)}, known by {rows['vintage'].max():%Y-%m-%d}")
    axis.legend(fontsize=8, frameon=False)
    note(figure, f"Rebuilt by dcforecast from published figures; run {run.id}")
    return figure


def forecast(run: Run, series: str = "demand_gross_annual") -> Figure:
    """Draw a series' forecast with its 50 and 90 % intervals, after its history."""
    rows = run.read("forecast", series=series).sort_values("timestamp")
    if rows.empty:
        known = sorted(set(run.read("forecast", columns=["series"])["series"]))
        raise UserError(f"the run has no forecast of '{series}'", choices_text(series, known))
    figure, axes = new_figure()
    axis = axes[0, 0]
    for low, high, alpha, inside in (("q050", "q950", 0.15, 90), ("q250", "q750", 0.25, 50)):
        axis.fill_between(rows["timestamp"], rows[low], rows[high], color=colour_of(5),
                          alpha=alpha, linewidth=0, label=f"{inside} % interval")  # fmt: skip
    axis.plot(rows["timestamp"], rows["q500"], color=colour_of(5), label="forecast P50")
    known_rows = _known(run, series)
    if known_rows is not None:
        known_rows = known_rows.iloc[-_BEFORE * max(len(rows), 4) :]
        axis.plot(known_rows.index, known_rows, color=colour_of(0), label="history")
    axis.set_ylabel(rows["unit"].iloc[0], fontsize=8)
    thousands(axis)
    model = str(rows["model"].iloc[0])
    how = _LEVELS.get(model, f"by {model}")
    heading(axis, f"{_title(series)}, forecast {how}")
    figure.legend(loc="outside upper left", ncols=4, fontsize=8, frameon=False)
    data = run.manifest.get("data_vintage", "?")
    note(figure, f"Modelled by dcforecast; data to {data}; run {run.id}")
    return figure


def _known(run: Run, series: str) -> pd.Series | None:
    base = series.removesuffix("_annual")
    if base not in set(run.read("history", columns=["series"])["series"]):
        return None
    rows = _newest(run, base).set_index("timestamp")["mean"]
    if series == base:
        return rows
    year = pd.DatetimeIndex(rows.index).year
    yearly = rows.groupby(year).sum()
    stamps = rows.groupby(year).apply(lambda part: part.index[0])
    return yearly.set_axis(stamps)


def scores(run: Run) -> Figure:
    """Draw each model's skill against seasonal naive, by series."""
    table = run.read("scores", metric="crps", step_group="all")
    wide = table.pivot_table(index="model", columns="series", values="skill_vs_naive")
    wide = wide.loc[wide.mean(axis=1).sort_values(ascending=False).index]
    figure, axes = new_figure(size=(9.0, 0.4 * len(wide) + 1.8))
    axis = axes[0, 0]
    axis.grid(visible=False)
    image = axis.imshow(wide, aspect="auto", cmap="RdBu", vmin=-0.6, vmax=0.6)
    for i, row in enumerate(wide.to_numpy()):
        for j, value in enumerate(row):
            if value == value:  # noqa: PLR0124  (not missing)
                axis.text(j, i, f"{value:+z.0%}", ha="center", va="center", fontsize=7,
                          color="white" if abs(value) > _DARK_SKILL else INK)  # fmt: skip
    axis.set_yticks(range(len(wide)), list(wide.index))
    names = [series_label(str(name)) for name in wide.columns]
    axis.set_xticks(range(wide.shape[1]), names, rotation=30, ha="right")
    bar = colour_bar(figure, image, axis, "better than seasonal naive (CRPS)")
    bar.ax.yaxis.set_major_formatter(lambda value, _: f"{value:+z.0%}")
    heading(axis, "Skill of each model by series, the best in the mean first")
    note(figure, f"Rolling-origin backtest on what was published by each origin; run {run.id}")
    return figure


def scores_by_step(run: Run, series: str | None = None) -> Figure:
    """Draw each model's CRPS (without quantiles MAE) by lead time, of one series or of all."""
    table = run.read("scores")
    metric = "crps" if (table["metric"] == "crps").any() else "mae"
    table = table[(table["metric"] == metric) & (table["step_group"] != "all")]
    names = [series] if series is not None else sorted(set(table["series"]))[:_PANELS]
    if not len(table) or not set(names) <= set(table["series"]):
        raise UserError(f"the run has no scores of '{series}'")
    models = _best_first(table[table["series"].isin(names)])
    colours = {m: colour_of(k) if k < _BRIGHT else PALE for k, m in enumerate(models)}
    columns = min(len(names), 3)
    rows = -(-len(names) // columns)
    size = (8.0 if columns == 1 else 3.6 * columns, max(4.5, 2.8 * rows + 0.8))
    figure, axes = new_figure(rows, columns, size=size)
    for axis, name in zip(axes.ravel(), names, strict=False):
        wide = table[table["series"] == name].pivot_table(
            index="step_group", columns="model", values="value"
        )
        for model in models[::-1]:  # the best lie on top
            if model in wide:
                axis.plot(list(wide.index), wide[model], marker="o", markersize=3,
                          color=colours[model])  # fmt: skip
        axis.set_ylim(bottom=0)
        heading(axis, _title(name))
        axis.set_xlabel("steps ahead", fontsize=8)
    for axis in axes.ravel()[len(names) :]:
        axis.set_axis_off()
    axes[0, 0].set_ylabel(f"{metric.upper()}, in the unit of the series", fontsize=8)
    if len(names) == 1:
        _name_lines(axes[0, 0], wide, colours)
    else:
        from matplotlib.lines import Line2D

        named = {("others" if colour == PALE else m): colour for m, colour in colours.items()}
        handles = [Line2D([], [], color=colour, label=m) for m, colour in named.items()]
        figure.legend(handles=handles, fontsize=7, frameon=False, loc="outside upper left",
                      ncols=6)  # fmt: skip
    note(figure, f"Rolling-origin backtest; run {run.id}")
    return figure


def _best_first(table: pd.DataFrame) -> list[str]:
    """Return the models by their mean score, each series counting alike."""
    wide = table.pivot_table(index=["series", "step_group"], columns="model", values="value")
    relative = wide.div(wide.mean(axis=1), axis=0)
    return [str(model) for model in relative.mean().sort_values(kind="stable").index]


def _name_lines(axis: Axes, wide: pd.DataFrame, colours: dict[str, str]) -> None:
    """Write each model's name beside the end of its line."""
    models = [model for model in colours if model in wide]
    ends = [float(wide[model].dropna().iloc[-1]) for model in models]
    for model, place in zip(models, apart(ends, 0.042 * axis.get_ylim()[1]), strict=True):
        colour = GREY if colours[model] == PALE else colours[model]
        axis.annotate(model, (len(wide) - 1, place), xytext=(8, 0), textcoords="offset points",
                      fontsize=7, color=colour, va="center", annotation_clip=False)  # fmt: skip
