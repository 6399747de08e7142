"""MLflow's model registry: the champion of each series, with the alias ``champion``."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version as installed
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from dcforecast.config.tracking import TrackingSettings
from dcforecast.store import Run
from dcforecast.tracking.place import client_for
from dcforecast.tracking.upload import experiment_of, present

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ALIAS", "Champion", "Judge", "Verdict", "digest", "model_name", "register"]

#: Name under which ``models:/NAME@champion`` finds the present one.
ALIAS = "champion"

_CODE = Path(__file__).with_name("champion_model.py")
_REQUIRED = (
    "dcforecast", "numpy", "pandas", "pyarrow", "scipy", "statsmodels", "scikit-learn",
    "pydantic", "mlflow",
)  # fmt: skip
_QUANTILES = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Champion:
    """The best model of a series, with what it takes to make it again.

    Attributes
    ----------
    series, model : str
        Names.
    spec : mapping
        model, class, params, index (``"period"`` or ``"datetime"``), freq, lower; plain JSON.
    history : pandas.DataFrame
        start, value: the series it is fitted to.
    backtest : pandas.DataFrame
        Its rows of table ``backtest``.
    rivals : mapping of str to pandas.DataFrame
        Rows of the other models of that backtest by the digest of their specification.
    tags : mapping of str to str
        Further tags of the version: unit, score, ...
    """

    series: str
    model: str
    spec: Mapping[str, Any]
    history: pd.DataFrame
    backtest: pd.DataFrame
    rivals: Mapping[str, pd.DataFrame]
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Verdict:
    """Whether a new champion takes the alias, and why."""

    promoted: bool
    reason: str


#: Compares the backtests of a new and the present champion: (new rows, present rows).
Judge = Callable[["pd.DataFrame", "pd.DataFrame"], Verdict]


def digest(spec: Mapping[str, Any]) -> str:
    """Digest of a model's specification."""
    return hashlib.sha256(json.dumps(dict(spec), sort_keys=True).encode()).hexdigest()[:12]


def model_name(prefix: str, series: str) -> str:
    """Name of a series' registered model, for example ``dcforecast-export``."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", f"{prefix}-{series}")


def register(
    run: Run,
    champions: Sequence[Champion],
    settings: TrackingSettings,
    *,
    project_dir: Path,
    judge: Judge,
) -> dict[str, Verdict]:
    """Register the champions of an uploaded run; one that is registered already is left alone.

    The first champion of a series takes the alias.  A later one takes it when it is the same
    model on newer figures, or when `judge` finds it better than the present one on the same data.

    Parameters
    ----------
    run : Run
        Run whose upload is whole.
    champions : sequence of Champion
        One a series.
    settings : TrackingSettings
        Config group ``tracking``.
    project_dir : Path
        Folder of the SQLite file and the artifacts.
    judge : callable
        Test of a new champion's backtest against the present one's.

    Returns
    -------
    dict of str to Verdict
        What was decided, by the name of each newly registered model.
    """
    client = client_for(settings, project_dir)
    experiment = experiment_of(client, run, settings, project_dir)
    tops = present(client, experiment, run.id)
    names = {model_name(settings.prefix, one.series): one for one in champions}
    done = {}
    # Processes of a sweep find the same champions: one registers, the others see it.
    with FileLock(str(project_dir / ".mlflow.registry.lock"), timeout=120):
        for name, champion in names.items():
            parent = tops.get(champion.model) or next(iter(tops.values()))
            verdict = _register(client, name, champion, run, parent, judge)
            if verdict is not None:
                done[name] = verdict
    return done


def _register(
    client: Any, name: str, champion: Champion, run: Run, parent: str, judge: Judge
) -> Verdict | None:
    facts = {
        "series": champion.series,
        "model": champion.model,
        "store_run_id": run.id,
        "data_vintage": str(run.manifest.get("data_vintage", "")),
        "spec_digest": digest(champion.spec),
        "data_digest": _frame_digest(champion.history),
        "backtest_digest": _frame_digest(champion.backtest),
        **champion.tags,
    }
    registered = client.search_registered_models(f"name = '{name}'")
    versions = client.search_model_versions(f"name = '{name}'") if registered else []
    number = registered[0].aliases.get(ALIAS) if registered else None
    holder = next((v for v in versions if str(v.version) == str(number)), None)
    if _known(facts, holder, versions):
        return None
    verdict = _verdict(client, champion, facts, holder, judge)
    if not registered:
        client.create_registered_model(
            name,
            tags={"series": champion.series},
            description=f"Best model of '{champion.series}'; alias '{ALIAS}' is the one to use",
        )
    folder = f"models/{name}"
    with tempfile.TemporaryDirectory() as place:
        _save(Path(place), champion)
        client.log_artifacts(parent, str(Path(place, "model")), folder)
    made = client.create_model_version(
        name,
        f"{client.get_run(parent).info.artifact_uri}/{folder}",
        parent,
        tags={
            **facts,
            "promoted": "yes" if verdict.promoted else "no",
            "decision": verdict.reason,
        },
        description=f"{champion.model}, data of {facts['data_vintage']}: {verdict.reason}",
        await_creation_for=0,
    )
    if verdict.promoted:
        client.set_registered_model_alias(name, ALIAS, made.version)
    return verdict


def _known(facts: Mapping[str, str], holder: Any, versions: Sequence[Any]) -> bool:
    """Tell whether the champion's model and data, or this very comparison, are there already."""

    def same(version: Any, *keys: str) -> bool:
        return all(version.tags.get(key) == facts[key] for key in keys)

    if holder is not None and same(holder, "spec_digest", "data_digest"):
        return True
    return any(same(v, "spec_digest", "data_digest", "backtest_digest") for v in versions)


