"""Sample paths of years and months, or of totals and parts, made to add up.

Each path is moved as little as its forecast errors allow until all sums hold: the minimum-trace
projection (Wickramasuriya, Athanasopoulos and Hyndman 2019, eq. 7, in the form of Di Fonzo and
Girolimetto 2023), path by path (Panagiotelis et al. 2023).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

__all__ = ["over_parts", "over_time", "project", "shrunk"]

#: A sum off by less than this part of the largest value holds already.
_ROUNDING = 1e-9


def project(samples: np.ndarray, constraints: np.ndarray, cov: np.ndarray) -> np.ndarray:
    """Move samples onto the space where the constraints are zero.

    ``x - W C' (C W C')^-1 C x``: what is sure (no variance) does not move.

    Parameters
    ----------
    samples : ndarray of shape (n, nodes)
        Forecasts that need not add up.
    constraints : ndarray of shape (sums, nodes)
        Each row is a sum of nodes that should be zero.
    cov : ndarray of shape (nodes, nodes)
        Covariance W of the forecast errors.

    Returns
    -------
    ndarray of shape (n, nodes)
        Samples that already add up come back as they are.
    """
    gap = samples @ constraints.T
    if np.abs(gap).max(initial=0.0) <= _ROUNDING * np.abs(samples).max(initial=0.0):
        return samples
    moved = cov @ constraints.T
    return np.asarray(samples - gap @ np.linalg.pinv(constraints @ moved) @ moved.T)


def shrunk(samples: np.ndarray) -> np.ndarray:
    """Return the covariance of samples with its correlations shrunk (Ledoit and Wolf 2004).

    Parameters
    ----------
    samples : ndarray of shape (n, nodes)

    Returns
    -------
    ndarray of shape (nodes, nodes)
    """
    from sklearn.covariance import LedoitWolf

    spread = samples.std(axis=0)
    moving = spread > _ROUNDING * max(float(np.abs(samples).max(initial=0.0)), 1e-12)
    out = np.zeros((samples.shape[1],) * 2)
    if moving.any():
        scaled = (samples[:, moving] - samples[:, moving].mean(axis=0)) / spread[moving]
        correlation = LedoitWolf().fit(scaled).covariance_
        out[np.ix_(moving, moving)] = correlation * np.outer(spread[moving], spread[moving])
    return out


def over_time(annual: np.ndarray, monthly: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Reconcile paths of years with paths of the months of the first of them.

    A high path of months is met with a high path of years; both move by their spreads, and later
    years follow by their correlation with the first.

    Parameters
    ----------
    annual : ndarray of shape (n, years)
        Energy a year.
    monthly : ndarray of shape (n, 12 * first years)
        Energy a month of the first years, all of them whole.

    Returns
    -------
    annual, monthly : ndarray
        Not negative; twelve months make their year.
    """
    n, years = annual.shape
    covered = monthly.shape[1] // 12
    monthly = _paired(annual[:, :covered].sum(axis=1), monthly, monthly.sum(axis=1))
    constraints = np.zeros((covered, years + 12 * covered))
    for year in range(covered):
        constraints[year, year] = 1.0
        constraints[year, years + 12 * year : years + 12 * (year + 1)] = -1.0
    cov = np.zeros((constraints.shape[1],) * 2)
    cov[:years, :years], cov[years:, years:] = shrunk(annual), shrunk(monthly)
    found = project(np.concatenate([annual, monthly], axis=1), constraints, cov)
    months = np.maximum(found[:, years:], 0.0)
    whole = np.maximum(found[:, :years], 0.0)
    whole[:, :covered] = months.reshape(n, covered, 12).sum(axis=2)
    return whole, months


def over_parts(
    samples: Mapping[str, np.ndarray], sums: Mapping[str, Mapping[str, float]]
) -> dict[str, np.ndarray]:
    """Reconcile paths of totals with paths of their parts, step by step.

    Parameters
    ----------
    samples : mapping of str to ndarray of shape (n, horizon)
        Paths by series.
    sums : mapping of str to mapping of str to float
        Totals as weights on parts that are no totals themselves; a total without a path, or with
        a part without one, is passed over.

    Returns
    -------
    dict of str to ndarray of shape (n, horizon)
        Totals are the weighted sums of their parts; a part that was never negative stays so.
    """
    held = {
        total: dict(weights) for total, weights in sums.items() if {total, *weights} <= set(samples)
    }
    out = {name: np.asarray(paths, float) for name, paths in samples.items()}
    if not held:
        return out
    names = list(dict.fromkeys([*held, *(part for weights in held.values() for part in weights)]))
    for total, weights in held.items():
        bottom = _weighted(out, weights).sum(axis=1)
        out[total] = _paired(bottom, out[total], out[total].sum(axis=1))
    constraints = _constraints(held, names)
    stacked = np.stack([out[name] for name in names], axis=2)
    floor = np.where(stacked.min(axis=(0, 1)) >= 0, 0.0, -np.inf)
    for step in range(stacked.shape[1]):
        now = stacked[:, step]
        stacked[:, step] = np.maximum(project(now, constraints, np.diag(now.var(axis=0))), floor)
    for position, name in enumerate(names):
        out[name] = stacked[:, :, position]
    for total, weights in held.items():
        out[total] = _weighted(out, weights)
    return out


def _constraints(held: Mapping[str, Mapping[str, float]], names: Sequence[str]) -> np.ndarray:
    """Return each total less its parts as a row of weights on the names."""
    rows = np.zeros((len(held), len(names)))
    for row, (total, weights) in zip(rows, held.items(), strict=True):
        row[names.index(total)] = 1.0
        for part, weight in weights.items():
            row[names.index(part)] = -weight
    return rows


def _weighted(samples: Mapping[str, np.ndarray], weights: Mapping[str, float]) -> np.ndarray:
    return np.asarray(sum(weight * samples[part] for part, weight in weights.items()))


def _paired(wanted: np.ndarray, paths: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Return the paths in the order whose levels rank as `wanted` does."""
    ordered = level.argsort(kind="stable")
    return np.asarray(paths[ordered][wanted.argsort(kind="stable").argsort(kind="stable")])
