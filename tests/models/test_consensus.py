"""The consensus: centre of the members' medians, spread of their pool."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dcforecast.errors import UserError
from dcforecast.models import create


def test_the_centre_is_the_median_of_the_members() -> None:
    rng = np.random.default_rng(6)
    index = pd.period_range("2000", periods=30, freq="Y")
    y = pd.Series(100 + 3 * np.arange(30) + rng.normal(0, 4, 30), index=index)
    members = [{"name": "theta"}, {"name": "drift", "damping": 1.0}, {"name": "seasonal_naive"}]
    found = create("consensus", models=members).fit(y).predict(4, quantiles=(0.1, 0.5, 0.9))
    alone = [create(**one).fit(y).predict(4, quantiles=(0.1, 0.5, 0.9)) for one in members]
    centre = np.median([one["q500"] for one in alone], axis=0)
    np.testing.assert_allclose(found["q500"], centre, rtol=1e-9)
    widths = [(one["q900"] - one["q100"]).to_numpy() for one in alone]
    assert ((found["q900"] - found["q100"]).to_numpy() > np.min(widths, axis=0)).all()


def test_no_members_are_refused() -> None:
    y = pd.Series(np.arange(20.0) + 5, index=pd.period_range("2000", periods=20, freq="Y"))
    with pytest.raises(UserError, match="empty"):
        create("consensus", models=[]).fit(y)
