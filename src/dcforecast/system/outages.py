"""Availability of thermal plants: maintenance by season and outages of whole units."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dcforecast.system.draws import Draws

__all__ = ["FORCED", "availability", "maintenance"]

Hours = NDArray[np.float32]

#: Forced outage rate by technology (assumptions of the usual size for the kind and age).
FORCED: dict[str, float] = {"ccgt": 0.06, "steam": 0.15, "engines": 0.07, "engines_nx": 0.07}
#: Hours between two looks at a unit, and its mean outage (assumption).
_STEP, _MEAN_OUTAGE = 6, 72.0
#: Part of thermal capacity in planned maintenance by month (assumption: spring and autumn).
_PLANNED = (0.04, 0.06, 0.12, 0.16, 0.16, 0.06, 0.02, 0.02, 0.10, 0.16, 0.12, 0.05)


def maintenance(month: NDArray[np.int64]) -> Hours:
    """Return the part of capacity that is not in planned maintenance, by hour."""
    return (1.0 - np.asarray(_PLANNED, np.float32))[month - 1]


def availability(
    technology: str, sizes_mw: list[float], draws: Draws, year: int, hours: int
) -> Hours:
    """Return the part of a technology's capacity that is not forced out.

    Units fail one by one: a persistent Gaussian process under its outage rate's quantile, looked
    at every six hours.  Many small units together are at their mean.

    Returns
    -------
    ndarray of shape (members, hours)
    """
    from scipy.signal import lfilter
    from scipy.stats import norm

    rate = FORCED[technology]
    total = sum(sizes_mw)
    out = np.zeros((draws.members, hours), np.float32)
    large = [size for size in sizes_mw if size >= 50.0]
    small = total - sum(large)
    steps = -(-hours // _STEP)
    rho = float(np.exp(-_STEP / _MEAN_OUTAGE))
    limit = np.float32(norm.ppf(rate))
    for number, size in enumerate(large):
        rng = draws.rng("outage", technology, number, year)
        shocks = rng.standard_normal((draws.members, steps + 40), dtype=np.float32)
        state = lfilter([np.sqrt(1 - rho**2)], [1.0, -rho], shocks, axis=1)[:, 40:]
        up = (state > limit).astype(np.float32) * np.float32(size / total)
        out += np.repeat(up, _STEP, axis=1)[:, :hours]
    return out + np.float32((1.0 - rate) * small / total)
