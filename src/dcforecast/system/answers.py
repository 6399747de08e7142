"""The three answers of one year as rows of the table ``annual``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dcforecast.system.reduce import row

__all__ = ["UNITS", "AnnualRows", "kind_of"]

#: Units of the quantities of the table ``annual``.
UNITS: dict[str, str] = {
    "energy_twh": "TWh",
    "power_mw": "MW",
    "power_if_built_mw": "MW",
    "lole_h": "h",
    "eens_mwh": "MWh",
    "cfe": "1",
    "loss_twh": "TWh",
    "gas_bcm": "bcm",
    "co2_mt": "Mt",
    "transit_twh": "TWh",
    "built_share": "1",
    "alone_twh": "TWh",
    "added_mw_value_eur": "EUR/MW",
}

_KINDS = {
    "data_centres": "data_centre",
    "unused": "unused",
    "unserved": "unserved",
    "domestic": "system",
    "system": "system",
}

Hours = NDArray[np.float32]


def kind_of(sink: str) -> str:
    """Kind of a sink: data_centre, corridor, unused, unserved or system."""
    return _KINDS.get(sink, "corridor")


class AnnualRows:
    """Collects rows of the table ``annual`` for one year (without scenario)."""

    def __init__(self, year: int) -> None:
        self.year = year
        self._rows: list[dict[str, Any]] = []

    def add(
        self,
        sink: str,
        answer: str,
        quantity: str,
        values: NDArray[np.floating],
        *,
        mean: float | None = None,
    ) -> None:
        """Add one quantity given once a member.

        Parameters
        ----------
        sink, answer, quantity : str
            Key of the row; the kind follows from the sink.
        values : ndarray of shape (members,)
        mean : float, optional
            What stands for the mean instead (firm power pooled over members).
        """
        values = np.asarray(values, np.float64)
        spread = float(values.std(ddof=1)) if len(values) > 1 else 0.0
        numbers = row(values)
        if mean is not None:
            numbers["mean"] = mean
        self._rows.append(
            {
                "sink": sink,
                "kind": kind_of(sink),
                "year": self.year,
                "answer": answer,
                "quantity": quantity,
                "unit": UNITS[quantity],
                **numbers,
                "se": spread / np.sqrt(len(values)),
            }
        )

    def flow(
        self, sink: str, answer: str, hourly: Hours, *, loss_share: float | None = None
    ) -> NDArray[np.float64]:
        """Add energy, mean power and losses of an hourly flow; return the energy, TWh."""
        energy = hourly.sum(axis=1, dtype=np.float64) / 1e6
        self.add(sink, answer, "energy_twh", energy)
        self.add(sink, answer, "power_mw", energy * 1e6 / hourly.shape[1])
        if loss_share is not None:
            self.add(sink, answer, "loss_twh", energy * loss_share)
        return np.asarray(energy)

    def shortfall(
        self,
        sink: str,
        answer: str,
        wanted: Mapping[str, NDArray[np.floating]],
        served: Mapping[str, Hours],
        shape: tuple[int, ...],
    ) -> Hours:
        """Add hours and energy short of the wanted load; return the shortfall, MW."""
        short = np.zeros(shape, np.float32)
        for node, flow in served.items():
            short += np.maximum(np.asarray(wanted[node], np.float32) - flow, 0.0)
        # float32 flows of thousands of MW are good to a few watts; less than 10 kW is no shortfall.
        short = np.where(short > 0.01, short, np.float32(0.0))
        self.add(sink, answer, "lole_h", np.count_nonzero(short, axis=1))
        self.add(sink, answer, "eens_mwh", short.sum(axis=1, dtype=np.float64))
        return np.asarray(short, np.float32)

    def frame(self) -> pd.DataFrame:
        """Return the rows."""
        return pd.DataFrame(self._rows)
