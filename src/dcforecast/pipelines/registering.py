"""Champions of a finished run into MLflow's model registry."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dcforecast.store import Run

if TYPE_CHECKING:
    import pandas as pd

    from dcforecast.config.data import DataSettings
    from dcforecast.config.settings import Settings
    from dcforecast.config.tracking import TrackingSettings
    from dcforecast.models import Forecaster
    from dcforecast.tracking.registry import Champion, Judge, Verdict

__all__ = ["champions_of", "judge_at", "register_champions"]

#: Origins that two backtests must share before they are compared.
_ORIGINS = 3
#: Share by which an actual may differ and still be the same figure.
_SAME = 1e-9


def register_champions(run: Run, tracking: TrackingSettings, *, project_dir: Path) -> str:
    """Register the champions of an uploaded run; trouble is told on stderr and not raised.

    Parameters
    ----------
    run : Run
        Finished run.
    tracking : TrackingSettings
        Where to; the rest of the configuration is the run's own.
    project_dir : Path
        Folder of the SQLite file and the artifacts.

    Returns
    -------
    str
        A line about what changed; empty when nothing did.
    """
    from dcforecast.config.compose import from_dict
    from dcforecast.tracking import reason, register, tracking_uri

    # "forecast" and "allocate" make the same champions on the way; one place registers them.
    if not (tracking.registry and run.manifest["pipeline"] in {"backtest", "run"}):
        return ""
    try:
        found = champions_of(run, from_dict(run.config).settings)
        judge = judge_at(tracking.promote_below)
        done = register(run, found, tracking, project_dir=project_dir, judge=judge)
    except Exception as error:  # noqa: BLE001  (a registry may fail in any way)
        why = reason(error, tracking_uri(tracking, project_dir))
        sys.stderr.write(
            f"dcforecast: the model registry failed ({why}); the run is safe in the store: "
            f"dcforecast track {run.id}\n"
        )
        return ""
    promoted = sum(verdict.promoted for verdict in done.values())
    return f"{len(done)} models registered, {promoted} promoted" if done else ""


def champions_of(run: Run, settings: Settings) -> list[Champion]:
    """Return the best model of each series of a run's backtest, with its history.

    Parameters
    ----------
    run : Run
        Finished run that holds ``backtest`` and ``scores``.
    settings : Settings
        The run's configuration.
    """
    from dcforecast.evaluation import champions
    from dcforecast.pipelines.backtesting import competitors
    from dcforecast.tracking.registry import Champion, digest

    data = settings.data
    if data.kind != "embedded" and (data.exog or data.features or settings.evaluation.together):
        return []  # a request would need the regressors' future values, or the other series
    backtest, record = run.read("backtest"), _Record(run, settings)
    best = champions(run.read("scores"), metric=settings.evaluation.metric)
    out = []
    for row in best.to_dict("records"):
        series, name = str(row["series"]), str(row["model"])
        history, unit = record.read(series)
        models = competitors(settings, record.season(series))
        specs = {model: _spec(model, made, history, record) for model, made in models.items()}
        rows = dict(iter(backtest[backtest["series"] == series].groupby("model")))
        tags = {"unit": unit, "metric": str(row["metric"]), "score": f"{row['value']:.6g}"}
        out.append(
            Champion(
                series=series,
                model=name,
                spec=specs[name],
                history=_frame(history),
                backtest=rows[name],
                rivals={digest(specs[str(model)]): part for model, part in rows.items()},
                tags=tags,
            )
        )
    return out


class _Record:
    """The series of a run's tables, as its backtest and its forecast saw them."""

    def __init__(self, run: Run, settings: Settings) -> None:
        from dcforecast import history, sources

        table = run.read("history")
        self.embedded = settings.data.kind == "embedded"
        self.settings = settings
        self.regular = sources.is_regular(settings.data)
        newest = table["vintage"] == table["vintage"].max()
        self.rows = table if self.regular else table[newest]
        self.annual: dict[str, pd.Series] = {}
        if self.embedded:
            first = settings.data.history.annual_from
            self.annual = history.annual(run.read("observations"), first_year=first)

    def season(self, series: str) -> int | None:
        if self.embedded:
            return 1 if series.endswith("_annual") else 12
        return self.settings.data.season_length

    def read(self, series: str) -> tuple[pd.Series, str]:
        from dcforecast.pipelines.backtesting import monthly_series
        from dcforecast.pipelines.forecasting import with_nowcast

        name = series.removesuffix("_annual") if self.embedded else series
        rows = self.rows[self.rows["series"] == name]
        unit = str(rows["unit"].iloc[0])
        if self.regular:
            return _regular(rows, self.settings.data), unit
        monthly = monthly_series(rows, name)
        if name == series:
            return monthly, unit
        return with_nowcast(self.annual[name], monthly), unit


def _regular(rows: pd.DataFrame, data: DataSettings) -> pd.Series:
    """Turn rows of a regular file into a series; gaps come back as missing values."""
    import pandas as pd

    from dcforecast import sources

    ordered = rows.sort_values("timestamp")
    index = pd.DatetimeIndex(ordered["timestamp"]).tz_convert(None)
    found = pd.Series(ordered["mean"].to_numpy(), index=index)
    return found.asfreq(sources.step_of(index, data))


def _spec(name: str, model: Forecaster, history: pd.Series, record: _Record) -> dict[str, Any]:
    import pandas as pd

    kind, index = type(model), history.index
    period = isinstance(index, pd.PeriodIndex)
    freq = index.freqstr if isinstance(index, pd.PeriodIndex | pd.DatetimeIndex) else None
    return {
        "model": name,
        "class": f"{kind.__module__}.{kind.__qualname__}",
        "params": model.get_params(),
        "index": "period" if period else "datetime",
        "freq": freq,
        "lower": 0.0 if record.embedded else None,  # energy is never negative
    }


def _frame(history: pd.Series) -> pd.DataFrame:
    import pandas as pd

    index = history.index
    starts = index.to_timestamp() if isinstance(index, pd.PeriodIndex) else index
    return pd.DataFrame({"start": starts, "value": history.to_numpy(float)})


def judge_at(p_value: float) -> Judge:
    """Return a test that promotes a model whose CRPS is smaller at this p-value or below.

    Only forecasts of the same period from the same origin, with the same actual, are compared.
    """

    def judge(new: pd.DataFrame, old: pd.DataFrame) -> Verdict:
        import numpy as np
        import pandas as pd

        from dcforecast.evaluation import compare_models
        from dcforecast.tracking.registry import Verdict

        keys = ["origin", "timestamp"]
        both = new[[*keys, "actual"]].merge(old[[*keys, "actual"]], on=keys)
        both = both[np.isclose(both["actual_x"], both["actual_y"], rtol=_SAME, atol=0.0)][keys]
        if both["origin"].nunique() < _ORIGINS:
            return Verdict(False, "not tested on the same data")
        sides = [side.merge(both, on=keys) for side in (new, old)]
        table = pd.concat(
            [sides[0].assign(model="new"), sides[1].assign(model="old")], ignore_index=True
        ).assign(series="one")
        row = compare_models(table, baseline="old").iloc[0]
        better = bool(row["difference"] < 0 and row["p_value"] <= p_value)
        word = "better" if better else "not significantly better"
        return Verdict(better, f"{word} (p = {row['p_value']:.3f}, {row['origins']} origins)")

    return judge
