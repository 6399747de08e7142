"""Exponential smoothing with automatic form, by a compiled likelihood of our own."""

from __future__ import annotations

from itertools import product
from typing import ClassVar, NamedTuple

import numpy as np

from dcforecast.models.base import Ability, Forecaster
from dcforecast.models.season import repeated, seasonal_effects
from dcforecast.models.short_record import drawn_noise

__all__ = ["AutoETS"]

#: Smoothing weights keep so far from 0 and 1; bounds of the damping.
_MARGIN, _PHI = 1e-4, (0.8, 0.98)
#: Steps that tell forms apart; the best forms then descend to the end.
_TRIAL_STEPS = 30


class Form(NamedTuple):
    """Error, trend and season of a model: ``relative`` is multiplicative error."""

    relative: bool
    trend: bool
    damped: bool
    season: int

    @property
    def name(self) -> str:
        """Its name in the taxonomy, for example ``M,Ad,M``."""
        trend = "N" if not self.trend else "Ad" if self.damped else "A"
        return f"{'AM'[self.relative]},{trend},{'NAM'[self.season]}"

    def size(self, period: int) -> int:
        """Parameters and first states that are estimated, with the error's variance."""
        return 3 + 2 * self.trend + self.damped + (period if self.season else 0)


class AutoETS(Forecaster):
    """Exponential smoothing whose form is chosen by AICc among the stable ones.

    Error additive or multiplicative, trend none, additive or damped, season none, additive or
    multiplicative; additive errors with a multiplicative season are left out as unstable, and
    multiplicative forms need positive values (Hyndman et al. 2008, chapters 2 and 5).  Paths draw
    the variance of the noise too.

    Parameters
    ----------
    season_length : int, optional
        Periods of a season; by the series' step when None.
    transform : {"log", "none"}
        Scale of the model.
    trends : sequence of str
        Trends to choose from: ``none``, ``add``, ``damped``.
    keep : int
        Forms that are estimated in full: the best by AICc with the first states held.
    """

    supports: ClassVar[frozenset[Ability]] = frozenset({Ability.ROLL_FORWARD})
    min_values: ClassVar[int] = 6
    transforms: ClassVar[tuple[str, ...]] = ("log", "none")

    def __init__(
        self,
        season_length: int | None = None,
        transform: str = "none",
        trends: tuple[str, ...] = ("none", "add", "damped"),
        keep: int = 4,
    ) -> None:
        self.season_length = season_length
        self.transform = transform
        self.trends = trends
        self.keep = keep

    def _forms(self, values: np.ndarray) -> list[Form]:
        positive = values.min() > 0.01 * np.median(np.abs(values))
        seasons = (0, 1, 2) if self.season_ > 1 else (0,)
        found = [
            Form(relative, trend != "none", trend == "damped", season)
            for relative, trend, season in product((False, True), self.trends, seasons)
            if (positive or not relative) and (relative or season < 2)
        ]
        few = [f for f in found if f.size(self.season_) < len(values) - 1]
        return few or [Form(relative=False, trend=False, damped=False, season=0)]

    def _fit(self, values: np.ndarray, X: np.ndarray | None) -> None:  # noqa: ARG002
        screened = []
        for form in self._forms(values):
            start, low, high = _start(values, self.season_, form)
            held = np.arange(len(start)) >= 4
            box = np.where(held, start, low), np.where(held, start, high)
            point, loss = _minimise(values, self.season_, form, start, *box, trial=True)
            screened.append((self._aicc(loss, form), form, point, low, high))
        screened.sort(key=lambda one: one[0])
        fits = []
        for _, form, start, low, high in screened[: self.keep]:
            point, loss = _minimise(values, self.season_, form, start, low, high)
            fits.append((self._aicc(loss, form), form, point))
        _, self.form_, point = min(fits, key=lambda one: one[0])
        self.point_ = _whole(point, self.season_, self.form_)
        self._roll(values)
        self.freedom_ = max(len(values) - self.form_.size(self.season_) + 1, 1)
        self.sigma_ = float(np.sqrt((self.errors_**2).sum() / self.freedom_))

    def _aicc(self, loss: float, form: Form) -> float:
        k, n = form.size(self.season_), len(self.values_)
        return loss + 2 * k + 2 * k * (k + 1) / max(n - k - 1, 0.5)

    def _roll(self, values: np.ndarray) -> None:
        from dcforecast.models import ets_kernel

        f = self.form_
        _, self.errors_, self.state_ = ets_kernel.smooth(
            self.point_, values, self.season_, f.relative, f.season
        )

    def _sample(
        self,
        horizon: int,
        n: int,
        rng: np.random.Generator,
        X: np.ndarray | None,  # noqa: ARG002
    ) -> np.ndarray:
        from dcforecast.models import ets_kernel

        f, count = self.form_, len(self.values_)
        noise = drawn_noise(self.sigma_, self.freedom_, n, horizon, rng)
        return np.asarray(
            ets_kernel.walk(
                self.point_, self.state_, count, noise, self.season_, f.relative, f.season
            )
        )


def _minimise(
    values: np.ndarray,
    period: int,
    form: Form,
    start: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    *,
    trial: bool = False,
) -> tuple[np.ndarray, float]:
    """Descend to the least loss of a form; on trial only as far as tells forms apart."""
    from dcforecast.models import ets_kernel
    from dcforecast.models.descent import MOST_STEPS

    steps = _TRIAL_STEPS if trial else MOST_STEPS
    data = (values, period, form.relative, form.season)
    return ets_kernel.descend(start, low, high, steps, data)


def _whole(point: np.ndarray, period: int, form: Form) -> np.ndarray:
    """Return the point with the last seasonal effect, which the others settle."""
    out = point.copy()
    if form.season:
        rest = out[6:-1].sum()
        out[-1] = period - rest if form.season == 2 else -rest
    return out


def _start(
    values: np.ndarray, period: int, form: Form
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return first point, lower and upper bounds of a form."""
    effects = np.zeros(period)
    if form.season:
        effects = seasonal_effects(values, period, multiply=form.season == 2)
    turns = repeated(effects, len(values))
    plain = values / turns if form.season == 2 else values - turns
    count = min(max(10, period), len(plain))
    slope, level = np.polyfit(np.arange(1, count + 1), plain[:count], 1)
    if not form.trend:
        slope, level = 0.0, float(plain[:count].mean())
    spread = float(np.abs(values).max() + np.ptp(values)) + 1e-6
    start = np.concatenate([[0.3, 0.1, 0.05, 0.95, level, slope], effects])
    low = np.concatenate([[_MARGIN] * 3, [_PHI[0], -3 * spread, -spread], effects * 0 - spread])
    high = np.concatenate([[1 - _MARGIN] * 3, [_PHI[1], 3 * spread, spread], effects * 0 + spread])
    if form.relative:
        low[4] = 1e-3 * abs(level)
    if form.season == 2:
        low[6:], high[6:] = 0.01, float(period)
    held = np.zeros(len(start), bool)
    held[-1] = True  # settled by the others
    if not form.season:
        start[2], held[2], held[6:] = 0.0, True, True
    if not form.trend:
        start[1], held[1], held[5] = 0.0, True, True
    if not form.damped:
        start[3], held[3] = 1.0, True
    return start, np.where(held, start, low), np.where(held, start, high)
