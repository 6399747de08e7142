"""Data centres: contracted power and hourly load of each campus."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dcforecast.config.datacentres import CampusSettings, DatacentresSettings
from dcforecast.sources import table
from dcforecast.store import LEVELS, QUANTILE_COLUMNS
from dcforecast.system.arrays import Hours
from dcforecast.system.campus_site import Site
from dcforecast.system.draws import Draws
from dcforecast.system.weather import WeatherYear
from dcforecast.system.weather_noise import first_order, noise
from dcforecast.system.weather_sites import local_calendar

__all__ = ["CampusLoad", "contracted", "loads", "programme_rows"]

#: Persistence of hourly use: 0.96 in the largest public trace (docs/data_centres.md).
_RHO = 0.96
#: Use peaks in the afternoon, local time (judgement; the traces have no clock).
_PEAK_HOUR = 15
#: Sigma of the lognormal delay of a campus (as for plants).
_DELAY_SIGMA = 0.6
#: Hottest hours a site is built for [C] (assumption; sets the contract when computing power is
#: stated).
_DESIGN_C = 40.0
_MILD_C = 15.0
#: PUE at 15 C [D026, R036, R037], and what a degree more adds (judgement), by cooling.
_COOLING = {"air": (1.25, 0.005), "evaporative": (1.20, 0.003), "liquid": (1.10, 0.002)}


@dataclass(frozen=True)
class CampusLoad:
    """One campus in one year.

    Attributes
    ----------
    name, node : str
    contracted_mw : ndarray of shape (members,)
        Grid power under contract; it holds losses and cooling already.
    demand_mw : ndarray of shape (members, hours)
        Load.
    stopped_mwh : ndarray of shape (members,)
        Load that stopped in tight hours (flexible share).
    site : Site
        Engines and battery on it, and what a voltage dip does to its load.
    """

    name: str
    node: str
    contracted_mw: NDArray[np.float64]
    demand_mw: Hours
    stopped_mwh: NDArray[np.float64]
    site: Site


def _path(settings: DatacentresSettings, when: NDArray[np.float64]) -> NDArray[np.float64]:
    years = sorted(settings.contracted_mw)
    return np.interp(when, years, [settings.contracted_mw[year] for year in years])


def _sizes(
    settings: DatacentresSettings, draws: Draws, year: int
) -> list[tuple[str, str, NDArray[np.float64]]]:
    """Return name, node and stated power of each campus, shape (members,) [MW].

    The campuses with a size fill up first, in the table's order; the one without takes what the
    programme holds beyond them, if it is built, and when.  Campuses of one's own come beside them.
    """
    scale = np.exp(settings.spread * draws.shared("data-centre programme"))
    now = np.full(draws.members, float(year))
    total = _path(settings, now) * scale
    rng = draws.rng("large campus")
    drawn = rng.random(draws.members)
    late = now - settings.delay_years * np.exp(_DELAY_SIGMA * draws.shared("large campus delay"))
    late_total = _path(settings, late) * scale
    left, before, out = total, late_total, []
    for row in table("campuses").to_dict("records"):
        name, node = str(row["campus"]), str(row["node"])
        if not pd.isna(row["first_mw"]):
            mine = np.minimum(left, float(row["first_mw"]))
            left = left - mine
            before = np.maximum(before - float(row["first_mw"]), 0.0)
            out.append((name, node, mine))
            continue
        mine = np.where(drawn < settings.build_probability, np.minimum(left, before), 0.0)
        away = settings.nakhchivan_share
        out.append((name, node, mine * (1 - away)))
        out.append((f"{name}_nx", "NX", mine * away))
    for name, own in settings.campuses.items():
        out.append((name, own.node, _own_size(name, own, draws, year)))
    return [(name, node, size) for name, node, size in out if size.any()]


def _own_size(name: str, own: CampusSettings, draws: Draws, year: int) -> NDArray[np.float64]:
    """Return the power of a campus of one's own at the end of a year [MW], shape (members,).

    It rises along the smooth step ``3 x^2 - 2 x^3`` from its first power to the end of its ramp.
    """
    start = own.first_power.year + (own.first_power.timetuple().tm_yday - 1) / 365.25
    late = own.delay_years * np.exp(_DELAY_SIGMA * draws.shared(f"delay of campus {name}"))
    risen = np.clip((year + 1 - start - late) / own.ramp_years, 0.0, 1.0)
    built = draws.uniform("campus built", name) < own.build_probability
    return np.asarray(own.mw * built * risen**2 * (3.0 - 2.0 * risen))


def _design_pue(settings: DatacentresSettings) -> float:
    if settings.stated_as == "grid":
        return 1.0
    return float(_pue(settings, np.float32(_DESIGN_C)))


def _pue(settings: DatacentresSettings, temperature_c: Hours | np.float32) -> Hours:
    """Return the PUE at an outside temperature [1]."""
    mild, per_degree = _COOLING[settings.cooling]
    mild = mild if settings.pue is None else settings.pue
    per_degree = per_degree if settings.pue_per_c is None else settings.pue_per_c
    warm = np.maximum(temperature_c - np.float32(_MILD_C), np.float32(0.0))
    return np.asarray(np.float32(mild) + np.float32(per_degree) * warm, np.float32)


def contracted(settings: DatacentresSettings, draws: Draws, year: int) -> NDArray[np.float64]:
    """Return the programme's contracted grid power at a year's end [MW], shape (members,).

    The stated path is the median; one draw a member scales all its years.
    """
    sizes = [size for _, _, size in _sizes(settings, draws, year)]
    return np.asarray(sum(sizes, np.zeros(draws.members)) * _design_pue(settings))


def utilisation(settings: DatacentresSettings, draws: Draws) -> NDArray[np.float64]:
    """Return each member's mean use of contracted power [1]."""
    use = settings.utilisation + settings.utilisation_sd * draws.shared("data-centre use")
    return np.clip(use, 0.05, 1.0)


