"""Settings of the network: nodes, links, shared limits and corridors."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import field_validator, model_validator

from dcforecast.config.base import FIRST_YEAR, Group, Option, field
from dcforecast.errors import choices_text

__all__ = [
    "HOME_NODES",
    "CorridorSettings",
    "LinkSettings",
    "NetworkSettings",
    "SharedLimit",
    "TransitSettings",
]

#: Nodes with Azerbaijani plants and customers: the mainland and the exclave of Nakhchivan.
HOME_NODES: tuple[str, ...] = ("AZ", "NX")

Status = Literal["existing", "construction", "planned", "proposed"]


class LinkSettings(Group):
    """One link: size, losses, date and reliability; capacities hold at the sending end."""

    from_node: str = field(..., "Node the link leaves")
    to_node: str = field(..., "Node the link reaches")
    capacity_mw: float = field(..., "Largest flow, sending end", unit="MW", ge=0, le=20_000)
    reverse_mw: float = field(0.0, "Largest flow the other way", unit="MW", ge=0, le=20_000)
    loss_fraction: float = field(0.02, "Share lost on the way", unit="1", ge=0, lt=0.5)
    status: Status = field("existing", "How far it is")
    date: dt.date | None = field(None, "In service at the earliest (official date, or judgement)")
    date_basis: Literal["existing", "official", "judgement"] = field(
        "existing", "Where the date comes from"
    )
    slip_median_years: float = field(0.0, "Median delay after the date", unit="a", ge=0, le=30)
    slip_sigma: float = field(0.0, "Sigma of the lognormal delay", unit="1", ge=0, le=2)
    slip_group: str | None = field(None, "Links with one name share a part of their delay")
    slip_correlation: float = field(0.6, "Correlation of delays in a group", unit="1", ge=0, le=1)
    probability: float = field(1.0, "Probability of being built at all", unit="1", ge=0, le=1)
    forced_outage_rate: float = field(
        0.01, "Share of hours a circuit is out (assumption)", unit="1", ge=0, lt=0.5
    )
    outage_hours: float = field(24.0, "Mean length of an outage (assumption)", unit="h", gt=0)
    circuits: int = field(1, "Circuits or poles that fail one by one", ge=1, le=20)
    assumed: bool = field(False, "The size has no published figure")
    facts: list[str] = field([], "Rows the figures come from")
    note: str = field("", "What to know about it")

    @model_validator(mode="after")
    def _dated(self) -> LinkSettings:
        if self.status == "existing":
            return self
        if self.date is None:
            raise ValueError(f"a link that is '{self.status}' needs a date (YYYY-MM-DD)")
        if self.date.year < FIRST_YEAR:
            raise ValueError(
                f"date {self.date} of a link that is '{self.status}' lies before the first year "
                f"of the outlook, {FIRST_YEAR}"
            )
        return self


class SharedLimit(Group):
    """A ceiling on the sum of the flows over several links."""

    links: list[str] = field(..., "Links whose flows add up", min_length=1)
    capacity_mw: float = field(..., "Largest sum", unit="MW", ge=0)
    facts: list[str] = field([], "Rows the figure comes from")
    note: str = field("", "What to know about it")


class CorridorSettings(Group):
    """One export corridor: the links to a buyer and what the buyer pays."""

    label: str = field(..., "Name in tables and charts")
    path: list[list[str]] = field(
        ..., "Hops from home to the buyer; links of one hop run in parallel", min_length=1
    )
    price_eur_mwh: float = field(..., "Price at the buyer", unit="EUR/MWh", gt=0, le=300)
    wheeling_eur_mwh: float = field(0.0, "Paid to carry it", unit="EUR/MWh", ge=0)
    market: Literal["romania", "turkiye"] | None = field(
        None,
        "Day-ahead market whose hours and years the price follows around its mean; null: the same "
        "price at all times",
    )
    destination: str | None = field(
        None, "Destination in the export record (existing corridors); null: a new corridor"
    )
    destination_share: float = field(
        1.0, "Part of that destination's exports that goes this way", unit="1", ge=0, le=1
    )
    buyer_limit_mw: float | None = field(None, "What the buyer can take", unit="MW", ge=0)
    use_mean: float | None = field(
        None, "Mean use of a new corridor; null: allocation.new_use_mean", unit="1", gt=0, lt=1
    )
    facts: list[str] = field([], "Rows the figures come from")
    note: str = field("", "What to know about it")

    @field_validator("path", mode="before")
    @classmethod
    def _hops(cls, value: object) -> object:
        """Let a hop of one link be written as its bare name."""
        if isinstance(value, list):
            return [[hop] if isinstance(hop, str) else hop for hop in value]
        return value


class TransitSettings(Group):
    """Foreign power that may cross the country."""

    link: str = field(..., "Link over which it arrives (its reverse direction)")
    sink: str = field(..., "Corridor in whose row it is shown")
    corridors: list[str] = field(..., "Corridors it may leave by, the best first", min_length=1)
    mode: Literal["ring_fenced", "free"] = field(
        "ring_fenced",
        "ring_fenced: it takes the room the own exports leave, and serves nobody at home; free: it "
        "is bought at the border like any other supply, and the link carries nothing outward",
    )
    price_eur_mwh: float = field(
        30.0,
        "What it costs where it arrives (mode=free; assumption)",
        unit="EUR/MWh",
        ge=0,
        le=300,
    )
    facts: list[str] = field([], "Rows it rests on")


class NetworkSettings(Option):
    """Nodes, links and corridors; a new corridor is one block of links and one of corridors."""

    nodes: dict[str, str] = field(..., "Node codes and their names")
    links: dict[str, LinkSettings] = field(..., "Links by name")
    shared_limits: dict[str, SharedLimit] = field({}, "Ceilings over several links")
    corridors: dict[str, CorridorSettings] = field(..., "Corridors by name (the sinks abroad)")
    transit: TransitSettings | None = field(None, "Transit from Central Asia")

    @model_validator(mode="after")
    def _consistent(self) -> NetworkSettings:
        problems = [
            *self._missing_homes(),
            *self._wrong_nodes(),
            *self._wrong_limits(),
            *self._wrong_paths(),
            *self._wrong_transit(),
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _missing_homes(self) -> list[str]:
        return [f"nodes: the home node '{n}' is missing" for n in HOME_NODES if n not in self.nodes]

    def _wrong_nodes(self) -> list[str]:
        return [
            f"links.{name}.{end}: no node '{node}'; {choices_text(node, self.nodes)}"
            for name, link in self.links.items()
            for end, node in (("from_node", link.from_node), ("to_node", link.to_node))
            if node not in self.nodes
        ]

    def _wrong_limits(self) -> list[str]:
        return [
            f"shared_limits.{name}.links: no link '{link}'; {choices_text(link, self.links)}"
            for name, limit in self.shared_limits.items()
            for link in limit.links
            if link not in self.links
        ]

    def _wrong_transit(self) -> list[str]:
        if self.transit is None:
            return []
        problems = []
        if self.transit.link not in self.links:
            problems.append(f"transit.link: {choices_text(self.transit.link, self.links)}")
        elif self.links[self.transit.link].from_node not in HOME_NODES:
            problems.append(f"transit.link: '{self.transit.link}' must leave a node at home")
        problems += [
            f"transit: no corridor '{name}'; {choices_text(name, self.corridors)}"
            for name in (self.transit.sink, *self.transit.corridors)
            if name not in self.corridors
        ]
        return problems

    def _wrong_paths(self) -> list[str]:
        problems = []
        for name, corridor in self.corridors.items():
            node: str | None = None
            for hop in corridor.path:
                found, node = self._check_hop(f"corridors.{name}.path", hop, node)
                problems += found
            if not problems and node in HOME_NODES:
                problems.append(f"corridors.{name}.path: ends at '{node}', which is at home")
        return problems or self._mixed_hops()

    def _mixed_hops(self) -> list[str]:
        """A link in two different hops would carry its capacity twice."""
        hops = [(name, hop) for name, c in self.corridors.items() for hop in c.path]
        groups: dict[str, list[str]] = {}
        for _, hop in hops:
            for link in hop:
                groups.setdefault(link, hop)
        return [
            f"corridors.{name}.path: {hop} and {groups[link]} both hold '{link}'; "
            "name the same parallel links in every corridor over this hop"
            for name, hop in hops
            for link in hop
            if sorted(groups[link]) != sorted(hop)
        ]

    def _check_hop(
        self, place: str, hop: list[str], node: str | None
    ) -> tuple[list[str], str | None]:
        unknown = [link for link in hop if link not in self.links]
        if unknown or not hop:
            missing = unknown[0] if unknown else ""
            return [f"{place}: no link '{missing}'; {choices_text(missing, self.links)}"], node
        ends = {(self.links[link].from_node, self.links[link].to_node) for link in hop}
        losses = {self.links[link].loss_fraction for link in hop}
        start, end = next(iter(sorted(ends)))
        problems = []
        if len(ends) > 1 or len(losses) > 1:
            problems.append(
                f"{place}: the links {', '.join(hop)} of one hop must have the same ends and loss"
            )
        if node is None and start not in HOME_NODES:
            problems.append(f"{place}: begins at '{start}', not at one of {', '.join(HOME_NODES)}")
        if node is not None and start != node:
            problems.append(
                f"{place}: '{hop[0]}' begins at '{start}', the hop before ends at '{node}'"
            )
        if start not in HOME_NODES and end in HOME_NODES:
            problems.append(f"{place}: '{hop[0]}' leads back home to '{end}'")
        return problems, end
