"""Main season of a series by its step."""

from __future__ import annotations

import re

__all__ = ["season_of_step"]

#: Periods of one season by unit of the step: the year for months and longer, the day for less.
_SEASONS = {"Y": 1, "Q": 4, "M": 12, "W": 52, "D": 7, "B": 5, "h": 24, "min": 1440, "s": 86_400}
#: Steps under another name: the season of "24h" is the week, not the day.
_SAME = {"24h": "D", "1440min": "D", "7D": "W"}


def season_of_step(freq: str) -> int:
    """Return the periods of the main season for a pandas step.

    ``"h"`` and ``"60min"`` -> 24, ``"10min"`` -> 144, ``"MS"`` -> 12; 1 where there is none, or
    where it is no whole number of steps.
    """
    stem = freq.split("-", maxsplit=1)[0]
    stem = _SAME.get(stem, stem)
    found = re.fullmatch(r"(\d*)([A-Za-z]+)", stem)
    if found is None:
        return 1
    count, unit = int(found[1] or 1), found[2]
    for name in (unit, unit.removesuffix("S"), unit.removesuffix("E")):
        if name in _SEASONS:
            whole, rest = divmod(_SEASONS[name], count or 1)
            return 1 if rest else max(whole, 1)
    return 1
