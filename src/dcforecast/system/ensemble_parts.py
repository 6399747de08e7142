"""The year of a few members of a block, while it is worked out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dcforecast.system.allocation import Prepared
from dcforecast.system.allocation_flows import Flows
from dcforecast.system.answers import AnnualRows
from dcforecast.system.arrays import Hours
from dcforecast.system.ensemble_members import MemberHours

if TYPE_CHECKING:
    from dcforecast.system.ensemble_year import YearTask

__all__ = ["YearPart", "together"]


@dataclass
class YearPart:
    """The year of a few members of a block: allocated, then answered."""

    task: YearTask
    ready: Prepared
    capacity: Mapping[str, Hours]
    flows: Flows
    rows: AnnualRows
    hours: dict[str, Hours] = field(default_factory=dict)
    unserved_twh: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    kept: list[MemberHours] = field(default_factory=list)

    @property
    def checks(self) -> dict[str, float]:
        """What the solver met; the block's seconds are filled in by the block."""
        solution = self.flows.solution
        return {
            "hours": solution.hours,
            "pivots": solution.pivots,
            "fallbacks": solution.fallbacks,
            "bases": solution.bases,
            "residual": self.flows.residual,
            "model_seconds": 0.0,
            "allocation_seconds": 0.0,
            "reduction_seconds": 0.0,
            **self.ready.gained,
        }


def together(parts: list[dict[str, Hours]]) -> dict[str, Hours]:
    """Hours of all members, sink by sink; those of the parts are let go."""
    return {sink: np.concatenate([part.pop(sink) for part in parts]) for sink in list(parts[0])}
