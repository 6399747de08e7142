"""Compose the configuration from YAML files and overrides, and check it before any work."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from dcforecast.config.datacentres import DatacentresSettings
from dcforecast.config.paths import conf_dirs, experiment_roots, options
from dcforecast.config.problems import (
    fields_at,
    name_options,
    settings_error,
    wrong_group_option,
    wrong_key,
)
from dcforecast.config.settings import GROUPS, Settings
from dcforecast.errors import UserError, choices_text

if TYPE_CHECKING:
    from hydra._internal.hydra import Hydra
    from hydra.core.override_parser.types import Override

__all__ = [
    "ROOT",
    "Composed",
    "compose",
    "expand",
    "from_dict",
    "hydra",
    "prepare",
    "programmes",
]

#: Name of the root file in ``conf/``.
ROOT = "dcforecast"
_LOOKS = "Overrides look like scenario=tripp_2030 or ensemble.members=200"


@dataclass(frozen=True)
class Composed:
    """A checked configuration.

    Attributes
    ----------
    settings : Settings
        The checked values.
    config : dict
        The same as plain data, as it is saved with a run.
    overrides : tuple of str
        What the user changed.
    """

    settings: Settings
    config: dict[str, Any]
    overrides: tuple[str, ...]


def hydra(*, experiments: bool = False) -> Hydra:
    """Return Hydra set up on our search path: the user's ``conf/`` first, then ours.

    Parameters
    ----------
    experiments : bool
        Whether to search the folders that hold ``experiments/`` too.
    """
    from hydra._internal.hydra import Hydra
    from hydra._internal.utils import create_config_search_path
    from hydra.core.global_hydra import GlobalHydra

    from dcforecast.config.remembered import remembering

    *mine, ours = [str(path) for path in conf_dirs()]
    search = create_config_search_path(ours)
    for path in mine:
        search.prepend(provider="user", path=f"file://{path}")
    if experiments:
        for root in experiment_roots():
            search.append(provider="experiments", path=f"file://{root}")
            places = search.get_path()
            places.insert(-1, places.pop())  # Hydra wants its own schemas last
    GlobalHydra.instance().clear()
    made = Hydra.create_main_hydra2(ROOT, search)
    folders = [*conf_dirs(), *(root / "experiments" for root in experiment_roots())]
    made.config_loader.repository = remembering(made.config_loader.repository, folders)  # type: ignore[attr-defined]
    return made


def prepare(overrides: Sequence[str]) -> list[str]:
    """Check the keys and group options of `overrides`; return them as Hydra wants them.

    ``experiment=NAME`` becomes the group ``experiments``; a known key that the chosen YAML file
    happens to leave out is added.

    Raises
    ------
    UserError
        Unreadable override, unknown group option or unknown key, with the nearest name.
    """
    return [_prepare(override) for override in _parse(overrides)]


def _parse(overrides: Sequence[str]) -> list[Override]:
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import OverrideParseException

    parse = OverridesParser.create().parse_overrides
    parsed = []
    for text in overrides:
        try:
            parsed += parse([text])
        except OverrideParseException as error:
            try:
                parsed += parse([_quoted(text)])
            except OverrideParseException:
                reason = str(error).splitlines()[0]
                raise UserError(f"cannot read the override '{text}': {reason}", _LOOKS) from error
    return parsed


def _quoted(text: str) -> str:
    """Quote a plain value whose letters Hydra's grammar lacks: ``data.path=my ölçü.csv``."""
    key, _, value = text.partition("=")
    if not value or value[0] in "[{'\"" or "," in value:
        return text
    mark = '"' if "'" in value else "'"
    return f"{key}={mark}{value}{mark}"


def _prepare(override: Override) -> str:
    line = str(override.input_line)
    key = str(override.key_or_group)
    if override.is_hydra_override() or key.startswith("hydra"):
        return line
    value = line.partition("=")[2]
    if key in {"experiment", "experiments"}:
        _check_choice(override, "experiment")
        return f"+experiments={value}"
    if key in GROUPS:
        if not override.is_delete():
            _check_choice(override, key)
        return line.lstrip("+")
    if not key:
        raise UserError(f"cannot read the override '{line}': no key before '='", _LOOKS)
    problem = wrong_key(key)
    if problem is not None:
        raise problem
    if override.is_delete():
        parent, _, name = key.rpartition(".")
        if name in fields_at(parent.split("."))[0]:
            raise UserError(f"'{line}': {key} cannot be taken away", f"Give it a value: {key}=...")
        return line
    return f"++{key}={value}"


