"""Conditioning on sums of months is the smoother of the structural model with cumulator states."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.statespace.kalman_smoother import KalmanSmoother

from dcforecast.history.posterior import Posterior, Scale, condition
from dcforecast.history.priors import FADE, _year
from dcforecast.history.structure import Bias, Prior, Structure

YEARS = 3
MONTHS = 12 * YEARS
STRUCTURE = Structure(
    priors={
        "thermal": Prior(0.02, 0.15, 0.06, 0.03, 0.004),
        "hydro": Prior(0.05, 0.40, 0.20, 0.10, 0.002),
    },
    sums={"total": {"thermal": 1.0, "hydro": 1.0}},
    scopes={"country": Bias(), "office": Bias(0.06, 0.02, 0.01), "utility": Bias(0.1, 0.03, 0.02)},
)
#: Effects of a part: level, twelve of the season, spell, noise, heating, cooling; then the sum of
#: the months of the year before this one.
_SIZE = 18


def scale() -> Scale:
    months = pd.period_range("2019-01", periods=MONTHS, freq="M")
    growth = np.linspace(1.0, 1.3, MONTHS)
    celsius = 14 - 12 * np.cos(2 * np.pi * (np.arange(MONTHS) - 0.5) / 12)
    heat = np.stack([np.maximum(15 - celsius, 0), np.maximum(celsius - 18, 0)])
    return Scale(
        np.stack([1500 * growth, 200 * growth[::-1]]),
        months.days_in_month.to_numpy() / 30.4375,
        months.month.to_numpy(),
        heat - heat.mean(axis=1, keepdims=True),
    )


def figures(seed: int, share: float) -> pd.DataFrame:
    """Publish months, totals from January and years of both parts and their sum, with gaps."""
    rng = np.random.default_rng(seed)
    at, rows = scale(), []
    truth = at.usual * np.exp(0.2 * rng.standard_normal((2, MONTHS)))
    series = {"thermal": truth[0], "hydro": truth[1], "total": truth.sum(axis=0)}
    for (name, x), scope, t in product(series.items(), STRUCTURE.scopes, range(MONTHS)):
        for first in {t, t - t % 12}:
            whole_year = t % 12 == 11 and first < t and scope == "country"
            if not whole_year and rng.random() > share:
                continue
            value = x[first : t + 1].sum() * (1 - STRUCTURE.scopes[scope].mean)
            step = rng.choice([1.0, 10.0, 100.0])
            rows.append((name, scope, first, t, np.round(value / step) * step, 0.3 * step + 0.05))
    return pd.DataFrame(rows, columns=["series", "scope", "first", "last", "value", "sd"])


def smoother(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the smoothed months of each part and their variances by statsmodels."""
    at = scale()
    biases = list(product(STRUCTURE.scopes, ("thermal", "hydro", "total")))
    channels = list(product(STRUCTURE.scopes, ("thermal", "hydro", "total"), (False, True)))
    count, width = len(channels), 2 * _SIZE + len(biases)
    model = KalmanSmoother(k_endog=count, k_states=width, k_posdef=width)
    flow = np.zeros((2, width, MONTHS))
    transition, noise = np.zeros((width, width, MONTHS)), np.zeros((width, width, MONTHS))
    mean, cov = np.zeros(width), np.zeros((width, width))
    for part, prior in enumerate(STRUCTURE.priors.values()):
        o, usual, pace = part * _SIZE, at.usual[part], at.pace[part]
        flow[part, o] = at.days
        flow[part, o + 1 + np.arange(MONTHS) % 12, np.arange(MONTHS)] = usual
        flow[part, o + 13 : o + 15] = usual
        flow[part, o + 15 : o + 17] = usual * at.degrees
        fixed = [o, *range(o + 1, o + 13), o + 15, o + 16]
        transition[fixed, fixed] = 1.0
        transition[o + 13, o + 13] = FADE
        inside = np.arange(MONTHS) % 12 != 11
        transition[o + 17] = flow[part] * inside
        transition[o + 17, o + 17] = inside
        noise[o, o, :-1] = prior.level**2 * pace[1:] ** 2
        noise[o + 13, o + 13] = prior.spell**2 * (1 - FADE**2)
        noise[o + 14, o + 14] = prior.noise**2
        mean[o], cov[o, o] = pace.mean(), pace.max() ** 2
        cov[o + 1 : o + 13, o + 1 : o + 13] = prior.season**2 * _year()
        cov[o + 13, o + 13], cov[o + 14, o + 14] = prior.spell**2, prior.noise**2
        cov[o + 15, o + 15] = cov[o + 16, o + 16] = prior.degree**2
    for i, (scope, _) in enumerate(biases):
        k = 2 * _SIZE + i
        transition[k, k] = 1.0
        mean[k], cov[k, k] = STRUCTURE.scopes[scope].mean, STRUCTURE.scopes[scope].sd ** 2
    design, error = np.zeros((count, width, MONTHS)), np.ones((count, count, MONTHS))
    error *= np.eye(count)[:, :, None]
    y = np.full((count, MONTHS), np.nan)
    for row in rows.itertuples(index=False):
        whole = row.first < row.last
        c, t = channels.index((row.scope, row.series, whole)), row.last
        weights = STRUCTURE.row(row.series)
        for part in range(2):
            design[c, :, t] += weights[part] * flow[part, :, t]
            design[c, part * _SIZE + 17, t] += weights[part] * whole
        expected = weights @ at.usual[:, row.first : t + 1].sum(axis=1)
        design[c, 2 * _SIZE + biases.index((row.scope, row.series)), t] = -expected
        y[c, t], error[c, c, t] = row.value, row.sd**2
    model.bind(np.asfortranarray(y))
    model["design"], model["obs_cov"] = design, error
    model["transition"], model["state_cov"] = transition, noise
    model["selection"] = np.eye(width)
    model.initialize_known(mean, cov)
    found = model.smooth()
    means = np.einsum("pkt,kt->pt", flow, found.smoothed_state)
    return means, np.einsum("pkt,klt,plt->pt", flow, found.smoothed_state_cov, flow)


def variances(found: Posterior) -> np.ndarray:
    return np.diag(found.cov).reshape(2, MONTHS)


@pytest.mark.parametrize(("seed", "share"), [(1, 0.05), (2, 0.2), (3, 0.1)])
def test_conditioning_agrees_with_the_smoother(seed: int, share: float) -> None:
    rows = figures(seed, share)
    means, spread = smoother(rows)
    found = condition(rows, scale(), STRUCTURE)
    np.testing.assert_allclose(found.mean, means, rtol=1e-6)
    np.testing.assert_allclose(variances(found), spread, rtol=1e-6)
