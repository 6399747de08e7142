"""A scikit-learn regressor between scaled inputs and a scaled target."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np

from dcforecast.config.targets import is_allowed
from dcforecast.errors import UserError, choices_text, nearest

__all__ = ["Fitted", "class_of", "estimator", "learn", "quantile_params"]

#: Seed of a regressor that draws and names none: a forecast repeats exactly.
_SEED = 0


def class_of(target: str) -> Any:
    """Return the class a configuration names.

    Raises
    ------
    UserError
        It is not allowed, not there (with the nearest name) or no class of a model.
    """
    if not is_allowed(target):
        raise UserError(f"model._target_={target} is not allowed",
                        "allowed_targets.yaml lists what is")  # fmt: skip
    module, _, name = target.rpartition(".")
    try:
        place = import_module(module)
    except ImportError as error:
        raise UserError(f"model._target_={target}: there is no module '{module}'") from error
    cls = getattr(place, name, None)
    if cls is None:
        close = nearest(name, getattr(place, "__all__", dir(place)))
        hint = f"did you mean '{module}.{close}'?" if close else None
        raise UserError(f"model._target_={target}: there is no such class", hint)
    # A function would be called with what the configuration says; some delete folders.
    if not (isinstance(cls, type) and (hasattr(cls, "get_params") or hasattr(cls, "predict"))):
        raise UserError(f"model._target_={target} is no class of a model")
    return cls


#: Looked up once: an estimator is made at every fit.
_class = lru_cache(maxsize=32)(class_of)


def estimator(target: str, params: Mapping[str, Any]) -> Any:
    """Make an estimator and those among its parameters, as the steps of a pipeline.

    Parameters
    ----------
    target : str
        Its class.
    params : mapping
        Its parameters; ``{_target_: CLASS, ...}`` in any of them, or in a list of them, is made
        as well.

    Raises
    ------
    UserError
        A class that is not allowed or not there, or that has no such parameter.
    """
    cls = _class(target)
    known = [name for name in inspect.signature(cls).parameters if name != "self"]
    given = {str(name): _inner(value) for name, value in params.items()}
    for name in given:
        if name not in known:
            raise UserError(f"{target} has no parameter '{name}'", choices_text(name, known))
    seed = {"random_state": _SEED} if "random_state" in known else {}
    return cls(**{**seed, **given})


def _inner(value: Any) -> Any:
    if isinstance(value, Mapping):
        if "_target_" in value:
            rest = {name: one for name, one in value.items() if name != "_target_"}
            return estimator(str(value["_target_"]), rest)
        return {name: _inner(one) for name, one in value.items()}
    return [_inner(one) for one in value] if isinstance(value, list) else value


@contextmanager
def _named(model: Any) -> Iterator[None]:
    """Say whose complaint it is; convergence is judged by the score of the forecasts."""
    from sklearn.exceptions import ConvergenceWarning

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            yield
    except UserError:
        raise
    except (ValueError, TypeError) as error:
        reason = str(error).strip().splitlines()[0]
        raise UserError(f"{type(model).__name__}: {reason}") from error


@dataclass(frozen=True)
class Fitted:
    """A regressor between scaled inputs and a scaled target."""

    model: Any
    inputs: tuple[np.ndarray, np.ndarray] | None
    target: tuple[Any, Any]

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Return the target of each row, unscaled."""
        if self.inputs is not None:
            features = (features - self.inputs[0]) / self.inputs[1]
        if features.shape[1] == 0:
            features = np.zeros((len(features), 1))
        with _named(self.model):
            found = self.model.predict(features)
        return np.asarray(found * self.target[1] + self.target[0])


def learn(
    regressor: str,
    params: Mapping[str, Any],
    features: np.ndarray,
    target: np.ndarray,
    weights: np.ndarray | None,
    *,
    scale: bool,
    standard: bool,
) -> Fitted:
    """Fit a regressor.

    Parameters
    ----------
    regressor, params : str, mapping
        Its class and parameters.
    features, target : ndarray of shape (rows, columns), (rows,) or (rows, outputs)
        What it learns from; without columns it sees a column of noughts.
    weights : ndarray of shape (rows,), optional
        Weights of the rows.
    scale, standard : bool
        Whether inputs, and the target, are centred and scaled.

    Raises
    ------
    UserError
        What the regressor complains of, or that it takes no weights.
    """
    inputs = None
    if scale:
        inputs = features.mean(axis=0), features.std(axis=0) + 1e-9
        features = (features - inputs[0]) / inputs[1]
    if features.shape[1] == 0:
        features = np.zeros((len(target), 1))
    middle, spread = 0.0, 1.0
    if standard:
        middle, spread = target.mean(axis=0), target.std(axis=0) + 1e-12
        target = (target - middle) / spread
    model = _made(regressor, params, 1 if target.ndim == 1 else target.shape[1])
    with _named(model):
        model.fit(features, target, **_weighting(regressor, model, weights))
    return Fitted(model, inputs, (middle, spread))


def quantile_params(regressor: str, level: float) -> dict[str, Any]:
    """Return the parameters that make a regressor predict a quantile.

    Raises
    ------
    UserError
        It has no quantiles of its own.
    """
    names = inspect.signature(_class(regressor)).parameters
    loss = {"loss": "quantile"} if "loss" in names else {}
    if "quantile" in names:
        return {**loss, "quantile": level}
    if loss and "alpha" in names:  # gradient boosting of the older kind
        return {**loss, "alpha": level}
    raise UserError(
        f"model.spread=native: {regressor} has no quantiles of its own",
        "hgb and quantile_regression have; model.spread=auto serves any regressor",
    )


def _made(regressor: str, params: Mapping[str, Any], outputs: int) -> Any:
    model = estimator(regressor, params)
    if outputs > 1:
        from sklearn.multioutput import MultiOutputRegressor
        from sklearn.utils import get_tags

        if not get_tags(model).target_tags.multi_output:
            return MultiOutputRegressor(model)
    return model


def _weighting(regressor: str, model: Any, weights: np.ndarray | None) -> dict[str, np.ndarray]:
    from sklearn.utils.validation import has_fit_parameter

    if weights is None:
        return {}
    if not has_fit_parameter(model, "sample_weight"):
        hint = "Leave model.half_life out"
        raise UserError(f"model.half_life: {regressor} takes no weights", hint)
    return {"sample_weight": weights}
