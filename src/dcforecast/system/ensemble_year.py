"""One year of the ensemble: allocate, apply use, find what is firm, reduce."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dcforecast.config.allocation import AllocationSettings
from dcforecast.system.allocation import Flows, allocate, node_uses
from dcforecast.system.allocation_dispatch import Dispatch, dispatch
from dcforecast.system.allocation_loads import (
    contracted_load,
    demand_load,
    energy_twh,
    expected_need,
    total,
)
from dcforecast.system.answers import AnnualRows, kind_of
from dcforecast.system.draws import Draws
from dcforecast.system.ensemble_types import ModelLike, YearLike
from dcforecast.system.export_use import expected_corridors
from dcforecast.system.firmness import firm_of_sorted, most_deliverable
from dcforecast.system.links import hourly_capacity
from dcforecast.system.matching import hourly_score
from dcforecast.system.network import Network
from dcforecast.system.network_transit import transit
from dcforecast.system.reduce import hourly_frame

if TYPE_CHECKING:
    from dcforecast.system.export_use import Paths

__all__ = ["YearResult", "YearTask"]

Hours = NDArray[np.float32]


@dataclass(frozen=True)
class YearResult:
    """Reduced results of one year."""

    annual: pd.DataFrame
    hours: pd.DataFrame | None
    checks: dict[str, float]
    members: dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class YearTask:
    """Everything a year needs; `run` may be called from several threads."""

    model: ModelLike
    network: Network
    settings: AllocationSettings
    paths: Paths
    draws: Draws
    dates: Mapping[str, NDArray[np.float64]]
    keep_hours: bool

    def run(self, year: int) -> YearResult:
        """Work one year out."""
        clock = [time.perf_counter()]
        system = self.model.year(year)
        clock.append(time.perf_counter())
        capacity = hourly_capacity(self.network.settings, self.dates, system.timestamps, self.draws)
        flows = allocate(self.network, system, capacity, self.settings, system.gas_limit_bcm)
        clock.append(time.perf_counter())
        rows = AnnualRows(year)
        expected = expected_corridors(
            self.network,
            flows.corridors,
            system.timestamps,
            self.paths,
            settings=self.settings,
            draws=self.draws,
        )
        unserved = self._home(rows, system, flows)
        self._corridors(rows, flows, expected, capacity)
        self._firm_data_centres(rows, system, flows, capacity)
        self._systems(rows, system, flows, expected)
        hours = self._hours(system, flows, unserved) if self.keep_hours else None
        clock.append(time.perf_counter())
        checks = {
            "hours": flows.solution.hours,
            "pivots": flows.solution.pivots,
            "fallbacks": flows.solution.fallbacks,
            "bases": flows.solution.bases,
            "residual": flows.residual,
            "model_seconds": clock[1] - clock[0],
            "allocation_seconds": clock[2] - clock[1],
            "reduction_seconds": clock[3] - clock[2],
        }
        shape = unserved.shape
        members = {
            "expected_export_twh": energy_twh(total(expected, shape)),
            "capability_export_twh": energy_twh(total(flows.corridors, shape)),
            "unserved_twh": energy_twh(unserved),
        }
        return YearResult(rows.frame(), hours, checks, members)

    def _home(self, rows: AnnualRows, system: YearLike, flows: Flows) -> Hours:
        """Data centres, domestic demand, unused and unserved; return the unserved load, MW."""
        contracted = contracted_load(system)
        served = total(flows.data_centres, flows.reserve.shape)
        rows.flow("data_centres", "capability", served)
        short = rows.shortfall(
            "data_centres", "capability", contracted, flows.data_centres, flows.reserve.shape
        )
        dark = rows.shortfall(
            "domestic", "capability", system.domestic_mw, flows.domestic, flows.reserve.shape
        )
        rows.flow("domestic", "capability", total(flows.domestic, served.shape))
        rows.flow("unused", "capability", flows.unused)
        unserved = short + dark
        rows.flow("unserved", "capability", unserved)
        return unserved

    def _corridors(
        self,
        rows: AnnualRows,
        flows: Flows,
        expected: Mapping[str, Hours],
        capacity: Mapping[str, Hours],
    ) -> None:
        most = {
            node: most_deliverable(self.network, flows, capacity, node, after_data_centres=True)
            for node in {corridor.home for corridor in self.network.corridors}
        }
        for corridor in self.network.corridors:
            name, loss = corridor.name, 1.0 - corridor.gain
            rows.flow(name, "capability", flows.corridors[name], loss_share=loss)
            rows.flow(name, "expected", expected[name], loss_share=loss)
            rows.add(name, "capability", "added_mw_value_eur", flows.gains[name])
            alone = np.minimum(most[corridor.home], corridor.bound(capacity))
            rows.add(name, "capability", "alone_twh", energy_twh(alone))
            ordered = np.sort(alone, axis=1)
            self._firm(rows, name, ordered)
            open_ = self._open_all_year(corridor.hops + corridor.upstream, rows.year)
            rows.add(name, "firm", "built_share", open_.astype(float))
            if open_.any():
                built = firm_of_sorted(ordered[open_], self.settings.firm_level)
                size = built.by_member_mw
                rows.add(name, "firm", "power_if_built_mw", size, mean=built.pooled_mw)
        for answer, own in (("capability", flows.corridors), ("expected", expected)):
            sent = transit(self.network, own, flows.home, capacity)
            if sent is not None:
                rows.add(self.network.transit_sink, answer, "transit_twh", sent)

    def _open_all_year(self, hops: tuple[Any, ...], year: int) -> NDArray[np.bool_]:
        open_ = np.ones(self.draws.members, bool)
        for hop in hops:
            open_ &= np.min([self.dates[link] for link in hop.links], axis=0) <= year
        return open_

    def _firm(self, rows: AnnualRows, sink: str, ordered: Hours) -> None:
        found = firm_of_sorted(ordered, self.settings.firm_level)
        rows.add(sink, "firm", "power_mw", found.by_member_mw, mean=found.pooled_mw)
        if sink != "data_centres":
            rows.add(sink, "firm", "lole_h", found.short_h)
            rows.add(sink, "firm", "eens_mwh", found.short_mwh)

    def _firm_data_centres(
        self, rows: AnnualRows, system: YearLike, flows: Flows, capacity: Mapping[str, Hours]
    ) -> None:
        """Firm power at the mainland, and the shortfall of the load under contract."""
        alone = most_deliverable(
            self.network,
            flows,
            capacity,
            "AZ",
            after_data_centres=False,
            after_reserve=self.settings.reserve_before_data_centres,
        )
        rows.add("data_centres", "capability", "alone_twh", energy_twh(alone))
        self._firm(rows, "data_centres", np.sort(alone, axis=1))
        contracted = contracted_load(system)
        rows.shortfall("data_centres", "firm", contracted, flows.data_centres, flows.reserve.shape)

    def _systems(
        self, rows: AnnualRows, system: YearLike, flows: Flows, expected: Mapping[str, Hours]
    ) -> None:
        """Fuel, emissions and clean share under both answers."""
        demand = demand_load(system)
        used = {
            node: np.minimum(flow, demand.get(node, np.float32(0.0)))
            for node, flow in flows.data_centres.items()
        }
        wanted = total(used, flows.reserve.shape)
        rows.flow("data_centres", "expected", wanted)
        rows.shortfall("data_centres", "expected", demand, used, flows.reserve.shape)
        need = node_uses(self.network, flows)
        less = {node: flows.data_centres[node] - used[node] for node in used}
        for corridor in self.network.corridors:
            saved = flows.corridors[corridor.name] - expected[corridor.name]
            less[corridor.home] = less[corridor.home] + saved if corridor.home in less else saved
        likely = dispatch(system.tranches, expected_need(need, less))
        served = total(flows.data_centres, flows.reserve.shape)
        for answer, plants, load in (
            ("capability", flows.dispatch, served),
            ("expected", likely, wanted),
        ):
            self._system(rows, answer, plants, load, flows)

    def _system(
        self, rows: AnnualRows, answer: str, plants: Dispatch, load: Hours, flows: Flows
    ) -> None:
        gas = plants.gas_bcm_h.sum(axis=1, dtype=np.float64)
        rows.add("system", answer, "gas_bcm", gas)
        rows.add("system", answer, "co2_mt", plants.co2_mt)
        rows.add("data_centres", answer, "cfe", hourly_score(load, plants.clean_share))
        if answer == "capability":
            lost = flows.losses.sum(axis=1, dtype=np.float64) / 1e6
            rows.add("system", answer, "loss_twh", lost)

    def _hours(self, system: YearLike, flows: Flows, unserved: Hours) -> pd.DataFrame:
        served = total(flows.data_centres, flows.reserve.shape)
        sinks = [("data_centres", served)]
        sinks += [(c.name, flows.corridors[c.name]) for c in self.network.corridors]
        sinks += [("unused", flows.unused), ("unserved", unserved)]
        stamps = system.timestamps
        return pd.concat(
            [hourly_frame(sink, kind_of(sink), stamps, values) for sink, values in sinks],
            ignore_index=True,
        )
