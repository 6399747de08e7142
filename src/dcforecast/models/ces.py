"""Complex exponential smoothing with automatic season."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from dcforecast.errors import UserError, choices_text
from dcforecast.models.base import Ability, Forecaster
from dcforecast.models.season import seasonal_effects
from dcforecast.models.short_record import drawn_noise, with_breaks

__all__ = ["CES"]

#: Seasonal forms by name: code in the kernel and estimated weights.
_FORMS = {"none": (0, 2), "simple": (1, 2), "partial": (2, 3), "full": (3, 4)}
#: Bounds of the weights.
_LOW, _HIGH = np.array([0.01, 0.01, 0.01, 0.01]), np.array([1.8, 1.9, 1.5, 1.5])
#: First points; the level's pair, then the season's. The second of a simple season leads other
#: forms off to infinity.
_STARTS: dict[str, list[tuple[float, ...]]] = {
    "none": [(1.3, 1.0)],
    "simple": [(1.3, 1.0), (0.6, 0.9)],
    "partial": [(1.3, 1.0, 0.1)],
    "full": [(1.3, 1.0, 1.3, 1.0)],
}


class CES(Forecaster):
    """Complex exponential smoothing: one form for series with and without a trend.

    A level and an "information potential" are smoothed together by one complex weight, so that
    no trend has to be chosen (Svetunkov, Kourentzes and Ord 2022, Naval Research Logistics 69).
    The season is none, simple (each season a series of its own), partial (one real weight) or
    full (a second complex weight), by AICc. First states come from a pass back over the record;
    a season counts in AICc as its periods less one all the same, as white noise has none then.
    Paths draw the variance of the noise too and widen with the years ahead (`with_breaks`).

    Parameters
    ----------
    season_length : int, optional
        Periods of a season; by the series' step when None.
    transform : {"log", "none"}
        Scale of the model.
    seasons : sequence of str
        Forms to choose from: ``none``, ``simple``, ``partial``, ``full``.
    """

    supports: ClassVar[frozenset[Ability]] = frozenset({Ability.ROLL_FORWARD})
    min_values: ClassVar[int] = 6
    transforms: ClassVar[tuple[str, ...]] = ("log", "none")

    def __init__(
        self,
        season_length: int | None = None,
        transform: str = "none",
        seasons: Sequence[str] = ("none", "simple", "partial", "full"),
    ) -> None:
        self.season_length = season_length
        self.transform = transform
        self.seasons = seasons

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:  # noqa: ARG002
        unknown = [one for one in self.seasons if one not in _FORMS]
        if unknown or not self.seasons:
            found = unknown[0] if unknown else ""
            raise UserError(f"CES: seasons={found}: unknown", choices_text(found, _FORMS))
        forms = self.seasons if self.season_ > 1 else ("none",)
        self.effects_ = np.zeros(self.season_)
        if self.season_ > 1:
            self.effects_ = seasonal_effects(values, self.season_, multiply=False)
        fits = [(name, *self._estimate(values, name)) for name in forms]
        self.form_, self.point_, _ = min(fits, key=lambda fit: self._aicc(fit[2], fit[0]))
        self.code_, weights = _FORMS[self.form_]
        self._roll(values)
        self.freedom_ = max(len(values) - 1 - weights, 1)
        self.sigma_ = float(np.sqrt((self.errors_**2).sum() / self.freedom_))

    def _aicc(self, loss: float, form: str) -> float:
        """Return AICc by the weights, seasonal effects and the variance of a form."""
        code, weights = _FORMS[form]
        k, n = weights + 1 + (self.season_ - 1 if code else 0), len(self.values_)
        return loss + 2 * k * n / max(n - k - 1, 0.5)

    def _estimate(self, values: np.ndarray, form: str) -> tuple[np.ndarray, float]:
        from dcforecast.models import ces_kernel
        from dcforecast.models.descent import MOST_STEPS

        code, count = _FORMS[form]
        data = (self._first(values, code), values, self.season_, code)
        found = []
        for known in _STARTS[form]:
            start = np.array([*known, *[0.0] * (4 - count)])
            held = np.arange(4) >= count
            box = np.where(held, start, _LOW), np.where(held, start, _HIGH)
            found.append(ces_kernel.descend(start, *box, MOST_STEPS, data))
        return min(found, key=lambda one: one[1])

    def _first(self, values: np.ndarray, code: int) -> np.ndarray:
        """Return the state before the first pass; it is all but forgotten after three."""
        period = self.season_
        mean = float(values[: max(10, period) if code == 0 else period].mean())
        pair = np.array([mean, mean / 1.1])
        parts = np.zeros(period) if code == 0 else self.effects_
        if code == 1:
            parts = values[:period]
        return np.concatenate([pair, parts, parts / 1.1])

    def _roll(self, values: np.ndarray) -> None:
        from dcforecast.models import ces_kernel

        first = self._first(values, self.code_)
        _, self.errors_, self.state_ = ces_kernel.smooth(
            self.point_, first, values, self.season_, self.code_
        )

    def _sample(
        self,
        horizon: int,
        n: int,
        rng: np.random.Generator,
        X: np.ndarray | None,  # noqa: ARG002
    ) -> np.ndarray:
        from dcforecast.models import ces_kernel

        noise = drawn_noise(self.sigma_, self.freedom_, n, horizon, rng)
        paths = ces_kernel.walk(
            self.point_, self.state_, len(self.values_), noise, self.season_, self.code_
        )
        return with_breaks(np.asarray(paths), self.index_)
