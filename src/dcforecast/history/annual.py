"""Yearly series of the whole country, as published by a date."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["annual"]

#: Scopes a yearly figure is taken from, the better first.
_ORDER = ("country", "customs", "ember")


def annual(
    observations: pd.DataFrame, *, as_of: pd.Timestamp | None = None, first_year: int = 2000
) -> dict[str, pd.Series]:
    """Return the yearly series by the newest figures published by a date.

    Generation is the Statistical Committee's; gross demand is generation plus net imports (the
    identity), so that its scope is the same.  Exports before 2012, and imports where no figure
    was published, are left out; a missing export year between published ones is net exports plus
    the mean import (derived).

    Parameters
    ----------
    observations : pandas.DataFrame
        Published figures.
    as_of : pandas.Timestamp, optional
        Date; later figures are not looked at.
    first_year : int
        Earlier years are left out.

    Returns
    -------
    dict of str to pandas.Series
        GWh a year by series name, indexed by year.
    """
    rows = observations if as_of is None else observations[observations["vintage"] <= as_of]
    length = (rows["end"] - rows["timestamp"]).dt.days
    yearly = rows[length.between(365, 366) & (rows["timestamp"].dt.dayofyear == 1)]
    yearly = yearly[yearly["scope"].isin(_ORDER)]
    yearly = yearly[yearly["timestamp"].dt.year >= first_year]
    rank = yearly["scope"].map({scope: i for i, scope in enumerate(_ORDER)})
    ordered = yearly.assign(rank=rank, year=yearly["timestamp"].dt.year).sort_values(
        ["rank", "precision_gwh", "vintage"], ascending=[False, False, True], kind="stable"
    )
    # Last of each year: the best scope, then the most exact, then the newest figure.
    best = ordered.drop_duplicates(["series", "year"], keep="last")
    table = best.pivot(index="year", columns="series", values="value").sort_index()
    return {name: _as_series(values, name) for name, values in _complete(table).items()}


def _complete(table: pd.DataFrame) -> dict[str, pd.Series]:
    parts = ["thermal", "hydro", "wind", "solar", "waste"]
    generation = [f"generation_{p}" for p in parts if f"generation_{p}" in table]
    # A year counts as published when all its parts are.
    whole = table[[*generation, "generation_total"]].dropna().index
    found = {name: table.loc[whole, name] for name in [*generation, "generation_total"]}
    imports = table.get("import", pd.Series(dtype=float)).dropna()
    exports = table.get("export", pd.Series(dtype=float)).dropna()
    net = table.get("net_import", pd.Series(dtype=float)).dropna()
    if len(imports):
        both = imports.index.intersection(exports.index)
        net = net.copy()
        net.loc[both] = (imports - exports).loc[both]
        found["import"] = imports
    if len(exports):
        usual = float(imports.mean()) if len(imports) else 0.0
        years = range(int(exports.index.min()), int(exports.index.max()) + 1)
        gaps = [y for y in years if y not in exports.index and y in net.index]
        derived = (usual - net.loc[gaps]).clip(lower=0.0)
        found["export"] = pd.concat([exports, derived]).sort_index()
    known = found["generation_total"].index.intersection(net.index)
    found["demand_gross"] = found["generation_total"].loc[known] + net.loc[known]
    return found


def _as_series(values: pd.Series, name: str) -> pd.Series:
    """Return the unbroken end of a yearly series."""
    ordered = values.sort_index()
    breaks = np.flatnonzero(np.diff(ordered.index.to_numpy()) > 1)
    kept = ordered.iloc[breaks[-1] + 1 :] if len(breaks) else ordered
    index = pd.PeriodIndex([str(y) for y in kept.index], freq="Y")
    return pd.Series(kept.to_numpy(float), index=index, name=name)
