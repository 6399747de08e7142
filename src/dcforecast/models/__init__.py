"""The Forecaster family: statsmodels, scikit-learn, pools; made by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dcforecast.models.base import Ability, Forecaster
from dcforecast.models.registry import create, from_settings, names

if TYPE_CHECKING:
    from sklearn.exceptions import NotFittedError

__all__ = ["Ability", "Forecaster", "NotFittedError", "create", "from_settings", "names"]


def __getattr__(name: str) -> Any:
    """Fetch scikit-learn's error of no fit when it is asked for: it takes long to import."""
    if name == "NotFittedError":
        from sklearn.exceptions import NotFittedError

        return NotFittedError
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
