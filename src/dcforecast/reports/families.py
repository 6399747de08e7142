"""Sinks sorted by what their expected use rests on: one hue a family in all charts."""

from __future__ import annotations

from collections.abc import Iterable

from dcforecast.reports.answer import in_order
from dcforecast.store import Run

__all__ = ["FAMILIES", "NEW", "family_of", "in_families", "shades"]

#: Families from the bottom of a stack to its top: their name, their darkest and lightest shade.
FAMILIES = {
    "Data centres": ("#5b6670", "#aab2ba"),
    "Corridors with a record of use": ("#00614a", "#a5dcc8"),
    "New corridors, their use assumed": ("#6a2c87", "#e3c9ef"),
}
_CENTRES, _RECORD, NEW = FAMILIES


def family_of(sink: str, run: Run) -> str:
    """Return the family of a sink: a corridor with a buyer on record, or one without."""
    corridor = run.config.get("network", {}).get("corridors", {}).get(sink)
    if corridor is None:
        return _CENTRES
    return NEW if corridor.get("destination") is None else _RECORD


def in_families(sinks: Iterable[str], run: Run) -> dict[str, list[str]]:
    """Return the sinks of each family that has any, in the order they are shown."""
    ordered = in_order(sinks)
    found = {name: [s for s in ordered if family_of(s, run) == name] for name in FAMILIES}
    return {name: members for name, members in found.items() if members}


def shades(run: Run) -> dict[str, str]:
    """Return a colour for the data centres and each corridor of the run's network.

    A corridor has the same shade in all charts, whether or not its neighbours are drawn.
    """
    network = run.config.get("network", {}).get("corridors", {})
    found = {}
    for name, members in in_families(["data_centres", *network], run).items():
        dark, light = (_parts(colour) for colour in FAMILIES[name])
        for k, sink in enumerate(members):
            way = k / max(len(members) - 1, 1)
            mixed = (round(a + way * (b - a)) for a, b in zip(dark, light, strict=True))
            found[sink] = "#" + "".join(f"{part:02x}" for part in mixed)
    return found


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))
