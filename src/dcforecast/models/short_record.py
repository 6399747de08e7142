"""Spread that a short record hides: of its variance, and of breaks of form it has not seen."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dcforecast.models.periods import years_of

__all__ = ["drawn_noise", "drawn_scales", "student_quantile", "with_breaks"]

#: Fewest degrees of freedom: fewer have no variance.
_LEAST_FREEDOM = 3
#: Years of record after which breaks of form count less, as the residuals have seen some.
_SEEN = 20.0


def student_quantile(level: float, freedom: float) -> float:
    """Return a quantile of Student's t; of the normal distribution with infinite freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(max(freedom, _LEAST_FREEDOM), level))


def drawn_scales(freedom: float, n: int, rng: np.random.Generator) -> np.ndarray:
    """Return the deviation of the noise over its estimate, drawn: noise times it is Student's t."""
    freedom = max(freedom, _LEAST_FREEDOM)
    return np.sqrt(freedom / rng.chisquare(freedom, n))


def drawn_noise(
    sigma: float, freedom: int, n: int, horizon: int, rng: np.random.Generator
) -> np.ndarray:
    """Return noise whose variance is itself estimated, one draw of it a path: Student's t.

    Each second path is the mirror image of the one before, so that mean and median of a linear
    recursion's paths are its forecast, free of chance.

    Parameters
    ----------
    sigma : float
        Estimated standard deviation.
    freedom : int
        Values that it was estimated from, less what else was.
    n, horizon : int
        Paths and steps.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    ndarray of shape (n, horizon)
    """
    half = -(-n // 2)
    scale = sigma * drawn_scales(freedom, half, rng)[:, None]
    drawn = scale * rng.standard_normal((half, horizon))
    return np.asarray(np.stack([drawn, -drawn], axis=1).reshape(-1, horizon)[:n])


def with_breaks(paths: np.ndarray, index: pd.Index) -> np.ndarray:
    """Return paths spread further about their median, as breaks of form would do.

    A smoother takes its form for granted: level, trend and weights stay. On held-out ends of
    public sets the variance of errors is about 1 + (years ahead) times that of its paths; after
    a record of more than 20 years the addition is less in proportion, as the residuals then hold
    breaks that came before (docs/benchmark_choices.md).

    Parameters
    ----------
    paths : ndarray of shape (n, horizon)
        Paths of a model after the end of its record.
    index : Index
        Periods of the record.
    """
    years = years_of(index)
    ahead = np.arange(1, paths.shape[1] + 1) * years / len(index)
    factor = np.sqrt(1.0 + ahead * min(1.0, _SEEN / years))
    middle = np.median(paths, axis=0)
    return np.asarray(middle + factor * (paths - middle))