def _verdict(
    client: Any, champion: Champion, facts: Mapping[str, str], holder: Any, judge: Judge
) -> Verdict:
    if holder is None:
        return Verdict(True, "first champion")
    if facts["data_vintage"] < holder.tags.get("data_vintage", ""):
        return Verdict(False, f"older data than version {holder.version}")
    if facts["spec_digest"] == holder.tags.get("spec_digest"):
        return Verdict(True, f"the model of version {holder.version} on newer data")
    rows = champion.rivals.get(str(holder.tags.get("spec_digest")))
    if rows is None:
        rows = _stored_backtest(client, holder)
    if rows is None:
        return Verdict(False, f"no backtest to compare with version {holder.version}")
    found = judge(champion.backtest, rows)
    return Verdict(found.promoted, f"against version {holder.version}: {found.reason}")


def _stored_backtest(client: Any, holder: Any) -> pd.DataFrame | None:
    """Read the backtest that lies beside a registered model; None when it is gone."""
    import pandas as pd
    from mlflow.exceptions import MlflowException

    path = f"models/{holder.name}/artifacts/backtest.parquet"
    with tempfile.TemporaryDirectory() as place, suppress(MlflowException, OSError):
        return pd.read_parquet(client.download_artifacts(holder.run_id, path, place))
    return None


def _frame_digest(frame: pd.DataFrame) -> str:
    from pandas.util import hash_pandas_object

    # The seconds of a fit differ from run to run.
    kept = frame.drop(columns="fit_seconds", errors="ignore")
    hashes = hash_pandas_object(kept, index=False).to_numpy()
    return hashlib.sha256(hashes.tobytes()).hexdigest()[:12]


def _save(folder: Path, champion: Champion) -> None:
    """Write the model's folder: this package's code, and its state as JSON and Parquet."""
    import mlflow.pyfunc
    import pandas as pd
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema

    from dcforecast.store import quantile_column

    files = {name: folder / name for name in ("spec.json", "history.parquet", "backtest.parquet")}
    files["spec.json"].write_text(json.dumps(dict(champion.spec), indent=1), encoding="utf-8")
    champion.history.to_parquet(files["history.parquet"], index=False)
    champion.backtest.to_parquet(files["backtest.parquet"], index=False)
    columns = ["mean", *(quantile_column(level) for level in _QUANTILES)]
    signature = ModelSignature(
        inputs=Schema([ColSpec("long", "horizon")]),
        outputs=Schema([ColSpec("string", "period"), *(ColSpec("double", c) for c in columns)]),
        params=ParamSchema([ParamSpec("quantiles", "double", list(_QUANTILES), shape=(-1,))]),
    )
    mlflow.pyfunc.save_model(
        path=str(folder / "model"),
        python_model=str(_CODE),
        artifacts={file.stem: str(file) for file in files.values()},
        signature=signature,
        input_example=(pd.DataFrame({"horizon": [12]}), {"quantiles": list(_QUANTILES)}),
        pip_requirements=[f"{name}=={installed(name)}" for name in _REQUIRED],
    )
