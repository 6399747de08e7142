"""A figure a thousand times its neighbours: a wrong unit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from dcforecast.history.figures import named

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["likely_unit", "wrong_units"]

#: A pace within this factor of 10^3 (or 10^6) times the neighbours' is taken for a wrong unit:
#: room for season and growth (judgement).
_ROOM = 3.5
#: Neighbours are figures of the same series whose middle lies within so many days.
_NEAR = 550
#: And the so many nearest of them.
_MOST = 9
_LADDER = ("Wh", "kWh", "MWh", "GWh", "TWh", "PWh")


def likely_unit(unit: str, power: int) -> str:
    """Return the unit a figure `power` thousands too big was probably written in.

    Examples
    --------
    >>> likely_unit("GWh", 1)
    'MWh'
    """
    if unit in _LADDER and 0 <= _LADDER.index(unit) - power < len(_LADDER):
        return _LADDER[_LADDER.index(unit) - power]
    return f"{'a thousandth' if power > 0 else 'a thousand times'} {unit}".strip()


def wrong_units(observations: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield the figures about 10^3 or 10^6 times, or that part of, the figures around them.

    Parameters
    ----------
    observations : pandas.DataFrame
        Published figures.

    Yields
    ------
    dict
        A row of `checks.contradictions`: the odd figure first, then its nearest neighbour.
    """
    days = (observations["end"] - observations["timestamp"]).dt.days
    pace = (observations["value"] / days).where(observations["value"] > 0)
    middle = (observations["timestamp"].astype("int64") + observations["end"].astype("int64")) / 2
    middle /= 86_400_000_000  # microseconds a day
    for _, group in observations.groupby("series", sort=True):
        known = pace.loc[group.index].dropna()
        if len(known) < 2 or known.max() < 1000 / _ROOM * known.min():
            continue
        at, height = middle.loc[known.index].to_numpy(), np.log10(known.to_numpy())
        vintage = observations.loc[known.index, "vintage"].to_numpy()
        for i, label in enumerate(known.index):
            power, j = _power(i, at, height, vintage)
            if power:
                yield _told(observations.loc[label], observations.loc[known.index[j]], power)


def _power(i: int, at: np.ndarray, height: np.ndarray, vintage: np.ndarray) -> tuple[int, int]:
    """Return how many thousands figure i is off by, and its nearest sound neighbour."""
    distance = np.abs(at - at[i])
    distance[i] = np.inf
    near = np.argsort(distance, kind="stable")[:_MOST]
    near = near[distance[near] <= _NEAR]
    if not len(near):
        return 0, i
    off = height[i] - np.median(height[near])
    power = round(off / 3)
    if power == 0 or abs(power) > 2 or abs(off - 3 * power) > np.log10(_ROOM):
        return 0, i
    if len(near) == 1 and vintage[i] <= vintage[near[0]]:
        return 0, i  # of two figures the later is doubted
    sound = near[np.abs(height[near] - np.median(height[near])) < 1.5]
    return (power, int(sound[0])) if len(sound) else (0, i)


def _told(odd: pd.Series, like: pd.Series, power: int) -> dict[str, Any]:
    unit = str(odd.get("unit", "GWh"))
    times = f"{1000 ** abs(power):,} times" if power > 0 else f"1/{1000 ** abs(power):,} of"
    return {
        "kind": "unit", "series": odd["series"], "scope": odd["scope"], "older": like.name,
        "newer": odd.name, "rows": (odd.name, like.name), "gap": abs(float(odd["value"])),
        "text": f"{odd['series']} ({odd['scope']}): {odd['value']:,.10g} {unit} for "
        f"{odd['timestamp']:%Y-%m-%d} to {odd['end']:%Y-%m-%d} {named(odd)} is about {times} "
        f"the pace of {like['value']:,.10g} {unit} for {like['timestamp']:%Y-%m-%d} to "
        f"{like['end']:%Y-%m-%d} {named(like)}: probably in {likely_unit(unit, power)}",
    }  # fmt: skip
