"""What differs between runs: settings, source rows, answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dcforecast.errors import UserError
from dcforecast.reports.answer import NO_ANSWER, SINKS, in_order, label_of
from dcforecast.reports.frames import frame_table, markdown
from dcforecast.store import Run
from dcforecast.store.atomic import atomic_file, write_text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Comparison", "compare"]

_YEARS = (2026, 2030, 2035, 2040)


@dataclass(frozen=True)
class Comparison:
    """Runs side by side.

    Attributes
    ----------
    runs : sequence of Run
    answers : pandas.DataFrame
        sink, answer, year and one column a run (medians; firm power in MW), and the differences;
        for backtests series, model and CRPS.
    settings : pandas.DataFrame
        Keys whose values differ.
    sources : pandas.DataFrame
        Source rows that not all runs rest on.
    """

    runs: Sequence[Run]
    answers: pd.DataFrame
    settings: pd.DataFrame
    sources: pd.DataFrame

    def renderables(self) -> Iterator[Any]:
        """Yield what the terminal shows."""
        from dcforecast.reports.terminal import SHORT

        if len(self.answers):
            what = "CRPS" if "model" in self.answers else "Answers (P50 TWh; firm MW)"
            shown = self.answers.replace({SINKS[sink]: name for sink, name in SHORT.items()})
            left_out = 0
            if "model" not in shown:
                something = shown.drop(columns=["sink", "answer", "year"]).abs().max(axis=1) > 0
                left_out = int((~something).sum())
                shown = shown[something].round(2)
                numbers = shown.select_dtypes("number").columns
                shown[numbers] += 0.0  # no "-0"
            yield frame_table(shown, f"{what}, differences to the first")
            if left_out:
                yield f"Rows of zeros left out: {left_out}; --to FILE has them."
        else:
            yield "These runs share neither answers nor scores."
        if len(self.settings):
            yield frame_table(self.settings, "Settings that differ")
        else:
            yield "No setting differs."
        if len(self.sources):
            yield frame_table(self.sources.head(20), "Source rows that not all runs rest on")

    def write(self, path: Path) -> None:
        """Write the table (.csv, .xlsx, .md) or the chart (.png, .svg, .pdf)."""
        kinds = {".csv", ".xlsx", ".md", ".png", ".svg", ".pdf"}
        if path.suffix not in kinds:
            raise UserError(f"--to {path}: '{path.suffix}' is not known", f"Use {sorted(kinds)}")
        if path.suffix == ".md":
            write_text(path.absolute(), _markdown(self.answers))
            return
        with atomic_file(path.absolute()) as temporary:
            if path.suffix == ".csv":
                self.answers.to_csv(temporary, index=False)
            elif path.suffix == ".xlsx":
                self.answers.to_excel(temporary, index=False, engine="xlsxwriter")
            else:
                from dcforecast.reports.plots import compare as draw

                draw(self.runs).savefig(temporary, dpi=150)


def _markdown(frame: pd.DataFrame) -> str:
    rows = [
        [f"{v:.2f}" if isinstance(v, float) else str(v) for v in row]
        for row in frame.itertuples(index=False)
    ]
    return markdown(list(map(str, frame.columns)), rows) + "\n"


def compare(runs: Sequence[Run]) -> Comparison:
    """Compare two or more runs."""
    return Comparison(runs, _answers(runs), _settings(runs), _sources(runs))


def _names(runs: Sequence[Run]) -> list[str]:
    plain = [str(run.manifest.get("scenario") or run.manifest["pipeline"]) for run in runs]
    if len(set(plain)) == len(plain):
        return plain
    return [f"{name} {run.id[-4:]}" for name, run in zip(plain, runs, strict=True)]


def _answers(runs: Sequence[Run]) -> pd.DataFrame:
    import pandas as pd

    names = _names(runs)
    if not all(run.has("annual") for run in runs):
        return _scores(runs, names)
    columns = {}
    for name, run in zip(names, runs, strict=True):
        rows = run.read("annual", year=list(_YEARS))
        energy = rows[(rows["quantity"] == "energy_twh") & rows["answer"].ne("firm")]
        firm = rows[(rows["quantity"] == "power_mw") & rows["answer"].eq("firm")]
        keys = ["sink", "answer", "year"]
        columns[name] = pd.concat([energy.set_index(keys)["q500"], firm.set_index(keys)["mean"]])
    table = _with_differences(pd.DataFrame(columns), names).round(4)  # of TWh and MW
    table = table[~table.index.get_level_values("sink").isin(NO_ANSWER)]
    place = {sink: k for k, sink in enumerate(in_order(table.index.get_level_values("sink")))}
    table = table.sort_index(key=lambda level: level.map(place) if level.name == "sink" else level)
    table = table.reset_index()
    table["sink"] = [label_of(sink, runs[-1]) for sink in table["sink"]]
    return table


def _with_differences(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    first = table[names[0]]
    return table.assign(**{f"{name} - {names[0]}": table[name] - first for name in names[1:]})


def _scores(runs: Sequence[Run], names: Sequence[str]) -> pd.DataFrame:
    """Compare the CRPS of each series and model over all steps; empty when a run has no scores."""
    import pandas as pd

    if not all(run.has("scores") for run in runs):
        return pd.DataFrame()
    keys = ["series", "model"]
    columns = {
        name: run.read("scores", metric="crps", step_group="all").set_index(keys)["value"]
        for name, run in zip(names, runs, strict=True)
    }
    return _with_differences(pd.DataFrame(columns), names).sort_index().reset_index()


def _settings(runs: Sequence[Run]) -> pd.DataFrame:
    import pandas as pd

    flats = [{key: str(value) for key, value in run.flat_config.items()} for run in runs]
    keys = list(dict.fromkeys(key for one in flats for key in one))
    skip = ("store.", "tracking.", "report.", "compute.", "scenario.")
    rows = [
        [key, *(one.get(key, "-") for one in flats)]
        for key in keys
        if not key.startswith(skip) and len({one.get(key) for one in flats}) > 1
    ]
    return pd.DataFrame(rows, columns=["setting", *_names(runs)])


def _sources(runs: Sequence[Run]) -> pd.DataFrame:
    import pandas as pd

    found = []
    for run in runs:
        if not run.has("lineage"):
            return pd.DataFrame()
        rows = run.read("lineage", columns=["table", "row_key", "source_id"])
        found.append(set(rows.itertuples(index=False, name=None)))
    shared = set.intersection(*found)
    extra = sorted(set.union(*found) - shared)
    rows_out = [[*row, *("yes" if row in one else "no" for one in found)] for row in extra]
    return pd.DataFrame(rows_out, columns=["table", "row", "source", *_names(runs)])
