"""What the terminal shows of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.table import Table

from dcforecast.reports.answer import (
    answer_rows,
    champion_rows,
    hindcast_rows,
    label_of,
    newest,
    shown_years,
)
from dcforecast.reports.headline import firm_share, headline
from dcforecast.store import Run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["summary", "sweep_table"]

_SCORE_HEADS = {"coverage_80": "in 80%", "coverage_90": "in 90%", "fit_seconds": "fit s"}
_SCORE_FORMS = {"coverage_80": ".0%", "coverage_90": ".0%", "skill": "+z.0%", "fit_seconds": ".3f"}
#: Series whose rows are shown of a file of many.
_MOST_SERIES = 15
_YEARS = (2026, 2028, 2030, 2035, 2040)
#: Names that fit a terminal of 80 columns.
SHORT = {
    "exports": "All corridors",
    "turkiye_via_georgia": "Türkiye via Georgia",
    "tripp": "TRIPP",
    "black_sea": "Black Sea to EU",
    "bulgaria": "Bulgaria",
    "central_asia": "Central Asia",
    "igdir": "Iğdır, Türkiye",
}


def summary(run: Run) -> Iterator[Any]:
    """Yield the renderables that sum a run up: answer, hindcast, champions."""
    if run.has("annual"):
        yield _answer(run)
        yield from headline(run)
        yield (
            "capability: what plants, fuel, reserve and wires allow (data centres: up to their "
            "contracts; alone: without contracts or rivals); expected: what history makes likely; "
            f"firm: there in {firm_share(run)} of the hours of all members."
        )
        yield from _hindcast(run)
    elif run.has("forecast"):
        yield _forecasts(run)
    if run.has("scores"):
        single = run.manifest["pipeline"] == "backtest"
        if run.read("scores", step_group="all")["series"].nunique() > _MOST_SERIES:
            yield _over_series(run)
        yield _all_scores(run) if single else _champions(run)
    elif run.has("history"):
        yield _history(run)


def _answer(run: Run) -> Table:
    years = shown_years(run, run.config.get("report", {}).get("years") or _YEARS)
    table = Table(
        title=f"Scenario {run.manifest['scenario']}, modelled; TWh a year, firm in MW",
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
    )
    table.add_column("to", no_wrap=True)
    table.add_column("", style="dim", no_wrap=True)
    for year in years:
        table.add_column(str(year), justify="right", no_wrap=True)
    for sink, cells in answer_rows(run, years).items():
        row = [cells[year] for year in years]
        name = SHORT.get(sink) or label_of(sink, run)
        table.add_row(name, "capability", *(f"{c.middle:.2f}" for c in row), style="bold")
        table.add_row("", "  P10-P90", *(_range(c.low, c.high) for c in row))
        if sink == "data_centres" and all(cell.alone is not None for cell in row):
            table.add_row("", "  alone", *(_optional(c.alone, ".1f") for c in row))
        if any(cell.expected is not None for cell in row):
            table.add_row("", "expected", *(_optional(c.expected, ".2f") for c in row))
            spread = [_range(c.expected_low or 0.0, c.expected_high or 0.0) for c in row]
            table.add_row("", "  P10-P90", *spread)
        if any(cell.firm is not None for cell in row):
            table.add_row(
                "", "firm MW", *(c.firm_text.removesuffix(" MW").replace(" ", "") for c in row)
            )
    return table


def _range(low: float, high: float) -> str:
    return f"{low:.1f}-{high:.1f}" if high < 10 else f"{low:.0f}-{high:.0f}"


def _optional(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def _hindcast(run: Run) -> Iterator[str]:
    for row in hindcast_rows(run, last=True):
        yield (
            f"Hindcast {row['year']} from figures published by {row['as_of']}: "
            f"{row['name']} {row['p50']:.2f} {row['unit']} "
            f"(P10-P90 {row['p10']:.2f}-{row['p90']:.2f}), "
            f"actual {row['actual']:.2f}: missed by {row['miss_percent']:+z.0f} %"
        )


def _champions(run: Run) -> Table:
    table = Table(title="Champion per series", title_justify="left", box=None)
    for name in ("series", "model"):
        table.add_column(name, no_wrap=True)
    for name in ("CRPS", "skill vs seasonal naive", "n"):
        table.add_column(name, justify="right")
    for row in _few(champion_rows(run), run, table, "scores").to_dict("records"):
        skill = f"{row['skill_vs_naive']:+z.0%}"
        table.add_row(row["series"], row["model"], f"{row['crps']:,.1f}", skill, str(row["n"]))
    return table


def _all_scores(run: Run) -> Table:
    scores = run.read("scores", step_group="all")
    wide = scores.pivot_table(index=["series", "model"], columns="metric", values="value")
    first = "crps" if "crps" in wide else "mae"  # without quantiles
    skill = scores[scores["metric"] == first].set_index(["series", "model"])["skill_vs_naive"]
    wide["skill"] = skill
    metrics = [m for m in (first, "mase", "rmse", "coverage_80", "coverage_90", "skill",
                           "fit_seconds") if m in wide]  # fmt: skip
    table = Table(title="Scores over all steps; share inside the 80 and 90 % intervals", box=None,
                  title_justify="left")  # fmt: skip
    for head in ("series", "model"):
        table.add_column(head, no_wrap=True)
    for metric in metrics:
        table.add_column(_SCORE_HEADS.get(metric, metric), justify="right", no_wrap=True)
    ordered = wide.reset_index().sort_values(["series", first])
    for row in _few(ordered, run, table, "scores").to_dict("records"):
        table.add_row(row["series"], row["model"], *(_score(m, row[m]) for m in metrics))
    return table


def _over_series(run: Run) -> Table:
    """Means of what has no unit, over the series of a file of many, and how many each model won."""
    scores = run.read("scores", step_group="all")
    metrics = [m for m in ("mase", "coverage_80", "coverage_90") if m in set(scores["metric"])]
    first = "crps" if "crps" in set(scores["metric"]) else "mae"
    main = scores[scores["metric"] == first]
    best = main.loc[main.groupby("series")["value"].idxmin(), "model"].value_counts()
    wide = scores.pivot_table(index="model", columns="metric", values="value", aggfunc="mean")
    wide["skill"] = main.groupby("model")["skill_vs_naive"].mean()
    table = Table(title=f"Means over {main['series'].nunique()} series", box=None,
                  title_justify="left")  # fmt: skip
    table.add_column("model", no_wrap=True)
    for head in (*metrics, "skill", "best of"):
        table.add_column(_SCORE_HEADS.get(head, head), justify="right")
    for name, row in wide.sort_values("skill", ascending=False).iterrows():
        cells = [_score(m, row[m]) for m in (*metrics, "skill")]
        table.add_row(str(name), *cells, str(best.get(name, 0)))
    return table


def _few(rows: pd.DataFrame, run: Run, table: Table, name: str) -> pd.DataFrame:
    """Return the rows of the first series of a file of many, and say where the others are."""
    series = rows["series"].unique()
    if len(series) > _MOST_SERIES:
        table.caption = f"first of {len(series)} series: dcforecast show {run.id} --table {name}"
        table.caption_justify = "left"
    return rows[rows["series"].isin(series[:_MOST_SERIES])]


def _forecasts(run: Run) -> Table:
    forecast = run.read("forecast")
    last = forecast.groupby(["series", "model"], sort=False)["step"].transform("max")
    ends = forecast[forecast["step"] == last]
    stamps = ends["timestamp"]
    form = (
        "%Y-%m"
        if (stamps == stamps.dt.normalize()).all() and (stamps.dt.day == 1).all()
        else ("%Y-%m-%d %H:%M")
    )
    heads = ("series", "model", "to", "P10", "P50", "P90", "unit")
    table = Table(*heads, box=None, title="Forecast at the horizon", title_justify="left")
    for row in _few(ends, run, table, "forecast").to_dict("records"):
        spread = [f"{row[column]:,.0f}" for column in ("q100", "q500", "q900")]
        to = row["timestamp"].strftime(form)
        table.add_row(row["series"], row["model"], to, *spread, row["unit"])
    return table


def _history(run: Run) -> Table:
    rows = newest(run.read("history"))
    table = Table("series", "first", "last", "reported", "derived", "reconstructed", box=None,
                  title=f"History as of {rows['vintage'].max():%Y-%m-%d}",
                  title_justify="left")  # fmt: skip
    for series, part in rows.groupby("series"):
        counts = part["basis"].value_counts()
        bases = [str(counts.get(b, 0)) for b in ("reported", "derived", "reconstructed")]
        spelled = "%Y-%m" if (part["timestamp"].dt.day == 1).all() else "%Y-%m-%d"
        ends = [
            f"{stamp:{spelled}}" for stamp in (part["timestamp"].min(), part["timestamp"].max())
        ]
        table.add_row(str(series), *ends, *bases)
    return table


def sweep_table(runs: Sequence[Run], chosen: Sequence[str]) -> Table:
    """Return one row a run of a sweep: what was chosen and the headline numbers."""
    table = Table(box=None)
    table.add_column("run_id", no_wrap=True)
    table.add_column("what was chosen")
    table.add_column("headline")
    for run, what in zip(runs, chosen, strict=True):
        table.add_row(run.id, what, _headline(run))
    return table


def _headline(run: Run) -> str:
    if run.has("annual"):
        year = shown_years(run, (2030,))[-1]
        expected = run.read("annual", year=[year], answer="expected", quantity="energy_twh")
        exports = expected.loc[expected["kind"] == "corridor", "mean"].sum()
        return f"{year}: exports expected {exports:.1f} TWh (mean)"
    if run.has("scores"):
        best = champion_rows(run)
        return f"mean skill {best['skill_vs_naive'].mean():+z.0%} over {len(best)} series"
    return ""


def _score(metric: str, value: float) -> str:
    form = _SCORE_FORMS.get(metric, ".3g" if abs(value) < 100 else ",.0f")
    return "-" if value != value else format(value, form)  # noqa: PLR0124  (missing)
