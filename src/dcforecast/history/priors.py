"""What is believed of a monthly series before any figure is read: a structural model.

A month is its level times its days, plus an effect of the season, a spell that fades over some
months and noise (Harvey 1989, section 2.3).  The level is a random walk; what moves is in
proportion to the pace at the time, so that a series that grows tenfold keeps one set of spreads.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from dcforecast.history.structure import Prior

__all__ = ["FADE", "SMOOTH", "components", "covariance", "start"]

#: Length of the periodic kernel of the season and the share of a spell that is left a month
#: later: chosen among 0.5 to 2 and 0.5 to 0.9 on the development half of the recovery benchmark.
SMOOTH = 1.0
FADE = 0.6


def start(pace: np.ndarray, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean before any figure, and its loading on the unknown first level.

    Parameters
    ----------
    pace : ndarray of shape (periods,)
        Usual energy of a month of mean length at that time [GWh].
    days : ndarray of shape (periods,)
        Length of each month in mean months [1].

    Returns
    -------
    mean, loading : ndarray of shape (periods,)
        GWh; the covariance of the first level is the outer product of the loading.
    """
    return pace.mean() * days, pace.max() * days


def components(
    pace: np.ndarray, days: np.ndarray, calendar: np.ndarray, degrees: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Return the covariance of each effect at a spread of one [GWh squared].

    Parameters
    ----------
    pace, days : ndarray of shape (periods,)
        As for `start`.
    calendar : ndarray of shape (periods,)
        Calendar month (1-12) of each period.
    degrees : ndarray of shape (effects, periods)
        Heating and cooling degrees, zero where temperatures are not known [degrees Celsius].

    Returns
    -------
    tuple of ndarray of shape (periods, periods)
        In the order of `structure.Prior`.
    """
    steps = np.arange(len(pace))
    walked = np.concatenate([[0.0], np.cumsum(pace[1:] ** 2)])
    level = np.minimum.outer(walked, walked) * np.outer(days, days)
    scale = np.outer(pace * days, pace * days)
    month = calendar - 1
    season = _year()[np.ix_(month, month)] * scale
    spell = FADE ** np.abs(np.subtract.outer(steps, steps)) * scale
    return level, season, spell, np.diag(np.diag(scale)), degrees.T @ degrees * scale


@cache
def _year() -> np.ndarray:
    """Return the correlation of the twelve effects of the season, which sum to zero."""
    angle = np.pi * np.subtract.outer(np.arange(12), np.arange(12)) / 12
    smooth = np.exp(-2 * (np.sin(angle) / SMOOTH) ** 2)
    centred = smooth - smooth.mean()  # each row of a periodic kernel has the same mean
    return np.asarray(centred / centred[0, 0])


def covariance(
    prior: Prior, pace: np.ndarray, days: np.ndarray, calendar: np.ndarray, degrees: np.ndarray
) -> np.ndarray:
    """Return the covariance of a series' months, the unknown first level included [GWh squared].

    Parameters
    ----------
    prior : Prior
        Spreads.
    pace, days, calendar, degrees
        As for `components`.

    Returns
    -------
    ndarray of shape (periods, periods)
    """
    _, loading = start(pace, days)
    found = np.outer(loading, loading)
    for spread, block in zip(prior.spreads, components(pace, days, calendar, degrees), strict=True):
        found += spread**2 * block
    return found
