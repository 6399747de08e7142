"""Tests whether a model is better, or was lucky."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dcforecast.errors import UserError, choices_text
from dcforecast.evaluation.scores import pointwise

__all__ = ["compare_models", "confidence_set"]

#: Bootstrap samples of the confidence set, and their seed.
_SAMPLES, _SEED = 2000, 20_260


def _losses(backtest: pd.DataFrame) -> pd.DataFrame:
    """Mean loss of each origin, a column a model: CRPS, or absolute error without quantiles."""
    points = pointwise(backtest)
    loss = points["crps"] if points["crps"].notna().any() else points["mae"]
    table = backtest[["series", "model", "origin"]].assign(loss=loss)
    wide: pd.DataFrame = (
        table.groupby(["series", "origin", "model"], observed=True)["loss"].mean().unstack()
    )
    return wide


def _overlap(backtest: pd.DataFrame) -> dict[str, int]:
    """Count by series the origins, itself included, that lie within the horizon of one."""
    out = {}
    for series, rows in backtest.groupby("series", observed=True):
        last = rows.groupby("origin")["timestamp"].max()
        origins = np.sort(last.index.to_numpy())
        reached = np.searchsorted(origins, last.sort_index().to_numpy())
        out[str(series)] = int((reached - np.arange(len(origins))).max())
    return out


def compare_models(backtest: pd.DataFrame, baseline: str = "seasonal_naive") -> pd.DataFrame:
    """Test each model against the baseline on equal forecasts, with a correction for their number.

    Diebold and Mariano (1995) on the CRPS differences averaged by origin, with the small-sample
    factor of Harvey, Leybourne and Newbold (1997, equation 9): where the horizons of k origins
    overlap, the variance takes in k - 1 autocovariances.  Correction by Holm (1979).

    Parameters
    ----------
    backtest : pandas.DataFrame
        Table ``backtest``; without quantiles absolute errors stand for the CRPS.
    baseline : str
        Model to beat.

    Raises
    ------
    UserError
        The baseline is not among the models.

    Returns
    -------
    pandas.DataFrame
        series, model, difference (CRPS, negative is better), statistic, p_value, origins, p_holm.
    """
    there = backtest["model"].unique().tolist()
    if baseline not in there:
        raise UserError(f"there is no model '{baseline}' to beat", choices_text(baseline, there))
    overlap = _overlap(backtest)
    rows = []
    for series, block in _losses(backtest).groupby(level="series"):
        others = [m for m in block.columns if m != baseline and block[m].notna().any()]
        for model in others:
            d = (block[model] - block[baseline]).dropna().to_numpy()
            statistic, p = _diebold_mariano(d, overlap[str(series)])
            rows.append((series, model, d.mean() if len(d) else np.nan, statistic, p, len(d)))
    columns = ["series", "model", "difference", "statistic", "p_value", "origins"]
    found = pd.DataFrame(rows, columns=columns)
    found["p_holm"] = found.groupby("series")["p_value"].transform(_holm)
    return found


def _diebold_mariano(d: np.ndarray, overlap: int) -> tuple[float, float]:
    """Return statistic and two-sided p-value of the mean of `d` being nought."""
    from scipy.stats import t as student

    n = len(d)
    if n < 2:
        return np.nan, np.nan
    centred = d - d.mean()
    h = min(overlap, n - 1)
    variance = centred @ centred / n
    longer = variance + 2 * sum(centred[k:] @ centred[:-k] / n for k in range(1, h))
    if longer <= 0:  # the sum of autocovariances may fall below nought: then none of them
        h, longer = 1, variance
    if longer <= 0:
        return np.nan, np.nan
    factor = (n + 1 - 2 * h + h * (h - 1) / n) / n
    statistic = float(d.mean() / np.sqrt(longer / n) * np.sqrt(max(factor, 1 / n)))
    return statistic, float(2 * student.sf(abs(statistic), n - 1))


def _holm(p_values: pd.Series) -> pd.Series:
    ordered = p_values.sort_values()
    count = len(ordered)
    stepped = (ordered * (count - np.arange(count))).cummax().clip(upper=1.0)
    return stepped.reindex(p_values.index)


def confidence_set(backtest: pd.DataFrame, size: float = 0.1) -> pd.DataFrame:
    """Return the models that the best one cannot be told from.

    Model confidence set of Hansen, Lunde and Nason (2011, section 3.1.2, statistic T_max): the
    worst model is dropped while equal merit is refused.  Losses as in `compare_models`; circular
    block bootstrap of origins, blocks as long as horizons overlap and at least n^(1/3).

    Parameters
    ----------
    backtest : pandas.DataFrame
        Table ``backtest``.
    size : float
        Probability that a best model is left out.

    Returns
    -------
    pandas.DataFrame
        series, model, loss, p_mcs, inside.
    """
    overlap = _overlap(backtest)
    frames = []
    for series, block in _losses(backtest).groupby(level="series"):
        losses = block.dropna(axis=1, how="all").dropna()
        p = _set_p_values(losses.to_numpy(), overlap[str(series)])
        frame = pd.DataFrame(
            {"model": losses.columns, "loss": losses.mean().to_numpy(), "p_mcs": p}
        )
        frame.insert(0, "series", str(series))
        frames.append(frame.assign(inside=p >= size).sort_values("loss"))
    return pd.concat(frames, ignore_index=True)


def _set_p_values(losses: np.ndarray, overlap: int) -> np.ndarray:
    """Return the p-value at which each model (column) leaves the set."""
    n, count = losses.shape
    block = min(n, max(overlap, round(n ** (1 / 3))))
    rng = np.random.default_rng(_SEED)
    starts = rng.integers(n, size=(_SAMPLES, -(-n // block)))
    rows = (starts[:, :, None] + np.arange(block)).reshape(_SAMPLES, -1)[:, :n] % n
    mean = losses.mean(axis=0)
    drawn = np.stack([column[rows].mean(axis=1) for column in losses.T], axis=1) - mean
    left, p_values, highest = list(range(count)), np.ones(count), 0.0
    while len(left) > 1:
        worse = mean[left] - mean[left].mean()
        moved = drawn[:, left] - drawn[:, left].mean(axis=1, keepdims=True)
        spread = np.sqrt((moved**2).mean(axis=0))
        if not (spread > 0).all():  # equal forecasts, or a single origin: nothing can be told
            break
        statistic = worse / spread
        highest = max(highest, float(((moved / spread).max(axis=1) >= statistic.max()).mean()))
        p_values[left.pop(int(statistic.argmax()))] = highest
    return p_values
