"""Quantiles of every hour over many members."""

from __future__ import annotations

import numpy as np
import pytest

from dcforecast.store import LEVELS
from dcforecast.system import reduce
from dcforecast.system.reduce import Sample, over_members


def filled(values, step=100):
    sample = Sample()
    for first in range(0, len(values), step):
        sample.add(values[first : first + step])
    return sample


def test_up_to_the_limit_it_is_exact():
    values = np.random.default_rng(1).normal(5, 2, (1_000, 12)).astype(np.float32)
    assert np.array_equal(filled(values).table(), over_members(values))


@pytest.mark.parametrize("members", [1_100, 5_030])
def test_beyond_memory_stays_and_ranks_are_close(members):
    values = np.random.default_rng(2).gamma(2.0, 50.0, (members, 40)).astype(np.float32)
    sample = filled(values)
    assert sample._held() <= reduce.LIMIT
    table = sample.table()
    assert table[:, 0] == pytest.approx(values.mean(axis=0, dtype=float), rel=1e-5)
    for column, level in enumerate(LEVELS, 1):
        rank = (values <= table[:, column]).mean(axis=0)
        assert np.abs(rank - level).max() < 0.01


def test_members_count_once_each():
    values = np.random.default_rng(3).normal(0, 1, (2_301, 3)).astype(np.float32)
    sample = filled(values, 77)
    held = sum(w * sum(map(len, parts)) for w, parts in sample.parts.items())
    assert held == sample.members == 2_301
