"""Words for what is wrong in a configuration, with the nearest valid name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from dcforecast.config.origin import origin_of
from dcforecast.config.settings import GROUPS, Settings
from dcforecast.errors import UserError, choices_text, nearest

__all__ = [
    "fields_at",
    "is_mapping",
    "models_of",
    "name_options",
    "settings_error",
    "values_at",
    "wrong_group_option",
    "wrong_key",
]

#: How pydantic names a branch of a union in the place of an error.
_BRANCH = re.compile(r"(float|int|str|bool|date|none)|(dict|list)\[.*\]")


def wrong_group_option(group: str, name: str, known: Sequence[str]) -> UserError:
    """Describe an option that no file of the group holds."""
    return UserError(f"{group}={name}: there is no {group} '{name}'", choices_text(name, known))


def name_options(plain: dict[Any, Any], prepared: Sequence[str]) -> None:
    """Give each chosen option of a composed configuration its file's name.

    Results are told apart by it.

    Raises
    ------
    UserError
        The file has another name for it.
    """
    renamed = {text.lstrip("+").partition("=")[0] for text in prepared}
    for group, choice in plain["hydra"]["runtime"]["choices"].items():
        option = plain.get(group)
        if group not in GROUPS or not isinstance(option, dict) or f"{group}.name" in renamed:
            continue
        if option.setdefault("name", choice) != choice:
            raise UserError(
                f"{group}={choice}: its file says 'name: {option['name']}'",
                f"Write 'name: {choice}', or give the file that name",
            )


def models_of(annotation: Any) -> list[type[BaseModel]]:
    """Return the config classes inside a type annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) is None:
        return []
    return [model for part in get_args(annotation) for model in models_of(part)]


def is_mapping(annotation: Any) -> bool:
    """Tell whether a type annotation is (or may be) a mapping with free keys."""
    kinds = (annotation, *get_args(annotation))
    return any(kind is dict or get_origin(kind) is dict for kind in kinds)


def fields_at(path: Sequence[str]) -> tuple[list[str], bool]:
    """Return the names that may follow a config path, and whether any other may too.

    Parameters
    ----------
    path : sequence of str
        Keys from the root, for example ``("network", "links", "tripp")``.
    """
    models, in_mapping = _models_at(path)
    if not models:
        return [], True
    open_ended = in_mapping or any(model.model_config.get("extra") == "allow" for model in models)
    return (
        [] if in_mapping else [_shown(m, name) for m in models for name in m.model_fields],
        open_ended,
    )


def values_at(path: Sequence[str]) -> list[str]:
    """Return the values that the setting of a config path may have, if they are few words."""
    models, in_mapping = _models_at(path[:-1])
    found = [_field(model, path[-1]) for model in ([] if in_mapping else models)]
    annotations = [info.annotation for info in found if info is not None]
    return [word for annotation in annotations for word in _words(annotation)]


def _words(annotation: Any) -> list[str]:
    if annotation is bool:
        return ["true", "false"]
    if get_origin(annotation) is Literal:
        return [str(value) for value in get_args(annotation)]
    if annotation is type(None):
        return ["null"]
    if get_origin(annotation) in {Union, UnionType}:
        parts = [_words(part) for part in get_args(annotation)]
        return [word for part in parts for word in part] if all(parts) else []
    return []


def _models_at(path: Sequence[str]) -> tuple[list[type[BaseModel]], bool]:
    """Return the classes of a config path, none outside the schema, and whether keys are free."""
    models: list[type[BaseModel]] = [Settings]
    in_mapping = False
    for key in path:
        if in_mapping:  # the key of a mapping is free; its values are models again
            in_mapping = False
            continue
        found = [_field(model, key) for model in models]
        annotations = [info.annotation for info in found if info is not None]
        models = [model for annotation in annotations for model in models_of(annotation)]
        in_mapping = any(is_mapping(annotation) for annotation in annotations)
    return models, in_mapping


def _shown(model: type[BaseModel], name: str) -> str:
    return model.model_fields[name].alias or name


def _field(model: type[BaseModel], key: str) -> Any:
    for name, info in model.model_fields.items():
        if key in {name, info.alias}:
            return info
    return None


