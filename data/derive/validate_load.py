"""Measure the hourly load method where the truth is known, and the recorded peaks.

    python data/derive/validate_load.py FOLDER

Each country's hours are hidden, and rebuilt from its months with the shape and the noise of
another country.  Then Azerbaijan's summers of 2018 and 2025 are rebuilt and their peaks compared
with the recorded ones, which no fit has seen.
"""

from __future__ import annotations

import sys
from pathlib import Path

import donors
import fit_load
import numpy as np
import pandas as pd

from dcforecast.system.draws import Draws
from dcforecast.system.weather_noise import noise

COUNTRIES = ("GE", "RO", "HU", "BG", "MD", "TR")
MEMBERS = 20
#: The recorded peaks are those of Azerenerji's system.  Plants for own use feed their owners beside
#: it: 1,934 GWh in 2018 and 1,881 GWh in 2024 (generation_own_use), taken as flat [MW].
OWN_USE = {2018: 221.0, 2025: 215.0}


def full_months(load: pd.Series) -> pd.Series:
    """Keep months with nine tenths of their hours."""
    month = load.index.to_period("M")
    share = load.groupby(month).transform("count") / (month.days_in_month * 24)
    return load[share >= 0.9]


def rebuild(load: pd.Series, country: str, shape: pd.Series) -> np.ndarray:
    """Return the hours that months and a shape give, each month at its own energy."""
    raw = pd.Series(fit_load.expected(load.index, country, shape), index=load.index)
    month = load.index.to_period("M")
    return (
        raw * (load.groupby(month).transform("mean") / raw.groupby(month).transform("mean"))
    ).to_numpy()


def with_noise(point: np.ndarray, load: pd.Series, process: dict[str, object]) -> np.ndarray:
    """Return members of the rebuilt hours, months at their energy."""
    unrest = noise(Draws(MEMBERS, 1).rng("validation"), MEMBERS, len(point), process)
    paths = point * np.exp(float(process["sd"]) * unrest)
    _, first = np.unique(load.index.to_period("M").asi8, return_index=True)
    counts = np.diff([*first, len(point)])
    factor = np.add.reduceat(point, first) / np.add.reduceat(paths, first, axis=1)
    return paths * np.repeat(factor, counts, axis=1)


def errors(load: pd.Series, point: np.ndarray, paths: np.ndarray) -> dict[str, float]:
    """Return MAPE, and the errors of yearly peak and of the duration curve [%]."""
    actual = load.to_numpy()
    years = load.index.year.to_numpy()
    full = [y for y in np.unique(years) if (years == y).sum() > 7900]
    peak = [actual[years == y].max() for y in full]

    def off(series: np.ndarray, level: float) -> float:
        return float(100 * (np.quantile(series, level) / np.quantile(actual, level) - 1))

    rebuilt = [np.median(paths[:, years == y].max(axis=1)) for y in full]
    plain = [point[years == y].max() for y in full]
    return {
        "mape": float(100 * np.mean(np.abs(point / actual - 1))),
        "peak_plain": float(100 * np.mean(np.array(plain) / peak - 1)),
        "peak": float(100 * np.mean(np.array(rebuilt) / peak - 1)),
        "p01": off(paths.ravel(), 0.01),
        "p50": off(paths.ravel(), 0.50),
        "p99": off(paths.ravel(), 0.99),
    }


def one(target: str, donor: str, load: pd.Series, source: pd.Series) -> dict[str, object]:
    """Return the errors of one target rebuilt with one donor."""
    shape = fit_load.shape(source, donor)
    process = fit_load.noise(source, donor, shape)
    point = rebuild(load, target, shape)
    return {
        "target": target,
        "donor": donor,
        **errors(load, point, with_noise(point, load, process)),
    }


def own_years(target: str, load: pd.Series) -> dict[str, object]:
    """Return the errors when the donor is the country itself, in its other years."""
    parts = []
    for year in np.unique(load.index.year):
        inside = load.index.year == year
        if inside.sum() < 8300:
            continue
        shape = fit_load.shape(load[~inside], target)
        process = fit_load.noise(load[~inside], target, shape)
        known = np.isfinite(fit_load.expected(load.index, target, shape)) & inside
        part = load[known]  # months that the other years miss as well are left out
        point = rebuild(part, target, shape)
        parts.append(errors(part, point, with_noise(point, part, process)))
    return {"target": target, "donor": "own, other years", **pd.DataFrame(parts).mean()}


def table(folder: Path) -> pd.DataFrame:
    """Return the errors of every target and donor."""
    loads = {c: full_months(donors.load(folder, c)) for c in COUNTRIES}
    rows = [own_years("GE", loads["GE"])]
    rows += [one(t, d, loads[t], loads[d]) for t in COUNTRIES for d in COUNTRIES if t != d]
    return pd.DataFrame(rows)


def peaks() -> pd.DataFrame:
    """Return the rebuilt yearly peaks of 2018 and 2025 beside the recorded ones."""
    from dcforecast import sources
    from dcforecast.config.data import DataSettings
    from dcforecast.config.demand import DemandSettings
    from dcforecast.history import reconstruct
    from dcforecast.system.demand import hourly_domestic
    from dcforecast.system.paths import MonthlyPaths
    from dcforecast.system.weather import WeatherModel

    settings = DataSettings(name="embedded", description="project tables")
    demand = reconstruct(sources.observations(settings)).monthly("demand_gross")
    draws = Draws(100, 1)
    rows = []
    for year, recorded in ((2018, 3625.0), (2025, 4871.0)):
        months = demand[demand.index.year == year]
        if len(months) < 12:  # a year still under way: last year's months stand for the rest
            rest = demand[demand.index.year == year - 1].iloc[len(months) :]
            months = pd.concat([months, rest.set_axis(rest.index + 12)])
        values = np.tile(months.to_numpy(float), (100, 1))
        paths = MonthlyPaths(pd.PeriodIndex(months.index), {"demand_gross": values})
        plain = DemandSettings(name="plain", description="no levers")
        weather = WeatherModel(draws).year(year)
        load = sum(hourly_domestic(plain, paths, weather, draws).values())
        summer = np.isin(weather.timestamps.month, (6, 7, 8))
        top = load[:, summer].max(axis=1)
        rows.append(
            {
                "year": year,
                "recorded_mw": recorded,
                "august_gwh": round(float(months.iloc[7])),
                "summer_peak_p10": np.quantile(top, 0.1),
                "summer_peak_p50": np.quantile(top, 0.5),
                "summer_peak_p90": np.quantile(top, 0.9),
                "error_percent": 100 * (np.median(top) / recorded - 1),
                "with_own_use_mw": recorded + OWN_USE[year],
                "error_in_scope_percent": 100 * (np.median(top) / (recorded + OWN_USE[year]) - 1),
                "year_peak_p50": np.median(load.max(axis=1)),
            }
        )
    return pd.DataFrame(rows)


if __name__ == "__main__":
    print(table(Path(sys.argv[1])).round(1).to_string(index=False))
    print(peaks().round(1).to_string(index=False))
