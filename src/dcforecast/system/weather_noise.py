"""Persistent noise, and its way from normal scores to a donor's distribution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dcforecast.system.arrays import Hours

__all__ = ["between_days", "first_order", "noise", "sky_weight", "tables", "to_quantiles"]

#: Normal scores are looked up between -4 and 4 in steps of 0.01.
_REACH, _STEPS = 4.0, 801


def noise(
    rng: np.random.Generator,
    members: int,
    steps: int,
    process: Mapping[str, Any],
    *,
    warm_up: int | None = None,
    kind: type[np.floating] = np.float32,
) -> Hours:
    """Return autoregressive noise of unit variance.

    Parameters
    ----------
    rng : numpy.random.Generator
        The stream; the member is the first axis, so that a member keeps its noise.
    members, steps : int
        Shape of the result.
    process : mapping
        ``lags``, ``phi`` and ``innovation_sd`` of the fit.
    warm_up : int, optional
        Steps before the first that is kept; twenty times the longest lag without it.
    kind : type
        Of the numbers of the recursion.

    Returns
    -------
    ndarray of shape (members, steps)
    """
    from dcforecast.system.recursion import autoregress  # brings numba

    lags, phi = np.array(process["lags"]), np.array(process["phi"], kind)
    before = 20 * int(max(lags)) if warm_up is None else warm_up
    shocks = rng.standard_normal((members, before + steps), dtype=np.float32)
    out = np.empty((members, steps), np.float32)
    autoregress(shocks, lags, phi, kind(process["innovation_sd"]), out)
    return out


def first_order(rho: float) -> dict[str, Any]:
    """Return the process of first order with correlation `rho`."""
    return {"lags": [1], "phi": [rho], "innovation_sd": float(np.sqrt(1.0 - rho**2))}


def between_days(daily: Hours) -> Hours:
    """Spread daily values (members, days) over the hours, in a line from noon to noon UTC."""
    members, days = daily.shape
    nodes = np.concatenate([daily[:, :1], daily, daily[:, -1:]], axis=1)
    share = ((np.arange(24, dtype=np.float32) + 12.5) / 24.0) % 1.0
    out = np.empty((members, days, 24), np.float32)
    early, late = slice(0, 12), slice(12, 24)
    out[:, :, early] = (
        nodes[:, :-2, None] + (nodes[:, 1:-1] - nodes[:, :-2])[..., None] * share[early]
    )
    out[:, :, late] = (
        nodes[:, 1:-1, None] + (nodes[:, 2:] - nodes[:, 1:-1])[..., None] * share[late]
    )
    return out.reshape(members, days * 24)


def sky_weight(fitted: Mapping[str, Any], share: float = 1.0) -> NDArray[np.float32]:
    """Return by quarter the weight of the sky's score that gives the donor's daily correlation.

    An hourly score ``a sky + sqrt(1 - a^2) own``, whose own part has a daily mean of variance v,
    correlates by day with the sky with r if ``a^2 = r^2 v / (1 - r^2 + r^2 v)``.  `share` is the
    correlation that is left between a site and its region on both sides.
    """
    r = np.asarray(fitted["sky_correlation_by_quarter"], float) / share
    v = float(fitted["daily_variance"])
    return np.asarray(np.sign(r) * np.sqrt(r**2 * v / (1.0 - r**2 + r**2 * v)), np.float32)


def tables(
    fitted: Mapping[str, Any], power: float | NDArray[np.float64] = 1.0
) -> NDArray[np.float32]:
    """Return quantiles by month over the grid of normal scores, shape (12, 801).

    `power`, one number or one a month, bends them towards another mean and keeps them in 0..1.
    """
    from scipy.stats import norm

    grid = norm.cdf(np.linspace(-_REACH, _REACH, _STEPS))
    levels = np.asarray(fitted["levels"])
    rows = [np.interp(grid, levels, row) for row in np.asarray(fitted["quantiles_by_month"])]
    return np.asarray(np.stack(rows) ** np.reshape(power, (-1, 1)), np.float32)


def to_quantiles(score: Hours, month: NDArray[np.int64], table: NDArray[np.float32]) -> Hours:
    """Look normal scores (members, steps) up in the table of each step's month (1-12)."""
    out = np.empty_like(score)
    starts = np.flatnonzero(np.diff(month, prepend=0))
    for start, stop in zip(starts, [*starts[1:], len(month)], strict=True):
        position = (score[:, start:stop] + np.float32(_REACH + 0.005)) * np.float32(100.0)
        index = np.clip(position, 0, _STEPS - 1).astype(np.int16)
        np.take(table[month[start] - 1], index, out=out[:, start:stop])
    return out