def wrong_key(key: str) -> UserError | None:
    """Describe a dotted key that the schema does not know, or return None for a good one."""
    parts = key.split(".")
    for position, part in enumerate(parts):
        names, free = fields_at(parts[:position])
        if free:
            if not names:  # inside free-form values the composed config decides
                return None
            continue
        if part not in names:
            where = ".".join(parts[:position])
            place = f"'{where}' has no key '{part}'" if where else f"there is no '{part}'"
            return UserError(f"{key}: {place}", _hint(part, where, names))
    if len(parts) == 1 and key not in GROUPS:
        return UserError(f"{key}: there is no such config group", choices_text(key, GROUPS))
    return None


def _hint(part: str, where: str, names: Iterable[str]) -> str:
    listed = sorted(names)
    close = nearest(part, listed)
    if close:
        full = f"{where}.{close}" if where else close
        more = f"dcforecast config {where.split('.', maxsplit=1)[0]}".rstrip()
        return f"did you mean '{full}'? {more} shows all of them"
    if not where:
        return choices_text(part, listed)
    return f"There is: {', '.join(listed)}"


def settings_error(
    error: ValidationError, config: Mapping[str, Any], overrides: Sequence[str] = ()
) -> UserError:
    """Turn pydantic's findings into one message, a line for each mistake and where it was made."""
    lines: dict[str, str] = {}
    for found in error.errors():
        path = _field_path([str(part) for part in found["loc"]])
        key = ".".join(path)
        if found["type"] == "missing":
            stranger = _new_entry(path, config)
            place, text = stranger or (path, f"{key}: is missing")
        elif found["type"] == "extra_forbidden":
            names, _ = fields_at(path[:-1])
            place, text = path, f"{key}: unknown key; {_hint(path[-1], '.'.join(path[:-1]), names)}"
        elif key in lines:  # the other branch of a value that may be of two types
            lines[key] = lines[key].replace(_got(found), f" or {_plain(found['msg'])}{_got(found)}")
            continue
        else:
            place, text = path, f"{key}: {_reason(found)}{_got(found)}"
        lines[".".join(place)] = text + origin_of(place, config, overrides)
    if len(lines) == 1:
        return UserError(next(iter(lines.values())))
    return UserError("the configuration is not valid:\n  " + "\n  ".join(lines.values()))


def _field_path(path: list[str]) -> list[str]:
    """Leave out what pydantic adds to name a branch of a union: ``float``, ``dict[int,float]``."""
    cut = [
        i
        for i, part in enumerate(path)
        if i > 1 and _BRANCH.fullmatch(part) and part not in fields_at(path[:i])[0]
    ]
    return path[: cut[0]] if cut else path


def _new_entry(path: list[str], config: Mapping[str, Any]) -> tuple[list[str], str] | None:
    """Describe an entry of a mapping that lacks a field: mostly its name is misspelt."""
    parent = path[:-2]
    if not parent or not fields_at(parent)[1]:
        return None
    known: Any = config
    for key in parent:
        known = known.get(key, {})
    name = path[-2]
    others = [one for one in known if one != name]
    if not others:  # nothing that the name could be a misspelling of
        return None
    models, _ = _models_at(parent)
    needed = [n for m in models for n, info in m.model_fields.items() if info.is_required()]
    hint = choices_text(name, others)
    text = f"{'.'.join(parent)}: there is no '{name}'; {hint}; a new one needs {', '.join(needed)}"
    return path[:-1], text


def _reason(found: Any) -> str:
    """Say what is wrong; of a date how it is written, which pydantic leaves open."""
    if found["type"].startswith("date_"):
        why = _plain(found["msg"]).rpartition(", ")[2] if "_parsing" in found["type"] else ""
        more = f" ({why})" if "range" in why else ""
        return f"not a date{more}; write it as 2030-01-31"
    return _plain(str(found["msg"]))


def _plain(message: str) -> str:
    text = message.removeprefix("Value error, ")
    return text[:1].lower() + text[1:]


def _got(found: Any) -> str:
    value = found.get("input")
    if isinstance(value, dict | BaseModel) or found["type"] == "value_error":
        return ""
    return f", got {value!r}"
