"""Tests whether a model is better, or was lucky."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dcforecast.evaluation.scores import pointwise

__all__ = ["compare_models"]


def compare_models(backtest: pd.DataFrame, baseline: str = "seasonal_naive") -> pd.DataFrame:
    """Test each model against the baseline on equal forecasts, with a correction for their number.

    Diebold and Mariano (1995) on the CRPS differences averaged by origin, with the small-sample
    factor of Harvey, Leybourne and Newbold (1997) at lag 0, and Holm's (1979) correction.

    Parameters
    ----------
    backtest : pandas.DataFrame
        Table ``backtest``.
    baseline : str
        Model to beat.

    Returns
    -------
    pandas.DataFrame
        series, model, difference (CRPS, negative is better), statistic, p_value, p_holm, origins.
    """
    from scipy.stats import t as student

    points = backtest[["series", "model", "origin"]].assign(crps=pointwise(backtest)["crps"])
    table = points.groupby(["series", "origin", "model"], observed=True)["crps"].mean().unstack()
    rows = []
    for series, block in table.groupby(level="series"):
        others = [m for m in block.columns if m != baseline and block[m].notna().any()]
        for model in others:
            d = (block[model] - block[baseline]).dropna().to_numpy()
            n = len(d)
            spread = d.std(ddof=0) / np.sqrt(n) if n > 1 else np.nan
            statistic = d.mean() / spread * np.sqrt((n - 1) / n) if spread else np.nan
            p = 2 * student.sf(abs(statistic), n - 1) if n > 1 else np.nan
            rows.append((series, model, d.mean() if n else np.nan, statistic, p, n))
    columns = ["series", "model", "difference", "statistic", "p_value", "origins"]
    found = pd.DataFrame(rows, columns=columns)
    found["p_holm"] = found.groupby("series")["p_value"].transform(_holm)
    return found


def _holm(p_values: pd.Series) -> pd.Series:
    ordered = p_values.sort_values()
    count = len(ordered)
    stepped = (ordered * (count - np.arange(count))).cummax().clip(upper=1.0)
    return stepped.reindex(p_values.index)
