"""Value of the batteries' rule against perfect foresight of the whole year by HiGHS.

Run: python benchmarks/storage_gap.py FOLDER_OF_A_RUN

For a few members and years: what the objective gains by the rule (48 hours known, and 24) over
what it gains by HiGHS with the same store (250 MW, 500 MWh) and all hours known; and the load and
reserve that go short under both.  What the store takes is in neither.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

from pathlib import Path

import numpy as np
from arguments import arguments, run_folder
from stored_run import StoredRun

from dcforecast.system.allocation_loads import contracted_load
from dcforecast.system.buyers import hourly_prices
from dcforecast.system.columns import assemble
from dcforecast.system.foresight import foresight
from dcforecast.system.kernel import Programme, solve
from dcforecast.system.kernel_hourly import costs_of
from dcforecast.system.links import commissioning, hourly_capacity
from dcforecast.system.network import Network
from dcforecast.system.storage import Store, StoreRun, operate

YEARS, MEMBERS, POWER_MW, ENERGY_MWH = (2027, 2035, 2039), (8, 9, 10), 250.0, 500.0


def outcome(
    programme: Programme, bounds: np.ndarray, ran: StoreRun, costs: np.ndarray
) -> np.ndarray:
    """Values of the columns when a store does this, at the costs of the hours."""
    feed = np.zeros((len(programme.matrix), 2))
    feed[0] = (-1.0, 1.0)
    matrix = np.hstack([programme.matrix, feed])
    added = Programme(matrix, np.append(programme.cost, [-1e6, 0]), programme.start)
    prices = np.hstack([costs, np.tile([-1e6, 0.0], (len(costs), 1))])
    whole = np.concatenate([bounds, ran.charge[None], ran.discharge[None]])
    wanted = np.arange(len(programme.cost))
    return solve(added, whole, wanted, prices=prices, precise=True).values[:, 0]


def main(folder: Path) -> None:
    run = StoredRun.read(folder)
    network = Network.build(run.network)
    model = run.model(max(MEMBERS) + 1, battery=False)
    dates = commissioning(run.network, model.draws)
    for year in YEARS:
        system = model.year(year)
        capacity = hourly_capacity(run.network, dates, system.timestamps, model.draws)
        prices = hourly_prices(
            network, system.timestamps, system.temperature_c, model.paths, model.draws
        )
        for order in ("policy", "value"):
            settings = run.allocation.model_copy(update={"order": order})
            columns = assemble(
                network,
                system,
                capacity,
                settings,
                contracted=contracted_load(system),
                prices=prices,
            )
            programme, every = columns.programme, columns.bounds
            loads = [
                j
                for kind in ("domestic", "reserve", "data_centre")
                for j in columns.where(kind).values()
            ]
            for member in MEMBERS:
                bounds = np.ascontiguousarray(every[:, [member]])
                size = [np.full(bounds.shape[1:], x, np.float32) for x in (POWER_MW, ENERGY_MWH)]
                moves = {j: above[[member]] for j, above in columns.moves.items()}
                costs = costs_of(programme, moves, 0, bounds.shape[2])
                base = foresight(programme, bounds[:, 0], costs=costs).objective
                best = foresight(
                    programme,
                    bounds[:, 0],
                    power_mw=POWER_MW,
                    energy_mwh=ENERGY_MWH,
                    costs=costs,
                )
                wanted = bounds[loads].sum(dtype=float)
                shares, short = [], [wanted - best.values[loads].sum()]
                for ahead in (48, 24):
                    ran = operate(programme, bounds, Store(*size), ahead=ahead, moves=moves)
                    x = outcome(programme, bounds, ran, costs)
                    gained = base - float(np.einsum("hc,ch->", costs, x))
                    shares.append(gained / (base - best.objective))
                    short.append(wanted - x[loads].sum())
                print(
                    f"{year} {order:6} member {member}: foresight {base - best.objective:13,.0f} "
                    f"EUR, kept {shares[0]:6.1%} (24 hours known: {shares[1]:6.1%}); short "
                    f"{short[0]:,.0f} MWh, rule {short[1]:,.0f} ({short[2]:,.0f})",
                    flush=True,
                )


if __name__ == "__main__":
    main(*arguments(__doc__, folder=(run_folder, ...)))
