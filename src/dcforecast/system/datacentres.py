"""Data centres: contracted power and hourly load of each campus."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dcforecast.config.datacentres import DatacentresSettings
from dcforecast.config.paths import packaged
from dcforecast.store.schemas import LEVELS, QUANTILE_COLUMNS
from dcforecast.system.draws import Draws

__all__ = ["CampusLoad", "contracted", "loads", "programme_rows"]

Hours = NDArray[np.float32]

#: Persistence of hourly use (judgement): a day's work goes on for hours.
_RHO = 0.98


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
    """

    name: str
    node: str
    contracted_mw: NDArray[np.float64]
    demand_mw: Hours


def contracted(settings: DatacentresSettings, draws: Draws, year: int) -> NDArray[np.float64]:
    """Return the programme's contracted power of a year [MW], shape (members,).

    The stated path is the median; one draw a member scales all its years.
    """
    years = sorted(settings.contracted_mw)
    path = np.interp(year, years, [settings.contracted_mw[y] for y in years])
    scale = np.exp(settings.spread * draws.shared("data-centre programme"))
    return np.asarray(path * scale)


def loads(
    settings: DatacentresSettings, draws: Draws, year: int, local_hour: NDArray[np.int64]
) -> tuple[CampusLoad, ...]:
    """Share the programme among the campuses of data/campuses.csv and draw their load."""
    from scipy.signal import lfilter

    total = contracted(settings, draws, year)
    table = pd.read_csv(packaged("data", "SOURCES.csv") / "campuses.csv")
    left = total.copy()
    out = []
    for row in table.itertuples(index=False):
        mine = np.minimum(left, row.first_mw) if row.first_mw == row.first_mw else left  # noqa: PLR0124
        left = left - mine
        if not mine.any():
            continue
        rng = draws.rng("campus", str(row.campus), year)
        shocks = rng.standard_normal((draws.members, len(local_hour)), dtype=np.float32)
        noise = lfilter([np.sqrt(1 - _RHO**2)], [1.0, -_RHO], shocks, axis=1).astype(np.float32)
        cycle = settings.daily_swing * np.cos(2 * np.pi * (local_hour - 15) / 24)
        use = settings.utilisation * (1.0 + cycle) + settings.noise * noise
        np.clip(use, 0.0, 1.0, out=use)
        for node, share in (
            ("AZ", 1 - settings.nakhchivan_share),
            ("NX", settings.nakhchivan_share),
        ):
            if share > 0:
                size = mine * share
                load = (use * size[:, None]).astype(np.float32)
                name = str(row.campus) if node == "AZ" else f"{row.campus}_nx"
                out.append(CampusLoad(name, node, size, load))
    return tuple(out)


def programme_rows(
    settings: DatacentresSettings, draws: Draws, years: Iterable[int]
) -> pd.DataFrame:
    """Monthly energy of a programme as rows of ``forecast`` (no scenario, model, origin)."""
    rows = []
    for year in years:
        power = contracted(settings, draws, year) * settings.utilisation
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
