"""The prior's spreads, estimated from the figures themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import minimize

from dcforecast.history.posterior import Scale, design, scope_effects
from dcforecast.history.priors import components, start
from dcforecast.history.structure import COUNTRY, Prior, Structure

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["estimate"]

#: Spread of the logarithm of a spread before the figures speak: a factor of e either way.
_WEAK = 1.0
#: No spread is outside these [1].
_BOUNDS = (1e-4, 3.0)
_STEPS = 40
#: Spreads of a part; factors of scopes come after them.
_OWN = len(Prior().spreads)
#: Figures of a scope from which its noise can be told.
_FEWEST = 3


@dataclass(frozen=True)
class _Problem:
    """Figures y ~ N(0, fixed + sum of exp(2 p) * block), with p ~ N(middle, 1)."""

    y: np.ndarray
    fixed: np.ndarray
    blocks: tuple[np.ndarray, ...]
    middle: np.ndarray

    def solve(self) -> np.ndarray:
        """Return the mode of exp(p)."""
        bounds = [(np.log(_BOUNDS[0]), np.log(_BOUNDS[1]))] * _OWN
        bounds += [(-3.0, 3.0)] * (len(self.blocks) - _OWN)
        found = minimize(
            self._score, self.middle, jac=True, method="L-BFGS-B", bounds=bounds,
            options={"maxiter": _STEPS},
        )  # fmt: skip
        return np.asarray(np.exp(found.x))

    def _score(self, p: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the negative log posterior and its slope (Rasmussen and Williams eq. 5.9)."""
        variances = np.exp(2 * p)
        S = self.fixed.copy()
        for variance, block in zip(variances, self.blocks, strict=True):
            S += variance * block
        L = cholesky(S, lower=True, check_finite=False)
        inverse = solve_triangular(L, np.eye(len(self.y)), lower=True, check_finite=False)
        z = inverse @ self.y
        a = inverse.T @ z
        slope = inverse.T @ inverse - np.outer(a, a)
        off = (p - self.middle) / _WEAK
        value = np.log(np.diag(L)).sum() + 0.5 * z @ z + 0.5 * off @ off
        moves = [
            v * float(np.einsum("ij,ij->", slope, b))
            for v, b in zip(variances, self.blocks, strict=True)
        ]
        return float(value), np.array(moves) + off / _WEAK


def estimate(
    figures: pd.DataFrame, scale: Scale, structure: Structure
) -> tuple[Structure, pd.DataFrame]:
    """Return the structure and the figures with spreads of the highest posterior density.

    Each part is fitted to its own figures alone (a composite likelihood): its spreads, and a
    factor on the noise of each scope, other than the country, that has three figures.  Before the
    figures the logarithm of each is normal about the structure's value with a standard deviation
    of one.

    Parameters
    ----------
    figures : pandas.DataFrame
        Rows of `figures.usable`.
    scale : Scale
        Pace of the parts, days and calendar months.
    structure : Structure
        Its priors are the middle of what is thought likely.

    Returns
    -------
    structure : Structure
        With estimated priors.
    figures : pandas.DataFrame
        With sd by the estimated noise of the scopes.
    """
    priors: dict[str, Prior] = {}
    sd = figures["sd"].to_numpy().copy()
    for part, name in enumerate(structure.parts):
        at = np.flatnonzero(figures["series"] == name)
        if not len(at):
            priors[name] = structure.priors[name]
            continue
        own = figures.iloc[at].reset_index(drop=True)
        scopes = [
            s for s in structure.scopes if s != COUNTRY and (own["scope"] == s).sum() >= _FEWEST
        ]
        found = _problem(own, part, scale, structure, scopes).solve()
        priors[name] = Prior(*(float(x) for x in found[:_OWN]))
        for scope, factor in zip(scopes, found[_OWN:], strict=True):
            rows = at[(own["scope"] == scope).to_numpy()]
            noise = figures["noise_sd"].to_numpy()[rows]
            sd[rows] = np.sqrt(np.maximum(sd[rows] ** 2 + (factor**2 - 1) * noise**2, 0.05**2))
    return replace(structure, priors=priors), figures.assign(sd=sd)


def _problem(
    own: pd.DataFrame, part: int, scale: Scale, structure: Structure, scopes: list[str]
) -> _Problem:
    H = design(own, scale.months, structure)[:, part, :]
    mean, loading = start(scale.pace[part], scale.days)
    shift, fixed = scope_effects(own, np.abs(H @ (scale.pace[part] * scale.days)), structure)
    blocks = components(*scale.of(part))
    inside = [H @ block @ H.T for block in blocks]
    first = H @ loading
    fixed += np.outer(first, first)
    rest = own["sd"].to_numpy() ** 2
    for scope in scopes:
        noise = own["noise_sd"].to_numpy() ** 2 * (own["scope"] == scope).to_numpy()
        rest = np.maximum(rest - noise, 0.05**2)
        inside.append(np.diag(noise))
    fixed += np.diag(rest)
    y = own["value"].to_numpy() - H @ mean - shift
    middle = np.log([*structure.priors[structure.parts[part]].spreads, *np.ones(len(scopes))])
    return _Problem(y, fixed, tuple(inside), middle)
