"""Scores of probabilistic forecasts, by series, model and lead time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from dcforecast.store.schemas import LEVELS, QUANTILE_COLUMNS

__all__ = ["METRICS", "pinball", "pointwise", "score", "seasonal_scale"]

#: Metrics in the order they are shown; all but coverage are better when smaller.
METRICS = (
    "crps", "mase", "rmse", "mae", "pinball", "coverage_80", "coverage_90", "fit_seconds",
)  # fmt: skip


#: Groups of steps ahead by their last step.
_GROUPS = {
    1: "01", 3: "02-03", 6: "04-06", 12: "07-12", 24: "13-24", 48: "25-48", np.inf: "49+",
}  # fmt: skip


def pinball(actual: np.ndarray, quantile: np.ndarray, level: np.ndarray | float) -> np.ndarray:
    """Return the quantile loss ``(1{y < q} - level) (q - y)`` (Gneiting 2011, equation 24).

    One line of our own: importing `scoringrules` compiles its kernels for 3 s; tests compare.
    """
    return np.asarray(((actual < quantile) - level) * (quantile - actual))


def pointwise(rows: pd.DataFrame) -> pd.DataFrame:
    """Score every forecast of a backtest on its own.

    The CRPS is twice the integral of the pinball losses over the levels
    (Gneiting and Ranjan 2011), by trapezes that fall to nought at the levels 0 and 1.  Coverage
    is 1 where the actual value lies inside the central interval.  Of rows without quantiles the
    mean alone is scored.

    Returns
    -------
    pandas.DataFrame
        Columns crps, mae, squared, pinball, coverage_80, coverage_90, fit_seconds.
    """
    actual = rows["actual"].to_numpy()
    quantiles = rows[list(QUANTILE_COLUMNS)].to_numpy()
    levels = np.asarray(LEVELS)
    losses = pinball(actual[:, None], quantiles, levels).T
    ends = np.zeros((1, len(actual)))
    crps = 2 * np.trapezoid(np.concatenate([ends, losses, ends]), [0.0, *levels, 1.0], axis=0)
    middle = rows["q500"].fillna(rows["mean"]).to_numpy()
    has_quantiles = rows["q500"].notna().to_numpy()

    def inside(low: str, high: str) -> np.ndarray:
        hit = np.asarray((actual >= rows[low]) & (actual <= rows[high]), float)
        return np.where(has_quantiles, hit, np.nan)

    return pd.DataFrame(
        {
            "crps": crps,
            "mae": np.abs(actual - middle),
            "squared": (actual - rows["mean"].to_numpy()) ** 2,
            "pinball": losses.mean(axis=0),
            "coverage_80": inside("q100", "q900"),
            "coverage_90": inside("q050", "q950"),
            "fit_seconds": rows["fit_seconds"].to_numpy() if "fit_seconds" in rows else np.nan,
        },
        index=rows.index,
    )


def seasonal_scale(y: pd.Series, season: int) -> float:
    """Return the mean absolute seasonal difference, the denominator of MASE."""
    return float(y.diff(season).abs().mean())


def score(
    backtest: pd.DataFrame,
    *,
    scale: Mapping[str, float] | None = None,
    baseline: str = "seasonal_naive",
) -> pd.DataFrame:
    """Average the scores of a backtest.

    Parameters
    ----------
    backtest : pandas.DataFrame
        Table ``backtest``.
    scale : mapping of str to float, optional
        Mean absolute seasonal difference by series, the denominator of MASE (Hyndman and
        Koehler 2006); MASE is left out for series without one.
    baseline : str
        Model that skill is measured against.

    Returns
    -------
    pandas.DataFrame
        Table ``scores``: series, model, metric, step_group (``all`` or a range of steps), value,
        se (standard error over origins), skill_vs_naive (1 - score / baseline's), n.
    """
    points = pd.concat(
        [backtest[["series", "model", "origin", "step"]], pointwise(backtest)], axis=1
    )
    points["step_group"] = pd.cut(
        points["step"], [0, *_GROUPS], labels=list(_GROUPS.values())
    ).astype(str)
    whole = _average(points.assign(step_group="all"))
    steps = _average(points)
    table = pd.concat([whole, steps], ignore_index=True)
    table = _scaled(table, scale or {})
    best = table[table["model"] == baseline].set_index(["series", "metric", "step_group"])["value"]
    keys = pd.MultiIndex.from_frame(table[["series", "metric", "step_group"]])
    against = best.reindex(keys).to_numpy()
    skill = 1.0 - table["value"].to_numpy() / np.where(against == 0, np.nan, against)
    error_like = table["metric"].isin(["crps", "mase", "rmse", "mae", "pinball"]).to_numpy()
    table["skill_vs_naive"] = np.where(error_like, skill, np.nan)
    order = pd.Categorical(table["metric"], METRICS, ordered=True)
    return (
        table.assign(order=order)
        .sort_values(["series", "order", "step_group", "value"], kind="stable")
        .drop(columns="order")
        .reset_index(drop=True)
    )


def _average(points: pd.DataFrame) -> pd.DataFrame:
    keys = ["series", "model", "step_group"]
    measures = ["crps", "mae", "squared", "pinball", "coverage_80", "coverage_90", "fit_seconds"]
    means: Any = points.groupby(keys, observed=True)[measures].mean()
    # Errors of one origin go together: the standard error is over origins.
    by_origin = points.groupby([*keys, "origin"], observed=True)[measures].mean()
    grouped = by_origin.groupby(keys, observed=True)
    errors: Any = grouped.std(ddof=1) / np.sqrt(grouped.count())
    counts = points.groupby(keys, observed=True).size().rename("n")
    errors["squared"] /= 2 * np.sqrt(means["squared"])  # delta method: the root is reported
    means["squared"] = np.sqrt(means["squared"])
    long = means.rename(columns={"squared": "rmse"}).stack().dropna().rename("value")
    long_se = errors.rename(columns={"squared": "rmse"}).stack(future_stack=True).rename("se")
    table = pd.concat([long, long_se.reindex(long.index)], axis=1).reset_index()
    table = table.rename(columns={"level_3": "metric"})
    merged: pd.DataFrame = table.merge(counts.reset_index(), on=keys)
    return merged


def _scaled(table: pd.DataFrame, scale: Mapping[str, float]) -> pd.DataFrame:
    known = [name for name, one in scale.items() if one > 0]  # a constant series has no unit
    absolute = table[(table["metric"] == "mae") & table["series"].isin(known)].copy()
    divisor = absolute["series"].map(dict(scale)).astype(float)
    absolute = absolute.assign(
        metric="mase", value=absolute["value"] / divisor, se=absolute["se"] / divisor
    )
    return pd.concat([table, absolute], ignore_index=True)
