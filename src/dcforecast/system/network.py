"""The network as the allocation sees it: home links, hops and corridors."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dcforecast.config.network import HOME_NODES, CorridorSettings, NetworkSettings

__all__ = ["Corridor", "HomeLink", "Hop", "Network"]


@dataclass(frozen=True)
class Hop:
    """Parallel links that flow counts against together."""

    links: tuple[str, ...]
    gain: float

    def capacity(self, hourly: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        """Sum of the links' capacities, MW (members, hours)."""
        total = hourly[self.links[0]]
        for link in self.links[1:]:
            total = total + hourly[link]
        return total


@dataclass(frozen=True)
class HomeLink:
    """A link between two home nodes, one direction."""

    link: str
    start: str
    end: str
    gain: float
    reverse: bool
    share: float  # of the link's forward capacity

    @property
    def key(self) -> str:
        """Name of this direction: ``link:forward`` or ``link:reverse``."""
        return f"{self.link}:{'reverse' if self.reverse else 'forward'}"


@dataclass(frozen=True)
class Corridor:
    """A way abroad.

    Attributes
    ----------
    home : str
        Home node the power leaves from.
    upstream : tuple of Hop
        Hops at home before that node; they must exist, or the corridor is closed.
    hops : tuple of Hop
        Hops from the home node to the buyer.
    gains : tuple of float
        Share of the power sent that enters each hop.
    gain : float
        Share of the power sent that reaches the buyer.
    value_eur_mwh : float
        Price at the buyer times `gain`, less wheeling: value of a MWh where it leaves home.
    """

    name: str
    settings: CorridorSettings
    home: str
    upstream: tuple[Hop, ...]
    hops: tuple[Hop, ...]
    gains: tuple[float, ...]
    gain: float
    value_eur_mwh: float

    def bound(
        self,
        capacity: Mapping[str, NDArray[np.float32]],
        without: Collection[tuple[str, ...]] = (),
    ) -> NDArray[np.float32]:
        """Largest power its wires take at home when nobody else uses them, MW (members, hours).

        Parameters
        ----------
        capacity : mapping of str to ndarray (members, hours)
        without : collection of tuple of str
            Hops that are limited elsewhere (twice their size counts, so that they never bind here).
        """
        sizes = [
            hop.capacity(capacity) * np.float32((2.0 if hop.links in without else 1.0) / gain)
            for hop, gain in zip(self.hops, self.gains, strict=True)
        ]
        bound = np.minimum.reduce(sizes)
        for hop in self.upstream:
            bound = np.where(hop.capacity(capacity) > 0, bound, np.float32(0.0))
        if self.settings.buyer_limit_mw is not None:
            bound = np.minimum(bound, np.float32(self.settings.buyer_limit_mw / self.gain))
        return np.asarray(bound, np.float32)


@dataclass(frozen=True)
class Network:
    """Corridors and home links of the settings, ready for use."""

    settings: NetworkSettings
    corridors: tuple[Corridor, ...]
    home_links: tuple[HomeLink, ...]

    @property
    def transit_sink(self) -> str:
        """Corridor in whose row transit is shown; empty when there is none."""
        return self.settings.transit.sink if self.settings.transit else ""

    @classmethod
    def build(cls, settings: NetworkSettings) -> Network:
        """Read the settings, which are checked already."""
        corridors = tuple(_corridor(settings, name) for name in settings.corridors)
        return cls(settings, corridors, tuple(_home_links(settings)))


def _corridor(settings: NetworkSettings, name: str) -> Corridor:
    spec = settings.corridors[name]
    home = settings.links[spec.path[0][0]].from_node
    upstream: list[Hop] = []
    hops: list[Hop] = []
    for names in spec.path:
        link = settings.links[names[0]]
        hop = Hop(tuple(sorted(names)), 1.0 - link.loss_fraction)
        if link.from_node in HOME_NODES and link.to_node in HOME_NODES:
            upstream.append(hop)
            home = link.to_node
        else:
            hops.append(hop)
    gains = np.cumprod([1.0, *(hop.gain for hop in hops)])
    gain = float(gains[-1])
    value = spec.price_eur_mwh * gain - spec.wheeling_eur_mwh
    return Corridor(
        name, spec, home, tuple(upstream), tuple(hops), tuple(map(float, gains[:-1])), gain, value
    )


def _home_links(settings: NetworkSettings) -> list[HomeLink]:
    found = []
    for name, link in settings.links.items():
        if link.from_node not in HOME_NODES or link.to_node not in HOME_NODES:
            continue
        gain = 1.0 - link.loss_fraction
        found.append(HomeLink(name, link.from_node, link.to_node, gain, False, 1.0))
        if link.reverse_mw > 0 and link.capacity_mw > 0:
            share = link.reverse_mw / link.capacity_mw
            found.append(HomeLink(name, link.to_node, link.from_node, gain, True, share))
    return found
