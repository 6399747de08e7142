"""What the campuses' own engines and batteries add, and the step in load a voltage dip makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dcforecast.system.allocation_loads import summed
from dcforecast.system.answers import AnnualRows
from dcforecast.system.arrays import Hours, Values
from dcforecast.system.campus_site import DARK, ENGINES_RUN, carry
from dcforecast.system.datacentres import CampusLoad

__all__ = ["CampusFlow", "own_supply", "step_rows"]

_ROUNDING_MW = 0.01  # float32 flows of thousands of MW are good to a few watts


@dataclass(frozen=True)
class CampusFlow:
    """One campus under one answer.

    Attributes
    ----------
    campus : CampusLoad
    wanted, got : ndarray of shape (members, hours)
        Power wanted, and got from the grid [MW].
    like : ndarray of shape (members, hours)
        Any flow that moves as `got` does; campuses of one node that want their contracts share it.
    """

    campus: CampusLoad
    wanted: Hours
    got: Hours
    like: Hours


def own_supply(
    rows: AnnualRows,
    answer: str,
    flows: Mapping[str, CampusFlow],
    short: Mapping[str, Hours],
    room: Callable[[str, NDArray[np.intp]], Hours],
) -> None:
    """Run engines and batteries in short hours; add what they do, by campus and together.

    Parameters
    ----------
    rows : AnnualRows
    answer : str
    flows : mapping of str to CampusFlow
        By sink.
    short : mapping of str to ndarray (members, hours)
        What the grid leaves each campus missing, MW.
    room : callable
        Takes a sink and members, returns what the grid could give the campus beyond its load, MW.
    """
    if not flows:
        return
    shape = next(iter(short.values())).shape
    marks = np.zeros(shape, np.uint8)
    together: dict[str, Values] = {}
    for sink, flow in flows.items():
        site, size = flow.campus.site, np.asarray(flow.campus.contracted_mw, np.float64)
        hit = np.flatnonzero(short[sink].any(axis=1))
        state = np.zeros((len(hit), shape[1]), np.uint8)
        use = carry(site, size[hit], short[sink][hit], room(sink, hit), state)
        marks[hit] |= state
        values = {
            "backup_twh": use.backup_mwh / 1e6,
            "battery_twh": use.battery_mwh / 1e6,
            "backup_cost_meur": use.backup_mwh * site.backup_cost_eur_mwh / 1e6,
            "backup_co2_kt": use.backup_mwh * site.backup_co2_t_mwh / 1e3,
            "site_eens_mwh": use.dark_mwh,
        }
        for quantity, found in values.items():
            whole = np.zeros(shape[0])
            whole[hit] = found
            rows.add(sink, answer, quantity, whole)
            together[quantity] = together.get(quantity, 0.0) + whole
        for quantity, hours in _hours(state).items():
            whole = np.zeros(shape[0])
            whole[hit] = hours
            rows.add(sink, answer, quantity, whole)
    for quantity, whole in together.items():
        rows.add("data_centres", answer, quantity, whole)
    for quantity, hours in _hours(marks).items():
        rows.add("data_centres", answer, quantity, hours)


def _hours(state: NDArray[np.uint8]) -> dict[str, Values]:
    """Hours in which engines run, and in which something is still missing, one a member."""
    return {
        "backup_h": np.count_nonzero(state & ENGINES_RUN, axis=1).astype(np.float64),
        "site_lole_h": np.count_nonzero(state & DARK, axis=1).astype(np.float64),
    }


def step_rows(
    rows: AnnualRows, answer: str, flows: Mapping[str, CampusFlow], held: NDArray[np.floating]
) -> None:
    """Add the largest step in load that a voltage dip makes, against the reserve for such steps.

    Parameters
    ----------
    rows : AnnualRows
    answer : str
    flows : mapping of str to CampusFlow
        By sink.
    held : ndarray of shape (members,)
        Reserve against the loss of the largest unit, MW.

    Notes
    -----
    A dip is seen by all campuses of a node at once: on 10 July 2024 one fault took about 1,500 MW
    of data centres off the grid in Virginia [R070].  Load that leaves needs room downwards and
    upwards when it comes back; both are compared with the reserve for the largest unit.
    """
    drawn, leaves = [], []
    for sink, flow in flows.items():
        node, part = flow.campus.node, np.float32(1.0 - flow.campus.site.ride_through_share)
        gone = flow.got if part == 1.0 else flow.got * part
        _step(rows, sink, answer, {node: flow.got}, {node: gone}, held)
        drawn.append((node, flow.got))
        leaves.append((node, gone))
    if drawn:
        _step(rows, "data_centres", answer, summed(drawn), summed(leaves), held)


def _step(
    rows: AnnualRows,
    sink: str,
    answer: str,
    drawn: Mapping[str, Hours],
    leaves: Mapping[str, Hours],
    held: NDArray[np.floating],
) -> None:
    """Add the rows of one sink from what is drawn, and what a dip takes, at each of its nodes."""
    most, largest = (
        np.max([load.max(axis=1) for load in loads.values()], axis=0) for loads in (drawn, leaves)
    )
    over = np.zeros(len(held))
    bound = held + _ROUNDING_MW
    hit = np.flatnonzero(largest > bound)
    if len(hit):
        above = [load[hit] > bound[hit, None] for load in leaves.values()]
        over[hit] = np.count_nonzero(np.logical_or.reduce(above), axis=1)
    rows.add(sink, answer, "step_mw", largest)
    rows.add(sink, answer, "step_over_reserve_h", over)
    needed = 1.0 - held / np.maximum(most, np.float32(1e-3))
    rows.add(sink, answer, "ride_through_needed", np.clip(needed, 0.0, 1.0))
