"""Firm power: what can be delivered to one sink alone in nearly every hour.

While the loads before a sink are served first, the most that can be delivered to it does not depend
on how much of it is under contract.  Then ``P(M_t >= D) >= alpha`` exactly when D is at most the
``1 - alpha`` quantile of the hourly maximum M_t, and no chance-constrained programme is needed.
With two home nodes M_t has a closed form, checked in the tests against the linear programme with
the sink's bound opened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dcforecast.config.network import HOME_NODES
from dcforecast.system.allocation_flows import Flows
from dcforecast.system.arrays import Hours
from dcforecast.system.network import Corridor, HomeLink, Network

__all__ = [
    "NINE_OF_TEN",
    "Firm",
    "Tail",
    "bound_with_one_out",
    "firm",
    "firm_of_tails",
    "most_deliverable",
    "most_with_one_out",
]

#: Quantile of the members' own firm powers that holds in nine of ten years.
NINE_OF_TEN = 0.1
_DRAWS = 100  # ensembles drawn anew for a standard error
_DEPTH = 4  # times the hours below the pooled quantile are kept, for the unluckiest of them


@dataclass(frozen=True)
class Firm:
    """Firm power of one sink in one year.

    Attributes
    ----------
    pooled_mw : float
        Power that is there in the wanted share of all hours of all members.
    pooled_se_mw : float
        Its standard error, from drawing the members anew.
    by_member_mw : ndarray of shape (members,)
        The same within each member's year; its 0.1 quantile is firm "in 9 of 10 years".
    nine_se_mw : float
        Standard error of that quantile.
    short_h, short_mwh : ndarray of shape (members,)
        Hours with less than `pooled_mw`, and the energy that is missing then.
    """

    pooled_mw: float
    pooled_se_mw: float
    by_member_mw: NDArray[np.float64]
    nine_se_mw: float
    short_h: NDArray[np.float64]
    short_mwh: NDArray[np.float64]


def most_deliverable(
    network: Network,
    flows: Flows,
    capacity: Mapping[str, Hours],
    node: str,
    *,
    after_data_centres: bool,
    after_reserve: bool = True,
) -> Hours:
    """Most that can leave or be used at a home node after the loads before it, MW.

    Parameters
    ----------
    network : Network
    flows : Flows
        The year's allocation; it says how much of the loads before could be served.
    capacity : mapping of str to ndarray (members, hours)
    node : str
        Home node the sink hangs on.
    after_data_centres : bool
        Whether contracted data centres come first (for corridors), or not (for data centres).
    after_reserve : bool
        Whether the reserve is held first.
    """
    (other,) = [name for name in HOME_NODES if name != node]
    here = flows.supply[node] - _load(flows, node, after_data_centres, after_reserve)
    there = flows.supply[other] - _load(flows, other, after_data_centres, after_reserve)
    arrives = _deliver(network.home_links, capacity, other, np.maximum(there, 0.0))
    leaves = _supply(network.home_links, capacity, node, np.maximum(-there, 0.0))
    most: Hours = np.maximum(here + arrives - leaves, np.float32(0.0))
    return most


def most_with_one_out(
    network: Network, flows: Flows, capacity: Mapping[str, Hours], node: str, **after: bool
) -> Hours:
    """Least of `most_deliverable` when any one more circuit between the home nodes is out, MW.

    The largest generating unit is held in reserve already, so only links are taken out (N-1).
    """
    links = {link.link for link in network.home_links}
    cases = [
        most_deliverable(network, flows, _without_one(network, capacity, name), node, **after)
        for name in sorted(links)
    ]
    return np.asarray(np.minimum.reduce(cases), np.float32)


def bound_with_one_out(
    network: Network, corridor: Corridor, capacity: Mapping[str, Hours]
) -> Hours:
    """Least that a corridor's wires take when any one more of their circuits is out, MW."""
    links = {link for hop in corridor.upstream + corridor.hops for link in hop.links}
    cases = [corridor.bound(_without_one(network, capacity, name)) for name in sorted(links)]
    return np.asarray(np.minimum.reduce(cases), np.float32)


def _without_one(network: Network, capacity: Mapping[str, Hours], name: str) -> dict[str, Hours]:
    link = network.settings.links[name]
    lost = np.float32(link.capacity_mw / link.circuits)
    return {**capacity, name: np.maximum(capacity[name] - lost, np.float32(0.0))}


def _load(flows: Flows, node: str, after_data_centres: bool, after_reserve: bool) -> Hours:
    load = flows.domestic.get(node, np.float32(0.0))
    if node == "AZ" and after_reserve:
        load = load + flows.reserve
    if after_data_centres and node in flows.data_centres:
        load = load + flows.data_centres[node]
    return np.asarray(load, np.float32)


def _best_first(links: tuple[HomeLink, ...], start: str) -> list[HomeLink]:
    return sorted((link for link in links if link.start == start), key=lambda link: -link.gain)


