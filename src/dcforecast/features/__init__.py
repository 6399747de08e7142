"""Features of a series: calendar, seasons, lags; built once as arrays."""

from __future__ import annotations

from dcforecast.features.calendar import calendar_features
from dcforecast.features.lags import lag_matrix

__all__ = ["calendar_features", "lag_matrix"]
