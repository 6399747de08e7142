"""Everything that can be wrong with the inputs, found before anything is written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dcforecast.config.compose import Composed
from dcforecast.errors import UserError, choices_text
from dcforecast.pipelines.provenance import data_digest
from dcforecast.sources.files import check_file

if TYPE_CHECKING:
    from dcforecast.config.settings import Settings
    from dcforecast.models import Forecaster

__all__ = ["Inputs", "check_parameters", "preflight"]


@dataclass(frozen=True)
class Inputs:
    """What a run will read.

    Attributes
    ----------
    embedded : bool
        The project's own tables, not a user's file.
    digest : str
        Digest of the data.
    """

    embedded: bool
    digest: str


def file_digest(path: Path) -> str:
    """Digest of one input file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def check_parameters(model: Forecaster, name: str) -> None:
    """Check the values of a model's parameters against the types its class declares.

    Raises
    ------
    UserError
        A value of the wrong type, or one that a scikit-learn estimator does not take.
    """
    from typing import get_type_hints

    from pydantic import TypeAdapter, ValidationError

    from dcforecast.models.reduction import ReducedRegressor
    from dcforecast.models.reduction_design import check_choices

    hints = get_type_hints(type(model).__init__)
    for key, value in model.get_params().items():
        try:
            TypeAdapter(hints.get(key, Any)).validate_python(value)
        except ValidationError as error:
            reason = error.errors()[0]["msg"]
            raise UserError(
                f"model.{key}: {reason[:1].lower()}{reason[1:]}, got {value!r}",
                f"dcforecast models {name} shows its parameters",
            ) from error
    regressor = getattr(model, "regressor", None)
    if isinstance(model, ReducedRegressor):
        check_choices(model)
    if isinstance(regressor, str) and regressor.startswith("sklearn."):
        _check_estimator(regressor, model.get_params().get("params") or {})


def _check_estimator(target: str, params: dict[str, Any]) -> None:
    from sklearn.base import is_regressor

    from dcforecast.models.regressors import estimator

    made = estimator(target, params)
    try:
        made._validate_params()  # noqa: SLF001  (the check that fit would do)
    except ValueError as error:  # its message names the parameter and what it may be
        text = str(error)
        raise UserError(f"model._target_={target}: {text[:1].lower()}{text[1:]}") from error
    if not is_regressor(made):
        raise UserError(f"model._target_={target} predicts no numbers", "Name a regressor")


def _embedded(settings: Settings) -> None:
    """Check names that only the project's own tables know."""
    from dcforecast.history import AZERBAIJAN
    from dcforecast.sources.catalogue import fact_sources

    for step in ("annual", "monthly"):
        for name in getattr(settings.evaluation, step).series:
            if name not in AZERBAIJAN.series:
                hint = choices_text(name, AZERBAIJAN.series)
                raise UserError(f"evaluation.{step}.series: there is no series '{name}'", hint)
    facts = fact_sources()
    for name in settings.scenario.facts:
        if name not in facts:
            raise UserError(
                f"scenario.facts: no table of data/ holds a fact '{name}'",
                "dcforecast data lists the tables; leave facts empty for a judgement of your own",
            )
    start = settings.data.history.start
    newest = settings.data.as_of or datetime.now(UTC).date()
    if start >= newest:
        raise UserError(f"data.history.start={start} must lie before {newest}, data.as_of or today")


def check_abilities(model: Forecaster, settings: Settings) -> None:
    """Refuse a named model that cannot take what the user's file holds."""
    from dcforecast.models import create, names
    from dcforecast.models.base import Ability

    data = settings.data
    asked = [
        (Ability.EXOGENOUS, bool(data.exog or data.features), "takes no regressors",
         "leave data.exog and data.features out"),
        (Ability.MANY, settings.evaluation.together, "learns from one series at a time",
         "leave evaluation.together out"),
    ]  # fmt: skip
    for ability, wanted, lacks, instead in asked:
        if wanted and ability not in model.supports:
            able = ", ".join(name for name in names() if ability in create(name).supports)
            raise UserError(
                f"model '{settings.model.name}' {lacks}", f"These do: {able}; {instead}"
            )


def _check_series(command: str, settings: Settings, *, lengths: bool) -> None:
    """Read the series of the user's file with all that a forecast of them needs."""
    from dcforecast.evaluation.rolling import check_origins
    from dcforecast.pipelines.file_series import (
        check_ahead,
        clock_dates,
        ending_together,
        file_series,
    )

    asked = settings.evaluation
    series = file_series(settings.data, asked.horizon)
    for one in series:
        if command == "forecast":
            check_ahead(one, settings.data)
    if lengths and command in {"backtest", "forecast"}:
        protocol = {key: getattr(asked, key) for key in ("horizon", "step", "gap")}
        for one in ending_together(series, lambda _: None) if asked.together else series:
            origins = clock_dates(asked.origins, settings.data, one.y.index)
            check_origins(one.y, one.name, origins=origins, **protocol)


def preflight(command: str, composed: Composed, *, lengths: bool = True) -> Inputs:
    """Read the inputs and build the model once, so that mistakes show before any work.

    Parameters
    ----------
    command : str
        A pipeline command.
    composed : Composed
        Checked configuration.
    lengths : bool
        Whether to refuse a file's series that are too short for the backtest.

    Returns
    -------
    Inputs
        What the run will read.

    Raises
    ------
    UserError
        A broken input file, a missing column, an unknown model parameter, a command that does
        not fit the data, a series that is too short.
    """
    from dcforecast import sources
    from dcforecast.models import create, from_settings

    settings = composed.settings
    if settings.model.target is not None:
        model = from_settings(settings.model)
        check_parameters(model, settings.model.name)
        check_abilities(model, settings)
    for name in (*settings.evaluation.models, settings.evaluation.baseline):
        create(name)
    extras = [settings.data.extra, settings.data.history.temperature, settings.data.future]
    for path in extras:
        if path is not None:
            check_file(Path(path))
    beside = "".join(f"-{file_digest(Path(path))}" for path in extras if path is not None)
    if settings.data.kind == "embedded":
        _embedded(settings)
        if settings.data.extra is not None:
            sources.observations(settings.data)
        return Inputs(embedded=True, digest=f"{data_digest()}{beside}")
    if command in {"run", "allocate"}:
        raise UserError(
            f"dcforecast {command} data={settings.data.name}: the main job needs the embedded data",
            "With a file of your own: dcforecast ingest, backtest or forecast",
        )
    assert settings.data.path is not None
    if sources.is_regular(settings.data):
        _check_series(command, settings, lengths=lengths)
    else:
        sources.observations(settings.data)
    return Inputs(embedded=False, digest=f"{file_digest(Path(settings.data.path))}{beside}")
