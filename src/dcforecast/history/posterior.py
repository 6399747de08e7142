"""Monthly parts given sums over months: the exact Gaussian answer in the figures' space.

With parts x ~ N(m, K) and figures y = H x + error, error ~ N(0, R), the posterior is that of
Gaussian conditioning (Rasmussen and Williams 2006, eq. 2.22-2.24).  It equals the fixed-interval
smoother of the structural model with cumulator states (Harvey 1989, section 6.3), at the price of
one solve in the number of figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular

from dcforecast.history.priors import covariance, start
from dcforecast.history.structure import AZERBAIJAN, COUNTRY, Structure

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Posterior", "Scale", "condition", "design", "rates", "scope_effects"]


@dataclass(frozen=True)
class Scale:
    """What the spreads are relative to.

    Attributes
    ----------
    pace : ndarray of shape (parts, months)
        Usual energy of a month of mean length at that time [GWh].
    days : ndarray of shape (months,)
        Length of each month in mean months [1].
    calendar : ndarray of shape (months,)
        Calendar month, 1 to 12.
    degrees : ndarray of shape (2, months)
        Degrees of heating and cooling, zero if not known.
    """

    pace: np.ndarray
    days: np.ndarray
    calendar: np.ndarray
    degrees: np.ndarray

    def of(self, part: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return pace, days, calendar and degrees of one part."""
        return self.pace[part], self.days, self.calendar, self.degrees

    @property
    def months(self) -> int:
        """Number of months."""
        return len(self.days)

    @property
    def usual(self) -> np.ndarray:
        """Usual energy of each month and part [GWh]."""
        return np.asarray(self.pace * self.days)


@dataclass(frozen=True)
class Posterior:
    """Joint Gaussian over the months of every part.

    Attributes
    ----------
    mean : ndarray of shape (parts, months)
        GWh.
    residual : ndarray of shape (figures,)
        Standardised misfit of each figure after the fit [1].
    prior : ndarray of shape (parts, months, months)
        Covariance of each part before the figures [GWh squared].
    cross : ndarray of shape (parts * months, figures)
        Covariance of months and figures.
    factor : tuple
        Cholesky factor of the figures' covariance.
    scopes : dict of (str, str) to (float, float)
        What each scope leaves out of each series: mean and standard deviation [1].
    """

    mean: np.ndarray
    residual: np.ndarray
    prior: np.ndarray
    cross: np.ndarray
    factor: tuple[np.ndarray, bool]
    scopes: dict[tuple[str, str], tuple[float, float]]

    @cached_property
    def gain(self) -> np.ndarray:
        """How much each figure moves each month, shape (parts * months, figures)."""
        return np.asarray(cho_solve(self.factor, self.cross.T).T)

    @cached_property
    def cov(self) -> np.ndarray:
        """Covariance, shape (parts * months, parts * months) [GWh squared]."""
        half = solve_triangular(self.factor[0], self.cross.T, lower=True, check_finite=False)
        found = -half.T @ half
        count = self.prior.shape[1]
        for part, block in enumerate(self.prior):
            at = slice(part * count, (part + 1) * count)
            found[at, at] += block
        return np.asarray(found)


