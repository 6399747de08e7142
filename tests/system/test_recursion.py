"""The compiled recursion against scipy's filter."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import lfilter

from dcforecast.system.recursion import autoregress


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize(("lags", "phi"), [([1], [0.96]), ([1, 2, 24], [1.2, -0.3, 0.05])])
def test_equals_lfilter_to_the_byte(lags, phi, kind):
    shocks = np.random.default_rng(3).standard_normal((21, 700), dtype=np.float32)
    denominator = np.zeros(max(lags) + 1, kind)
    denominator[0], denominator[lags] = 1.0, -np.asarray(phi, kind)
    wanted = lfilter(np.array([0.3], kind), denominator, shocks, axis=1)[:, 100:]
    found = np.empty((21, 600), np.float32)
    autoregress(shocks, np.array(lags), np.array(phi, kind), kind(0.3), found)
    assert found.tobytes() == wanted.astype(np.float32).tobytes()
