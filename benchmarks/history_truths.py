"""Complete monthly records, masked to the pattern of figures that Azerbaijan really has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

#: US sources (EIA codes), each with the series of Azerbaijan whose pattern and size it takes.
US = {
    "ELETPUS": "generation_total",
    "CLETPUS": "generation_thermal",
    "PAETPUS": "generation_thermal",
    "NUETPUS": "generation_thermal",
    "HVETPUS": "generation_hydro",
    "WDETPUS": "generation_waste",
    "GEETPUS": "generation_solar",
}
ARMENIA = {
    "total": "generation_total",
    "thermal": "generation_thermal",
    "nuclear": "generation_thermal",
    "hydro": "generation_hydro",
    "solar": "generation_solar",
    "export": "export",
}
#: Countries of the records of demand.
ISO = {
    "ARM": "AM",
    "AZE": "AZ",
    "BGR": "BG",
    "GEO": "GE",
    "GRC": "GR",
    "HUN": "HU",
    "IRN": "IR",
    "KAZ": "KZ",
    "MDA": "MD",
    "ROU": "RO",
    "RUS": "RU",
    "TUR": "TR",
    "UKR": "UA",
}
#: First years of the masks: six years of months and quarters, or four bare years before them.
SPANS = {"six years": (2019, 6), "ten years": (2015, 10)}
#: The method was developed on these only; the others were looked at once it was fixed.
DEVELOPMENT = ("US to 1990", "demand GE", "demand TR", "demand RO")


@dataclass(frozen=True)
class Case:
    """One record in one window, with the figures that would have been published of it."""

    group: str
    name: str
    mask: str
    pattern: str
    truth: pd.Series
    figures: pd.DataFrame

    @property
    def development(self) -> bool:
        return self.group in DEVELOPMENT


def cases(folder: Path, observations: pd.DataFrame) -> Iterator[Case]:
    """Return every record of the folder under every mask that it is long enough for."""
    for group, name, pattern, broken in _records(folder):
        record = _unbroken(broken)
        for mask, (first, years) in SPANS.items():
            for truth in _windows(record, 12 * years):
                shift = truth.index[0].year - first
                placed = _group(group, truth)
                yield mask_record(placed, name, mask, pattern, truth, observations, shift)


def mask_record(
    group: str,
    name: str,
    mask: str,
    pattern: str,
    truth: pd.Series,
    observations: pd.DataFrame,
    shift: int,
) -> Case:
    """Publish a record the way Azerbaijan's figures of a series are published.

    The record is scaled to the size of Azerbaijan's series, so that rounding matters as much; a
    figure that was revised is off by as much as Azerbaijan's first figure was.
    """
    rows = observations[
        (observations["series"] == pattern) & (observations["scope"] == "country")
    ].copy()
    for column in ("timestamp", "end", "vintage"):
        rows[column] = rows[column] + pd.DateOffset(years=shift)
    start = truth.index[0]
    rows["first"] = (rows["timestamp"].dt.year - start.year) * 12 + rows["timestamp"].dt.month - 1
    rows["last"] = (rows["end"].dt.year - start.year) * 12 + rows["end"].dt.month - 2
    whole = (rows["timestamp"].dt.day == 1) & (rows["end"].dt.day == 1)
    rows = rows[whole & (rows["first"] >= 0) & (rows["last"] < len(truth))]
    months = (rows["last"] - rows["first"] + 1).sum()
    scaled = truth * (rows["value"].sum() / months) / truth.mean()
    ordered = rows.sort_values(["vintage", "precision_gwh"], ascending=[True, False])
    newest = ordered.groupby(["first", "last"])["value"].transform("last").reindex(rows.index)
    sums = np.concatenate([[0.0], np.cumsum(scaled.to_numpy())])
    exact = sums[rows["last"] + 1] - sums[rows["first"]]
    told = exact * (rows["value"] / newest).to_numpy()
    step = rows["precision_gwh"].to_numpy()
    rows = rows.assign(series=name, value=np.round(told / step) * step)
    return Case(group, name, mask, pattern, scaled, rows.reset_index(drop=True))


def _unbroken(record: pd.Series) -> pd.Series:
    """Return the record after its last missing month."""
    whole = record.resample("M").first()
    gaps = np.flatnonzero(whole.isna())
    return whole.iloc[gaps[-1] + 1 :] if len(gaps) else whole


def _group(group: str, truth: pd.Series) -> str:
    if group != "US":
        return group
    return "US to 1990" if truth.index[-1].year <= 1992 else "US from 1991"


def _windows(record: pd.Series, months: int) -> Iterator[pd.Series]:
    """Cut a record into windows that start in January; a last one may lack a year and a bit."""
    first = 0 if record.index[0].month == 1 else 13 - record.index[0].month
    for start in range(first, len(record), months):
        window = record.iloc[start : start + months]
        if len(window) >= months - 15:
            yield window


def _records(folder: Path) -> Iterator[tuple[str, str, str, pd.Series]]:
    us = pd.read_csv(folder / "benchmarks/eia_us_generation_a/monthly.csv", index_col="month")
    us.index = pd.PeriodIndex(us.index, freq="M")
    for code, pattern in US.items():
        yield "US", code, pattern, us[code].astype(float)
    demand = pd.read_csv(folder / "ember/monthly_demand.csv")
    for country, rows in demand.groupby("country_code"):
        index = pd.PeriodIndex(rows["date"].str[:7], freq="M")
        record = pd.Series(1000.0 * rows["demand_twh"].to_numpy(), index=index).sort_index()
        if country == "AZE":  # July and August 2024 of this record are known to be wrong
            record = record[: pd.Period("2024-06", freq="M")]
        yield f"demand {ISO.get(country, country)}", "demand", "generation_total", record
    armenia = pd.read_csv(folder / "armenia_statistics/monthly_generation_gwh.csv")
    table = armenia.pivot_table(index="date", columns="source", values="month_value_gwh")
    table.index = pd.PeriodIndex(table.index.str[:7], freq="M")
    exports = pd.read_csv(folder / "armenia_statistics/monthly_electricity_exports.csv")
    months = pd.PeriodIndex(exports["period"].str[:7], freq="M")
    table["export"] = pd.Series(exports["mwh"].to_numpy() / 1000.0, index=months)
    for source, pattern in ARMENIA.items():
        record = table[source].dropna().sort_index()
        yield "Armenia", source, pattern, record
