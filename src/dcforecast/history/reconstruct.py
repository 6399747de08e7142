"""The monthly history as it can be known from the figures published by a date."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from dcforecast.config.history import HistorySettings
from dcforecast.errors import UserError
from dcforecast.history.figures import last_month, relevant, usable
from dcforecast.history.posterior import Posterior, condition, rates
from dcforecast.history.settle import settle
from dcforecast.history.structure import AZERBAIJAN, COUNTRY, Structure

__all__ = ["History", "reconstruct"]

#: Standardised leave-one-out misfit above which a figure's error is widened.
_MISFIT = 4.0


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
        Parts, sums, scopes and priors.
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
    figures = usable(settle(relevant(rows, start, structure), rules), start, structure)
    if figures.empty:
        raise UserError(
            f"no usable figure from {start:%Y-%m} on"
            + (f" was published by {as_of:%Y-%m-%d}" if as_of is not None else ""),
            "data.history.start and data.as_of decide what is used",
        )
    count = last_month(figures) + 1
    months = pd.period_range(start.tz_localize(None).to_period("M"), periods=count, freq="M")
    calendar = months.month.to_numpy()
    found = condition(figures, rates(figures, count, structure), calendar, structure)
    wide = np.abs(found.residual) > _MISFIT
    if wide.any() and rules.on_conflict == "inflate":
        figures = figures.assign(
            sd=np.where(wide, figures["sd"] * rules.conflict_inflation + 1.0, figures["sd"])
        )
    # The second pass takes its levels from the first, so that growth is in the level.
    found = condition(figures, _levels(found.mean), calendar, structure)
    found = _non_negative(figures, found, _levels(found.mean), calendar, structure)
    return History(rows["vintage"].max(), months, found, figures, structure)


def _levels(mean: np.ndarray) -> np.ndarray:
    """Return each part's yearly mean, interpolated between the middles of the years."""
    parts, months = mean.shape
    yearly = mean.reshape(parts, -1, 12).mean(axis=2)
    centres = np.arange(yearly.shape[1]) * 12 + 5.5
    rows = [np.interp(np.arange(months), centres, row) for row in yearly]
    return np.asarray(np.maximum(rows, 0.5))


def _non_negative(
    figures: pd.DataFrame,
    found: Posterior,
    level: np.ndarray,
    calendar: np.ndarray,
    structure: Structure,
) -> Posterior:
    """Hold months that came out negative at zero, by figures of zero with a small error."""
    for _ in range(4):
        part, month = np.nonzero(found.mean < -1e-9)
        if not len(part):
            break
        floor = pd.DataFrame(
            {
                "series": [structure.parts[p] for p in part],
                "scope": COUNTRY,
                "value": 0.01 * level[part, month],
                "first": month,
                "last": month,
                "sd": 0.005 * level[part, month],
            }
        )
        figures = pd.concat([figures, floor], ignore_index=True)
        found = condition(figures, level, calendar, structure)
    return Posterior(
        np.maximum(found.mean, 0.0), found.cov, found.gain, found.surprise, found.residual
    )
