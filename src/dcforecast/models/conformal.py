"""Conformal calibration of forecasts."""

from __future__ import annotations

import numpy as np

__all__ = ["widening"]

#: Level of the absolute errors that is made equal: between those of the 80 and 90 % intervals.
_LEVEL = 0.85


def widening(errors: np.ndarray, tested: np.ndarray) -> float:
    """Return the factor that makes errors as wide as those of newer, held-out forecasts.

    Errors of cross-validation have neighbours on both sides, tomorrow has not.  One factor for
    all steps by split conformal calibration with scaled scores (Lei et al. 2018, section 5.2):
    the quotient of quantiles of absolute errors, each over the mean error of its step.

    Parameters
    ----------
    errors, tested : ndarray of shape (rows, steps)
        Errors of cross-validation and of held-out forecasts.
    """
    spread = np.abs(errors).mean(axis=0) + 1e-12
    usual = np.quantile(np.abs(errors) / spread, _LEVEL)
    return float(np.quantile(np.abs(tested) / spread, _LEVEL) / max(usual, 1e-12))
