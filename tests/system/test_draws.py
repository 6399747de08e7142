"""Random draws that the system shares."""

from __future__ import annotations

import numpy as np
import pytest

from dcforecast.system.draws import Draws


def test_a_hundred_members_fill_a_hundred_slices():
    drawn = Draws(300, 5).uniform("x").reshape(3, 100)
    for part in drawn:
        assert sorted((part * 100).astype(int)) == list(range(100))
    assert len(np.unique(drawn)) == 300


def test_a_member_keeps_its_draw():
    assert (Draws(30, 5).normal("x", 2) == Draws(250, 5).normal("x", 2)[:30]).all()
    assert not np.array_equal(Draws(30, 5).normal("x"), Draws(30, 5, block=1).normal("x"))


def test_normal_scores_have_the_moments_of_a_normal():
    scores = Draws(100, 1).shared("delay")
    assert scores.mean() == pytest.approx(0, abs=0.01)
    assert scores.std() == pytest.approx(1, abs=0.02)
