"""Config group ``tracking``: where runs are compared."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from dcforecast.config.base import Option, field

__all__ = ["TrackingSettings"]

_SCHEMES = ("sqlite:///", "postgresql", "mysql", "http://", "https://")


class TrackingSettings(Option):
    """MLflow's store."""

    kind: Literal["sqlite", "server", "off"] = field(
        "sqlite", "sqlite: a file beside the store of runs; server: tracking.uri; off: none"
    )
    uri: str | None = field(None, "MLflow tracking URI; null: mlflow.db beside the store")
    prefix: str = field("dcforecast", "Experiments are called PREFIX/PIPELINE", min_length=1)
    timeout_seconds: int = field(20, "How long to wait for a server", unit="s", ge=1, le=600)
    registry: bool = field(
        True, "Register each series' champion after backtest and run, alias 'champion'"
    )
    promote_below: float = field(
        0.05, "Largest p-value of a better score at which the alias moves", unit="1", gt=0, le=1
    )

    @model_validator(mode="after")
    def _reachable(self) -> TrackingSettings:
        if self.kind == "server" and not self.uri:
            raise ValueError("tracking=server needs tracking.uri=http://HOST:PORT")
        if self.uri is not None and not self.uri.startswith(_SCHEMES):
            raise ValueError(
                f"tracking.uri='{self.uri}' is no address; write sqlite:///FILE, "
                "postgresql://USER@HOST/DB or http://HOST:PORT"
            )
        return self
