"""One base year of the default network: this package's kernel, HiGHS and PyPSA side by side.

Run: python benchmarks/allocation_vs_pypsa.py [FOLDER_OF_A_RUN [YEAR]]

PyPSA is not a dependency.  The script makes a virtual environment, installs pypsa and highspy
there, and hands the year over as a file; DCFORECAST_PEERS names a folder to keep it in.  Without a
run the year is that of ``allocation_vs_highs.py``: 8,760 hours that have nothing to do with each
other.  With the folder of a finished run it is a year of the model, whose hours resemble each
other.  Every row of the programme becomes a bus, every column with one entry a generator, every
other column a link with as many ends.  A second pair of programmes adds a battery of 250 MW and
500 MWh on the mainland.  CPU seconds of each process, one thread for the linear algebra; the
kernel's is the least of three runs over twenty members.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import numpy as np
from allocation_vs_highs import Clock, synthetic
from arguments import arguments, run_folder
from stored_run import StoredRun

from dcforecast.config.allocation import AllocationSettings
from dcforecast.system.allocation_loads import contracted_load
from dcforecast.system.columns import assemble
from dcforecast.system.foresight import foresight
from dcforecast.system.kernel import solve
from dcforecast.system.links import commissioning, hourly_capacity
from dcforecast.system.network import Network

POWER_MW, ENERGY_MWH, ROUND_TRIP = 250.0, 500.0, 0.86

#: Runs in the environment of PyPSA: argv holds the file, and the store's size or zeros.
PEER = """
import json, logging, sys, time
import numpy as np, pandas as pd, pypsa
logging.disable(logging.WARNING)
data = np.load(sys.argv[1])
power, energy, round_trip = map(float, sys.argv[2:5])
A, cost, upper = data["matrix"], data["cost"], data["upper"]
corridors = data["corridors"]
hours = pd.RangeIndex(upper.shape[1])
began = time.process_time()
n = pypsa.Network()
n.set_snapshots(hours)
n.add("Bus", [f"n{i}" for i in range(len(A))])
for j in range(A.shape[1]):
    rows = np.flatnonzero(A[:, j])
    size = max(float(upper[j].max()), 1.0)
    common = dict(p_nom=size, p_max_pu=pd.Series(upper[j] / size, hours), marginal_cost=cost[j])
    if len(rows) == 1:
        n.add("Generator", f"c{j}", bus=f"n{rows[0]}", sign=float(A[rows[0], j]), **common)
        continue
    (start,) = [i for i in rows if A[i, j] == -1.0][:1]
    ends = {}
    for k, i in enumerate((i for i in rows if i != start), 1):
        ends[f"bus{k}"] = f"n{i}"
        ends["efficiency" if k == 1 else f"efficiency{k}"] = float(A[i, j])
    n.add("Link", f"c{j}", bus0=f"n{start}", **ends, **common)
if power:
    n.add("StorageUnit", "store", bus="n0", p_nom=power / 1.0, max_hours=energy / power,
          efficiency_store=round_trip, efficiency_dispatch=1.0, cyclic_state_of_charge=True)
built = time.process_time()
status, condition = n.optimize(
    solver_name="highs", log_to_console=False, include_objective_constant=False
)
solved = time.process_time()
flow = {**{k: n.c.links.dynamic.p0[k] for k in n.c.links.dynamic.p0},
        **{k: n.c.generators.dynamic.p[k] for k in n.c.generators.dynamic.p}}
