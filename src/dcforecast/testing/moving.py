"""What a model promises when new periods come: no look ahead, update near a refit."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from dcforecast.models.base import Ability, Forecaster
from dcforecast.testing.records import (
    LEVELS,
    cut,
    made_regressors,
    made_series,
    periods_ahead,
    same,
    with_and_without_regressors,
)

__all__ = [
    "check_future_is_not_seen",
    "check_many_origins",
    "check_update",
    "check_updates_add_up",
]


def check_future_is_not_seen(model: Forecaster) -> None:
    """Rows after the origin cannot change a forecast made before them."""
    y = made_series()
    for X in with_and_without_regressors(model, y):
        found = []
        for factor in (1.0, 3.0):
            whole = y.copy()
            whole.iloc[-12:] *= factor
            # As in a backtest, which lets a model prepare the whole series once.
            one = model.clone()
            one.using(one.prepare(whole, X, 4))
            one.fit(whole.iloc[:-12], cut(X, 0, -12))
            found.append(one.predict(4, cut(X, -12, -8), quantiles=LEVELS))
        same(found[0], found[1])


def check_update(model: Forecaster) -> None:
    """Updating with new periods moves the origin and equals a refit, or is near it if rolled."""
    y = made_series()
    rolls = Ability.ROLL_FORWARD in model.supports
    for X in with_and_without_regressors(model, y):
        fitted = model.clone().fit(y.iloc[:-6], cut(X, 0, -6))
        before = fitted.predict(3, cut(X, -6, -3), quantiles=LEVELS)
        if rolls:
            vars(fitted).update(fit=_refused, _fit=_refused)
        fitted.update(y.iloc[-6:], cut(X, -6, len(y)))
        ahead = None if X is None else made_regressors(periods_ahead(y, 3))
        found = fitted.predict(3, ahead, quantiles=LEVELS)
        if found.index[0] != y.index[-1] + 1:
            raise AssertionError("update() must move the origin to the end of the new periods")
        refit = model.clone().fit(y, X).predict(3, ahead, quantiles=LEVELS)
        np.testing.assert_allclose(
            found["mean"], refit["mean"], rtol=0.1 if rolls else 1e-9,
            err_msg="update() is far from a refit",
        )  # fmt: skip
        # A refit may learn other widths, as from other held-out ends: a roll keeps its own.
        width, *near = (float((one["q950"] - one["q050"]).sum()) for one in (found, before, refit))
        if not 0.5 * min(near) <= width <= 2.0 * max(near):
            raise AssertionError(f"widths of intervals are {width:g}, before and of a refit {near}")


def _refused(*arguments: Any) -> None:  # noqa: ARG001
    raise AssertionError("a model with Ability.ROLL_FORWARD is fitted again by update()")


def check_updates_add_up(model: Forecaster) -> None:
    """An update in parts equals one of all; it counts; older copies forecast as before."""
    y = made_series()
    for X in with_and_without_regressors(model, y):
        older = model.clone().fit(y.iloc[:-14], cut(X, 0, -14))
        near, new = cut(X, -14, -10), cut(X, -14, len(y))
        before = older.predict(4, near, quantiles=LEVELS), older.sample(4, 9, near, 1)
        once = copy.copy(older).update(y.iloc[-14:], new)
        bit = copy.copy(older)
        for first, last in ((-14, -13), (-13, -6), (-6, len(y))):
            bit.update(y.iloc[first:last], cut(X, first, last))
        ahead = None if X is None else made_regressors(periods_ahead(y, 4))
        whole, parts = (one.predict(4, ahead, quantiles=LEVELS) for one in (once, bit))
        np.testing.assert_allclose(
            parts, whole, rtol=1e-6, err_msg="update() in parts differs from one update"
        )
        other = copy.copy(older).update(1.3 * y.iloc[-14:], new).predict(4, ahead)
        if np.allclose(other["mean"], whole["mean"]):
            raise AssertionError("update() takes no notice of the values of the new periods")
        message = "update() of a copy changes what the older model forecasts"
        np.testing.assert_array_equal(
            older.predict(4, near, quantiles=LEVELS), before[0], err_msg=message
        )
        np.testing.assert_array_equal(older.sample(4, 9, near, 1), before[1], err_msg=message)


def check_many_origins(model: Forecaster) -> None:
    """Forecasts from many origins are those of a model updated to each, and see its past alone."""
    y = made_series()
    starts = [60, 63, 66]
    fitted = model.clone().fit(y.iloc[:60])
    together = fitted.forecasts(y, starts, 3, quantiles=LEVELS)
    one = model.clone().fit(y.iloc[:60])
    one.update(y.iloc[60:63])
    alone = one.predict(3, quantiles=LEVELS).to_numpy()
    np.testing.assert_allclose(together[1], alone, rtol=1e-9)
    changed = y.copy()
    changed.iloc[63:] *= 3
    again = fitted.forecasts(changed, starts, 3, quantiles=LEVELS)
    np.testing.assert_allclose(again[:2], together[:2], rtol=1e-9)
