"""What an experiment found: its table, its chart and its conclusion, from finished runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dcforecast.config.study import Measure, Study
from dcforecast.errors import UserError
from dcforecast.reports.style import INK, colour_of, new_figure, note
from dcforecast.store import Run

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["Finding", "finding"]


@dataclass(frozen=True)
class Finding:
    """The answer of an experiment.

    Attributes
    ----------
    study : Study
        What was asked.
    runs : mapping of str to Run
        The finished runs by the name of their job.
    table : pandas.DataFrame
        One row a job (or a series, for a backtest), one column a measure.
    account : pandas.DataFrame
        Energy by series and year [TWh]; empty when not asked for.
    conclusion : str
        The conclusion, written from these numbers.
    """

    study: Study
    runs: Mapping[str, Run]
    table: pd.DataFrame
    account: pd.DataFrame
    conclusion: str

    def figure(self) -> Figure:
        """Draw the chart of the table."""
        draw = {"bars": _bars, "lines": _lines, "tornado": _tornado, "skill": _skill}
        chart = draw[self.study.figure](self)
        first = next(iter(self.runs.values()))
        facts = first.manifest
        note(chart, f"Modelled by dcforecast; {facts.get('members', '?')} members, data to "
                    f"{facts.get('data_vintage', '?')}; first run {first.id}")  # fmt: skip
        return chart

    def markdown(self, name: str, image: str) -> str:
        """Return the section of the experiment for a document."""
        study = self.study
        ids = ", ".join(f"`{run.id}`" for run in self.runs.values())
        parts = [
            f"## {study.question}",
            f"**Method.** {study.method.strip()}",
            f"**Conclusion.** {self.conclusion}",
            _markdown(self.table),
        ]
        if len(self.account):
            parts += ["Account of energy, TWh (history as known to the run):"]
            parts += [_markdown(self.account)]
        parts += [
            f"![{study.question}]({image})",
            f"Again: `dcforecast experiments {name}`. Runs: {ids}.",
        ]
        return "\n\n".join(parts) + "\n"


def finding(study: Study, runs: Mapping[str, Run]) -> Finding:
    """Read the runs of an experiment and conclude.

    Parameters
    ----------
    study : Study
        What is asked.
    runs : mapping of str to Run
        A finished run for each job of the study.
    """
    if study.command == "backtest":
        table, best = _scores(study, next(iter(runs.values())))
    else:
        table, best = _measures(study, runs), {}
    account = _account(study, next(iter(runs.values())))
    seen = {
        "table": {str(k): v for k, v in table.to_dict("index").items()},
        "account": {str(k): v for k, v in account.to_dict("index").items()},
        "backcast": _backcast(next(iter(runs.values()))),
        "best": best,
    }
    return Finding(study, runs, table, account, _conclude(study, seen))


def _conclude(study: Study, seen: Mapping[str, Any]) -> str:
    from jinja2 import Environment, StrictUndefined, TemplateError

    # Plain text, not HTML: nothing to escape.
    templates = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701
    templates.filters["n"] = lambda value, digits=1: f"{value:,.{digits}f}"
    templates.filters["d"] = lambda value, digits=1: f"{value:+,.{digits}f}"
    try:
        text = templates.from_string(study.conclusion).render(seen)
    except TemplateError as error:
        raise UserError(f"the conclusion of the experiment cannot be written: {error}") from error
    return " ".join(text.split())


def _measures(study: Study, runs: Mapping[str, Run]) -> pd.DataFrame:
    import pandas as pd

    rows = {
        job: {name: _value(run, measure) for name, measure in study.measures.items()}
        for job, run in runs.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("job")


def _value(run: Run, measure: Measure) -> float:
    """Return the mean of a measure; sums over corridors and years are sums of means."""
    years = list(range(measure.year, (measure.until or measure.year) + 1))
    rows = run.read("annual", answer=measure.answer, quantity=measure.quantity, year=years)
    own = (
        rows["kind"] == "corridor" if measure.sink == "corridors" else rows["sink"] == measure.sink
    )
    if not own.any():
        raise UserError(
            f"run {run.id} has no {measure.answer} {measure.quantity} of '{measure.sink}' in "
            f"{measure.year}"
        )
    return float(rows.loc[own, "mean"].sum())


def _scores(study: Study, run: Run) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the best model of each series beside the best of every other family."""
    import pandas as pd

    scores = run.read("scores", metric="crps", step_group="all").dropna(subset=["skill_vs_naive"])
    rows, best = {}, {}
    for series, part in scores.groupby("series", sort=True):
        ranked = part.sort_values("value").reset_index(drop=True)
        ranked["family"] = ranked["model"].map(study.families).fillna("other")
        first = ranked.iloc[0]
        rival = ranked[ranked["family"] != first["family"]].iloc[0]
        rows[str(series)] = {
            "family": first["family"],
            "model": first["model"],
            "crps": first["value"],
            "standard error": first["se"],
            "skill": first["skill_vs_naive"],
            "best of another family": rival["model"],
            "its crps": rival["value"],
            "forecasts": int(first["n"]),
        }
        best[str(series)] = {
            "family": first["family"],
            "model": first["model"],
            "clear": bool(rival["value"] - first["value"] > 2 * max(first["se"], rival["se"])),
            "skill": float(first["skill_vs_naive"]),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("series"), best


def _account(study: Study, run: Run) -> pd.DataFrame:
    import pandas as pd

    if not study.account:
        return pd.DataFrame()
    history = run.read("history")
    newest = history[history["vintage"] == history["vintage"].max()]
    newest = newest.assign(year=newest["timestamp"].dt.year)
    newest = newest[newest["year"].isin(study.account)]
    wide = newest.pivot_table(index="series", columns="year", values="mean", aggfunc="sum")
    table = pd.DataFrame(wide / 1e3).rename(columns=str)
    table["change"] = table[str(study.account[-1])] - table[str(study.account[0])]
    return table


def _backcast(run: Run) -> dict[str, Any]:
    rows = run.manifest.get("backcast", {}).get("rows", [])
    return {row["quantity"]: row for row in rows}


def _markdown(frame: pd.DataFrame) -> str:
    head = [str(frame.index.name or ""), *map(str, frame.columns)]
    rows = [head, ["---"] * len(head)]
    for key, *cells in frame.itertuples():
        rows.append([str(key), *(_cell(value) for value in cells)])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _cell(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"


def _lines(found: Finding) -> Figure:
    """Draw each measure against the jobs in their order, a panel a unit."""
    figure, axes = _panels(found)
    for axis, (unit, names) in zip(axes.ravel(), _by_unit(found).items(), strict=True):
        for i, name in enumerate(names):
            axis.plot(found.table.index, found.table[name], marker="o", color=colour_of(i),
                      label=name)  # fmt: skip
        _finish(axis, unit, found)
    return figure


def _bars(found: Finding) -> Figure:
    """Draw bars of the measures side by side for each job, a panel a unit."""
    figure, axes = _panels(found)
    for axis, (unit, names) in zip(axes.ravel(), _by_unit(found).items(), strict=True):
        width = 0.8 / len(names)
        for i, name in enumerate(names):
            places = [k + (i - (len(names) - 1) / 2) * width for k in range(len(found.table))]
            axis.bar(places, found.table[name], width, color=colour_of(i), label=name)
        axis.set_xticks(range(len(found.table)), found.table.index)
        _finish(axis, unit, found)
    return figure


def _by_unit(found: Finding) -> dict[str, list[str]]:
    units: dict[str, list[str]] = {}
    for name, measure in found.study.measures.items():
        units.setdefault(measure.unit, []).append(name)
    return units


def _panels(found: Finding) -> tuple[Figure, Any]:
    many = len(_by_unit(found))
    return new_figure(many, 1, size=(8.5, 3.2 * many + 0.8))


def _finish(axis: Any, unit: str, found: Finding) -> None:
    axis.set_ylabel(unit, fontsize=8)
    axis.set_ylim(bottom=min(0.0, axis.get_ylim()[0]))
    axis.legend(fontsize=7, frameon=False)
    if max(len(str(job)) for job in found.table.index) > 12:
        axis.tick_params(axis="x", labelrotation=20)


def _tornado(found: Finding) -> Figure:
    """Draw what each lever moves against the first job: jobs are called ``LEVER: way``."""
    figure, axes = new_figure(1, len(found.study.measures), size=(10.0, 5.5), sharey=True)
    base = found.table.iloc[0]
    moves = (found.table - base).iloc[1:]
    levers: list[str] = [str(job).rpartition(": ")[0] for job in moves.index]
    first = moves.columns[0]
    reach = moves[first].abs().groupby(levers).max().sort_values()
    order = [str(lever) for lever in reach.index]
    for axis, name in zip(axes.ravel(), moves.columns, strict=True):
        for lever, job, value in zip(levers, moves.index, moves[name], strict=True):
            place = order.index(str(lever))
            axis.barh(place, value, 0.7, color=colour_of(0 if value < 0 else 1), alpha=0.85)
            way = str(job).rpartition(": ")[2]
            axis.annotate(way, (value, place), fontsize=6, color=INK, va="center",
                          ha="right" if value < 0 else "left")  # fmt: skip
        axis.set_yticks(range(len(order)), order)
        axis.axvline(0, color=INK, linewidth=0.8)
        axis.margins(x=0.25)
        unit = found.study.measures[str(name)].unit
        axis.set_title(f"{name}: {base[name]:.1f} {unit} at the baseline", fontsize=8, loc="left")
        axis.set_xlabel(f"change, {unit}", fontsize=8)
    return figure


def _skill(found: Finding) -> Figure:
    """Draw the skill of the best model of each series, coloured by family."""
    figure, axes = new_figure(size=(8.5, 4.8))
    axis, table = axes[0, 0], found.table.sort_values("skill")
    families = sorted(set(found.study.families.values()))
    for place, row in enumerate(table.itertuples(index=False)):
        colour = colour_of(families.index(str(row.family))) if row.family in families else INK
        axis.barh(place, row.skill, 0.7, color=colour)
        axis.annotate(f" {row.model}", (row.skill, place), fontsize=7, va="center", color=INK)
    for i, family in enumerate(families):
        axis.barh(0, 0, color=colour_of(i), label=family)
    axis.set_yticks(range(len(table)), table.index)
    axis.set_xlabel("skill against the seasonal naive model (CRPS)", fontsize=8)
    axis.legend(fontsize=7, frameon=False, loc="lower right")
    axis.margins(x=0.2)
    return figure
