"""What a day-ahead model learned for one horizon: equations, and errors of one size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np

from dcforecast.models.conformal import widening
from dcforecast.models.day_kinds import KindSizes

__all__ = ["Solved", "Window", "mean_forecast"]


class Window(Protocol):
    """What one window taught."""

    def forecast(self, inputs: np.ndarray) -> np.ndarray:
        """Return the forecast of rows of inputs."""
        ...


@dataclass(frozen=True)
class Solved:
    """Equations of one horizon from one hour of the day.

    Attributes
    ----------
    windows : tuple
        One set of equations a window.
    errors : ndarray of shape (days, steps)
        Errors of past days, each over the size of its kind of day.
    sizes : ndarray of shape (kinds,)
        Sizes of errors on kinds of days ahead.
    """

    windows: tuple[Window, ...]
    errors: np.ndarray
    sizes: np.ndarray

    @classmethod
    def of(
        cls,
        windows: Sequence[Window],
        errors: np.ndarray,
        newest: np.ndarray | None,
        kinds: np.ndarray,
        season: int,
    ) -> Self:
        """Bring errors to one size, as wide as those of the newest days when these are held out.

        Parameters
        ----------
        windows, season
            Equations, and steps of a day.
        errors, newest : ndarray of shape (days, steps)
            Errors of days left out one by one, and of held-out days if there are any.
        kinds : ndarray of shape (days, steps)
            Kinds of days, of which those of `errors` and `newest` are the last.
        """
        errors = errors - np.median(errors, axis=0)
        past = kinds[-len(errors) :]
        sizes = KindSizes.of(errors, past, season)
        errors = errors / sizes.past[past]
        if newest is not None:
            errors = errors * widening(errors, newest / sizes.ahead[kinds[-len(newest) :]])
        return cls(tuple(windows), errors, sizes.ahead)

    def forecast(self, inputs: np.ndarray) -> np.ndarray:
        """Return the mean of all windows."""
        return mean_forecast(self.windows, inputs)


def mean_forecast(windows: Sequence[Window], inputs: np.ndarray) -> np.ndarray:
    """Return the mean of the forecasts of all windows."""
    return np.asarray(np.mean([one.forecast(inputs) for one in windows], axis=0))
