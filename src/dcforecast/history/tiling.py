"""Which shorter figures fill a period exactly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["tilings"]

#: Price of one more figure in a chain: of two equally exact chains the shorter is taken.
_STEP = 1e-6


def tilings(figures: Mapping[tuple[Any, Any], Any]) -> Iterator[tuple[Any, list[Any]]]:
    """Yield each figure whose period shorter ones fill without gap, with the most exact chain.

    Parameters
    ----------
    figures : mapping of (start, end) to figure
        One figure a period; each has ``precision_gwh``.

    Yields
    ------
    tuple of figure and list of figures
        The whole and its parts in order of time.
    """
    starts: dict[Any, list[tuple[Any, Any]]] = {}
    for (start, end), row in figures.items():
        starts.setdefault(start, []).append((end, row))
    for (start, end), whole in figures.items():
        chain = _cheapest(starts, start, end)
        if chain is not None:
            yield whole, chain


def _cheapest(
    starts: Mapping[Any, list[tuple[Any, Any]]], start: Any, end: Any
) -> list[Any] | None:
    """Return the chain from `start` to `end` with the least rounding (Dijkstra in time order)."""
    best: dict[Any, tuple[float, list[Any]]] = {start: (0.0, [])}
    while best:
        here = min(best)
        cost, chain = best.pop(here)
        if here == end:
            return chain
        for there, row in starts.get(here, ()):
            if there > end or (here == start and there == end):
                continue
            price = cost + row.precision_gwh + _STEP
            if there not in best or price < best[there][0]:
                best[there] = (price, [*chain, row])
    return None
