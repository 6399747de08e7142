"""Stage ``forecast``: joint sample paths and quantiles of each component to the horizon."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dcforecast.errors import UserError
from dcforecast.pipelines.job import Job, Tell
from dcforecast.pipelines.member_paths import DRAWS, Component, member_paths

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from dcforecast.history import History
    from dcforecast.models.base import Forecaster
    from dcforecast.pipelines.levels import Level

__all__ = ["COMPONENTS", "chosen", "load_components", "stage", "with_nowcast"]

#: Series forecast from the record; wind, solar, thermal and data centres come from the fleet.
COMPONENTS = ("demand_gross", "generation_hydro", "export")


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
        groups=("data", "model", "evaluation", *system),
        after=("ingest", "backtest"),
        tables=("forecast", "paths") if embedded else ("forecast",),
        work=work,
        # What is kept of the ensemble, and how many threads work on it, leaves its paths alone.
        ensemble=job.settings.ensemble.model_dump(include={"members", "seed", "years"}),
    )


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


def load_components(
    job: Job, annual: Mapping[str, pd.Series], rebuilt: History
) -> dict[str, Component]:
    """Bring the history and the chosen models of each component together."""
    scores = job.run.read("scores")
    found = {}
    for name in COMPONENTS:
        monthly = rebuilt.monthly(name)
        annual_name, annual_model = chosen(job, scores, f"{name}_annual")
        monthly_name, monthly_model = chosen(job, scores, name)
        found[name] = Component(
            name,
            with_nowcast(annual[name], monthly),
            monthly,
            annual_model,
            monthly_model,
            annual_name,
            monthly_name,
        )
    return found


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
    annual = history.annual(observations, first_year=settings.data.history.annual_from)
    components = load_components(job, annual, rebuilt)
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
    return {"models": models, "first_month": str(months[0])}


def _draw(
    job: Job, components: Mapping[str, Component], levels: Mapping[str, Level], tell: Tell
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Draw years and shares of each component; more than the members where they cost nothing."""
    ensemble = job.settings.ensemble
    found = {}
    for position, (name, component) in enumerate(components.items()):
        tell(0.1 + 0.2 * position, name)
        level = levels[name].energy if name in levels else None
        count = max(ensemble.members, DRAWS) if level is None else ensemble.members
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
