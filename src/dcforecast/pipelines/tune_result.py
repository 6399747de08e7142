"""What a search of hyper-parameters found: told on the terminal, written as an option."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dcforecast.store import Run

if TYPE_CHECKING:
    from dcforecast.config.model import ModelSettings

__all__ = ["judged_on", "told", "write_option"]


def judged_on(names: Sequence[str], together: bool) -> str:
    """Say what a trial is judged on."""
    alone = "one model of all together" if together else "a model of each"
    return f"{len(names)} series" if len(names) == 1 else f"{len(names)} series, {alone}"


def told(run: Run) -> Iterator[str]:
    """Yield the lines that say what was best and how it is used."""
    facts = run.manifest
    best, judged = facts["best"], facts["judged_on"]
    count = sum(trial["state"] in {"COMPLETE", "PRUNED"} for trial in facts["trials"])
    yield (
        f"best of {count} trials: {best['value']:.4f} "
        f"(CRPS over seasonal difference; {judged_on(judged['series'], judged['together'])})"
    )
    words = " ".join(shlex.quote(f"model.{k}={_override(v)}") for k, v in best["params"].items())
    yield f"use it with: model={facts['model']} {words}"
    yield f"or copy to your conf/model/: {_file(run)}"


def _override(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ",".join(_override(one) for one in value) + "]"
    return "null" if value is None else str(value)


def _file(run: Run) -> Path:
    return run.artifacts / f"{run.manifest['model']}_tuned.yaml"


def write_option(run: Run, settings: ModelSettings) -> None:
    """Write the tuned model as an option of the config group ``model``."""
    import yaml

    from dcforecast.store.atomic import write_text

    option = {
        "name": f"{settings.name}_tuned",
        "description": f"{settings.name} with parameters found by dcforecast tune",
        "_target_": settings.target,
        **settings.params,
        **run.manifest["best"]["params"],
        "tune": {k: v.model_dump(exclude_defaults=True) for k, v in settings.tune.items()},
    }
    text = yaml.safe_dump(option, sort_keys=False, default_flow_style=None, width=100)
    write_text(_file(run), text)
