"""The best model of each series."""

from __future__ import annotations

import pandas as pd

from dcforecast.errors import UserError, choices_text
from dcforecast.evaluation.scores import METRICS

__all__ = ["champions"]


def champions(scores: pd.DataFrame, metric: str = "crps") -> pd.DataFrame:
    """Return each series' model with the smallest score over all steps.

    Parameters
    ----------
    scores : pandas.DataFrame
        Table ``scores``.
    metric : str
        Score that decides.

    Returns
    -------
    pandas.DataFrame
        series, model, metric, value, se, skill_vs_naive, n, runner_up.
    """
    if metric not in METRICS:
        raise UserError(f"there is no metric '{metric}'", choices_text(metric, METRICS))
    rows = scores[(scores["metric"] == metric) & (scores["step_group"] == "all")]
    ordered = rows.sort_values(["series", "value"], kind="stable")
    best = ordered.drop_duplicates("series").set_index("series")
    second = ordered[ordered.duplicated("series")].drop_duplicates("series").set_index("series")
    found = best[["model", "metric", "value", "se", "skill_vs_naive", "n"]].copy()
    found["runner_up"] = second["model"].reindex(found.index)
    return found.reset_index()
