"""Yearly levels of exports and water that the system draws itself, from what was known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from dcforecast.history import History
    from dcforecast.pipelines.job import Job
    from dcforecast.pipelines.member_paths import Component
    from dcforecast.system.draws import Draws

__all__ = ["NAMES", "Level", "draw_levels"]

#: What stands in place of a model's name for a series drawn here.
NAMES = {"export": "export_level", "generation_hydro": "water_years"}


@dataclass(frozen=True)
class Level:
    """Drawn years of one series.

    Attributes
    ----------
    energy : ndarray (members, years)
        GWh a year after the last known one.
    price : ndarray (members, years), optional
        Romania's day-ahead price that goes with it, EUR/MWh.
    """

    energy: np.ndarray
    price: np.ndarray | None = None


def draw_levels(
    job: Job,
    components: dict[str, Component],
    observations: pd.DataFrame,
    rebuilt: History,
    as_of: pd.Timestamp,
    last_year: int,
) -> dict[str, Level]:
    """Draw exports and water; nothing where the user named a model, which then serves instead.

    Parameters
    ----------
    job : Job
    components : dict of str to Component
    observations : pandas.DataFrame
        Published by `as_of`.
    rebuilt : History
        Of the same figures.
    as_of : pandas.Timestamp
    last_year : int
        Horizon.
    """
    from dcforecast import history
    from dcforecast.system.draws import Draws
    from dcforecast.system.year_levels import ExportLevels, water_levels

    settings = job.settings
    if settings.model.target is not None:
        return {}
    draws = Draws(settings.ensemble.members, settings.ensemble.seed)
    published = history.annual(observations)
    found = {}
    for name in NAMES:
        known = components[name].annual
        record = published[name].combine_first(known)
        record.index = [period.year for period in record.index]
        last = _last_year(rebuilt, name, known, published[name].index[-1], draws)
        years = last_year - known.index[-1].year
        if name == "export":
            model = ExportLevels.fit(record, as_of)
            found[name] = Level(*model.sample(last, years, draws.rng("export levels")))
        else:
            found[name] = Level(water_levels(record, last, years, draws))
    return found


def _last_year(
    rebuilt: History, name: str, known: pd.Series, published: pd.Period, draws: Draws
) -> np.ndarray:
    """Return the last year by member: as published, or as its months can be known so far."""
    import numpy as np

    if known.index[-1] <= published:
        return np.full(draws.members, float(known.iloc[-1]))
    year = np.flatnonzero(rebuilt.months.year == known.index[-1].year)
    return np.asarray(rebuilt.draws(name, draws.members, draws.seed)[:, year].sum(axis=1))
