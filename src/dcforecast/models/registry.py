"""Models by name: one YAML file each, found in the user's ``conf/model`` and in ours."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from dcforecast.config.model import ModelSettings
from dcforecast.config.paths import conf_dirs
from dcforecast.errors import UserError, choices_text
from dcforecast.models.base import Forecaster
from dcforecast.models.regressors import class_of

__all__ = ["create", "from_settings", "names", "spec_of"]


def _files() -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in reversed(conf_dirs()):  # the user's own come last and win
        found.update({file.stem: file for file in (folder / "model").glob("*.yaml")})
    return found


def _file(name: str) -> Path | None:
    """Return the file of one model; nothing is listed, as models are made many times over."""
    if Path(name).name != name:  # a name, not a way out of the folder
        return None
    files = (folder / "model" / f"{name}.yaml" for folder in conf_dirs())
    return next((file for file in files if file.is_file()), None)


def names() -> list[str]:
    """Names of the models there are (the champion policy is none)."""
    return sorted(name for name in _files() if name != "champion")


@lru_cache(maxsize=64)
def _settings(file: Path, stamp: float) -> ModelSettings:  # noqa: ARG001
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
        return ModelSettings.model_validate({"name": file.stem, **found})
    except (ValidationError, yaml.YAMLError, TypeError) as error:
        raise UserError(f"{file}: {error}") from error


def create(name: str, **params: Any) -> Forecaster:
    """Make a model by name.

    Parameters
    ----------
    name : str
        A model of ``dcforecast models``.
    **params : Any
        Parameters that replace those of its YAML file.

    Returns
    -------
    Forecaster
        Not fitted.

    Raises
    ------
    UserError
        Unknown model or parameter, with the nearest name.

    Examples
    --------
    >>> from dcforecast.models import create
    >>> create("theta", season_length=12).season_length
    12
    """
    file = _file(name)
    if file is None:
        raise UserError(f"there is no model '{name}'", choices_text(name, names()))
    return from_settings(_settings(file, file.stat().st_mtime), **params)


def spec_of(part: str | Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `create` for a part of a model: a name, or ``name`` with parameters.

    Raises
    ------
    UserError
        It has no name.
    """
    spec = {"name": part} if isinstance(part, str) else dict(part)
    if spec.get("name") is None:
        raise UserError(f"a part of a model has no name: {spec}", "For example {name: auto_arima}")
    return spec


def from_settings(settings: ModelSettings, **params: Any) -> Forecaster:
    """Make the model a config describes.

    Raises
    ------
    UserError
        The class is not allowed or not there, or has no such parameter.
    """
    given = {**settings.params, **params}
    target = settings.target
    if target is None:
        raise UserError(f"model={settings.name} is a policy, not a model")
    cls = class_of(target)
    if issubclass(cls, Forecaster):
        _check_known(given, cls.param_names(), settings.name)
        model: Forecaster = cls(**given)
        return model
    if not hasattr(cls, "predict"):
        raise UserError(f"model._target_={target} is no forecaster or regressor")
    from dcforecast.models.reduction import ReducedRegressor

    ours = [n for n in ReducedRegressor.param_names() if n not in {"regressor", "params"}]
    _check_known(given, [*ours, *inspect.signature(cls).parameters], settings.name)
    own = {name: value for name, value in given.items() if name in ours}
    theirs = {name: value for name, value in given.items() if name not in ours}
    return ReducedRegressor(regressor=target, params=theirs, **own)


def _check_known(given: dict[str, Any], known: list[str], model: str) -> None:
    for name in given:
        if name not in known:
            raise UserError(
                f"model.{name}: model '{model}' has no such parameter", choices_text(name, known)
            )
