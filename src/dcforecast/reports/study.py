"""What an experiment found: its table, its chart and its conclusion, from finished runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dcforecast.config.study import Measure, Study
from dcforecast.errors import UserError
from dcforecast.reports.answer import hindcast_rows
from dcforecast.reports.frames import markdown
from dcforecast.reports.style import number
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
        from dcforecast.reports.plots_study import draw

        return draw(self)

    def headed(self) -> pd.DataFrame:
        """Return the table with the unit of each measure in its heading."""
        heads = {name: f"{name}, {measure.unit}" for name, measure in self.study.measures.items()}
        return self.table.rename(columns=heads)

    def markdown(self, name: str, image: str) -> str:
        """Return the section of the experiment for a document."""
        study = self.study
        ids = ", ".join(f"`{run.id}`" for run in self.runs.values())
        parts = [
            f"## {study.question}",
            f"**Method.** {study.method.strip()}",
            f"**Conclusion.** {self.conclusion}",
            _markdown(self.headed()),
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
        "hindcast": _hindcast(next(iter(runs.values()))),
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


def _hindcast(run: Run) -> dict[str, Any]:
    return {row["quantity"]: row for row in hindcast_rows(run, last=True)}


def _markdown(frame: pd.DataFrame) -> str:
    head = [str(frame.index.name or ""), *map(str, frame.columns)]
    rows = ([str(key), *(_cell(value) for value in cells)] for key, *cells in frame.itertuples())
    return markdown(head, rows)


def _cell(value: Any) -> str:
    return number(value) if isinstance(value, float) else str(value)
