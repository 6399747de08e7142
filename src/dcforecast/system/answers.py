"""The three answers of one year as rows of the table ``annual``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dcforecast.store import QUANTILE_COLUMNS
from dcforecast.system.allocation_loads import energy_twh
from dcforecast.system.arrays import Hours
from dcforecast.system.firmness import NINE_OF_TEN, Firm, Tail, firm_of_tails
from dcforecast.system.reduce import summaries

__all__ = ["UNITS", "AnnualRows", "kind_of"]

#: Units of the quantities of the table ``annual``.
UNITS: dict[str, str] = {
    "energy_twh": "TWh",
    "power_mw": "MW",
    "power_if_built_mw": "MW",
    "power_9_in_10_mw": "MW",
    "power_n1_mw": "MW",
    "power_n1_9_in_10_mw": "MW",
    "lole_h": "h",
    "eens_mwh": "MWh",
    "cfe": "1",
    "cfe_grid": "1",
    "cfe_contracted": "1",
    "cfe_surplus": "1",
    "co2_t_per_mwh": "t/MWh",
    "revenue_meur": "MEUR",
    "fuel_cost_meur": "MEUR",
    "served_twh": "TWh",
    "unserved_twh": "TWh",
    "flexible_twh": "TWh",
    "cost_meur": "MEUR",
    "backup_twh": "TWh",
    "backup_h": "h",
    "backup_cost_meur": "MEUR",
    "backup_co2_kt": "kt",
    "battery_twh": "TWh",
    "site_lole_h": "h",
    "site_eens_mwh": "MWh",
    "step_mw": "MW",
    "step_over_reserve_h": "h",
    "ride_through_needed": "1",
    "loss_twh": "TWh",
    "gas_bcm": "bcm",
    "co2_mt": "Mt",
    "transit_twh": "TWh",
    "transit_cost_meur": "MEUR",
    "built_share": "1",
    "alone_twh": "TWh",
    "added_mw_value_eur": "EUR/MW",
    "price_eur_mwh": "EUR/MWh",
    "node_price_eur_mwh": "EUR/MWh",
    "scarce_h": "h",
    "gas_value_forgone_meur": "MEUR",
    "gas_value_forgone_eur_mwh": "EUR/MWh",
}

_KINDS = {
    "data_centres": "data_centre",
    "unused": "unused",
    "unserved": "unserved",
    "domestic": "system",
    "exports": "system",
    "system": "system",
}

#: Starts of sinks that are many, and their kinds.
_STARTS = {"campus": "data_centre", "node": "system", "link": "system"}

#: Starts of quantities that a member without the flow does not have.
_SCORES = ("cfe_", "co2_t_per", "node_price", "gas_value_forgone_eur")


def kind_of(sink: str) -> str:
    """Kind of a sink: data_centre, corridor, unused, unserved or system."""
    return _KINDS.get(sink) or _STARTS.get(sink.partition("_")[0], "corridor")


@dataclass(frozen=True)
class _Tails:
    """Firm power of one sink: intact, with one circuit out, and where it works all year."""

    all: Tail
    one_out: Tail | None
    built: Tail | None
    open: NDArray[np.bool_]


class AnnualRows:
    """Collects the members' numbers of one year, then rows of the table ``annual``.

    Parameters
    ----------
    year : int
    members : int
        Members of the whole ensemble, of which these are a block.
    level : float
        Share of hours in which firm power is there.

    Attributes
    ----------
    values : dict of (sink, answer, quantity) to ndarray (members,)
        In the order of the table.
    tails : dict of str to tails
        Of each sink with firm power.
    """

    def __init__(self, year: int, members: int, level: float) -> None:
        self.year = year
        self.members = members
        self.level = level
        self.values: dict[tuple[str, str, str], NDArray[np.float64]] = {}
        self.tails: dict[str, _Tails] = {}

    def add(self, sink: str, answer: str, quantity: str, values: NDArray[np.generic]) -> None:
        """Add one quantity given once a member.

        Parameters
        ----------
        sink, answer, quantity : str
            Key of the row; the kind follows from the sink.
        values : ndarray of shape (members,)
        """
        self.values[sink, answer, quantity] = np.asarray(values, np.float64)

    def firm(
        self,
        sink: str,
        most: Hours,
        one_out: Hours | None = None,
        open_: NDArray[np.bool_] | None = None,
    ) -> None:
        """Add firm power from the most that can be delivered.

        Parameters
        ----------
        sink : str
        most, one_out : ndarray of shape (members, hours)
            With all circuits, and with the worst one out, MW; none for a single campus.
        open_ : ndarray of shape (members,), optional
            Members in which a corridor works all year; none for data centres.
        """
        built = None
        if open_ is not None and open_.any():
            built = Tail.of(most[open_], self.level, self.members)
        self.tails[sink] = _Tails(
            Tail.of(most, self.level, self.members),
            None if one_out is None else Tail.of(one_out, self.level, self.members),
            built,
            np.ones(0, bool) if open_ is None else open_,
        )
        self.values[sink, "firm", "power_mw"] = np.zeros(0)  # keeps its place in the table

    def flow(
        self, sink: str, answer: str, hourly: Hours, *, loss_share: float | None = None
    ) -> NDArray[np.float64]:
        """Add energy, mean power and losses of an hourly flow; return the energy, TWh."""
        energy = energy_twh(hourly)
        self.add(sink, answer, "energy_twh", energy)
        self.add(sink, answer, "power_mw", energy * 1e6 / hourly.shape[1])
        if loss_share is not None:
            self.add(sink, answer, "loss_twh", energy * loss_share)
        return energy

    def total_exports(self) -> None:
        """Add energy and mean power of all corridors together, summed member by member."""
        for answer, quantity in product(("capability", "expected"), ("energy_twh", "power_mw")):
            parts = [
                values
                for (sink, *rest), values in self.values.items()
                if kind_of(sink) == "corridor" and rest == [answer, quantity]
            ]
            if parts:
                self.add("exports", answer, quantity, np.sum(parts, axis=0))

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

    @classmethod
    def joined(cls, blocks: Sequence[AnnualRows]) -> pd.DataFrame:
        """Return the rows of all blocks of members together."""
        for block in blocks:
            block.total_exports()
        first = blocks[0]
        rows: list[dict[str, Any]] = []
        for key in dict.fromkeys(key for block in blocks for key in block.values):
            sink = key[0]
            tails = [block.tails[sink] for block in blocks if sink in block.tails]
            if tails and key == (sink, "firm", "power_mw"):
                rows += first.firm_rows(sink, tails)
                continue
            # Where nothing could flow yet in any member of a block, it says nothing.
            nothing = np.nan if key[2].startswith(_SCORES) else 0.0
            values = np.concatenate(
                [block.values.get(key, np.full(block.size, nothing)) for block in blocks]
            )
            rows.append(first.row_of(key, values))
        return _summarised(rows)

    @property
    def size(self) -> int:
        """Members of this block."""
        return len(next(values for values in self.values.values() if len(values)))

    def firm_rows(self, sink: str, tails: Sequence[_Tails]) -> list[dict[str, Any]]:
        """Rows of firm power of one sink, and of a corridor's failures and building."""
        found = firm_of_tails([tail.all for tail in tails], self.level)
        rows = self._both_targets(sink, "power", found)
        fewer = [tail.one_out for tail in tails if tail.one_out is not None]
        if fewer:
            rows += self._both_targets(sink, "power_n1", firm_of_tails(fewer, self.level))
        if not len(tails[0].open):
            return rows
        rows.append(self.row_of((sink, "firm", "lole_h"), found.short_h))
        rows.append(self.row_of((sink, "firm", "eens_mwh"), found.short_mwh))
        open_ = np.concatenate([tail.open for tail in tails])
        rows.append(self.row_of((sink, "firm", "built_share"), open_.astype(float)))
        built = [tail.built for tail in tails if tail.built is not None]
        if built:
            firm = firm_of_tails(built, self.level)
            rows.append(self._both_targets(sink, "power_if_built", firm)[0])
        return rows

    def _both_targets(self, sink: str, name: str, found: Firm) -> list[dict[str, Any]]:
        """Rows of power in the wanted share of all hours, and in nine of ten years."""
        nine = float(np.quantile(found.by_member_mw, NINE_OF_TEN))
        targets = {
            f"{name}_mw": (found.pooled_mw, found.pooled_se_mw),
            f"{name}_9_in_10_mw": (nine, found.nine_se_mw),
        }
        return [
            self.row_of((sink, "firm", quantity), found.by_member_mw, mean=mean, se=error)
            for quantity, (mean, error) in targets.items()
            if quantity in UNITS
        ]

    def row_of(
        self, key: tuple[str, str, str], values: NDArray[np.float64], **told: float
    ) -> dict[str, Any]:
        """Key of a row and the members that have its number; `told` stands for the summary's."""
        sink, answer, quantity = key
        return {
            "sink": sink,
            "kind": kind_of(sink),
            "year": self.year,
            "answer": answer,
            "quantity": quantity,
            "unit": UNITS[quantity],
            "members": values[~np.isnan(values)],
            **told,
        }


def _summarised(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Mean, quantiles and standard error over the members of each row."""
    found = summaries([row.pop("members") for row in rows])
    columns = ["mean", *QUANTILE_COLUMNS, "se"]
    for k, name in ((0, "mean"), (-1, "se")):
        found[:, k] = [row.pop(name, value) for row, value in zip(rows, found[:, k], strict=True)]
    return pd.concat([pd.DataFrame(rows), pd.DataFrame(found, columns=columns)], axis=1)
