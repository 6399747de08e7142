"""The monthly history as it can be known from the figures published by a date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from dcforecast.config.history import HistorySettings
from dcforecast.errors import UserError
from dcforecast.history.figures import last_month, relevant, usable
from dcforecast.history.posterior import Posterior, Scale, condition, rates
from dcforecast.history.settle import settle
from dcforecast.history.spreads import estimate
from dcforecast.history.structure import AZERBAIJAN, COUNTRY, Structure
from dcforecast.history.temperature import degrees

__all__ = ["History", "reconstruct"]

#: Standardised leave-one-out misfit above which a figure's error is widened.
_MISFIT = 4.0
#: Days of a mean month.
_DAYS = 365.25 / 12


@dataclass(frozen=True)
class History:
    """A monthly history with its uncertainty, as known at one date.

    Attributes
    ----------
    vintage : pandas.Timestamp
        Date of the newest figure used.
    months : pandas.PeriodIndex
        Months covered; those after the last figure are a nowcast.
    posterior : Posterior
        Joint Gaussian of the parts.
    figures : pandas.DataFrame
        Figures used, with their errors.
    structure : Structure
        Parts, sums, scopes and the priors as estimated.
    """

    vintage: pd.Timestamp
    months: pd.PeriodIndex
    posterior: Posterior
    figures: pd.DataFrame
    structure: Structure = AZERBAIJAN

    def _weights(self, name: str) -> np.ndarray:
        if name not in self.structure.known:
            there = ", ".join(self.structure.series)
            raise UserError(f"the history has no series '{name}'", f"There is: {there}")
        return self.structure.row(name)

    def monthly(self, name: str) -> pd.Series:
        """Return the mean of a series [GWh a month]."""
        return pd.Series(self._weights(name) @ self.posterior.mean, index=self.months, name=name)

    def sd(self, name: str) -> pd.Series:
        """Return the standard deviation of a series [GWh]."""
        count = len(self.months)
        parts = len(self.structure.parts)
        blocks = self.posterior.cov.reshape(parts, count, parts, count)
        diagonals = np.einsum("itjt->ijt", blocks)
        weights = self._weights(name)
        variance = np.einsum("i,ijt,j->t", weights, diagonals, weights)
        return pd.Series(np.sqrt(np.maximum(variance, 0.0)), index=self.months, name=name)

    def draws(self, name: str, n: int, seed: int) -> np.ndarray:
        """Draw joint months of a series; equal seeds of two series are one joint draw.

        Returns
        -------
        ndarray of shape (n, months)
            GWh, never negative in the parts; the identities hold in every draw.
        """
        rng = np.random.default_rng(seed)
        noise = rng.standard_normal((n, self.posterior.mean.size))
        parts = self.posterior.mean.ravel() + noise @ self._root.T
        parts = np.maximum(parts, 0.0).reshape(n, len(self.structure.parts), -1)
        return np.asarray(np.einsum("i,nit->nt", self._weights(name), parts))

    @cached_property
    def _root(self) -> np.ndarray:
        values, vectors = np.linalg.eigh(self.posterior.cov)
        return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))

    @cached_property
    def table(self) -> pd.DataFrame:
        """Rows of the table ``history``."""
        stamps = self.months.to_timestamp().tz_localize("UTC")
        frames = [
            pd.DataFrame(
                {
                    "series": name,
                    "timestamp": stamps,
                    "vintage": self.vintage,
                    "mean": self.monthly(name).to_numpy(),
                    "sd": self.sd(name).to_numpy(),
                    "unit": "GWh",
                    "basis": self._basis(name),
                }
            )
            for name in self.structure.series
        ]
        return pd.concat(frames, ignore_index=True)

    def _basis(self, name: str) -> list[str]:
        """Tell how each month is known: reported, derived by differencing, or reconstructed."""
        own = self.figures[(self.figures["series"] == name) & (self.figures["scope"] == COUNTRY)]
        spans = set(zip(own["first"], own["last"], strict=True))
        out = []
        for t in range(len(self.months)):
            january = t - t % 12
            if (t, t) in spans:
                out.append("reported")
            elif (january, t) in spans and (january, t - 1) in spans:
                out.append("derived")
            else:
                out.append("reconstructed")
        return out


def reconstruct(
    observations: pd.DataFrame,
    *,
    as_of: pd.Timestamp | None = None,
    settings: HistorySettings | None = None,
    structure: Structure = AZERBAIJAN,
) -> History:
    """Rebuild the monthly history from the figures published on or before a date.

    Parameters
    ----------
    observations : pandas.DataFrame
        Published figures (table ``observations`` with precision_gwh).
    as_of : pandas.Timestamp, optional
        Date; later figures are not looked at.
    settings : HistorySettings, optional
        Rules.
    structure : Structure
        The account that the figures speak about; another country's has other parts.

    Returns
    -------
    History

    Raises
    ------
    UserError
        No figure by that date, or contradicting figures with ``on_conflict=refuse``.
    """
    rules = settings or HistorySettings()
    rows = observations if as_of is None else observations[observations["vintage"] <= as_of]
    start = pd.Timestamp(rules.start, tz="UTC").replace(day=1, month=1)
    figures = usable(settle(relevant(rows, start, structure), rules, structure), start, structure)
    if figures.empty:
        raise UserError(
            f"no usable figure from {start:%Y-%m} on"
            + (f" was published by {as_of:%Y-%m-%d}" if as_of is not None else ""),
            "data.history.start and data.as_of decide what is used",
        )
    count = last_month(figures) + 1
    months = pd.period_range(start.tz_localize(None).to_period("M"), periods=count, freq="M")
    days = months.days_in_month.to_numpy() / _DAYS
    calendar = months.month.to_numpy()
    vintage = rows["vintage"].max()
    heat = degrees(rules.temperature, months, vintage if as_of is None else as_of)
    scale = Scale(rates(figures, days, structure), days, calendar, heat)
    found = condition(figures, scale, structure)
    wide = np.abs(found.residual) > _MISFIT
    if wide.any() and rules.on_conflict == "inflate":
        figures = figures.assign(
            sd=np.where(wide, figures["sd"] * rules.conflict_inflation + 1.0, figures["sd"])
        )
    # The second pass takes its pace from the first, so that growth is in the pace.
    scale = replace(scale, pace=_pace(found.mean, days))
    fitted, figures = estimate(figures, scale, structure)
    found = _non_negative(figures, scale, fitted)
    return History(vintage, months, found, figures, fitted)


def _pace(mean: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Return each part's mean pace of the years, interpolated between their middles."""
    parts, months = mean.shape
    yearly = mean.reshape(parts, -1, 12).sum(axis=2) / days.reshape(-1, 12).sum(axis=1)
    centres = np.arange(yearly.shape[1]) * 12 + 5.5
    rows = [np.interp(np.arange(months), centres, row) for row in yearly]
    return np.asarray(np.maximum(rows, 0.5))


def _non_negative(figures: pd.DataFrame, scale: Scale, structure: Structure) -> Posterior:
    """Condition, and hold months that came out negative near zero by figures of almost zero."""
    found = condition(figures, scale, structure)
    for _ in range(4):
        part, month = np.nonzero(found.mean < -1e-9)
        if not len(part):
            break
        size = scale.usual[part, month]
        floor = pd.DataFrame(
            {
                "series": [structure.parts[p] for p in part],
                "scope": COUNTRY,
                "value": 0.01 * size,
                "first": month,
                "last": month,
                "sd": 0.005 * size,
            }
        )
        figures = pd.concat([figures, floor], ignore_index=True)
        found = condition(figures, scale, structure)
    return replace(found, mean=np.maximum(found.mean, 0.0))
