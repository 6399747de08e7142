"""One year of the ensemble: allocate, apply use, find what is firm, reduce."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dcforecast.config.allocation import AllocationSettings
from dcforecast.system.allocation import prepare, settle
from dcforecast.system.allocation_dispatch import dispatch
from dcforecast.system.allocation_flows import Flows, node_uses
from dcforecast.system.allocation_loads import (
    contracted_load,
    demand_load,
    energy_twh,
    expected_need,
    summed,
    total,
)
from dcforecast.system.answers import AnnualRows
from dcforecast.system.arrays import Hours
from dcforecast.system.buyers import hourly_prices, price_received, revenue
from dcforecast.system.ensemble_campus import campus_flows, campus_rows, spare_power
from dcforecast.system.ensemble_clean import clean_rows
from dcforecast.system.ensemble_join import BlockResult
from dcforecast.system.ensemble_members import Sent, member_hours
from dcforecast.system.ensemble_parts import YearPart, together
from dcforecast.system.ensemble_worth import forgone_rows, worth_rows
from dcforecast.system.export_use import expected_corridors
from dcforecast.system.firmness import bound_with_one_out, most_deliverable, most_with_one_out
from dcforecast.system.links import hourly_capacity
from dcforecast.system.model import SystemModel, SystemYear
from dcforecast.system.network import Network
from dcforecast.system.network_transit import foreign_rows, transit, with_foreign_power
from dcforecast.system.slices import of_members, slices

__all__ = ["YearTask"]

#: Members whose batteries are also run with all hours known, as a measure of the rule.
_JUDGED = 1


@dataclass(frozen=True)
class YearTask:
    """Everything a year of one block needs; `run` may be called from several threads.

    `dates` and `kept` are of the members from number `first` of the block on.
    """

    model: SystemModel
    network: Network
    settings: AllocationSettings
    dates: Mapping[str, NDArray[np.float64]]
    keep_hours: bool
    members: int
    kept: Mapping[int, int]
    first: int = 0

    def run(self, year: int) -> BlockResult:
        """Work one year out: drawn for the whole block, allocated a few members at a time."""
        clock = [time.perf_counter()]
        system, draws, paths = self.model.year(year), self.model.draws, self.model.paths
        size, stamps = draws.members, system.timestamps
        clock.append(time.perf_counter())
        capacity: Mapping[str, Hours] = hourly_capacity(
            self.network.settings, self.dates, stamps, draws
        )
        system, capacity = with_foreign_power(self.network, system, capacity)
        prices = hourly_prices(self.network, stamps, system.temperature_c, paths, draws)
        parts = [
            self.of(members).settled(*of_members((system, capacity, prices), members, size))
            for members in slices(size)
        ]
        clock.append(time.perf_counter())
        corridors = {
            corridor.name: np.concatenate([part.flows.corridors[corridor.name] for part in parts])
            for corridor in self.network.corridors
        }
        expected = expected_corridors(
            self.network,
            corridors,
            stamps,
            paths,
            settings=self.settings,
            draws=draws,
            prices=prices,
        )
        for part, members in zip(parts, slices(size), strict=True):
            part.task.answer(part, *of_members((expected, prices), members, size))
        hours = together([part.hours for part in parts]) if self.keep_hours else None
        clock.append(time.perf_counter())
        names = ("model_seconds", "allocation_seconds", "reduction_seconds")
        checks = [part.checks for part in parts]
        checks[0] |= dict(zip(names, np.diff(clock).tolist(), strict=True))
        members_twh = {
            "expected_export_twh": energy_twh(total(expected, system.reserve_mw.shape)),
            "capability_export_twh": energy_twh(total(corridors, system.reserve_mw.shape)),
            "unserved_twh": np.concatenate([part.unserved_twh for part in parts]),
        }
        rows, kept = [part.rows for part in parts], [one for part in parts for one in part.kept]
        return BlockResult(rows, hours, stamps, checks, members_twh, kept)

    def of(self, members: slice) -> YearTask:
        """Return the task of a few members of the block; its draws stay those of the block."""
        kept = {
            m: at - members.start
            for m, at in self.kept.items()
            if members.start <= at < members.stop
        }
        dates = of_members(self.dates, members, self.model.draws.members)
        return replace(self, dates=dates, kept=kept, first=members.start)

    def settled(
        self, system: SystemYear, capacity: Mapping[str, Hours], prices: Mapping[str, Hours]
    ) -> YearPart:
        """Allocate the year of a few members."""
        judged = 0 if self.model.draws.block or self.first else _JUDGED
        ready = prepare(self.network, system, capacity, self.settings, judged, prices)
        gas_limit = system.gas_limit_bcm if self.settings.gas_limit else None
        rows = AnnualRows(system.year, self.members, self.settings.firm_level)
        return YearPart(self, ready, capacity, settle(self.network, ready, gas_limit), rows)

    def answer(
        self, part: YearPart, expected: Mapping[str, Hours], prices: Mapping[str, Hours]
    ) -> None:
        """Add the answers of a few members to what was settled."""
        rows, flows, capacity, system = part.rows, part.flows, part.capacity, part.ready.year
        unserved = self._home(rows, system, flows)
        self._corridors(rows, flows, expected, capacity, prices)
        self._firm_data_centres(rows, system, flows, capacity)
        answers = self._systems(rows, system, flows, expected)
        worth_rows(rows, self.network, system, flows, self.settings)
        part.unserved_twh = energy_twh(unserved)
        part.hours = self._hours(flows, unserved)
        if self.kept:
            part.kept = member_hours(self.kept, part.ready, flows, answers, prices)

    def _home(self, rows: AnnualRows, system: SystemYear, flows: Flows) -> Hours:
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
        prices: Mapping[str, Hours],
    ) -> None:
        homes = {corridor.home for corridor in self.network.corridors}
        most, least = (
            {
                node: reach(self.network, flows, capacity, node, after_data_centres=True)
                for node in homes
            }
            for reach in (most_deliverable, most_with_one_out)
        )
        for corridor in self.network.corridors:
            name, loss = corridor.name, 1.0 - corridor.gain
            rows.flow(name, "capability", flows.corridors[name], loss_share=loss)
            rows.flow(name, "expected", expected[name], loss_share=loss)
            for answer, own in (("capability", flows.corridors), ("expected", expected)):
                received = price_received(own[name], prices[name])
                rows.add(name, answer, "revenue_meur", revenue(corridor, own[name], received))
                rows.add(name, answer, "price_eur_mwh", received)
            alone = np.minimum(most[corridor.home], corridor.bound(capacity))
            rows.add(name, "capability", "alone_twh", energy_twh(alone))
            open_ = self._open_all_year(corridor.hops + corridor.upstream, rows.year)
            fewer = alone
            if alone.any():
                bound = bound_with_one_out(self.network, corridor, capacity)
                fewer = np.minimum(least[corridor.home], bound)
            rows.firm(name, alone, fewer, open_)
        for answer, own in (("capability", flows.corridors), ("expected", expected)):
            sent = transit(self.network, own, flows.home, capacity)
            if sent is not None:
                rows.add(self.network.transit_sink, answer, "transit_twh", sent)

    def _open_all_year(self, hops: tuple[Any, ...], year: int) -> NDArray[np.bool_]:
        built = [np.min([self.dates[link] for link in hop.links], axis=0) for hop in hops]
        return np.asarray(np.max(built, axis=0) <= year)

    def _firm_data_centres(
        self, rows: AnnualRows, system: SystemYear, flows: Flows, capacity: Mapping[str, Hours]
    ) -> None:
        """Firm power at the mainland, and the shortfall of the load under contract."""
        alone, least = (
            reach(
                self.network,
                flows,
                capacity,
                "AZ",
                after_data_centres=False,
                after_reserve=self.settings.reserve_before_data_centres,
            )
            for reach in (most_deliverable, most_with_one_out)
        )
        rows.add("data_centres", "capability", "alone_twh", energy_twh(alone))
        rows.firm("data_centres", alone, least)
        contracted = contracted_load(system)
        rows.shortfall("data_centres", "firm", contracted, flows.data_centres, flows.reserve.shape)

    def _systems(
        self, rows: AnnualRows, system: SystemYear, flows: Flows, expected: Mapping[str, Hours]
    ) -> dict[str, Sent]:
        """Fuel, emissions, clean shares and campuses under both answers."""
        contracted, demand = contracted_load(system), demand_load(system)
        used = {
            node: np.minimum(flow, demand.get(node, np.float32(0.0)))
            for node, flow in flows.data_centres.items()
        }
        wanted = total(used, flows.reserve.shape)
        rows.flow("data_centres", "expected", wanted)
        rows.shortfall("data_centres", "expected", demand, used, flows.reserve.shape)
        need = node_uses(self.network, flows)
        less = {node: flows.data_centres[node] - used[node] for node in used}
        saved = [
            (c.home, flows.corridors[c.name] - expected[c.name]) for c in self.network.corridors
        ]
        wish = expected_need(need, summed([*less.items(), *saved]))
        likely = dispatch(system.tranches, wish)
        campuses = {
            answer: campus_flows(system, load, served, answer)
            for answer, load, served in (
                ("capability", contracted, flows.data_centres),
                ("expected", demand, used),
            )
        }
        for answer, plants, sites, sent in (
            ("capability", flows.dispatch, flows.data_centres, flows.corridors),
            ("expected", likely, used, expected),
        ):
            rows.add("system", answer, "gas_bcm", plants.gas_bcm_h.sum(axis=1, dtype=np.float64))
            rows.add("system", answer, "co2_mt", plants.co2_mt)
            rows.add("system", answer, "fuel_cost_meur", plants.fuel_meur)
            sinks = {"data_centres": dict(sites)}
            sinks |= {c.name: {c.home: sent[c.name]} for c in self.network.corridors}
            clean_rows(rows, answer, plants, flows.domestic, sinks, campuses[answer])
            abroad = self.settings.gas_export_price_eur_mwh_th
            foreign_rows(rows, self.network, answer, plants.energy_twh)
            forgone_rows(rows, answer, plants, flows.domestic, sinks, abroad)
        rows.add("system", "capability", "loss_twh", energy_twh(flows.losses))
        spare = partial(spare_power, self.network, flows, need)
        price = self.settings.data_centre_price_eur_mwh
        campus_rows(rows, system, campuses, spare, price)
        able, likely_got = (
            {name: flow.got for name, flow in campuses[answer].items()}
            for answer in ("capability", "expected")
        )
        return {
            "capability": Sent(
                need, flows.limited, contracted, flows.data_centres, able, flows.corridors
            ),
            "expected": Sent(wish, {}, demand, used, likely_got, expected),
        }

    def _hours(self, flows: Flows, unserved: Hours) -> dict[str, Hours]:
        sinks = {"data_centres": total(flows.data_centres, flows.reserve.shape)}
        return {**sinks, **flows.corridors, "unused": flows.unused, "unserved": unserved}