value = sum(float(cost[j] * flow[f"c{j}"].abs().sum()) for j in corridors)
print(json.dumps({
    "version": pypsa.__version__, "status": condition, "objective": float(n.objective),
    "corridors": value, "build": built - began, "solve": solved - built,
}))
"""


def environment(folder: Path) -> Path:
    """Python of a fresh environment with PyPSA."""
    python = folder / "pypsa" / ("Scripts" if os.name == "nt" else "bin") / "python"
    if python.exists():
        return python
    venv.create(folder / "pypsa", with_pip=True)
    install = [python, "-m", "pip", "install", "--quiet", "pypsa", "highspy"]
    subprocess.run(install, check=True, capture_output=True)
    return python


def peer(python: Path, file: Path, *store: float) -> dict:
    command = [python, "-c", PEER, file, *map(str, store or (0.0, 0.0, 1.0))]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


def modelled(folder: Path, year: int, members: int) -> tuple:
    """Network, year and link capacities of a finished run, without batteries."""
    run = StoredRun.read(folder)
    model = run.model(members, battery=False)
    system = model.year(year)
    dates = commissioning(run.network, model.draws)
    capacity = hourly_capacity(run.network, dates, system.timestamps, model.draws)
    return Network.build(run.network), system, capacity


def main(folder: Path | None, of_year: int) -> int:
    members = 20  # the kernel's time is the mean over members, its answer that of the first
    network, year, capacity = modelled(folder, of_year, members) if folder else synthetic(members)
    settings = AllocationSettings(name="default")
    columns = assemble(network, year, capacity, settings, contracted=contracted_load(year))
    programme, bounds = columns.programme, columns.bounds
    wanted, upper = np.arange(len(columns.names)), bounds[:, 0].astype(float)
    rows = list(columns.where("corridor").values())
    solve(programme, bounds[:, :1, :10], wanted)  # compiled: not part of the time
    times = []
    for _ in range(3):
        with Clock() as clock:
            done = solve(programme, bounds, wanted)
        times.append(clock.seconds)
    kernel = min(times) / members
    print(f"{done.pivots / done.hours:.2f} pivots an hour, {done.bases} bases")
    exact = solve(programme, bounds[:, :1], wanted, precise=True).values[:, 0]
    ours = float((programme.cost @ exact).sum())
    with Clock() as clock:
        year_lp = foresight(programme, upper)
    size = {"power_mw": POWER_MW, "energy_mwh": ENERGY_MWH, "round_trip": ROUND_TRIP}
    with Clock() as stored_clock:
        stored = foresight(programme, upper, **size)
    with tempfile.TemporaryDirectory() as name:
        python = environment(Path(os.environ.get("DCFORECAST_PEERS", name)))
        file = Path(name) / "year.npz"
        # With distinct costs the optimum is unique, so each corridor's money can be compared.
        np.savez(
            file,
            matrix=programme.matrix,
            cost=programme.cost,
            upper=upper,
            corridors=np.array(rows),
        )
        without = peer(python, file)
        store = peer(python, file, POWER_MW, ENERGY_MWH, ROUND_TRIP)
    income = float((programme.cost[rows] @ exact[rows]).sum())
    took = without["build"] + without["solve"]
    gaps = {
        "HiGHS": abs(year_lp.objective / ours - 1),
        "PyPSA": abs(without["objective"] / ours - 1),
        "PyPSA, money of the corridors": abs(without["corridors"] / income - 1),
        # The battery's worth by itself: it would drown in an objective full of domestic demand.
        "PyPSA against HiGHS, worth of a battery": abs(
            (store["objective"] - without["objective"]) / (stored.objective - year_lp.objective) - 1
        ),
    }
    # Without a store every figure is the same vertex; the battery's is a small difference.
    allowed = [1e-6] * 3 + [1e-4]
    print(f"objective {ours:.9e}, of it corridors {income:.9e}")
    print(f"kernel                      {kernel:10.4f} CPU s")
    print(
        f"HiGHS, one programme        {clock.seconds:10.2f} CPU s  {clock.seconds / kernel:8,.0f} x"
    )
    print(
        f"PyPSA {without['version']} + HiGHS         {took:10.2f} CPU s  {took / kernel:8,.0f} x "
        f"(network {without['build']:.1f}, optimize {without['solve']:.1f})"
    )
    print(f"HiGHS with a battery        {stored_clock.seconds:10.2f} CPU s")
    print(f"PyPSA with a battery        {store['build'] + store['solve']:10.2f} CPU s")
    for name, gap in gaps.items():
        print(f"relative gap {name}: {gap:.1e}")
    print(
        f"objective less the kernel's, EUR: HiGHS {year_lp.objective - ours:.3g}, "
        f"PyPSA {without['objective'] - ours:.3g}"
    )
    print(
        f"worth of a battery, EUR: HiGHS {year_lp.objective - stored.objective:,.2f}, "
        f"PyPSA {without['objective'] - store['objective']:,.2f}"
    )
    return int(any(gap > most for gap, most in zip(gaps.values(), allowed, strict=True)))


if __name__ == "__main__":
    sys.exit(main(*arguments(__doc__, folder=(run_folder, None), year=(int, 2035))))
