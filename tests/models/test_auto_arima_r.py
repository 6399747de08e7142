"""Automatic ARIMA finds what R's `forecast::auto.arima` finds (R 4.2.2, forecast 8.20)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri, stdtrit

from dcforecast.models import arima_order, create

#: R's data set LakeHuron, 1931 to 1954 [feet].
HURON = [
    577.38, 576.9, 576.94, 576.24, 576.84, 576.85, 576.9, 577.79, 578.18, 577.51, 577.23, 578.42,
    579.61, 579.05, 579.26, 579.22, 579.38, 579.1, 577.95, 578.12, 579.75, 580.85, 580.41, 579.96,
]  # fmt: skip
#: R's data set WWWusage, the first 40 minutes [users].
USERS = [
    88, 84, 85, 85, 84, 85, 83, 85, 88, 89, 91, 99, 104, 112, 126, 138, 146, 151, 150, 148, 147,
    149, 143, 132, 131, 139, 147, 150, 148, 145, 140, 134, 131, 131, 129, 126, 126, 132, 137, 140,
]  # fmt: skip
#: R's data set USAccDeaths, accidental deaths in the USA a month, 1973 to 1978.
DEATHS = [
    9007, 8106, 8928, 9137, 10017, 10826, 11317, 10744, 9713, 9938, 9161, 8927,
    7750, 6981, 8038, 8422, 8714, 9512, 10120, 9823, 8743, 9129, 8710, 8680,
    8162, 7306, 8124, 7870, 9387, 9556, 10093, 9620, 8285, 8466, 8160, 8034,
    7717, 7461, 7767, 7925, 8623, 8945, 10078, 9179, 8037, 8488, 7874, 8647,
    7792, 6957, 7726, 8106, 8890, 9299, 10625, 9302, 8314, 8850, 8265, 8796,
    7836, 6892, 7791, 8192, 9115, 9434, 10484, 9827, 9110, 9070, 8633, 9240,
]  # fmt: skip
#: R's data set AirPassengers, thousands a month, 1949 to 1960.
PASSENGERS = [
    112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118,
    115, 126, 141, 135, 125, 149, 170, 170, 158, 133, 114, 140,
    145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166,
    171, 180, 193, 181, 183, 218, 230, 242, 209, 191, 172, 194,
    196, 196, 236, 235, 229, 243, 264, 272, 237, 211, 180, 201,
    204, 188, 235, 227, 234, 264, 302, 293, 259, 229, 203, 229,
    242, 233, 267, 269, 270, 315, 364, 347, 312, 274, 237, 278,
    284, 277, 317, 313, 318, 374, 413, 405, 355, 306, 271, 306,
    315, 301, 356, 348, 355, 422, 465, 467, 404, 347, 305, 336,
    340, 318, 362, 348, 363, 435, 491, 505, 404, 359, 310, 337,
    360, 342, 406, 396, 420, 472, 548, 559, 463, 407, 362, 405,
    417, 391, 419, 461, 472, 535, 622, 606, 508, 461, 390, 432,
]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "freq", "orders", "aicc", "variance", "mean", "upper80"),
    [
        (HURON, "Y", ((0, 1, 0), (0, 0)), 51.45116284, 0.51301597,
         (579.96, 579.96, 579.96), (580.877913, 581.258125, 581.549872)),
        (USERS, "Y", ((0, 1, 2), (0, 0)), 211.1264097, 11.233554,
         (141.911642, 142.795350, 142.795350), (146.206954, 153.026137, 157.972633)),
        (DEATHS, "M", ((0, 1, 1), (1, 1)), 857.3163507, 102860.27,
         (8336.06127, 7531.82914, 8314.64376), (8747.41049, 8005.19409, 8842.79201)),
        (PASSENGERS, "M", ((2, 1, 1), (1, 0)), 1018.165165, 132.3447494,
         (445.6349014, 420.3949965, 449.1983163), (460.3794548, 437.6992888, 468.6240567)),
    ],
)  # fmt: skip
def test_orders_estimates_and_forecasts_are_those_of_r(
    values: list[float],
    freq: str,
    orders: tuple[tuple[int, ...], tuple[int, ...]],
    aicc: float,
    variance: float,
    mean: tuple[float, ...],
    upper80: tuple[float, ...],
) -> None:
    y = pd.Series(values, pd.period_range("1973-01", periods=len(values), freq=freq), float)
    model = create("auto_arima", averaged=1).fit(y)
    p, d, q = model.form_["order"]
    sp, sd, sq, _ = model.form_["seasonal_order"]
    assert ((p, d, q), (sd, sq)) == orders
    assert sp == 0
    assert model.form_["trend"] is None
    count = len(y) - d - 12 * sd
    constant = count * (1 + np.log(2 * np.pi) + 2 * np.log(model.scale_))
    assert model.chosen_.aicc + constant == pytest.approx(aicc, abs=0.005)
    # R's first errors, those of its diffuse start, count too: values over their prior deviation.
    freedom = count - p - q - sq
    exact = variance - sum(x * x for x in values[: d + 12 * sd]) / 1e6 / freedom
    assert model.result_.params[-1] * model.scale_**2 == pytest.approx(exact, rel=1e-3)
    table = model.predict(3, quantiles=(0.5, 0.9))
    np.testing.assert_allclose(table["q500"], mean, rtol=1e-4)
    # R takes the variance for known: its intervals are normal, ours those of Student's t.
    wider = stdtrit(freedom, 0.9) / ndtri(0.9) * np.sqrt(exact / variance)
    half = table["q900"] - table["q500"]
    np.testing.assert_allclose(half, wider * np.subtract(upper80, mean), rtol=1e-3)


def test_the_walk_begins_with_a_constant_as_that_of_r_does() -> None:
    """ARIMA(0,1,1) has a lower AICc than the random walk R ends at; R never looks at it."""
    w, X = np.diff(HURON), np.zeros((0, len(HURON) - 1))
    found = arima_order.choose(w, X, 1, (False, True), (5, 5, 0, 0))
    assert found[0].order == arima_order.Order(0, 0, 0, 0, constant=False)
    passed_by = arima_order.Order(0, 1, 0, 0, constant=False)
    assert arima_order.fitted(w, X, 1, passed_by).aicc < found[0].aicc - 0.05
