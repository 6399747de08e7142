"""Shell completion: commands, their options and the names they take by us, overrides by Hydra."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stdout

from dcforecast.config.compose import ROOT, hydra
from dcforecast.config.paths import options
from dcforecast.errors import DcforecastError, UserError

__all__ = ["completion"]

_SHELLS = ("bash", "fish", "zsh")
#: Hydra's script for zsh is that for bash, which zsh reads once this is done.
_ZSH = """\
(( $+functions[compdef] )) || { autoload -U compinit && compinit -i; }
(( $+functions[complete] )) || { autoload -U bashcompinit && bashcompinit; }"""


def completion(
    arguments: Sequence[str], commands: Sequence[str], flags: Callable[[str], Iterable[str]]
) -> int:
    """Answer ``-sc install=bash``, ``-sc query=bash`` and the like.

    Parameters
    ----------
    arguments : sequence of str
        What follows ``-sc``.
    commands : sequence of str
        All commands.
    flags : callable
        Returns the options of a command.
    """
    known = {f"{what}={shell}" for what in ("install", "query", "uninstall") for shell in _SHELLS}
    if len(arguments) != 1 or arguments[0] not in known:
        asked = " ".join(["-sc", *arguments])
        raise UserError(f"{asked}: say install, uninstall or query, and a shell",
                        f"For example -sc install=bash; shells: {', '.join(_SHELLS)}")  # fmt: skip
    if not arguments[0].startswith("query="):
        if arguments[0] == "install=zsh":
            print(_ZSH)
        hydra().shell_completion(ROOT, list(arguments))
        return 0
    line = os.environ.get("COMP_LINE", "")
    words = line.split()[1:]
    typed = "" if line.endswith(" ") or not words else words.pop()
    found = _ours(words, typed, commands, flags)
    print(" ".join(one for one in found if one.startswith(typed)))
    return 0


def _ours(
    words: Sequence[str], typed: str, commands: Sequence[str], flags: Callable[[str], Iterable[str]]
) -> Iterable[str]:
    """Return what may be typed next."""
    if not words:
        return commands
    command = words[0]
    if command not in commands:
        return []
    if typed.startswith("-"):
        return flags(command)
    if words[-1] in _VALUES:
        return _VALUES[words[-1]]()
    # Once a name stands there, overrides may follow; only a few commands take more than one.
    named = any("=" not in word for word in words[1:]) and command not in _MANY
    names = list(_NAMES[command]()) if command in _NAMES and not named else []
    if any(one.startswith(typed) for one in names):
        return names
    return _overrides([word for word in words[1:] if "=" in word], typed)


def _overrides(words: Sequence[str], typed: str) -> list[str]:
    """Return the overrides that may be typed: values of settings by us, the rest by Hydra."""
    key, equals, _ = typed.partition("=")
    if key == "experiment" and equals:
        return [f"experiment={name}" for name in options("experiment")]
    values = _values(key) if equals else []
    if values:
        return [f"{key}={value}" for value in values]
    others = [word for word in words if not word.startswith("experiment")]  # unknown to Hydra
    os.environ["COMP_LINE"] = " ".join(["dcforecast", *others, typed])
    told = io.StringIO()
    with redirect_stdout(told):
        hydra().shell_completion(ROOT, ["query=bash"])
    found = [word for word in told.getvalue().split() if not word.startswith("hydra")]
    return [*found, "experiment="]


def _values(key: str) -> list[str]:
    """Return the values that a setting of few values may have."""
    from dcforecast.config.problems import values_at

    return values_at(key.lstrip("+").split("."))


def _runs() -> list[str]:
    """Return the ids of the runs in the store of this folder."""
    from dcforecast.config.compose import compose
    from dcforecast.store import Store

    try:
        return ["latest", *(run.id for run in Store(compose().settings.store.path))]
    except DcforecastError:  # completion never complains
        return ["latest"]


def _tables() -> Iterable[str]:
    from dcforecast.store import TABLES

    return TABLES


def _pipelines() -> Iterable[str]:
    from dcforecast.pipelines.execute import PIPELINES

    return [*PIPELINES, "tune", "benchmark"]


def _data() -> Iterable[str]:
    from dcforecast.sources.tables import names

    return names()


def _groups() -> Iterable[str]:
    from dcforecast.config.settings import GROUPS

    return GROUPS


def _benchmarks() -> Iterable[str]:
    from dcforecast.pipelines.benchmark_summary import SETS

    return SETS


def _studies() -> Iterable[str]:
    from dcforecast.config.study import studies

    return studies()


#: Names that a command takes.
_NAMES: dict[str, Callable[[], Iterable[str]]] = {
    "models": lambda: options("model"),
    "scenarios": lambda: options("scenario"),
    "data": _data,
    "config": _groups,
    "benchmark": _benchmarks,
    "experiments": _studies,
    "show": lambda: [*_runs(), *_tables()],
    "compare": lambda: [*_runs(), *options("scenario")],
    "report": _runs,
    "export": _runs,
    "track": _runs,
}
_MANY = ("experiments", "compare")
#: Values of an option.
_VALUES: dict[str, Callable[[], Iterable[str]]] = {
    "--table": _tables,
    "--from-run": _runs,
    "--pipeline": _pipelines,
}