def loads(
    settings: DatacentresSettings, draws: Draws, weather: WeatherYear, net_load: Hours
) -> tuple[CampusLoad, ...]:
    """Share the programme among the campuses and draw their hourly load.

    Parameters
    ----------
    settings : DatacentresSettings
    draws : Draws
    weather : WeatherYear
        Its temperature moves the PUE where computing power is stated.
    net_load : ndarray of shape (members, hours)
        Domestic load less wind and sun [MW]: where it is highest, flexible load stops.
    """
    _, hour, _ = local_calendar(weather.year)
    mean = utilisation(settings, draws).astype(np.float32)[:, None]
    cycle = settings.daily_swing * np.cos(2 * np.pi * (hour - _PEAK_HOUR) / 24)
    design = _design_pue(settings)
    cut = _flexible(settings, net_load)
    out = []
    for name, node, size in _sizes(settings, draws, weather.year):
        use = mean * (1.0 + cycle.astype(np.float32))
        use = use + np.float32(settings.noise) * _noise(draws, name, weather.year, len(hour))
        np.clip(use, 0.0, 1.0, out=use)
        if settings.stated_as == "it":
            use *= np.minimum(_pue(settings, weather.temperature_c) / np.float32(design), 1.0)
        contract = size * design
        stopped = np.zeros(draws.members)
        if cut is not None:
            stopped = ((1.0 - cut) * use).sum(axis=1, dtype=np.float64) * contract
            use *= cut
        load = use * contract.astype(np.float32)[:, None]
        site = Site.of(settings, settings.campuses.get(name))
        out.append(CampusLoad(name, node, contract, load, stopped, site))
    return tuple(out)


def _noise(draws: Draws, name: str, year: int, hours: int) -> Hours:
    rng, process = draws.rng("campus", name, year), first_order(_RHO)
    return noise(rng, draws.members, hours, process, warm_up=120, kind=np.float64)


def _flexible(settings: DatacentresSettings, net_load: Hours) -> Hours | None:
    """Return the part of load that stays, by hour: less in each member's tightest hours."""
    count = min(settings.flexible_hours, net_load.shape[1])
    if settings.flexible_share == 0 or count == 0:
        return None
    stays = np.ones_like(net_load)
    less = np.float32(1.0 - settings.flexible_share)
    if settings.flexible_run_hours is None:
        tight = np.argpartition(-net_load, count - 1, axis=1)[:, :count]
        np.put_along_axis(stays, tight, less, axis=1)
        return stays
    from dcforecast.system.campus_walk import short_runs  # brings numba

    order = np.argsort(-net_load, axis=1, kind="stable")
    stays[short_runs(order, count, settings.flexible_run_hours)] = less
    return stays


def programme_rows(
    settings: DatacentresSettings, draws: Draws, years: Iterable[int]
) -> pd.DataFrame:
    """Monthly energy of a programme as rows of ``forecast`` (no scenario, model, origin)."""
    rows = []
    for year in years:
        power = np.concatenate(
            [contracted(settings, d, year) * utilisation(settings, d) for d in draws.blocks()]
        )
        for month in range(1, 13):
            stamp = pd.Timestamp(year, month, 1, tz="UTC")
            energy = power * stamp.days_in_month * 24 / 1000.0
            rows.append(
                {
                    "series": "data_centre_demand",
                    "timestamp": stamp,
                    "unit": "GWh",
                    "mean": energy.mean(),
                    **dict(zip(QUANTILE_COLUMNS, np.quantile(energy, LEVELS), strict=True)),
                }
            )
    return pd.DataFrame(rows)
