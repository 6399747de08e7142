"""How the headline numbers settle with the number of members.

Run: dcforecast allocate ensemble.members=1000, then
     python benchmarks/ensemble_convergence.py FOLDER_OF_THE_RUN [year]

The first members of the run are taken each time, so smaller ensembles are parts of larger ones.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from arguments import arguments, run_folder
from stored_run import StoredRun

from dcforecast.system.ensemble import simulate

SIZES = (30, 100, 300, 1_000)


def main(folder: Path, year: int) -> None:
    run = StoredRun.read(folder)
    print(
        f"{year}; mean ± standard error; TWh sent as capability and as expected, and unserved (P10 "
        "to P90 of the members); firm MW of data centres in the wanted share of hours and in nine "
        "of ten years, of Georgia; LOLE (h) and EENS (MWh) of contracted data centres"
    )
    known = run.ensemble.members
    for size in sorted({min(size, known) for size in SIZES}):
        result = simulate(
            run.model(size),
            network=run.network,
            allocation=run.allocation,
            ensemble=run.ensemble.model_copy(update={"members": size, "keep_hours": False}),
            years=[year],
        )
        cells = []
        for name in ("capability_export_twh", "expected_export_twh", "unserved_twh"):
            values = result.members[name][year]
            low, high = np.quantile(values, (0.1, 0.9))
            error = values.std(ddof=1) / np.sqrt(size)
            cells.append(f"{values.mean():.3f} ± {error:.3f} ({low:.2f} to {high:.2f})")
        rows = result.annual.set_index(["sink", "answer", "quantity"])
        for sink, quantity in (
            ("data_centres", "power_mw"),
            ("data_centres", "power_9_in_10_mw"),
            ("georgia", "power_mw"),
        ):
            firm = rows.loc[(sink, "firm", quantity)]
            cells.append(f"{firm['mean']:.0f} ± {firm['se']:.0f}")
        for quantity in ("lole_h", "eens_mwh"):
            short = rows.loc[("data_centres", "firm", quantity)]
            cells.append(f"{short['mean']:.1f} ± {short['se']:.1f}")
        print(f"| {size:,} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main(*arguments(__doc__, folder=(run_folder, ...), year=(int, 2035)))
