"""The contract of a forecaster as a test that anyone's model can take."""

from __future__ import annotations

from collections.abc import Callable

from dcforecast.models.base import Forecaster
from dcforecast.testing.fitting import (
    check_clone,
    check_fit_is_repeatable,
    check_hard_series,
    check_index_and_quantiles,
    check_parameters,
    check_paths_have_the_quantiles,
)
from dcforecast.testing.moving import (
    check_future_is_not_seen,
    check_many_origins,
    check_update,
    check_updates_add_up,
)
from dcforecast.testing.surroundings import (
    check_another_process,
    check_many_series,
    check_nothing_else_is_changed,
    check_regressors_count,
)

__all__ = ["CHECKS", "check_forecaster"]

CHECKS: tuple[Callable[[Forecaster], None], ...] = (
    check_clone,
    check_parameters,
    check_fit_is_repeatable,
    check_nothing_else_is_changed,
    check_future_is_not_seen,
    check_index_and_quantiles,
    check_paths_have_the_quantiles,
    check_hard_series,
    check_update,
    check_updates_add_up,
    check_many_origins,
    check_many_series,
    check_regressors_count,
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
