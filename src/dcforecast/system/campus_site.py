"""What stands on a campus itself: engines and a battery for the hours the grid leaves it short."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dcforecast.config.datacentres import CampusSettings, DatacentresSettings
from dcforecast.system.arrays import Hours

__all__ = ["DARK", "ENGINES_RUN", "Site", "SiteUse", "carry"]

#: Marks of an hour: the engines run; something is missing after engines and battery.
ENGINES_RUN, DARK = 1, 2
#: EUR and t of CO2 per MWh of engine output, by fuel.  Diesel: 1.10 AZN a litre [R071] at
#: 1.7 AZN/USD and 0.92 EUR/USD, 10 kWh and 2.68 kg a litre, 38 % efficient.  Gas: 92.5 EUR/1000 m3
#: [G061], 9.5 kWh and 1.9 kg a cubic metre, 40 % efficient.  Efficiencies are assumptions.
_FUELS = {"diesel": (157.0, 0.71), "gas": (24.0, 0.50)}
#: Round trip of a battery at a site (assumption, as for the grid's batteries).
_ROUND_TRIP = 0.86
#: What a campus may have otherwise than the programme.
_OWN = {"backup_share", "backup_hours", "battery_share", "battery_hours", "ride_through_share"}


@dataclass(frozen=True)
class Site:
    """Engines and battery of a campus, per MW of its contract; by default there are none.

    Attributes
    ----------
    backup_share : float
        Power of the engines [1].
    backup_hours : int
        Hours a year they may run.
    backup_cost_eur_mwh, backup_co2_t_mwh : float
        Fuel and emissions of their output.
    battery_share, battery_hours : float
        Power of the battery [1], and how long it lasts at that [h].
    battery_first : bool
        Whether the battery goes before the engines.
    ride_through_share : float
        Part of the load that stays on the grid through a voltage dip [1].
    """

    backup_share: float = 0.0
    backup_hours: int = 0
    backup_cost_eur_mwh: float = 0.0
    backup_co2_t_mwh: float = 0.0
    battery_share: float = 0.0
    battery_hours: float = 0.0
    battery_first: bool = False
    ride_through_share: float = 0.0

    @classmethod
    def of(cls, settings: DatacentresSettings, own: CampusSettings | None = None) -> Site:
        """Return what the settings put on every campus, and a campus' own in its place."""
        cost, co2 = _FUELS[settings.backup_fuel]
        if settings.backup_cost_eur_mwh is not None:
            cost = settings.backup_cost_eur_mwh
        site = cls(
            settings.backup_share,
            settings.backup_hours,
            cost,
            co2,
            settings.battery_share,
            settings.battery_hours,
            settings.onsite_first == "battery",
            settings.ride_through_share,
        )
        told = {} if own is None else own.model_dump(include=_OWN, exclude_none=True)
        return replace(site, **told)


@dataclass(frozen=True)
class SiteUse:
    """What engines and battery did in a year, one a member.

    Attributes
    ----------
    backup_mwh, battery_mwh, charge_mwh, dark_mwh : ndarray of shape (members,)
        Output of the engines and of the battery, what the battery took from the grid, and what is
        missing after both.
    """

    backup_mwh: NDArray[np.float64]
    battery_mwh: NDArray[np.float64]
    charge_mwh: NDArray[np.float64]
    dark_mwh: NDArray[np.float64]


def carry(
    site: Site,
    contract: NDArray[np.floating],
    short: Hours,
    room: Hours,
    state: NDArray[np.uint8],
) -> SiteUse:
    """Run engines and battery through the hours in which the grid leaves a campus short.

    Parameters
    ----------
    site : Site
    contract : ndarray of shape (members,)
        MW.
    short, room : ndarray of shape (members, hours)
        What the grid leaves missing, and what it could give beyond the load [MW].
    state : ndarray of shape (members, hours)
        Takes the marks `ENGINES_RUN` and `DARK` of each hour.

    Notes
    -----
    Nobody knows the next hour: the engines run in each short hour until their hours are used up.
    With the engines first more of anything never leaves more missing: they lower the shortage hour
    by hour, and a battery that gives what it can as early as it can leaves the least missing.  The
    battery begins the year full and is filled in hours in which the grid serves all.
    """
    from dcforecast.system.campus_walk import carry as walk  # brings numba

    size = np.asarray(contract, np.float64)
    found = np.zeros((4, len(size)))
    walk(
        np.ascontiguousarray(short, np.float32),
        np.ascontiguousarray(room, np.float32),
        (size * site.backup_share, site.backup_hours),
        (size * site.battery_share, size * site.battery_share * site.battery_hours, _ROUND_TRIP),
        site.battery_first,
        (state, found),
    )
    return SiteUse(*found)