def _check_choice(override: Override, group: str) -> None:
    known = options(group)
    if override.is_sweep_override():
        chosen = (
            [str(value) for value in override.sweep_string_iterator()]
            if (override.is_discrete_sweep() and not _has_glob(override))
            else []
        )
    else:
        chosen = [override.get_value_string()]
    for name in chosen:
        if name not in known:
            raise wrong_group_option(group, name, known)


def _has_glob(override: Override) -> bool:
    from hydra.core.override_parser.types import Glob

    return isinstance(override.value(), Glob)


def compose(overrides: Sequence[str] = ()) -> Composed:
    """Compose and check the configuration of one run.

    Parameters
    ----------
    overrides : sequence of str
        Hydra overrides, for example ``["scenario=tripp_2030", "ensemble.members=20"]``.

    Raises
    ------
    UserError
        Any mistake in the overrides or the YAML files, all of them in one message.
    """
    for override in _parse(overrides):
        if override.is_sweep_override():
            raise UserError(
                f"'{override.input_line}' gives several values",
                "Add -m to run them all, or quote the value: key='a,b'",
            )
    return from_dict(_compose(prepare(overrides)), overrides)


def _compose(prepared: Sequence[str]) -> dict[str, Any]:
    from hydra.errors import HydraException
    from hydra.types import RunMode
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    wants_experiment = any(text.startswith("+experiments=") for text in prepared)
    try:
        composed = hydra(experiments=wants_experiment).compose_config(
            config_name=ROOT,
            overrides=list(prepared),
            run_mode=RunMode.RUN,
            with_log_configuration=False,
        )
        plain = OmegaConf.to_container(composed, resolve=False)
        assert isinstance(plain, dict)
        name_options(plain, prepared)
        for other in ("hydra", "study"):  # what an experiment asks is no setting of its jobs
            plain.pop(other, None)
        resolved: Any = plain
        if "${" in str(plain):  # building it once more costs as much as all the rest
            resolved = OmegaConf.to_container(OmegaConf.create(plain), resolve=True)
    except YAMLError as error:
        raise UserError(f"a YAML file cannot be read: {' '.join(str(error).split())}") from error
    except (HydraException, OmegaConfBaseException) as error:
        raise UserError(
            f"the configuration does not compose: {_first_lines(error)}", _choices(error)
        ) from error
    assert isinstance(resolved, dict)
    return {str(key): value for key, value in resolved.items()}


def _first_lines(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    kept = [line for line in lines[:3] if not line.startswith("Available options")]
    return " ".join(kept[:2])


def _choices(error: Exception) -> str | None:
    """Name what there is when a defaults list asks for a group or an option that is not there."""
    asked = re.search(r"(?:find|override) '([^']+)'", str(error))
    if asked is None:
        return None
    group, _, option = asked.group(1).rpartition("/")
    if group in GROUPS:
        return choices_text(option, options(group))
    return choices_text(asked.group(1), GROUPS)


def from_dict(config: dict[str, Any], overrides: Sequence[str] = ()) -> Composed:
    """Check a composed configuration given as plain data (a saved run's, for example)."""
    try:
        settings = Settings.model_validate(config)
    except ValidationError as error:
        raise settings_error(error, config, overrides) from error
    # As checked: with the defaults of what no file sets, and values of their proper type.
    return Composed(settings, settings.model_dump(mode="json", by_alias=True), tuple(overrides))


def expand(overrides: Sequence[str]) -> list[list[str]]:
    """Expand sweep overrides to one list of overrides a job: ``a=1,2`` to two jobs.

    Ranges and globs of Hydra's grammar work: ``ensemble.seed=range(0,5)``, ``model=glob(*)``.
    """
    from itertools import product

    axes: list[list[str]] = []
    for override in _parse(overrides):
        if not override.is_sweep_override():
            axes.append([str(override.input_line)])
            continue
        if _has_glob(override):
            values = _glob(override)
        elif override.is_discrete_sweep():
            values = [str(value) for value in override.sweep_string_iterator()]
        else:
            raise UserError(f"'{override.input_line}': an interval is for dcforecast tune")
        axes.append([f"{override.get_key_element()}={value}" for value in values])
    return [list(job) for job in product(*axes)]


def _glob(override: Override) -> list[str]:
    key = str(override.key_or_group)
    known = options("experiment" if key in {"experiment", "experiments"} else key)
    if not known:
        raise UserError(
            f"'{override.input_line}': {key} is no config group", choices_text(key, GROUPS)
        )
    found: list[str] = override.value().filter(known)  # type: ignore[union-attr]
    if not found:
        raise UserError(f"'{override.input_line}' matches nothing", choices_text("", known))
    return found


def programmes() -> dict[str, DatacentresSettings]:
    """Return the low, base and high data-centre programmes, for forecasts beside each other."""
    return {
        name: compose([f"datacentres={name}"]).settings.datacentres
        for name in ("low", "base", "high")
    }
