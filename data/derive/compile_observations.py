"""Compile the project's tables of cited figures.

    python data/derive/compile_observations.py FOLDER

FOLDER holds the compiled Azerbaijani tables (``azerbaijan_*.csv``, ``facts/``) and the public
sets named in the docstrings below; single figures are entered with their source, no set is copied.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas as pd
from register import Sources, vintage
from settle import fact_conflicts, settle
from side_tables import OUT, capacity_and_load, drivers, facts, more_facts

SCOPES = {
    "State Statistics Committee of Azerbaijan": "state_statistics",
    "Azerenerji OJSC": "azerenerji",
    "State Customs Committee / trade statistics": "customs",
    "ESCO (Georgian electricity market operator)": "georgian_operator",
    "Ember / Energy Institute (via Our World in Data)": "ember",
}
#: Names in the compiled tables -> (series, scope or None for the publisher's own scope).
NAMES = {
    "consumption_gross": ("demand_gross", None),
    # Without the plants for own use: 12 % under the country, a scope of its own.
    "generation_commercial": ("generation_total", "state_statistics_commercial"),
    "generation_hydro_commercial": ("generation_hydro", "state_statistics"),
    "generation_solar_commercial": ("generation_solar", "state_statistics"),
    "generation_thermal_commercial": ("generation_thermal", "state_statistics_commercial"),
    "generation_wind_commercial": ("generation_wind", "state_statistics"),
    "generation_azerenerji": ("generation_total", "azerenerji"),
    "export_azerenerji": ("export", "azerenerji"),
}


def _frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    columns = [
        "series",
        "start",
        "end",
        "value",
        "unit",
        "vintage",
        "vintage_basis",
        "publisher",
        "scope",
        "precision_gwh",
        "kind",
        "source_id",
        "note",
    ]
    return pd.DataFrame(rows, columns=columns)


def _row(
    r: dict[Any, Any], sources: Sources, kind: str, start: pd.Timestamp, end: pd.Timestamp
) -> dict[str, object]:
    series, scope = NAMES.get(r["variable"], (r["variable"], None))
    who = str(r["data_originator"])
    stated = str(r.get("source_date", ""))
    day, basis, doubt = vintage(stated, end)
    notes = ["" if pd.isna(r.get("note")) else str(r["note"]), doubt]
    return {
        "series": series,
        "start": start.date().isoformat(),
        "end": end.date().isoformat(),
        "value": r["value_gwh"],
        "unit": "GWh",
        "vintage": day,
        "vintage_basis": basis,
        "publisher": who,
        "scope": scope or SCOPES.get(who, "country"),
        "precision_gwh": r["precision_gwh"],
        "kind": kind,
        "source_id": sources.add(str(r.get("source_publisher", who)), str(r["source_url"]), stated),
        "note": "; ".join(n for n in notes if n),
    }


def cumulative(folder: Path, sources: Sources) -> pd.DataFrame:
    """January-to-month totals, the months published as such, and implied previous-year totals."""
    rows = []
    table = pd.read_csv(folder / "azerbaijan_cumulative.csv")
    for r in table[table["year"] >= 2000].to_dict("records"):
        start = pd.Timestamp(r["year"], 1, 1)
        end = pd.Timestamp(r["year"], r["through_month"], 1) + pd.offsets.MonthBegin(1)
        kind = "year" if r["through_month"] == 12 else "cumulative"
        rows.append(_row(r, sources, kind, start, end))
    table = pd.read_csv(folder / "azerbaijan_monthly_reported.csv")
    for r in table[table["year"] >= 2000].to_dict("records"):
        start = pd.Timestamp(r["year"], r["month"], 1)
        rows.append(_row(r, sources, "month", start, start + pd.offsets.MonthBegin(1)))
    rows += implied(folder, sources)
    return _frame(rows)


def implied(folder: Path, sources: Sources) -> list[dict[str, object]]:
    """Totals of the year before, from a stated change: known when the change was stated."""
    stated = pd.concat(
        pd.read_csv(folder / f"azerbaijan_{name}.csv", dtype=str)
        for name in ("cumulative", "monthly_reported")
    ).drop_duplicates("source_url")
    dates = stated.set_index("source_url")["source_date"]
    table = pd.read_csv(folder / "azerbaijan_implied.csv")
    rows = []
    for r in table.rename(columns={"implied_value_gwh": "value_gwh"}).to_dict("records"):
        start = pd.Timestamp(r["year"], 1, 1)
        end = pd.Timestamp(r["year"], r["through_month"], 1) + pd.offsets.MonthBegin(1)
        r["source_date"] = dates[r["source_url"]]
        rows.append(_row(r, sources, "implied", start, end))
    return rows


def annual(folder: Path, sources: Sources) -> pd.DataFrame:
    """Generation by type of plant, from the Statistical Committee (adds up to 0.001 GWh)."""
    table = pd.read_csv(folder / "stat_gov_az" / "az_generation_by_source_1913_2024.csv")
    thermal = ["public_thermal_gwh", "autoproducer_thermal_gwh", "small_generators_gwh"]
    rows = []
    for r in table[table["year"] >= 2000].fillna(0.0).to_dict("records"):
        parts = {
            "generation_total": r["total_gwh"],
            "generation_thermal": sum(r[c] for c in thermal),
            "generation_hydro": r["hydro_gwh"],
            "generation_wind": r["wind_gwh"],
            "generation_solar": r["solar_gwh"],
            "generation_waste": r["waste_gwh"] + r["biomass_gwh"],
            "generation_own_use": r["autoproducer_thermal_gwh"],
        }
        year = int(r["year"])
        for series, value in parts.items():
            rows.append(
                {
                    "series": series,
                    "start": f"{year}-01-01",
                    "end": f"{year + 1}-01-01",
                    "value": round(value, 4),
                    "unit": "GWh",
                    "vintage": f"{year + 1}-05-15",
                    "vintage_basis": "assumed",
                    "publisher": "State Statistics Committee of Azerbaijan",
                    "scope": "country",
                    "precision_gwh": 0.1,
                    "kind": "year",
                    "source_id": sources.named("stat_gov_az"),
                    "note": "thermal = public + own-use + small plants; waste with biomass",
                }
            )
    return _frame(rows)


def monthly_demand(folder: Path, sources: Sources) -> tuple[pd.DataFrame, list[dict[str, object]]]:
    """Monthly demand 2019-2024 as Ember gives it: without own-use plants (91-97 % of the year)."""
    table = pd.read_csv(folder / "ember" / "monthly_demand.csv")
    table = table[table["country_code"] == "AZE"]
    rows, lost = [], []
    for r in table.to_dict("records"):
        start = pd.Timestamp(r["date"])
        end = start + pd.offsets.MonthBegin(1)
        row = {
            "series": "demand_gross",
            "start": start.date().isoformat(),
            "end": end.date().isoformat(),
            "value": round(1000 * r["demand_twh"], 1),
            "unit": "GWh",
            "vintage": (end + pd.Timedelta(days=75)).date().isoformat(),
            "vintage_basis": "assumed",
            "publisher": "Ember",
            "scope": "without_own_use",
            "precision_gwh": 10,
            "kind": "month",
            "source_id": sources.named("ember_monthly"),
            "note": "months sum to 91-97 % of the year: own-use plants are missing",
        }
        if start in {pd.Timestamp("2024-07-01"), pd.Timestamp("2024-08-01")}:
            lost.append(
                {
                    **row,
                    "kept_value": "",
                    "rule": "R5 implausible against its neighbours",
                    "reason": "the ministry's generation less net exports is about 2,650",
                }
            )
        else:
            rows.append(row)
    return _frame(rows), lost


def balance(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the annual balance 2000-2024: generation by source, trade and gross demand.

    Demand is the identity generation + imports - exports, by the country's own figures where
    both were published to better than 50 GWh, else with the international net import.
    """
    year = frame[frame["kind"] == "year"].assign(year=lambda f: f["start"].str[:4].astype(int))
    own = year[year["scope"] == "country"]
    national = own[own["publisher"].str.startswith("State Statistics")]
    parts = national.pivot_table(index="year", columns="series", values="value")
    exact = own[own["precision_gwh"] <= 50].sort_values("precision_gwh", ascending=False)
    trade = exact.drop_duplicates(["series", "year"], keep="last").pivot_table(
        index="year", columns="series", values="value"
    )
    net = year[year["series"] == "net_import"].set_index("year")
    names = ["total", "thermal", "hydro", "wind", "solar", "waste"]
    table = parts[[f"generation_{n}" for n in names]].copy()
    table["import"], table["export"] = trade["import"], trade["export"]
    both = table["import"].notna() & table["export"].notna()
    table["net_import"] = (table["import"] - table["export"]).where(
        both, net["value"].astype(float)
    )
    table["net_import_basis"] = both.map({True: "import less export", False: "international set"})
    table["demand_gross"] = (table["generation_total"] + table["net_import"]).round(4)
    table["demand_precision_gwh"] = both.map({True: 10.0, False: 20.0})
    table["source_id"] = national.groupby("year")["source_id"].first()
    table["net_import_source_id"] = net["source_id"].where(
        ~both.reindex(net.index, fill_value=False)
    )
    traded = exact[exact["series"] == "export"].groupby("year")["source_id"].last()
    table["net_import_source_id"] = table["net_import_source_id"].fillna(traded)
    return table.reset_index()


def main(folder: Path) -> None:
    """Write every table."""
    sources = Sources()
    months, lost = monthly_demand(folder, sources)
    frame = pd.concat([cumulative(folder, sources), annual(folder, sources), months])
    frame, more = settle(frame)
    key = ["series", "start", "end", "value", "vintage", "publisher", "scope"]
    frame = frame.drop_duplicates(key).sort_values(["series", "start", "end", "vintage"])
    facts(folder, sources)
    capacity_and_load(folder, sources)
    drivers(folder, sources).to_csv(OUT / "drivers.csv", index=False)
    more_facts(sources)
    frame.to_csv(OUT / "observations.csv", index=False)
    columns = [
        "series",
        "start",
        "end",
        "value",
        "unit",
        "publisher",
        "scope",
        "source_id",
        "kept_value",
        "rule",
        "reason",
    ]
    pd.DataFrame([*lost, *more])[columns].to_csv(OUT / "conflicts.csv", index=False)
    fact_conflicts(folder).to_csv(OUT / "conflicts_facts.csv", index=False)
    balance(frame).to_csv(OUT / "annual_balance.csv", index=False)
    pd.DataFrame(sources.rows.values()).to_csv(OUT / "SOURCES.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
