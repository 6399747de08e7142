"""Main season of a series by its step."""

from __future__ import annotations

__all__ = ["season_of_step"]

_SEASONS = {"Y": 1, "Q": 4, "M": 12, "W": 52, "D": 7, "h": 24, "30min": 48, "15min": 96}


def season_of_step(freq: str) -> int:
    """Return the periods of the main season for a pandas step: ``"h"`` -> 24, ``"MS"`` -> 12."""
    stem = freq.split("-", maxsplit=1)[0]
    for name in (stem, stem.removesuffix("S"), stem.removesuffix("E")):
        if name in _SEASONS:
            return _SEASONS[name]
    return 1
