"""What a fitted model promises: parameters, repeatable forecasts, quantiles in order."""

from __future__ import annotations

import numpy as np
from sklearn.exceptions import NotFittedError

from dcforecast.errors import UserError
from dcforecast.models.base import Forecaster
from dcforecast.testing.records import LEVELS, made_series, same

__all__ = [
    "check_clone",
    "check_fit_is_repeatable",
    "check_hard_series",
    "check_index_and_quantiles",
    "check_parameters",
    "check_paths_have_the_quantiles",
]

#: How far shares of 2,000 paths may lie from levels: quantiles come from draws themselves.
_SHARE = 0.07


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
    once = model.clone().fit(made_series())
    first = once.predict(6, quantiles=LEVELS)
    same(first, once.predict(6, quantiles=LEVELS))
    same(first, once.fit(made_series()).predict(6, quantiles=LEVELS))
    drawn = once.sample(6, 20, random_state=3)
    np.testing.assert_array_equal(drawn, once.sample(6, 20, random_state=3))
    if drawn.shape != (20, 6):
        raise AssertionError(f"sample returned shape {drawn.shape}, not (n, horizon)")


def check_index_and_quantiles(model: Forecaster) -> None:
    """The index holds the next periods, and quantiles rise."""
    y = made_series()
    for series in (y, y.to_timestamp()):
        found = model.clone().fit(series).predict(5, quantiles=LEVELS)
        if list(found.columns) != ["mean", "q050", "q100", "q500", "q900", "q950"]:
            raise AssertionError(f"columns are {list(found.columns)}")
        if type(found.index) is not type(series.index) or found.index[0] <= series.index[-1]:
            raise AssertionError("the index must hold the periods after the series, of its type")
        if not np.isfinite(found.to_numpy()).all():
            raise AssertionError("forecasts must be finite")
        if (np.diff(found.iloc[:, 1:].to_numpy(), axis=1) < -1e-9).any():
            raise AssertionError("quantiles cross")


def check_paths_have_the_quantiles(model: Forecaster) -> None:
    """Sample paths have the quantiles that are forecast, at each step."""
    fitted = model.clone().fit(made_series())
    quantiles = fitted.predict(6, quantiles=LEVELS).iloc[:, 1:].to_numpy()
    paths = fitted.sample(6, 2000, random_state=5)
    below = (paths[:, :, None] <= quantiles).mean(axis=0)
    off = np.abs(below - LEVELS)
    if off.max() > _SHARE:
        step, place = np.unravel_index(off.argmax(), off.shape)
        raise AssertionError(
            f"{below[step, place]:.0%} of the paths lie below the {LEVELS[place]:.0%} quantile "
            f"of step {step + 1}"
        )


def check_hard_series(model: Forecaster) -> None:
    """Constant, negative, tiny, huge and short series are forecast, or refused by name."""
    y = made_series(48)
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
            found = model.clone().fit(series).predict(3, quantiles=LEVELS)
        except UserError as error:
            if not any(one and one in error.message for one in names):
                raise AssertionError(f"{name} series: '{error}' does not name the model") from error
            continue
        if not np.isfinite(found.to_numpy()).all():
            raise AssertionError(f"{name} series: the forecast is not finite")
