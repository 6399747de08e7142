"""Everything that can be wrong with the inputs, found before anything is written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from dcforecast.config.compose import Composed
from dcforecast.errors import UserError
from dcforecast.pipelines.provenance import data_digest

__all__ = ["Inputs", "preflight"]


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


def preflight(command: str, composed: Composed) -> Inputs:
    """Read the inputs and build the model once, so that mistakes show before any work.

    Raises
    ------
    UserError
        A broken input file, a missing column, an unknown model parameter, a command that does
        not fit the data.
    """
    from dcforecast.models import create, from_settings

    settings = composed.settings
    if settings.model.target is not None:
        from_settings(settings.model)
    for name in settings.evaluation.models:
        create(name)
    extras = [settings.data.extra, settings.data.history.temperature]
    beside = "".join(f"-{file_digest(Path(path))}" for path in extras if path is not None)
    if settings.data.kind == "embedded":
        if settings.data.extra is not None:
            from dcforecast import sources

            sources.observations(settings.data)
        return Inputs(embedded=True, digest=f"{data_digest()}{beside}")
    if command in {"run", "allocate"}:
        raise UserError(
            f"dcforecast {command} data={settings.data.name}: the main job needs the embedded data",
            "With a file of your own: dcforecast ingest, backtest or forecast",
        )
    from dcforecast import sources

    assert settings.data.path is not None
    if sources.is_regular(settings.data):
        sources.regular(settings.data)
    else:
        sources.observations(settings.data)
    return Inputs(embedded=False, digest=f"{file_digest(Path(settings.data.path))}{beside}")
