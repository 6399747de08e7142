"""Every hour of the few members that are kept whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dcforecast.system.allocation import Prepared
from dcforecast.system.allocation_dispatch import running
from dcforecast.system.allocation_flows import Flows
from dcforecast.system.arrays import Hours
from dcforecast.system.slices import of_members
from dcforecast.system.supply import Tranche

__all__ = ["MemberHours", "Sent", "member_hours"]

Loads = Mapping[str, Hours]

#: Units of the kinds of numbers that are not MW.
_UNITS = {"price": "EUR/MWh"}


@dataclass(frozen=True)
class MemberHours:
    """One year of one member.

    Attributes
    ----------
    member : int
        Its number in the ensemble, from 0.
    parts : dict of (answer, kind, name) to ndarray (hours,)
        MW, prices EUR/MWh.
    """

    member: int
    parts: dict[tuple[str, str, str], Hours]

    def frame(self, timestamps: pd.DatetimeIndex) -> pd.DataFrame:
        """Rows of the table ``members``, without scenario."""
        hours = len(timestamps)
        keys = list(self.parts)
        columns = pd.DataFrame(keys, columns=["answer", "kind", "name"], dtype="str")
        columns["unit"] = [_UNITS.get(kind, "MW") for kind in columns["kind"]]
        return pd.DataFrame(
            {
                "member": np.int32(self.member),
                **{name: values.array.repeat(hours) for name, values in columns.items()},
                "timestamp": timestamps.take(np.tile(np.arange(hours), len(keys))),
                "value": np.concatenate(list(self.parts.values())),
            }
        )


@dataclass(frozen=True)
class Sent:
    """What an answer sends and makes, MW (members, hours).

    Attributes
    ----------
    need : mapping of str to ndarray
        Output of the plants of each home node.
    limited : mapping of str to ndarray
        Tranches with less available than they say (no fuel).
    load, sites : mapping of str to ndarray (members, hours) or (members, 1)
        Data-centre power wanted and served at each home node.
    campuses : mapping of str to ndarray
        The part of it each campus gets, by its sink.
    corridors : mapping of str to ndarray
        Power leaving home.
    """

    need: Loads
    limited: Loads
    load: Loads
    sites: Loads
    campuses: Loads
    corridors: Loads


class _Cut:
    """The kept members' parts, being collected."""

    def __init__(self, places: list[int], hours: int) -> None:
        self.places = places
        self.hours = hours
        self.parts: list[dict[tuple[str, str, str], Hours]] = [{} for _ in places]

    def few(self, hourly: Loads) -> dict[str, Hours]:
        """Only the kept members of each array."""
        return {name: np.asarray(flow, np.float32)[self.places] for name, flow in hourly.items()}

    def add(self, answer: str, kind: str, few: Loads, prefix: str = "") -> None:
        """Add arrays of the kept members, of shape (kept, hours) or (kept, 1)."""
        for name, flow in few.items():
            whole = np.broadcast_to(flow, (len(self.places), self.hours))
            for parts, values in zip(self.parts, whole, strict=True):
                parts[answer, kind, f"{prefix}{name}".lower()] = values

    def supply(self, answer: str, tranches: Sequence[Tranche], sent: Sent) -> None:
        """Add what each tranche gives."""
        parts = of_members(tranches, self.places, len(tranches[0].available_mw))
        outputs = running(parts, self.few(sent.need), self.few(sent.limited))
        self.add(answer, "supply", {tranche.name: output for tranche, output in outputs})


def member_hours(
    members: Mapping[int, int],
    ready: Prepared,
    flows: Flows,
    answers: Mapping[str, Sent],
    prices: Loads,
) -> list[MemberHours]:
    """Take the hours of the kept members out of a year.

    Parameters
    ----------
    members : mapping of int to int
        Number in the ensemble, and place in the arrays, of each member to keep.
    ready : Prepared
    flows : Flows
    answers : mapping of str to Sent
        ``capability`` and ``expected``.
    prices : mapping of str to ndarray (members, hours) or (members, 1)
        What the buyer of each corridor pays, EUR/MWh.

    Notes
    -----
    Kinds: ``available`` and ``supply`` (what plants could give and give, by tranche), ``load``
    (wanted: domestic demand and data centres by home node, and what batteries take), ``unserved``,
    ``reserve``, ``campus`` (got), ``corridor`` (leaving home), ``home_link``, ``loss``,
    ``unused``, ``price`` (of each home node; under ``expected``, of each corridor's buyer).
    """
    cut = _Cut(list(members.values()), flows.reserve.shape[1])
    tranches, able = ready.year.tranches, "capability"
    cut.add(able, "available", cut.few({t.name: t.available_mw for t in tranches}))
    wanted, served = cut.few(ready.year.domestic_mw), cut.few(flows.domestic)
    charge = cut.few({} if ready.charge is None else {"storage": ready.charge})
    for answer, sent in answers.items():
        cut.supply(answer, tranches, sent)
        home = {**wanted, "AZ": wanted["AZ"] - charge.get("storage", np.float32(0.0))}
        cut.add(answer, "load", home, "domestic_")
        cut.add(answer, "load", charge)
        cut.add(
            answer, "unserved", {n: load - served[n] for n, load in wanted.items()}, "domestic_"
        )
        load, sites = cut.few(sent.load), cut.few(sent.sites)
        cut.add(answer, "load", load, "data_centres_")
        cut.add(answer, "unserved", {n: load[n] - got for n, got in sites.items()}, "data_centres_")
        cut.add(answer, "campus", cut.few(sent.campuses))
        cut.add(answer, "corridor", cut.few(sent.corridors))
    whole = {"AZ": flows.reserve, "home": flows.losses, "unused": flows.unused}
    for kind, name in (("reserve", "AZ"), ("loss", "home"), ("unused", "unused")):
        cut.add(able, kind, cut.few({name: whole[name]}))
    cut.add(able, "home_link", cut.few({k.replace(":", "_"): f for k, f in flows.home.items()}))
    cut.add(able, "price", cut.few(flows.prices), "node_")
    cut.add("expected", "price", cut.few(prices))
    return [MemberHours(m, parts) for m, parts in zip(members, cut.parts, strict=True)]
