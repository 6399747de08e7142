"""The scale a model works on: values over their size, their logarithm, and the way back."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from dcforecast.errors import UserError, choices_text

__all__ = ["Scaled"]

#: Paths are held within this many times the record's range beyond its ends.
_RUNAWAY = 3.0


class Scaled:
    """A model that works on transformed values of its record.

    Attributes
    ----------
    transforms : tuple of str
        Values that a parameter ``transform`` may have; none are named: the model looks itself.
    """

    transforms: ClassVar[tuple[str, ...]] = ()
    values_: np.ndarray
    scale_: float
    log_: bool

    def _take_scale(self, values: np.ndarray) -> None:
        """Keep the scale of a record, and whether to take logarithms: not near zero."""
        self.scale_ = self._scale(values)
        wanted = self._known_transform() == "log"
        self.log_ = bool(wanted and np.nanmin(values) > 1e-3 * self.scale_)

    def _known_transform(self) -> str:
        """Return the parameter ``transform``, refused if it means nothing to the model."""
        given = str(getattr(self, "transform", "none"))
        if self.transforms and given not in self.transforms:
            known = choices_text(given, self.transforms)
            raise UserError(f"{type(self).__name__}: there is no transform '{given}'", known)
        return given

    def _scale(self, values: np.ndarray) -> float:
        """Return what values are divided by."""
        return float(np.nanmedian(np.abs(values))) or 1.0

    def _forward(self, values: np.ndarray) -> np.ndarray:
        scaled = values / self.scale_
        return np.log(np.maximum(scaled, 1e-6)) if self.log_ else scaled

    def _backward(self, values: np.ndarray) -> np.ndarray:
        return self._held(values, float(np.nanmin(self.values_)), float(np.nanmax(self.values_)))

    def _held(
        self, values: np.ndarray, low: float | np.ndarray, high: float | np.ndarray
    ) -> np.ndarray:
        """Undo the transform; what is far outside the record (low to high) is held at the rim.

        A path beyond it is a runaway, not a forecast.
        """
        raw = np.exp(np.clip(values, -20.0, 20.0)) if self.log_ else values
        room = _RUNAWAY * np.maximum(high - low, 0.1 * np.abs(high))
        return np.clip(raw * self.scale_, np.minimum(low - room, 0.0), high + room)
