"""Sample paths of one component: years to the horizon, and their months."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from dcforecast.models.base import Forecaster

__all__ = ["DRAWS", "Component", "member_paths"]

#: Paths that quantiles are taken from; the first of them are the members.
DRAWS = 1000
#: So many paths together are spread over the level of a component as evenly as all of them.
_BLOCK = 100


@dataclass(frozen=True)
class Component:
    """One series with its models.

    Attributes
    ----------
    name : str
        Series, for example ``"demand_gross"``.
    annual, monthly : pandas.Series
        History in GWh, indexed by period.
    annual_model, monthly_model : Forecaster
        Models, not fitted yet.
    annual_name, monthly_name : str
        Their names.
    """

    name: str
    annual: pd.Series
    monthly: pd.Series
    annual_model: Forecaster
    monthly_model: Forecaster
    annual_name: str
    monthly_name: str


def member_paths(
    component: Component, last_year: int, members: int, seed: int, annual: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Sample annual energy and monthly shares of one component.

    The annual model reaches to the horizon, the monthly model to the end of its second year; where
    both speak they are reconciled (`models.reconcile.over_time`).  Years drawn elsewhere stay as
    they are, and the monthly model only spreads them over their months.  Short records say little
    about months ten years ahead, so the spread of the last sampled calendar year serves all later
    ones, a different member's each year.

    Parameters
    ----------
    component : Component
        Series and models.
    last_year : int
        Horizon.
    members, seed : int
        Number of paths and the seed.
    annual : ndarray of shape (members, years), optional
        Annual energy drawn elsewhere (`levels`); only the shares are sampled then.

    Returns
    -------
    annual : ndarray of shape (members, years)
        GWh a year from the first unknown year to `last_year`.
    shares : ndarray of shape (members, years, 12)
        Share of each month; sums to 1 over the months.
    """
    import numpy as np

    from dcforecast.models.reconcile import over_time

    rng = np.random.default_rng([seed, *component.name.encode()])
    first = component.annual.index[-1].year + 1
    years = last_year - first + 1
    state = int(rng.integers(2**31))
    monthly = component.monthly_model.fit(component.monthly)
    after = component.monthly.index[-1]
    ahead = 24 + 12 - after.month
    drawn = np.maximum(monthly.sample(ahead, members, random_state=int(rng.integers(2**31))), 0.0)
    whole = np.concatenate([np.tile(component.monthly.to_numpy(), (members, 1)), drawn], axis=1)
    # The last months drawn end a year; years before the first unknown one are behind us.
    covered = min(after.year + 2 - first + 1, years)
    behind = whole.shape[1] - 12 * (after.year + 2 - first + 1)
    months = whole[:, behind : behind + 12 * covered]
    if annual is None:
        fitted = component.annual_model.fit(component.annual)
        count = -(-max(members, DRAWS) // _BLOCK) * _BLOCK
        many = np.maximum(fitted.sample(years, count, random_state=state), 0.0)
        annual, months = over_time(_evenly(many, rng)[:members], months)
    return annual, _shares(months.reshape(members, covered, 12), years, rng)


def _evenly(paths: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Order paths so that each `_BLOCK` of them has its share of high and of low ones.

    Few members are then spread over the level as evenly as many; firm power hangs on the highest.
    """
    import numpy as np

    strata = paths.mean(axis=1).argsort(kind="stable").reshape(_BLOCK, -1)
    blocks = rng.permuted(rng.permuted(strata, axis=1), axis=0)
    return np.asarray(paths[blocks.T.ravel()])


def _shares(months: np.ndarray, years: int, rng: np.random.Generator) -> np.ndarray:
    """Spread each year over its months, member by member; later years as the last of `months`."""
    import numpy as np

    members, covered, _ = months.shape
    total = months.sum(axis=2, keepdims=True)
    shares = np.where(total > 0, months / np.where(total > 0, total, 1.0), 1 / 12)
    later = [shares[rng.permutation(members), -1:] for _ in range(years - covered)]
    return np.concatenate([shares, *later], axis=1)
