"""Published, irregular, revised figures become a monthly history with uncertainty, by vintage."""

from __future__ import annotations

from dcforecast.history.account import account, since
from dcforecast.history.annual import annual
from dcforecast.history.checks import contradictions
from dcforecast.history.figures import relevant
from dcforecast.history.news import news, nowcast
from dcforecast.history.reconstruct import History, reconstruct
from dcforecast.history.structure import AZERBAIJAN, Bias, Prior, Structure
from dcforecast.history.vintages import triangle, vintage_dates

__all__ = [
    "AZERBAIJAN",
    "Bias",
    "History",
    "Prior",
    "Structure",
    "account",
    "annual",
    "contradictions",
    "news",
    "nowcast",
    "reconstruct",
    "relevant",
    "since",
    "triangle",
    "vintage_dates",
]
