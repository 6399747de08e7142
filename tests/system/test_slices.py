"""Some members of a whole."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from dcforecast.system.slices import of_members, slices


@dataclasses.dataclass(frozen=True)
class Thing:
    name: str
    hours: np.ndarray
    by_name: dict[str, np.ndarray]
    parts: tuple[np.ndarray, ...]
    stamps: pd.DatetimeIndex
    none: None = None


def test_slices_cover_the_members_once():
    found = [m for part in slices(57) for m in range(57)[part]]
    assert found == list(range(57))


def test_cuts_what_counts_members_and_nothing_else():
    hours = np.arange(35.0).reshape(7, 5)
    thing = Thing("x", hours, {"a": hours[:, 0]}, (np.ones(5),), pd.date_range("2030", periods=7))
    found = of_members(thing, slice(2, 4), 7)
    assert np.shares_memory(found.hours, hours)
    np.testing.assert_array_equal(found.hours, hours[2:4])
    np.testing.assert_array_equal(found.by_name["a"], hours[2:4, 0])
    assert found.parts[0].shape == (5,)
    assert len(found.stamps) == 7
    assert (found.name, found.none) == ("x", None)
    assert of_members(thing, slice(0, 7), 7) is thing
