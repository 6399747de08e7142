"""Joint paths of several series whose marginals stay as they are."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

__all__ = ["couple", "orders"]


def couple(samples: Mapping[str, np.ndarray], correlation: np.ndarray) -> dict[str, np.ndarray]:
    """Re-order the paths of several series so that their levels correlate as given.

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
    dict of str to ndarray of shape (n, horizon)
    """
    return {name: samples[name][rows] for name, rows in orders(samples, correlation).items()}


def orders(samples: Mapping[str, np.ndarray], correlation: np.ndarray) -> dict[str, np.ndarray]:
    """Return the order of each series' paths that `couple` puts them in, shape (n,)."""
    n = len(next(iter(samples.values())))
    rng = np.random.default_rng(20_260)
    values, vectors = np.linalg.eigh(np.asarray(correlation, float))
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    scores = rng.standard_normal((n, len(samples))) @ root.T
    out = {}
    for column, (name, paths) in enumerate(samples.items()):
        wanted = scores[:, column].argsort().argsort()
        by_level = paths.mean(axis=1).argsort(kind="stable")
        out[name] = by_level[wanted]
    return out
