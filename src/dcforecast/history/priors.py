"""What is believed of a monthly series before any figure is read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dcforecast.history.structure import AZERBAIJAN, Prior

__all__ = ["PARTS", "SERIES", "covariance", "weights_of"]

#: Azerbaijan's parts and series; code that serves any country takes a `Structure` instead.
PARTS = AZERBAIJAN.parts
SERIES = AZERBAIJAN.series
weights_of = AZERBAIJAN.weights


def covariance(prior: Prior, months: Sequence[int]) -> np.ndarray:
    """Covariance of a series' relative deviation from its level.

    Random-walk level, one effect a calendar month, independent noise; the first level is known
    to about 30 %.

    Parameters
    ----------
    prior : Prior
        Spreads.
    months : sequence of int
        Calendar month (1-12) of each period.

    Returns
    -------
    ndarray of shape (periods, periods)
    """
    steps = np.arange(len(months), dtype=float)
    walk = np.minimum.outer(steps, steps) * prior.level**2 + 0.3**2
    calendar = np.asarray(months)
    season = (calendar[:, None] == calendar[None, :]) * prior.season**2
    return np.asarray(walk + season + np.eye(len(months)) * prior.noise**2)
