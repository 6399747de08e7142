"""Links through a year: commissioning dates drawn once a member, outages hour by hour."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dcforecast.config.network import LinkSettings, NetworkSettings
from dcforecast.system.draws import Draws

__all__ = ["commissioning", "hourly_capacity", "in_service"]

_NEVER = 9_999.0


def commissioning(network: NetworkSettings, draws: Draws) -> dict[str, NDArray[np.float64]]:
    """Draw the date each link enters service, as a decimal year; one a member.

    The delay after the stated date is lognormal (median and sigma of the link's settings); links of
    one ``slip_group`` share a part of it, because they share a border or a strait.  A link that is
    never built gets the year 9999, an existing one minus infinity.

    Returns
    -------
    dict of str to ndarray of shape (members,)
    """
    return {name: _date(name, link, draws) for name, link in network.links.items()}


def _date(name: str, link: LinkSettings, draws: Draws) -> NDArray[np.float64]:
    if link.status == "existing" and link.date is None:
        return np.full(draws.members, -np.inf)
    common, built = (draws.normal("link", name, part) for part in ("date", "built"))
    if link.slip_group is not None:
        share = link.slip_correlation
        group = draws.shared(f"link_{link.slip_group}")
        common = np.sqrt(share) * group + np.sqrt(1 - share) * common
        fate = draws.shared(f"link_fate_{link.slip_group}")
        built = np.sqrt(share) * fate + np.sqrt(1 - share) * built
    assert link.date is not None  # checked by the settings
    start = link.date.year + (link.date.timetuple().tm_yday - 1) / 365.25
    date = start + link.slip_median_years * np.exp(link.slip_sigma * common)
    from scipy.special import ndtr

    return np.where(ndtr(built) <= link.probability, date, _NEVER)


def in_service(dates: NDArray[np.float64], timestamps: pd.DatetimeIndex) -> NDArray[np.int64]:
    """Return the first hour of the year in which the link works (0 .. hours), one a member."""
    year, hours = timestamps[0].year, len(timestamps)
    share = np.clip(dates - year, 0.0, 1.0)
    return np.ceil(share * hours).astype(np.int64)


def hourly_capacity(
    network: NetworkSettings,
    dates: Mapping[str, NDArray[np.float64]],
    timestamps: pd.DatetimeIndex,
    draws: Draws,
) -> dict[str, NDArray[np.float32]]:
    """Sending-end capacity of every link, MW, of shape (members, hours).

    Nothing before the commissioning date; each circuit fails by itself and takes its share of the
    capacity with it.  Outages arrive as a Poisson process with exponential lengths whose stationary
    share of time equals ``forced_outage_rate``.
    """
    return {
        name: _capacity(name, link, dates[name], timestamps, draws)
        for name, link in network.links.items()
    }


def _capacity(
    name: str,
    link: LinkSettings,
    dates: NDArray[np.float64],
    timestamps: pd.DatetimeIndex,
    draws: Draws,
) -> NDArray[np.float32]:
    hours = len(timestamps)
    capacity = np.full((draws.members, hours), link.capacity_mw, np.float32)
    if link.forced_outage_rate > 0 and link.capacity_mw > 0:
        _apply_outages(capacity, link, draws.rng("link_outage", name, timestamps[0].year))
    for member, first in enumerate(in_service(dates, timestamps)):
        capacity[member, :first] = 0.0
    return capacity


def _apply_outages(
    capacity: NDArray[np.float32], link: LinkSettings, rng: np.random.Generator
) -> None:
    from dcforecast.system.outage_walk import take_out  # brings numba

    members, hours = capacity.shape
    lead = int(10 * link.outage_hours)  # outages that began before the year
    # A circuit under overlapping outages is out once: 1 - exp(-rate * length) of the time.
    rate = -np.log1p(-link.forced_outage_rate) / link.outage_hours
    step = np.float32(link.capacity_mw / link.circuits)
    most = int(np.ceil(rate * (hours + lead) + 10 * np.sqrt(rate * (hours + lead)) + 10))
    for _ in range(link.circuits):
        # Fixed numbers of draws a member, so that a member keeps its outages in a larger ensemble.
        gaps = rng.exponential(1 / rate, (members, most))
        lengths = rng.exponential(link.outage_hours, (members, most))
        starts = np.cumsum(gaps, axis=1) - lead
        # Never twice for one circuit: an overlap only prolongs the outage.
        take_out(capacity, starts, starts + lengths, step)
    np.maximum(capacity, 0.0, out=capacity)
