"""Config group ``store``."""

from __future__ import annotations

from dcforecast.config.base import Option, field

__all__ = ["StoreSettings"]


class StoreSettings(Option):
    """Where runs are kept."""

    path: str = field("outputs", "Folder of runs; MLflow's files lie beside it", min_length=1)
    reuse: bool = field(True, "Take stages over from an earlier run that computed the same")
