"""The Forecaster family: statsmodels, scikit-learn, pools; made by name."""

from __future__ import annotations

from dcforecast.models.base import Ability, Forecaster, NotFittedError
from dcforecast.models.registry import create, from_settings, names

__all__ = ["Ability", "Forecaster", "NotFittedError", "create", "from_settings", "names"]
