"""What the allocation asks of a system model (structural types)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from dcforecast.system.campus_site import Site
    from dcforecast.system.draws import Draws
    from dcforecast.system.export_use import Paths
    from dcforecast.system.storage import Store

__all__ = ["CampusLike", "ModelLike", "TrancheLike", "YearLike"]

Hours = NDArray[np.float32]


class TrancheLike(Protocol):
    """Plants of one technology at one node."""

    @property
    def name(self) -> str:
        """Name."""
        ...

    @property
    def node(self) -> str:
        """Home node."""
        ...

    @property
    def available_mw(self) -> Hours:
        """Available output, MW (members, hours)."""
        ...

    @property
    def cost_eur_mwh(self) -> float:
        """Marginal cost, EUR/MWh."""
        ...

    @property
    def clean(self) -> bool:
        """Whether its output counts as clean."""
        ...

    @property
    def gas_bcm_per_mwh(self) -> float:
        """Gas burnt, bcm/MWh."""
        ...

    @property
    def co2_t_per_mwh(self) -> float:
        """Emissions, t/MWh."""
        ...


class CampusLike(Protocol):
    """One data-centre campus."""

    @property
    def name(self) -> str:
        """Name."""
        ...

    @property
    def node(self) -> str:
        """Home node."""
        ...

    @property
    def contracted_mw(self) -> NDArray[np.floating]:
        """Power under contract, MW (members,)."""
        ...

    @property
    def demand_mw(self) -> Hours:
        """Load, MW (members, hours)."""
        ...

    @property
    def stopped_mwh(self) -> NDArray[np.float64]:
        """Load that stopped in tight hours (members,)."""
        ...

    @property
    def site(self) -> Site:
        """Engines and battery on it, and what a voltage dip does to its load."""
        ...


class YearLike(Protocol):
    """One year of the whole system, all members at once."""

    @property
    def year(self) -> int:
        """The calendar year."""
        ...

    @property
    def timestamps(self) -> pd.DatetimeIndex:
        """Hours of the year, UTC."""
        ...

    @property
    def tranches(self) -> Sequence[TrancheLike]:
        """Plants."""
        ...

    @property
    def domestic_mw(self) -> dict[str, Hours]:
        """Domestic load by home node, MW (members, hours)."""
        ...

    @property
    def reserve_mw(self) -> Hours:
        """Capacity to hold back, MW (members, hours)."""
        ...

    @property
    def contingency_mw(self) -> NDArray[np.floating]:
        """The part of the reserve against the loss of the largest unit or step, MW (members,)."""
        ...

    @property
    def temperature_c(self) -> Hours:
        """Temperature at Baku, C (members, hours)."""
        ...

    @property
    def gas_limit_bcm(self) -> float | None:
        """Gas for power plants in the year, bcm; None: no limit."""
        ...

    @property
    def campuses(self) -> Sequence[CampusLike]:
        """Data-centre campuses."""
        ...

    @property
    def store(self) -> Store | None:
        """Batteries that have still to be run."""
        ...

    def with_store_run(self, charge: Hours, discharge: Hours) -> YearLike:
        """Return the year after its batteries took and gave this, MW (members, hours)."""
        ...

    def with_import(self, name: str, node: str, power_mw: Hours, cost_eur_mwh: float) -> YearLike:
        """Return the year with foreign power that may be bought at a home node."""
        ...


class ModelLike(Protocol):
    """A model that yields years."""

    @property
    def draws(self) -> Draws:
        """Random streams; the same for the model and the network."""
        ...

    @property
    def paths(self) -> Paths:
        """Monthly paths with ``export``, GWh a month."""
        ...

    def parts(self) -> Sequence[ModelLike]:
        """Return the model of each block of members."""
        ...

    def year(self, year: int) -> YearLike:
        """Return the system of a year."""
        ...