def rates(figures: pd.DataFrame, days: np.ndarray, structure: Structure = AZERBAIJAN) -> np.ndarray:
    """Return a first guess of each part's pace from the figures themselves.

    Returns
    -------
    ndarray of shape (parts, months)
        GWh a month of mean length, interpolated between the years' mean rates.
    """
    guess = np.empty((len(structure.parts), len(days)))
    sums = np.concatenate([[0.0], np.cumsum(days)])
    for row, part in enumerate(structure.parts):
        own = figures[figures["series"] == part]
        if own.empty:
            guess[row] = 1.0
            continue
        left_out = own["scope"].map({n: b.mean for n, b in structure.scopes.items()}).astype(float)
        told = own.assign(
            energy=own["value"] / (1 - left_out),  # GWh
            length=sums[own["last"] + 1] - sums[own["first"]],  # mean months
        )
        yearly = told.groupby(own["first"] // 12)[["energy", "length"]].sum()
        pace = yearly["energy"] / yearly["length"]
        guess[row] = np.interp(np.arange(len(days)), pace.index.to_numpy() * 12 + 5.5, pace)
    return np.maximum(guess, 0.5)


def design(figures: pd.DataFrame, months: int, structure: Structure) -> np.ndarray:
    """Return H, shape (figures, parts, months): which months of which parts each figure sums."""
    H = np.zeros((len(figures), len(structure.parts), months))
    columns = figures[["series", "first", "last"]].itertuples(index=False)
    for row, (series, first, last) in enumerate(columns):
        H[row, :, first : min(last, months - 1) + 1] = structure.row(series)[:, None]
    return H


def _biased(figures: pd.DataFrame, structure: Structure) -> dict[tuple[str, str], np.ndarray]:
    """Return the rows of each scope and series that share one unknown bias."""
    return {
        (str(scope), str(series)): rows.index.to_numpy()
        for (scope, series), rows in figures.groupby(["scope", "series"])
        if series not in structure.loose and str(scope) != COUNTRY
    }


def scope_effects(
    figures: pd.DataFrame, expected: np.ndarray, structure: Structure
) -> tuple[np.ndarray, np.ndarray]:
    """Return the expected shortfall of each figure's scope, and the covariance of its error."""
    shift = np.zeros(len(figures))
    cov = np.zeros((len(figures), len(figures)))
    # One unknown bias a scope and series: its figures err together.
    for (scope, _), at in _biased(figures, structure).items():
        bias = structure.scopes[scope]
        shift[at] = -bias.mean * expected[at]
        size = bias.sd * expected[at]
        cov[np.ix_(at, at)] += np.outer(size, size)
    return shift, cov


def condition(figures: pd.DataFrame, scale: Scale, structure: Structure = AZERBAIJAN) -> Posterior:
    """Condition the prior on the figures.

    Parameters
    ----------
    figures : pandas.DataFrame
        Rows of `figures.usable`.
    scale : Scale
        Pace of the parts, days and calendar months.
    structure : Structure
        Parts, sums, scopes and priors.
    """
    parts, months = scale.pace.shape
    H = design(figures, months, structure)
    expected = np.abs(np.einsum("fpt,pt->f", H, scale.usual))
    shift, Ky = scope_effects(figures, expected, structure)
    priors = list(structure.priors.values())
    prior = np.stack([covariance(priors[p], *scale.of(p)) for p in range(parts)])
    first = np.stack([start(pace, scale.days)[0] for pace in scale.pace])
    cross = np.concatenate([prior[p] @ H[:, p].T for p in range(parts)])
    flat = H.reshape(len(figures), -1)
    Ky += flat @ cross + np.diag(figures["sd"].to_numpy() ** 2)
    factor = cho_factor(Ky, lower=True)
    surprise = figures["value"].to_numpy() - flat @ first.ravel() - shift
    weights = cho_solve(factor, surprise)
    # Leave-one-out residual (Rasmussen and Williams eq. 5.12): honest about figures that agree.
    inverse = cho_solve(factor, np.eye(len(surprise)))
    spread = np.sqrt(np.maximum(np.diag(inverse), 1e-12))
    scopes = {}
    for (scope, series), at in _biased(figures, structure).items():
        bias, size = structure.scopes[scope], expected[at]
        moved = bias.sd**2 * float(size @ weights[at])
        told = bias.sd**4 * float(size @ inverse[np.ix_(at, at)] @ size)
        scopes[scope, series] = bias.mean - moved, float(np.sqrt(max(bias.sd**2 - told, 0.0)))
    mean = first.ravel() + cross @ weights
    return Posterior(mean.reshape(parts, months), weights / spread, prior, cross, factor, scopes)
