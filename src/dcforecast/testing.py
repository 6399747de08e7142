"""The contract of a forecaster as a test that anyone's model can take."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.exceptions import NotFittedError

from dcforecast.errors import UserError
from dcforecast.models.base import Ability, Forecaster, future_index

__all__ = ["CHECKS", "check_forecaster"]

_LEVELS = (0.05, 0.1, 0.5, 0.9, 0.95)


def _series(count: int = 72, freq: str = "M") -> pd.Series:
    rng = np.random.default_rng(11)
    t = np.arange(count)
    season = 12 if freq == "M" else 4
    values = 500 + t + 60 * np.sin(2 * np.pi * t / season) + rng.normal(0, 8, count)
    return pd.Series(values, index=pd.period_range("2015-01", periods=count, freq=freq), name="y")


def _same(a: pd.DataFrame, b: pd.DataFrame, rtol: float = 1e-9) -> None:
    pd.testing.assert_frame_equal(a, b, rtol=rtol, check_freq=False)


def check_clone(model: Forecaster) -> None:
    """A clone has equal parameters and is not fitted."""
    copy = model.clone()
    if copy.get_params() != model.get_params():
        raise AssertionError("clone() changes parameters")
    try:
        copy.predict(1)
    except NotFittedError:
        return
    raise AssertionError("predict before fit must raise NotFittedError")


def check_parameters(model: Forecaster) -> None:
    """The parts of scikit-learn's ``check_estimator`` that hold for a forecaster.

    Parameters are stored as given, read and set by name, and nothing else happens in
    ``__init__``.  The other checks want ``fit(X, y)`` on a table of independent rows.
    """
    from sklearn.utils import estimator_checks

    name = type(model).__name__
    estimator_checks.check_get_params_invariance(name, model)
    estimator_checks.check_set_params(name, model)
    estimator_checks.check_no_attributes_set_in_init(name, model)
    estimator_checks.check_estimator_repr(name, model)


def check_fit_is_repeatable(model: Forecaster) -> None:
    """Fitting twice gives what fitting once gives, and predictions repeat."""
    y = _series()
    once = model.clone().fit(y)
    first = once.predict(6, quantiles=_LEVELS)
    _same(first, once.predict(6, quantiles=_LEVELS))
    _same(first, once.fit(y).predict(6, quantiles=_LEVELS))
    drawn = once.sample(6, 20, random_state=3)
    np.testing.assert_array_equal(drawn, once.sample(6, 20, random_state=3))
    if drawn.shape != (20, 6):
        raise AssertionError(f"sample returned shape {drawn.shape}, not (n, horizon)")


def check_future_is_not_seen(model: Forecaster) -> None:
    """Rows after the origin cannot change a forecast made before them."""
    y = _series()
    changed = y.copy()
    changed.iloc[-12:] *= 3
    before, after = y.iloc[:-12], changed.iloc[:-12]
    _same(model.clone().fit(before).predict(4), model.clone().fit(after).predict(4))


def check_index_and_quantiles(model: Forecaster) -> None:
    """The index holds the next periods, and quantiles rise."""
    y = _series()
    for series in (y, y.to_timestamp()):
        found = model.clone().fit(series).predict(5, quantiles=_LEVELS)
        if list(found.columns) != ["mean", "q050", "q100", "q500", "q900", "q950"]:
            raise AssertionError(f"columns are {list(found.columns)}")
        if type(found.index) is not type(series.index) or found.index[0] <= series.index[-1]:
            raise AssertionError("the index must hold the periods after the series, of its type")
        if not np.isfinite(found.to_numpy()).all():
            raise AssertionError("forecasts must be finite")
        if (np.diff(found.iloc[:, 1:].to_numpy(), axis=1) < -1e-9).any():
            raise AssertionError("quantiles cross")


def check_hard_series(model: Forecaster) -> None:
    """Constant, negative, tiny, huge and short series are forecast, or refused by name."""
    y = _series(48)
    hard = {
        "constant": y * 0 + 5.0,
        "zero": y * 0.0,
        "negative": -y,
        "huge": y * 1e9,
        "tiny": y * 1e-9,
        "short": y.iloc[:8],
        "very short": y.iloc[:2],
        "gap": y.mask(np.arange(len(y)) == 20),
    }
    names = (type(model).__name__, str(getattr(model, "regressor", "")).rpartition(".")[2])
    for name, series in hard.items():
        try:
            found = model.clone().fit(series).predict(3, quantiles=_LEVELS)
        except UserError as error:
            if not any(one and one in error.message for one in names):
                raise AssertionError(f"{name} series: '{error}' does not name the model") from error
            continue
        if not np.isfinite(found.to_numpy()).all():
            raise AssertionError(f"{name} series: the forecast is not finite")


def check_update(model: Forecaster) -> None:
    """Updating with new periods moves the origin and equals a refit, or is near it if rolled."""
    y = _series()
    rolls = Ability.ROLL_FORWARD in model.supports
    for X in _with_and_without_regressors(model, y):
        fitted = model.clone().fit(y.iloc[:-6], _cut(X, 0, -6))
        before = fitted.predict(3, _cut(X, -6, -3), quantiles=_LEVELS)
        if rolls:
            vars(fitted).update(fit=_refused, _fit=_refused)
        fitted.update(y.iloc[-6:], _cut(X, -6, len(y)))
        ahead = None if X is None else _regressors(_ahead(y, 3))
        found = fitted.predict(3, ahead, quantiles=_LEVELS)
        if found.index[0] != y.index[-1] + 1:
            raise AssertionError("update() must move the origin to the end of the new periods")
        refit = model.clone().fit(y, X).predict(3, ahead, quantiles=_LEVELS)
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
    y = _series()
    for X in _with_and_without_regressors(model, y):
        older = model.clone().fit(y.iloc[:-14], _cut(X, 0, -14))
        near, new = _cut(X, -14, -10), _cut(X, -14, len(y))
        before = older.predict(4, near, quantiles=_LEVELS), older.sample(4, 9, near, 1)
        once = copy.copy(older).update(y.iloc[-14:], new)
        bit = copy.copy(older)
        for first, last in ((-14, -13), (-13, -6), (-6, len(y))):
            bit.update(y.iloc[first:last], _cut(X, first, last))
        ahead = None if X is None else _regressors(_ahead(y, 4))
        whole, parts = (one.predict(4, ahead, quantiles=_LEVELS) for one in (once, bit))
        np.testing.assert_allclose(
            parts, whole, rtol=1e-6, err_msg="update() in parts differs from one update"
        )
        other = copy.copy(older).update(1.3 * y.iloc[-14:], new).predict(4, ahead)
        if np.allclose(other["mean"], whole["mean"]):
            raise AssertionError("update() takes no notice of the values of the new periods")
        message = "update() of a copy changes what the older model forecasts"
        np.testing.assert_array_equal(
            older.predict(4, near, quantiles=_LEVELS), before[0], err_msg=message
        )
        np.testing.assert_array_equal(older.sample(4, 9, near, 1), before[1], err_msg=message)


def check_many_origins(model: Forecaster) -> None:
    """Forecasts from many origins are those of a model updated to each, and see its past alone."""
    y = _series()
    starts = [60, 63, 66]
    fitted = model.clone().fit(y.iloc[:60])
    together = fitted.forecasts(y, starts, 3, quantiles=_LEVELS)
    one = model.clone().fit(y.iloc[:60])
    one.update(y.iloc[60:63])
    alone = one.predict(3, quantiles=_LEVELS).to_numpy()
    np.testing.assert_allclose(together[1], alone, rtol=1e-9)
    changed = y.copy()
    changed.iloc[63:] *= 3
    again = fitted.forecasts(changed, starts, 3, quantiles=_LEVELS)
    np.testing.assert_allclose(again[:2], together[:2], rtol=1e-9)


def check_many_series(model: Forecaster) -> None:
    """A model of many series forecasts each at its own size; any other says that it is none."""
    y = _series()
    panel = {"one": y, "other": 40.0 * y.iloc[::-1].set_axis(y.index)}
    try:
        fitted = model.clone().fit_many(panel)
    except UserError:
        if Ability.MANY in model.supports:
            raise
        return
    if Ability.MANY not in model.supports:
        raise AssertionError("a model with fit_many declares Ability.MANY")
    for name, series in panel.items():
        found = fitted[name].predict(3)["mean"]
        if not found.between(0.5 * series.min(), 1.5 * series.max()).all():
            raise AssertionError(f"the forecast of '{name}' is not of its size")


def check_another_process(model: Forecaster) -> None:
    """A process of one thread gives the numbers that this one gives."""
    from dcforecast.compute import Failure, Pool
    from dcforecast.config.compute import ComputeSettings

    y = _series()
    pool = Pool(ComputeSettings(name="local", kind="local", workers=1))
    (found,) = pool.map(_predicted, [(model, y)])
    if isinstance(found, Failure):
        message = f"the model fails in another process: {found.message}"
        raise AssertionError(message)  # noqa: TRY004  (a contract that does not hold)
    _same(found, _predicted((model, y)))


def _predicted(task: tuple[Forecaster, pd.Series]) -> pd.DataFrame:
    return task[0].clone().fit(task[1]).predict(3, quantiles=_LEVELS)


def _regressors(y: pd.Series) -> pd.DataFrame:
    waves = np.cos(np.arange(len(y)) * 0.7)
    return pd.DataFrame({"x": waves}, index=y.index)


def _with_and_without_regressors(
    model: Forecaster, y: pd.Series
) -> tuple[pd.DataFrame | None, ...]:
    return (None, _regressors(y)) if Ability.EXOGENOUS in model.supports else (None,)


def _ahead(y: pd.Series, horizon: int) -> pd.Series:
    return pd.Series(0.0, index=future_index(y.index, horizon))


def _cut(X: pd.DataFrame | None, first: int, last: int) -> pd.DataFrame | None:
    return None if X is None else X.iloc[first:last]


CHECKS: tuple[Callable[[Forecaster], None], ...] = (
    check_clone,
    check_parameters,
    check_fit_is_repeatable,
    check_future_is_not_seen,
    check_index_and_quantiles,
    check_hard_series,
    check_update,
    check_updates_add_up,
    check_many_origins,
    check_many_series,
    check_another_process,
)


def check_forecaster(model: Forecaster) -> None:
    """Run every check of the contract on a model.

    Parameters
    ----------
    model : Forecaster
        Not fitted; it is cloned for each check.

    Raises
    ------
    AssertionError
        Says which part of the contract does not hold, and why.

    Examples
    --------
    >>> from dcforecast.models import create
    >>> from dcforecast.testing import check_forecaster
    >>> check_forecaster(create("seasonal_naive"))
    """
    for check in CHECKS:
        try:
            check(model)
        except Exception as error:  # whatever it does, it is the contract that is broken
            promise = (check.__doc__ or check.__name__).partition("\n")[0]
            kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
            reason = f"{type(model).__name__}: {promise}\n  {kind}{str(error).strip()}"
            raise AssertionError(reason) from error
