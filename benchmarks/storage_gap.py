"""Value of the batteries' daily rule against perfect foresight of the whole year.

Run: python benchmarks/storage_gap.py FOLDER_OF_A_RUN

For a few members and years: the objective gained by the rule over that gained by HiGHS with the
same store (250 MW, 500 MWh) and all hours known.  What the rule charges is a part of domestic load,
so its value is taken out.
"""

from __future__ import annotations

import sys
from pathlib import Path

from stored_run import StoredRun

from dcforecast.system.allocation_loads import contracted_load
from dcforecast.system.columns import DOMESTIC_VALUE, assemble
from dcforecast.system.foresight import foresight
from dcforecast.system.links import commissioning, hourly_capacity
from dcforecast.system.network import Network

YEARS, MEMBERS, POWER_MW, ENERGY_MWH = (2027, 2035, 2039), 3, 250.0, 500.0


def main(folder: Path) -> None:
    run = StoredRun.read(folder)
    network = Network.build(run.network)
    models = {battery: run.model(100, battery=battery) for battery in (True, False)}
    dates = commissioning(run.network, models[True].draws)
    for year in YEARS:
        systems = {battery: model.year(year) for battery, model in models.items()}
        stamps = systems[True].timestamps
        capacity = hourly_capacity(run.network, dates, stamps, models[True].draws)
        charge = systems[True].domestic_mw["AZ"] - systems[False].domestic_mw["AZ"]
        for order in ("policy", "value"):
            settings = run.allocation.model_copy(update={"order": order})
            columns = {
                battery: assemble(
                    network, system, capacity, settings, contracted=contracted_load(system)
                )
                for battery, system in systems.items()
            }
            bounds = {battery: written.bounds for battery, written in columns.items()}
            for member in range(MEMBERS):
                plain, without = columns[False].programme, bounds[False][:, member]
                base = foresight(plain, without).objective
                best = foresight(plain, without, power_mw=POWER_MW, energy_mwh=ENERGY_MWH)
                rule = foresight(columns[True].programme, bounds[True][:, member]).objective
                rule += DOMESTIC_VALUE * charge[member].sum(dtype=float)
                kept = (base - rule) / (base - best.objective)
                print(
                    f"{year} {order:6} member {member}: rule {base - rule:16,.0f}, "
                    f"foresight {base - best.objective:16,.0f}, kept {kept:8.1%}"
                )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
