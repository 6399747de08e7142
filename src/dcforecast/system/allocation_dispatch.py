"""Which plants run for a given use: merit order at each home node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dcforecast.system.arrays import Hours
from dcforecast.system.supply import Tranche

__all__ = ["Dispatch", "dispatch", "running"]


@dataclass(frozen=True)
class Dispatch:
    """Fuel, emissions and clean share of one year.

    Attributes
    ----------
    co2_mt : ndarray of shape (members,)
        Million tonnes of CO2 in the year.
    fuel_meur : ndarray of shape (members,)
        Running cost of the plants that emit, million EUR.
    made_mw, clean_mw, co2_t_h, gas_bcm : dict of str to ndarray (members, hours)
        Output of each home node, the clean part of it, its emissions (t in the hour) and its gas
        (bcm in the hour).
    energy_twh : dict of str to ndarray (members,)
        Output by tranche.
    """

    co2_mt: NDArray[np.float64]
    fuel_meur: NDArray[np.float64]
    made_mw: dict[str, Hours]
    clean_mw: dict[str, Hours]
    co2_t_h: dict[str, Hours]
    gas_bcm: dict[str, Hours]
    energy_twh: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    @classmethod
    def empty(cls) -> Dispatch:
        """Return one that holds nothing yet."""
        return cls(np.zeros(0), np.zeros(0), {}, {}, {}, {})

    @property
    def gas_bcm_h(self) -> Hours:
        """Gas burnt in the hour, bcm (members, hours)."""
        return np.asarray(sum(self.gas_bcm.values()))


def running(
    tranches: Sequence[Tranche],
    need: Mapping[str, Hours],
    limited: Mapping[str, Hours] | None = None,
) -> Iterator[tuple[Tranche, Hours]]:
    """Yield each tranche with its output, MW: the cheapest first, until the need is met.

    Parameters
    ----------
    tranches : sequence of tranches
    need : mapping of str to ndarray (members, hours)
        Output wanted at each node, MW.
    limited : mapping of str to ndarray (members, hours), optional
        Tranches with less available than they say (no fuel).
    """
    left = {node: value.copy() for node, value in need.items()}
    for tranche in sorted(tranches, key=lambda t: (t.cost_eur_mwh, not t.clean)):
        if tranche.node not in left:
            continue
        rest = left[tranche.node]
        available = tranche.available_mw
        if limited is not None and tranche.name in limited:
            available = limited[tranche.name]
        output = np.minimum(rest, available)
        rest -= output
        yield tranche, output


def dispatch(
    tranches: Sequence[Tranche],
    need: Mapping[str, Hours],
    limited: Mapping[str, Hours] | None = None,
) -> Dispatch:
    """Run the merit order and add up what it burns."""
    shape = next(iter(need.values())).shape
    made, clean, co2, gas = ({node: np.zeros(shape, np.float32) for node in need} for _ in range(4))
    fuel = np.zeros(shape[0])
    energy: dict[str, NDArray[np.float64]] = {}
    for tranche, output in running(tranches, need, limited):
        mwh = output.sum(axis=1, dtype=np.float64)
        energy[tranche.name] = energy.get(tranche.name, 0.0) + mwh / 1e6
        if tranche.gas_bcm_per_mwh:
            gas[tranche.node] += output * np.float32(tranche.gas_bcm_per_mwh)
        made[tranche.node] += output
        if tranche.clean:
            clean[tranche.node] += output
        if tranche.co2_t_per_mwh:
            co2[tranche.node] += output * np.float32(tranche.co2_t_per_mwh)
            fuel += mwh * max(tranche.cost_eur_mwh, 0.0) / 1e6
    emitted = sum((part.sum(axis=1, dtype=np.float64) for part in co2.values()), np.zeros(shape[0]))
    return Dispatch(emitted / 1e6, fuel, made, clean, co2, gas, energy)
