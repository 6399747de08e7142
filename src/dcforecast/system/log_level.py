"""A yearly level that returns to its mean: few years, honest spread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dcforecast.system.arrays import Values

__all__ = ["LogLevel", "Prior"]


@dataclass(frozen=True)
class Prior:
    """What is believed of a level before its record is seen.

    Attributes
    ----------
    scale : float
        A usual value, in the unit of the series.
    level : float
        Spread of the intercept, as a logarithm.
    persistence, persistence_sd : float
        Mean and spread of the coefficient of last year's level.
    response, response_sd : float
        The same for the driver's coefficient (elasticity).
    sigma, freedom : float
        Usual size of a year's surprise, as a logarithm, and how many years that belief is worth.
    """

    scale: float
    level: float = 0.4
    persistence: float = 0.7
    persistence_sd: float = 0.2
    response: float = 0.0
    response_sd: float = 0.3
    sigma: float = 0.4
    freedom: float = 4.0


@dataclass(frozen=True)
class LogLevel:
    """Regression ``log y(t) = a + r log y(t-1) + b log x(t) + e`` on few years.

    The prior is conjugate (normal, inverse gamma), so the forecast is Student's t and holds the
    doubt about a, r, b and the size of e (Gelman et al., Bayesian Data Analysis, section 14.2).

    Attributes
    ----------
    prior : Prior
    centre : ndarray (3,)
        Posterior mean of a, r and b (b is zero without a driver).
    root : ndarray (3, 3)
        Root of their covariance, per unit of the variance of e.
    variance, freedom : float
        Of e: scale and degrees of freedom.
    residuals : ndarray
        Surprises of the years on record.
    """

    prior: Prior
    centre: Values
    root: Values
    variance: float
    freedom: float
    residuals: Values

    @classmethod
    def fit(
        cls, after: Values, before: Values, prior: Prior, driver: Values | None = None
    ) -> LogLevel:
        """Fit to pairs of years.

        Parameters
        ----------
        after, before : ndarray (years,)
            Level of each year and of the year before it; positive.
        prior : Prior
        driver : ndarray (years,), optional
            Of each year, relative to a usual one; positive.
        """
        y, last = (np.log(np.asarray(v, float) / prior.scale) for v in (after, before))
        known = driver is not None
        x = np.log(np.asarray(driver, float)) if known else np.zeros(len(y))
        design = np.column_stack([np.ones(len(y)), last, x])
        mean = np.array([0.0, prior.persistence, prior.response if known else 0.0])
        spread = [prior.level, prior.persistence_sd, prior.response_sd if known else 1e-6]
        belief = np.diag((prior.sigma / np.array(spread)) ** 2)
        precision = belief + design.T @ design
        centre = np.linalg.solve(precision, belief @ mean + design.T @ y)
        rest, off = y - design @ centre, centre - mean
        freedom = prior.freedom + len(rest)
        squares = prior.freedom * prior.sigma**2 + float(rest @ rest + off @ belief @ off)
        root = np.linalg.cholesky(np.linalg.inv(precision))
        return cls(prior, centre, root, squares / freedom, freedom, rest)

    def sample(
        self,
        start: Values,
        steps: int,
        rng: np.random.Generator,
        *,
        driver: Values | None = None,
        surprise: Values | None = None,
        bootstrap: bool = False,
    ) -> Values:
        """Draw paths; each has coefficients of its own.

        Parameters
        ----------
        start : ndarray (members,)
            Last level.
        steps : int
        rng : numpy.random.Generator
        driver : ndarray (members, steps), optional
            Relative to the usual one.
        surprise : ndarray (members, steps), optional
            Standard normal surprises drawn elsewhere, for what moves with something else.
        bootstrap : bool
            Draw the surprises from those on record instead of from the normal law.

        Returns
        -------
        ndarray (members, steps)
        """
        members = len(start)
        sigma = np.sqrt(self.variance * self.freedom / rng.chisquare(self.freedom, members))
        noise = rng.standard_normal((members, 3))
        a, r, b = (self.centre + (noise @ self.root.T) * sigma[:, None]).T
        r = np.clip(r, 0.0, 0.95)
        if surprise is None:
            surprise = rng.standard_normal((members, steps))
        if bootstrap:
            seen = self.residuals / np.sqrt(np.mean(self.residuals**2))
            surprise = seen[rng.integers(0, len(seen), (members, steps))]
        x = np.zeros((members, steps)) if driver is None else np.log(driver)
        y = np.log(np.maximum(start, 1e-9) / self.prior.scale)
        out = np.empty((members, steps))
        for step in range(steps):
            y = a + r * y + b * x[:, step] + sigma * surprise[:, step]
            out[:, step] = y
        return self.prior.scale * np.exp(out)
