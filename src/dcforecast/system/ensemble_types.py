"""What the allocation asks of a system model (structural types)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["CampusLike", "ModelLike", "TrancheLike", "YearLike"]

Hours = NDArray[np.float32]


class TrancheLike(Protocol):
    """Plants of one technology at one node."""

    @property
    def name(self) -> str: ...
    @property
    def node(self) -> str: ...
    @property
    def available_mw(self) -> Hours: ...
    @property
    def cost_eur_mwh(self) -> float: ...
    @property
    def clean(self) -> bool: ...
    @property
    def gas_bcm_per_mwh(self) -> float: ...
    @property
    def co2_t_per_mwh(self) -> float: ...


class CampusLike(Protocol):
    """One data-centre campus."""

    @property
    def name(self) -> str: ...
    @property
    def node(self) -> str: ...
    @property
    def contracted_mw(self) -> NDArray[np.floating]: ...
    @property
    def demand_mw(self) -> Hours: ...


class YearLike(Protocol):
    """One year of the whole system, all members at once."""

    @property
    def year(self) -> int: ...
    @property
    def timestamps(self) -> pd.DatetimeIndex: ...
    @property
    def tranches(self) -> Sequence[TrancheLike]: ...
    @property
    def domestic_mw(self) -> dict[str, Hours]: ...
    @property
    def reserve_mw(self) -> Hours: ...
    @property
    def campuses(self) -> Sequence[CampusLike]: ...


class ModelLike(Protocol):
    """A model that yields years."""

    def year(self, year: int) -> YearLike: ...
