"""Stage ``forecast``: joint sample paths and quantiles of each component to the horizon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dcforecast.errors import UserError
from dcforecast.pipelines.job import Job, Tell

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from dcforecast.history import History
    from dcforecast.models.base import Forecaster
    from dcforecast.pipelines.levels import Level

__all__ = [
    "COMPONENTS",
    "Component",
    "chosen",
    "load_component",
    "member_paths",
    "stage",
    "with_nowcast",
]

#: Series forecast from the record; wind, solar, thermal and data centres come from the fleet.
COMPONENTS = ("demand_gross", "generation_hydro", "export")
#: Paths that quantiles are taken from; the first of them are the members.
_DRAWS = 1000

#: So many paths together are spread over the level of a component as evenly as all of them.
_BLOCK = 100


def stage(job: Job) -> None:
    """Forecast the components and store quantiles (``forecast``) and members (``paths``)."""
    embedded = job.settings.data.kind == "embedded"

    def work(tell: Tell) -> Mapping[str, Any]:
        if embedded:
            return _components(job, tell)
        from dcforecast.pipelines.any_series import forecast_file

        return forecast_file(job)

    system = ("fleet", "demand", "datacentres", "scenario") if embedded else ()
    job.stage(
        "forecast",
        groups=("data", "model", "evaluation", "ensemble", *system),
        after=("ingest", "backtest"),
        tables=("forecast", "paths") if embedded else ("forecast",),
        work=work,
    )


@dataclass(frozen=True)
class Component:
    """One series with its models.

    Attributes
    ----------
    name : str
        Series, for example ``"demand_gross"``.
    annual, monthly : pandas.Series
        History in GWh, indexed by period.
    annual_model, monthly_model : Forecaster
        Models, not fitted yet.
    annual_name, monthly_name : str
        Their names.
    """

    name: str
    annual: pd.Series
    monthly: pd.Series
    annual_model: Forecaster
    monthly_model: Forecaster
    annual_name: str
    monthly_name: str


def member_paths(
    component: Component, last_year: int, members: int, seed: int, annual: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Sample annual energy and monthly shares of one component.

    The annual model reaches to the horizon, the monthly model to the end of its second year; where
    both speak they are reconciled (`models.reconcile.over_time`).  Years drawn elsewhere stay as
    they are, and the monthly model only spreads them over their months.  Short records say little
    about months ten years ahead, so the spread of the last sampled calendar year serves all later
    ones, a different member's each year.

    Parameters
    ----------
    component : Component
        Series and models.
    last_year : int
        Horizon.
    members, seed : int
        Number of paths and the seed.
    annual : ndarray of shape (members, years), optional
        Annual energy drawn elsewhere (`levels`); only the shares are sampled then.

    Returns
    -------
    annual : ndarray of shape (members, years)
        GWh a year from the first unknown year to `last_year`.
    shares : ndarray of shape (members, years, 12)
        Share of each month; sums to 1 over the months.
    """
    import numpy as np

    from dcforecast.models.reconcile import over_time

    rng = np.random.default_rng([seed, *component.name.encode()])
    first = component.annual.index[-1].year + 1
    years = last_year - first + 1
    state = int(rng.integers(2**31))
    monthly = component.monthly_model.fit(component.monthly)
    after = component.monthly.index[-1]
    ahead = 24 + 12 - after.month
    drawn = np.maximum(monthly.sample(ahead, members, random_state=int(rng.integers(2**31))), 0.0)
    whole = np.concatenate([np.tile(component.monthly.to_numpy(), (members, 1)), drawn], axis=1)
    # The last months drawn end a year; years before the first unknown one are behind us.
    covered = min(after.year + 2 - first + 1, years)
    behind = whole.shape[1] - 12 * (after.year + 2 - first + 1)
    months = whole[:, behind : behind + 12 * covered]
    if annual is None:
        fitted = component.annual_model.fit(component.annual)
        count = -(-max(members, _DRAWS) // _BLOCK) * _BLOCK
        many = np.maximum(fitted.sample(years, count, random_state=state), 0.0)
        annual, months = over_time(_evenly(many, rng)[:members], months)
    return annual, _shares(months.reshape(members, covered, 12), years, rng)


def _evenly(paths: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Order paths so that each `_BLOCK` of them has its share of high and of low ones.

    Few members are then spread over the level as evenly as many; firm power hangs on the highest.
    """
    import numpy as np

    strata = paths.mean(axis=1).argsort(kind="stable").reshape(_BLOCK, -1)
    blocks = rng.permuted(rng.permuted(strata, axis=1), axis=0)
    return np.asarray(paths[blocks.T.ravel()])


def _shares(months: np.ndarray, years: int, rng: np.random.Generator) -> np.ndarray:
    """Spread each year over its months, member by member; later years as the last of `months`."""
    import numpy as np

    members, covered, _ = months.shape
    total = months.sum(axis=2, keepdims=True)
    shares = np.where(total > 0, months / np.where(total > 0, total, 1.0), 1 / 12)
    later = [shares[rng.permutation(members), -1:] for _ in range(years - covered)]
    return np.concatenate([shares, *later], axis=1)


def chosen(job: Job, scores: pd.DataFrame, series: str) -> tuple[str, Forecaster]:
    """Return the series' champion, or the model the user named."""
    from dcforecast.evaluation import champions
    from dcforecast.models import create, from_settings

    settings = job.settings
    if settings.model.target is not None:
        return settings.model.name, from_settings(settings.model)
    best = champions(scores, metric=settings.evaluation.metric).set_index("series")["model"]
    if series not in best.index:
        raise UserError(
            f"evaluation: the backtest holds no series '{series}'",
            "Leave evaluation.annual.series and evaluation.monthly.series as they are",
        )
    return str(best[series]), create(str(best[series]))


def load_component(
    job: Job, name: str, annual: Mapping[str, pd.Series], rebuilt: History, scores: pd.DataFrame
) -> Component:
    """Bring the history and the chosen models of one series together."""
    monthly = rebuilt.monthly(name)
    annual_name, annual_model = chosen(job, scores, f"{name}_annual")
    monthly_name, monthly_model = chosen(job, scores, name)
    return Component(
        name,
        with_nowcast(annual[name], monthly),
        monthly,
        annual_model,
        monthly_model,
        annual_name,
        monthly_name,
    )


def _load(job: Job, observations: pd.DataFrame, rebuilt: History) -> dict[str, Component]:
    from dcforecast import history

    annual = history.annual(observations, first_year=job.settings.data.history.annual_from)
    scores = job.run.read("scores")
    return {name: load_component(job, name, annual, rebuilt, scores) for name in COMPONENTS}


def with_nowcast(annual: pd.Series, monthly: pd.Series) -> pd.Series:
    """Add years that the monthly history covers whole but no annual figure does yet."""
    import pandas as pd

    years = monthly.groupby(pd.PeriodIndex(monthly.index).year).agg(["sum", "count"])
    extra = years[(years["count"] == 12) & (years.index > annual.index[-1].year)]["sum"]
    if extra.empty:
        return annual
    extra.index = pd.PeriodIndex([str(y) for y in extra.index], freq="Y")
    joined: pd.Series = pd.concat([annual, extra]).rename(annual.name)
    return joined


def _correlation(components: Mapping[str, Component]) -> np.ndarray:
    """Correlation of the yearly changes on record, shrunk by half for the short record."""
    import numpy as np
    import pandas as pd

    changes = pd.DataFrame({n: np.log(c.annual).diff() for n, c in components.items()}).dropna()
    found = changes.corr().to_numpy()
    return np.asarray(0.5 * found + 0.5 * np.eye(len(found)))


def _components(job: Job, tell: Tell) -> Mapping[str, Any]:
    import pandas as pd

    from dcforecast import history
    from dcforecast.pipelines.forecast_rows import component_rows, path_rows, system_rows
    from dcforecast.pipelines.ingesting import known_observations
    from dcforecast.pipelines.levels import NAMES, draw_levels

    settings = job.settings
    last, scenario = settings.ensemble.years.last, settings.scenario.name
    observations = known_observations(job)
    rebuilt = history.reconstruct(observations, settings=settings.data.history)
    components = _load(job, observations, rebuilt)
    as_of = pd.Timestamp(settings.data.as_of or observations["vintage"].max())
    levels = draw_levels(job, components, observations, rebuilt, as_of, last)
    drawn = _draw(job, components, levels, tell)
    months, values = _joint_paths(job, components, levels, drawn)
    job.run.write("paths", path_rows(scenario, months, values))
    tell(0.75, "fleet")
    models = {
        name: {
            "annual": NAMES[name] if name in levels else c.annual_name,
            "monthly": c.monthly_name,
        }
        for name, c in components.items()
    }
    rows = [component_rows(scenario, c, models[n], *drawn[n]) for n, c in components.items()]
    rows.append(system_rows(job, months, values))
    job.run.write("forecast", pd.concat(rows, ignore_index=True))
    return {
        "models": models,
        "first_month": str(months[0]),
    }


def _draw(
    job: Job, components: Mapping[str, Component], levels: Mapping[str, Level], tell: Tell
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Draw years and shares of each component; more than the members where they cost nothing."""
    ensemble = job.settings.ensemble
    found = {}
    for position, (name, component) in enumerate(components.items()):
        tell(0.1 + 0.2 * position, name)
        level = levels[name].energy if name in levels else None
        count = max(ensemble.members, _DRAWS) if level is None else ensemble.members
        found[name] = member_paths(component, ensemble.years.last, count, ensemble.seed, level)
    return found


def _joint_paths(
    job: Job,
    components: Mapping[str, Component],
    levels: Mapping[str, Level],
    drawn: Mapping[str, tuple[np.ndarray, np.ndarray]],
) -> tuple[pd.PeriodIndex, dict[str, np.ndarray]]:
    """Monthly paths of the components, joined member by member, and the price of the exports."""
    import numpy as np
    import pandas as pd

    from dcforecast.models.joint import orders

    ensemble = job.settings.ensemble
    last, members = ensemble.years.last, ensemble.members
    annual = {name: years[:members] for name, (years, _) in drawn.items()}
    shares = {name: months[:members] for name, (_, months) in drawn.items()}
    firsts = {name: component.annual.index[-1].year + 1 for name, component in components.items()}
    start = max(firsts.values())
    cut = {name: values[:, start - firsts[name] :] for name, values in annual.items()}
    order = orders(cut, _correlation(components))
    values = {
        name: (
            cut[name][order[name]][:, :, None] * shares[name][:, start - firsts[name] :]
        ).reshape(members, -1)
        for name in components
    }
    export = levels.get("export")
    if export is not None and export.price is not None:
        price = export.price[order["export"]][:, start - firsts["export"] :]
        values["price_romania"] = np.repeat(price, 12, axis=1)
    return pd.period_range(f"{start}-01", f"{last}-12", freq="M"), values
