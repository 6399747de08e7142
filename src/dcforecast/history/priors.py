"""What is believed of a monthly series before any figure is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["BIASES", "PARTS", "PRIORS", "SERIES", "Bias", "Prior", "covariance", "weights_of"]


@dataclass(frozen=True)
class Prior:
    """Spread of a series relative to its slowly moving level [1].

    Attributes
    ----------
    level : float
        Standard deviation of the level's step from month to month (random walk).
    season : float
        Standard deviation of the effect of a calendar month.
    noise : float
        Standard deviation of what is left.
    """

    level: float
    season: float
    noise: float


#: The independent parts; total generation and gross demand follow by the identities.
#: The spreads are judgement, of the size seen in complete monthly records of the neighbours;
#: docs/history.md gives the recovery test that bears on them.
PRIORS: dict[str, Prior] = {
    "generation_thermal": Prior(0.025, 0.20, 0.04),
    "generation_hydro": Prior(0.08, 0.45, 0.12),
    "generation_wind": Prior(0.05, 0.25, 0.20),
    "generation_solar": Prior(0.12, 0.45, 0.10),
    "generation_waste": Prior(0.04, 0.10, 0.10),
    "export": Prior(0.20, 0.50, 0.40),
    "import": Prior(0.20, 0.50, 0.40),
}

PARTS: tuple[str, ...] = tuple(PRIORS)

#: Every series of the history as a sum of the parts (the accounting identities).
_SUMS: dict[str, dict[str, float]] = {
    "generation_total": {p: 1.0 for p in PARTS if p.startswith("generation")},
    "demand_gross": {p: -1.0 if p == "export" else 1.0 for p in PARTS},
    "net_import": {"import": 1.0, "export": -1.0},
}

SERIES: tuple[str, ...] = ("generation_total", *PARTS, "demand_gross")


def weights_of(series: str) -> dict[str, float]:
    """Return a series as weights on the parts: ``demand_gross`` = generation + import - export."""
    return _SUMS.get(series, {series: 1.0})


@dataclass(frozen=True)
class Bias:
    """How a publisher's scope differs from the whole country.

    Attributes
    ----------
    mean, sd : float
        Share of the country's figure that the scope leaves out, and how sure that is [1].
    noise : float
        Further error of a single figure, relative to its size [1].
    """

    mean: float
    sd: float
    noise: float


#: By scope.  State Statistics 4-9 % and Azerenerji 10-12 % below the ministry (data/README of the
#: compiled figures); Ember's months lack own-use plants (92 % of the year); its years are about
#: 2 % below the statistical table.  The spreads are judgement.
BIASES: dict[str, Bias] = {
    "country": Bias(0.0, 0.0, 0.001),
    "state_statistics": Bias(0.065, 0.02, 0.005),
    "state_statistics_commercial": Bias(0.11, 0.03, 0.005),
    "azerenerji": Bias(0.11, 0.02, 0.005),
    "customs": Bias(0.0, 0.03, 0.08),
    "without_own_use": Bias(0.06, 0.025, 0.01),
    "ember": Bias(0.02, 0.01, 0.005),
}


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
