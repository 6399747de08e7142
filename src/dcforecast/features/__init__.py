"""Features of a series: calendar, seasons, lags; built once as arrays."""

from __future__ import annotations

from dcforecast.features.calendar import calendar_features
from dcforecast.features.known import ALWAYS, FORECAST, Known, check_known
from dcforecast.features.lags import lag_matrix, parse_lags, rolling_matrix
from dcforecast.features.sets import FeatureSpec, build_features

__all__ = [
    "ALWAYS",
    "FORECAST",
    "FeatureSpec",
    "Known",
    "build_features",
    "calendar_features",
    "check_known",
    "lag_matrix",
    "parse_lags",
    "rolling_matrix",
]
