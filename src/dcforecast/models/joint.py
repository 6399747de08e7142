"""Joint paths of several steps or series whose marginals stay as they are."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dcforecast.models.base import SEED

__all__ = ["orders", "rank_paths"]


def orders(samples: Mapping[str, np.ndarray], correlation: np.ndarray) -> dict[str, np.ndarray]:
    """Return orders of the paths of several series in which their levels correlate as given.

    Ranks of each path's mean are matched to the ranks of a joint Gaussian (Iman and Conover
    1982): the paths themselves, and so every marginal, do not change.

    Parameters
    ----------
    samples : mapping of str to ndarray of shape (n, horizon)
        Paths by series; equal n.
    correlation : ndarray of shape (series, series)
        Wanted correlation of the paths' levels, in the order of `samples`.

    Returns
    -------
    dict of str to ndarray of shape (n,)
        Which path of a series goes with the first, second ... of the others.
    """
    n = len(next(iter(samples.values())))
    rng = np.random.default_rng(SEED)
    values, vectors = np.linalg.eigh(np.asarray(correlation, float))
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    scores = rng.standard_normal((n, len(samples))) @ root.T
    out = {}
    for column, (name, paths) in enumerate(samples.items()):
        wanted = scores[:, column].argsort().argsort()
        by_level = paths.mean(axis=1).argsort(kind="stable")
        out[name] = by_level[wanted]
    return out


def rank_paths(
    levels: np.ndarray,
    quantiles: np.ndarray,
    errors: np.ndarray,
    n: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw paths whose steps have given quantiles and hang together as past errors did.

    The empirical copula of the errors (Clark et al. 2004, "Schaake shuffle"): each path takes
    the ranks of one past row; paths of the same row share their place between two ranks.  Each
    step then holds every n-th part of its distribution once, so that the marginals are the
    quantiles to the precision of n.

    Parameters
    ----------
    levels : ndarray of shape (levels,)
        Rising levels between 0 and 1.
    quantiles : ndarray of shape (steps, levels)
        Rising quantiles of each step; between levels they are joined by straight lines, beyond
        the outermost the distribution ends.
    errors : ndarray of shape (rows, steps)
        Past errors, several steps or series side by side.
    n : int
        Paths.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    ndarray of shape (n, steps)
    """
    rows, steps = errors.shape
    ranks = errors.argsort(axis=0, kind="stable").argsort(axis=0)
    taken = rng.permutation(np.resize(rng.permutation(rows), n))
    place = (ranks[taken] + rng.uniform(size=(n, 1))) / rows
    level = (place.argsort(axis=0).argsort(axis=0) + 0.5) / n
    columns = [np.interp(level[:, j], levels, quantiles[j]) for j in range(steps)]
    return np.column_stack(columns)