def _deliver(
    links: tuple[HomeLink, ...], capacity: Mapping[str, Hours], start: str, power: Hours
) -> Hours:
    """Power that arrives when up to `power` leaves `start`, least loss first."""
    left, arrives = power, np.zeros_like(power)
    for link in _best_first(links, start):
        flow = np.minimum(left, capacity[link.link] * np.float32(link.share))
        arrives = arrives + flow * np.float32(link.gain)
        left = left - flow
    return arrives


def _supply(
    links: tuple[HomeLink, ...], capacity: Mapping[str, Hours], start: str, need: Hours
) -> Hours:
    """Power that must leave `start` for `need` to arrive, least loss first."""
    left, leaves = need, np.zeros_like(need)
    for link in _best_first(links, start):
        gain = np.float32(link.gain)
        flow = np.minimum(left / gain, capacity[link.link] * np.float32(link.share))
        leaves = leaves + flow
        left = np.maximum(left - flow * gain, 0.0)
    return leaves


def firm(most: Hours, level: float) -> Firm:
    """Quantiles of the hourly maximum, pooled and by member.

    Parameters
    ----------
    most : ndarray of shape (members, hours)
        Most that can be delivered, MW.
    level : float
        Share of hours in which the firm power is there.

    Notes
    -----
    The quantile is the order statistic below the level (no interpolation), so that a re-run at the
    firm power meets the target exactly.
    """
    return firm_of_tails([Tail.of(most, level, len(most))], level)


@dataclass(frozen=True)
class Tail:
    """The lowest hours of a block of members: all that firm power of the ensemble depends on.

    Attributes
    ----------
    lowest : ndarray of shape (entries,)
        The hours that may lie below the pooled firm power, ascending, MW; some more, so that the
        members can be drawn anew for the standard error.
    member : ndarray of shape (entries,)
        Whose hours they are.
    by_member_mw : ndarray of shape (members,)
        Firm power of each member's own year.
    hours : int
        Hours of the year.
    """

    lowest: Hours
    member: NDArray[np.int64]
    by_member_mw: NDArray[np.float64]
    hours: int

    @classmethod
    def of(cls, most: Hours, level: float, members: int) -> Tail:
        """Cut the tail off.

        Parameters
        ----------
        most : ndarray of shape (members of the block, hours)
        level : float
            Share of hours in which the firm power is there.
        members : int
            Members of the whole ensemble.
        """
        mine, hours = most.shape
        # The lowest hours of all members lie within as many lowest of any part.
        keep = _DEPTH * (_rank(level, members * hours) + 1)
        flat = most.ravel()
        if len(flat) - np.count_nonzero(flat) >= keep:  # nothing is firm, as on most long lines
            place = np.flatnonzero(flat == 0)[:keep]
        elif keep < len(flat):
            place = np.sort(np.argpartition(flat, keep - 1)[:keep])
        else:
            place = np.arange(len(flat))
        place = place[np.argsort(flat[place], kind="stable")]
        rank = _rank(level, hours)
        own = np.partition(most, rank, axis=1)[:, rank] if mine else np.zeros(0)
        return cls(flat[place], place // hours, own.astype(np.float64), hours)


def firm_of_tails(tails: Sequence[Tail], level: float) -> Firm:
    """Join the tails of all blocks of an ensemble."""
    by_member = np.concatenate([tail.by_member_mw for tail in tails])
    first = np.cumsum([0, *(len(tail.by_member_mw) for tail in tails)])
    lowest = np.concatenate([tail.lowest for tail in tails])
    member = np.concatenate([tail.member + at for tail, at in zip(tails, first[:-1], strict=True)])
    rank = _rank(level, len(by_member) * tails[0].hours)
    order = np.argsort(lowest, kind="stable")[: _DEPTH * (rank + 1)]
    lowest, member = lowest[order], member[order]
    pooled = lowest[rank]
    below = lowest < pooled
    short, whose = pooled - lowest[below], member[below]
    errors = _errors(lowest, member, by_member, rank)
    return Firm(
        float(pooled),
        errors[0],
        by_member,
        errors[1],
        np.bincount(whose[short > 1e-3], minlength=len(by_member)).astype(np.float64),
        np.bincount(whose, short, len(by_member)).astype(np.float64),
    )


def _errors(
    lowest: Hours, member: NDArray[np.int64], by_member: NDArray[np.float64], rank: int
) -> tuple[float, float]:
    """Standard errors of the pooled quantile and of the tenth of the members' own.

    Whole members are drawn anew with replacement (Efron 1979; the hours of one member hang
    together, so they are one block).
    """
    rng, members = np.random.default_rng(20_260), len(by_member)
    drawn = rng.integers(0, members, (_DRAWS, members))
    nine = np.quantile(by_member[drawn], NINE_OF_TEN, axis=1) if by_member.any() else np.zeros(1)
    pooled = [0.0]
    if lowest.any():
        reached = (np.cumsum(np.bincount(one, minlength=members)[member]) for one in drawn)
        places = (int(np.searchsorted(counted, rank + 1)) for counted in reached)
        pooled = [float(lowest[min(place, len(lowest) - 1)]) for place in places]
    return float(np.std(pooled)), float(np.std(nine))


def _rank(level: float, number: int) -> int:
    return min(int(np.floor((1.0 - level) * number + 1e-9)), number - 1)
