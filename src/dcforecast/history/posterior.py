"""Monthly parts given sums over months: the exact Gaussian answer in the figures' space.

With parts x = c (1 + u), u ~ N(0, K), figures y = H x + error, error ~ N(0, R), the posterior is
that of Gaussian conditioning (Rasmussen and Williams 2006, eq. 2.22-2.24).  It equals the
fixed-interval smoother of the structural model with cumulator states (Harvey 1989, section 6.3),
at the price of one solve in the number of figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from dcforecast.history.priors import covariance
from dcforecast.history.structure import AZERBAIJAN, Structure

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Posterior", "condition", "rates"]


@dataclass(frozen=True)
class Posterior:
    """Joint Gaussian over the months of every part.

    Attributes
    ----------
    mean : ndarray of shape (parts, months)
        GWh.
    cov : ndarray of shape (parts * months, parts * months)
        GWh squared.
    gain : ndarray of shape (parts * months, figures)
        How much each figure moves each month.
    surprise : ndarray of shape (figures,)
        Figure minus what the prior expected [GWh].
    residual : ndarray of shape (figures,)
        Standardised misfit of each figure after the fit [1].
    """

    mean: np.ndarray
    cov: np.ndarray
    gain: np.ndarray
    surprise: np.ndarray
    residual: np.ndarray


def rates(figures: pd.DataFrame, months: int, structure: Structure = AZERBAIJAN) -> np.ndarray:
    """Return a first guess of each part's monthly level from the figures themselves.

    Returns
    -------
    ndarray of shape (parts, months)
        GWh a month, interpolated between the years' mean rates.
    """
    guess = np.empty((len(structure.parts), months))
    for row, part in enumerate(structure.parts):
        own = figures[(figures["series"] == part)]
        length = own["last"] - own["first"] + 1
        left_out = own["scope"].map({n: b.mean for n, b in structure.scopes.items()}).astype(float)
        pace = own["value"] / length / (1 - left_out)
        year = own["first"] // 12
        yearly = (pace * length).groupby(year).sum() / length.groupby(year).sum()
        if yearly.empty:
            guess[row] = 1.0
            continue
        at = yearly.index.to_numpy() * 12 + 5.5
        guess[row] = np.interp(np.arange(months), at, yearly.to_numpy())
    return np.maximum(guess, 0.5)


def _design(figures: pd.DataFrame, months: int, structure: Structure) -> np.ndarray:
    """Return H: which months of which parts each figure sums."""
    H = np.zeros((len(figures), len(structure.parts), months))
    columns = figures[["series", "first", "last"]].itertuples(index=False)
    for row, (series, first, last) in enumerate(columns):
        H[row, :, first : min(last, months - 1) + 1] = structure.row(series)[:, None]
    return H


def _scope_effects(
    figures: pd.DataFrame, expected: np.ndarray, structure: Structure
) -> tuple[np.ndarray, np.ndarray]:
    """Return the expected shortfall of each figure's scope, and the covariance of its error."""
    shift = np.zeros(len(figures))
    cov = np.zeros((len(figures), len(figures)))
    for scope, bias in structure.scopes.items():
        # One unknown bias a scope and series: its figures err together.
        for _, rows in figures[figures["scope"] == scope].groupby("series"):
            if rows["series"].iloc[0] in structure.loose:
                continue
            at = rows.index.to_numpy()
            shift[at] = -bias.mean * expected[at]
            size = bias.sd * expected[at]
            cov[np.ix_(at, at)] += np.outer(size, size)
    return shift, cov


def condition(
    figures: pd.DataFrame,
    level: np.ndarray,
    calendar: np.ndarray,
    structure: Structure = AZERBAIJAN,
) -> Posterior:
    """Condition the prior on the figures.

    Parameters
    ----------
    figures : pandas.DataFrame
        Rows of `figures.usable`.
    level : ndarray of shape (parts, months)
        Prior level c of each part [GWh a month].
    calendar : ndarray of shape (months,)
        Calendar month of each period.
    structure : Structure
        Parts, sums, scopes and priors.
    """
    parts, months = level.shape
    H = _design(figures, months, structure)
    flat = H.reshape(len(figures), -1)
    expected = flat @ level.ravel()
    shift, scope_cov = _scope_effects(figures, np.abs(expected), structure)
    K = np.zeros((parts * months, parts * months))
    for row, part in enumerate(structure.parts):
        block = slice(row * months, (row + 1) * months)
        scale = level[row]
        K[block, block] = covariance(structure.priors[part], list(calendar)) * np.outer(
            scale, scale
        )
    KH = K @ flat.T
    noise = figures["sd"].to_numpy() ** 2
    Ky = flat @ KH + scope_cov + np.diag(noise)
    factor = cho_factor(Ky, lower=True)
    surprise = figures["value"].to_numpy() - expected - shift
    gain = cho_solve(factor, KH.T).T
    mean = level.ravel() + gain @ surprise
    cov = K - gain @ KH.T
    weights = cho_solve(factor, surprise)
    # Leave-one-out residual (Rasmussen and Williams eq. 5.12): honest about figures that agree.
    spread = np.sqrt(np.maximum(np.diag(cho_solve(factor, np.eye(len(noise)))), 1e-12))
    return Posterior(
        mean.reshape(parts, months), 0.5 * (cov + cov.T), gain, surprise, weights / spread
    )
