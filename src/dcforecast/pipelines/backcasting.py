"""The same chain for a year that is over, from what was published before it, beside the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dcforecast.errors import DcforecastError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd

    from dcforecast.pipelines.job import Job

__all__ = ["BACKCAST_YEAR", "backcast"]

#: The last year with published annual figures of every kind.
BACKCAST_YEAR = 2024
#: What a run sets beside the published figures.
_QUANTITIES = ("export", "generation_total", "demand_gross")


def backcast(
    job: Job, year: int = BACKCAST_YEAR, quantities: Sequence[str] = _QUANTITIES
) -> dict[str, Any]:
    """Forecast a past year from what was published before it began.

    The models are the kinds chosen for this run; they are fitted on the earlier vintage alone.
    The fleet, network and weather are those of the configuration at that year.

    Parameters
    ----------
    job : Job
        A run whose ``scores`` are in the store.
    year : int
        The year to forecast.
    quantities : sequence of str
        Of ``export``, ``generation_total``, ``demand_gross`` and ``generation_hydro``.

    Returns
    -------
    dict
        ``year``, ``as_of`` and ``rows``: quantity, unit, p10, p50, p90, actual, miss_percent,
        source_ids.
    """
    import pandas as pd

    from dcforecast import sources

    as_of = pd.Timestamp(year - 1, 12, 31, tz="UTC")
    observations = sources.observations(job.settings.data)
    before = observations[observations["vintage"] <= as_of]
    if before.empty or job.settings.data.as_of is not None:
        return {}
    members = _expected(job, before, year)
    rows = [_row(observations, quantity, members[quantity], year) for quantity in quantities]
    return {"year": year, "as_of": f"{as_of:%Y-%m-%d}", "rows": [row for row in rows if row]}


def _expected(job: Job, before: pd.DataFrame, year: int) -> dict[str, np.ndarray]:
    """Members of the year's exports, generation, gross demand and hydro [TWh]."""
    import numpy as np
    import pandas as pd

    from dcforecast import history
    from dcforecast.pipelines.forecasting import COMPONENTS, load_component, member_paths
    from dcforecast.pipelines.levels import draw_levels
    from dcforecast.system.draws import Draws
    from dcforecast.system.ensemble import simulate
    from dcforecast.system.model import SystemModel
    from dcforecast.system.paths import MonthlyPaths

    settings = job.settings
    draws = Draws(settings.ensemble.members, settings.ensemble.seed)
    annual = history.annual(before, first_year=settings.data.history.annual_from)
    rebuilt = history.reconstruct(before, settings=settings.data.history)
    scores = job.run.read("scores")
    components = {name: load_component(job, name, annual, rebuilt, scores) for name in COMPONENTS}
    as_of = pd.Timestamp(year - 1, 12, 31, tz="UTC")
    levels = draw_levels(job, components, before, rebuilt, as_of, year)
    values, yearly = {}, {}
    for name, component in components.items():
        drawn = levels[name].energy if name in levels else None
        energy, shares = member_paths(component, year, draws.members, draws.seed, drawn)
        yearly[name] = energy[:, -1]
        values[name] = energy[:, -1:] * shares[:, -1]
    # Imports are small: the last twelve months known then stand for the year.
    imports = float(rebuilt.monthly("import").iloc[-12:].sum())
    months = pd.period_range(f"{year}-01", f"{year}-12", freq="M")
    paths = MonthlyPaths(months, values)
    model = SystemModel(settings.fleet, settings.demand, settings.datacentres, paths, draws)
    result = simulate(
        model,
        network=settings.network,
        allocation=settings.allocation,
        ensemble=settings.ensemble,
        years=[year],
    )
    exports = result.members["expected_export_twh"][year]
    demand = yearly["demand_gross"] / 1000.0
    if not np.isfinite(exports).all():
        raise DcforecastError(f"backcast of {year}: exports are not finite")
    return {
        "export": exports,
        "generation_total": demand + exports - imports / 1000.0,
        "demand_gross": demand,
        "generation_hydro": yearly["generation_hydro"] / 1000.0,
    }


def _row(
    observations: pd.DataFrame, series: str, members: np.ndarray, year: int
) -> dict[str, Any] | None:
    import numpy as np
    import pandas as pd

    from dcforecast import history

    actual = history.annual(observations)[series]
    period = pd.Period(str(year), freq="Y")
    if period not in actual.index:
        return None
    truth = float(actual.loc[actual.index == period].iloc[0]) / 1000.0
    low, middle, high = (float(v) for v in np.quantile(members, (0.1, 0.5, 0.9)))
    start = pd.Timestamp(year, 1, 1, tz="UTC")
    end = pd.Timestamp(year + 1, 1, 1, tz="UTC")
    same = (
        (observations["series"] == series)
        & (observations["timestamp"] == start)
        & (observations["end"] == end)
    )
    return {
        "quantity": series,
        "unit": "TWh",
        "p10": low,
        "p50": middle,
        "p90": high,
        "actual": truth,
        "miss_percent": 100.0 * (middle - truth) / truth,
        "source_ids": sorted(observations.loc[same, "source_id"].unique()),
    }
