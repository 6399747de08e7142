"""Whether the differences in a backtest mean anything: tests, confidence set, chart, words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from dcforecast.store import Run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["told", "write_comparison"]

#: Probability that a best model is left out of the confidence set.
_SIZE = 0.1
#: Series whose line is shown of a file of many.
_MOST_SERIES = 15


def write_comparison(run: Run, baseline: str) -> None:
    """Write tests and confidence set as CSV and the scores by lead time as PNG, all artifacts."""
    from dcforecast.evaluation import compare_models, confidence_set
    from dcforecast.reports import plots_models
    from dcforecast.store.atomic import atomic_file, write_text

    rows = run.read("backtest")
    folder = run.artifacts / "comparison"
    tables = {
        "diebold_mariano": compare_models(rows, baseline),
        "confidence_set": confidence_set(rows, _SIZE),
    }
    for name, table in tables.items():
        write_text(folder / f"{name}.csv", table.to_csv(index=False))
    with atomic_file(run.artifacts / "figures" / "score_by_step.png") as temporary:
        figure = plots_models.scores_by_step(run)
        figure.savefig(temporary, dpi=150, metadata={"Software": "dcforecast"})


def told(run: Run) -> Iterator[str]:
    """Yield the lines of the closing summary: which models cannot be told from the best."""
    import pandas as pd

    folder = run.artifacts / "comparison"
    if not (folder / "confidence_set.csv").is_file():
        return
    kept = pd.read_csv(folder / "confidence_set.csv")
    tests = pd.read_csv(folder / "diebold_mariano.csv")
    yield f"\nModels not told from the best at {1 - _SIZE:.0%} (model confidence set)"
    count = kept["series"].nunique()
    for series, rows in islice(kept.groupby("series", sort=True), _MOST_SERIES):
        inside = rows[rows["inside"]].sort_values("loss")
        yield f"  {series}: {', '.join(inside['model'])}{_better(tests, str(series))}"
    if count > _MOST_SERIES:
        yield f"  first of {count} series: {folder}"


def _better(tests: pd.DataFrame, series: str) -> str:
    sure = tests[(tests["series"] == series) & (tests["p_holm"] < 0.05) & (tests["difference"] < 0)]
    if sure.empty:
        return "; none surely better than the baseline (Diebold-Mariano, Holm)"
    names = ", ".join(sure.sort_values("difference")["model"])
    return f"; surely better than the baseline: {names}"
