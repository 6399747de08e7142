"""What all models share beside the contract: abilities and quiet fitting."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

__all__ = ["Ability", "quiet"]


@contextmanager
def quiet() -> Iterator[None]:
    """Keep statsmodels' warnings back: convergence is judged by the score of the result."""
    from statsmodels.tools.sm_exceptions import ModelWarning

    # For good, not for the block alone: worker threads restore each other's filters.
    warnings.simplefilter("ignore", ModelWarning)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


class Ability(StrEnum):
    """What a model can take or give."""

    EXOGENOUS = "exogenous"
    MISSING = "missing values"
    ROLL_FORWARD = "roll forward without refit"
    LOCK_STEP = "many origins at once"
    MANY = "many series in one model"
