"""Splits, rolling origin, scores, comparison tests, selection."""

from __future__ import annotations

from dcforecast.evaluation.comparison import compare_models, confidence_set
from dcforecast.evaluation.rolling import backtest
from dcforecast.evaluation.scores import score, seasonal_scale
from dcforecast.evaluation.selection import champions

__all__ = [
    "backtest",
    "champions",
    "compare_models",
    "confidence_set",
    "score",
    "seasonal_scale",
]
