"""Compile the project's tables of cited figures.

    python data/derive/compile_observations.py FOLDER

FOLDER holds the compiled Azerbaijani tables (``azerbaijan_*.csv``, ``facts/``) and the public
sets named in the docstrings below; single figures are entered with their source, no set is copied.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pandas as pd

OUT = Path(__file__).resolve().parents[1]
FACTS = ("corridors", "generation_projects", "data_centres", "references")
LICENCE = "single facts, cited; not protected as such"
MONTHS_LAG = "15 May of the following year"
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
    "generation_commercial": ("generation_total", "state_statistics"),
    "generation_hydro_commercial": ("generation_hydro", "state_statistics"),
    "generation_solar_commercial": ("generation_solar", "state_statistics"),
    "generation_thermal_commercial": ("generation_thermal", "state_statistics"),
    "generation_wind_commercial": ("generation_wind", "state_statistics"),
    "generation_azerenerji": ("generation_total", "azerenerji"),
    "export_azerenerji": ("export", "azerenerji"),
}
ADDRESSES = {
    "stat_gov_az": (
        "State Statistical Committee of the Republic of Azerbaijan",
        "https://www.stat.gov.az/source/balance_fuel/?lang=en",
        "Table 5.4, electricity production by type of plant",
        "official statistics; re-use with attribution",
    ),
    "ember_monthly": (
        "Ember",
        "https://ember-energy.org/data/monthly-electricity-data/",
        "Monthly electricity demand",
        "CC BY 4.0",
    ),
    "imf_weo": (
        "International Monetary Fund",
        "https://www.imf.org/en/Publications/WEO/weo-database/2025/October",
        "World Economic Outlook, October 2025",
        "IMF data terms, attribution",
    ),
    "iiasa_ssp": (
        "IIASA",
        "https://tntcat.iiasa.ac.at/SspDb",
        "Shared Socioeconomic Pathways, SSP2 (IIASA-WiC population, OECD growth)",
        "free for research with attribution",
    ),
    "era5_monthly": (
        "Our World in Data, from Copernicus ERA5",
        "https://ourworldindata.org/grapher/monthly-average-surface-temperatures-by-year",
        "National monthly mean temperature",
        "CC BY 4.0",
    ),
}


class Sources:
    """Gives every address one id."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, str]] = {}

    def add(
        self, publisher: str, address: str, date: str, title: str = "", licence: str = ""
    ) -> str:
        """Return the id of an address, entering it when it is new."""
        found = self.rows.get(address)
        if found is None:
            if not licence:
                licence = "CC BY 4.0" if "owid" in address else LICENCE
            found = {
                "source_id": f"S{len(self.rows) + 1:03d}",
                "publisher": publisher,
                "title": title,
                "address": address,
                "date": date,
                "licence": licence,
                "note": "",
            }
            self.rows[address] = found
        return found["source_id"]

    def named(self, name: str) -> str:
        """Return the id of one of the sets in `ADDRESSES`."""
        publisher, address, title, licence = ADDRESSES[name]
        return self.add(publisher, address, "2026", title, licence)


def vintage(text: str, end: pd.Timestamp) -> tuple[str, str]:
    """Turn a stated date of publication into a date, and say whether it is an assumption.

    A month alone counts from its last day.  A bare year is the year of a later compilation:
    annual statistics are taken as known on 15 May of the following year (assumption).
    """
    dates = re.findall(r"\d{4}-\d{2}-\d{2}", text)
    if dates:
        return dates[0], "published"
    months = re.findall(r"\d{4}-\d{2}", text)
    if months:
        day = (pd.Timestamp(months[0]) + pd.offsets.MonthEnd(0)).date().isoformat()
        return day, "published" if months[0] == text else "assumed"
    lag = pd.Timestamp(end.year, 5, 15) if end.month == 1 else end + pd.Timedelta(days=45)
    return lag.date().isoformat(), "assumed"


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


def _row(r: dict, sources: Sources, kind: str, start: pd.Timestamp, end: pd.Timestamp) -> dict:
    series, scope = NAMES.get(r["variable"], (r["variable"], None))
    who = str(r["data_originator"])
    day, basis = vintage(str(r.get("source_date", "")), end)
    return {
        "series": series,
        "start": start.date().isoformat(),
        "end": end.date().isoformat(),
        "value": r["value_gwh"],
        "unit": "GWh",
        "vintage": max(day, end.date().isoformat()),
        "vintage_basis": basis if day >= end.date().isoformat() else "assumed",
        "publisher": who,
        "scope": scope or SCOPES.get(who, "country"),
        "precision_gwh": r["precision_gwh"],
        "kind": kind,
        "source_id": sources.add(
            str(r.get("source_publisher", who)), str(r["source_url"]), str(r.get("source_date", ""))
        ),
        "note": "" if pd.isna(r.get("note")) else str(r["note"]),
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
    table = pd.read_csv(folder / "azerbaijan_implied.csv").rename(
        columns={"implied_value_gwh": "value_gwh"}
    )
    for r in table.to_dict("records"):
        start = pd.Timestamp(r["year"], 1, 1)
        end = pd.Timestamp(r["year"], r["through_month"], 1) + pd.offsets.MonthBegin(1)
        # The statement is about the year after, so the figure cannot be older than that.
        rows.append(_row(r, sources, "implied", start, end))
        known = end + pd.DateOffset(years=1, days=45)
        rows[-1].update(vintage=known.date().isoformat(), vintage_basis="assumed")
    return _frame(rows)


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


def monthly_demand(folder: Path, sources: Sources) -> tuple[pd.DataFrame, list[dict]]:
    """Monthly demand 2019-2024 as Ember gives it: without own-use plants (92 % of the year)."""
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
            "note": "months sum to 92 % of the year: plants for own use are missing",
        }
        if start in {pd.Timestamp("2024-07-01"), pd.Timestamp("2024-08-01")}:
            lost.append(
                {
                    **row,
                    "kept_value": "",
                    "rule": "R5 implausible against its neighbours",
                    "reason": "July and August 2024 contradict the ministry's releases of that summer",
                }
            )
        else:
            rows.append(row)
    return _frame(rows), lost


def settle(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[dict]]:
    """Apply the written rules of docs/data.md to contradicting figures."""
    lost: list[dict] = []

    def drop(mask: pd.Series, kept: object, rule: str, reason: str) -> None:
        nonlocal frame
        for r in frame[mask].to_dict("records"):
            lost.append({**r, "kept_value": kept, "rule": rule, "reason": reason})
        frame = frame[~mask]

    year = frame["start"].str[:4].astype(int)
    international = frame["publisher"].str.startswith("Ember / Energy") & frame[
        "series"
    ].str.startswith("generation")
    drop(
        international & (year <= 2024),
        "see generation of the Statistical Committee",
        "R1 the national statistical table before an international file",
        "rounded to 10 GWh; solar 2024 is 80 GWh there, 556 in the country's own tables",
    )
    drop(
        (frame["series"] == "import")
        & (frame["value"].astype(float) == 70.7)
        & frame["start"].eq("2024-01-01"),
        170.5,
        "R2 the figure that the year's monthly releases support",
        "112 GWh to July and 125.5 to August 2024 were published; 70.7 looks like a misprint",
    )
    drop(
        (frame["series"] == "export")
        & frame["start"].eq("2013-01-01")
        & (frame["value"].astype(float) == 156.7),
        595.67,
        "R3 the figure two releases state",
        "156.7 appears once and repeats no other year",
    )
    drop(
        (frame["scope"] == "customs")
        & frame["start"].eq("2024-01-01")
        & frame["end"].eq("2024-02-01")
        & (frame["series"] == "export"),
        407,
        "R4 the ministry before customs",
        "495 GWh in January (customs, by declaration date) against 407 for January-April",
    )
    return frame, lost


def facts(folder: Path, sources: Sources) -> None:
    """Trim the four fact tables and point each row at its source."""
    for name in FACTS:
        table = pd.read_csv(folder / "facts" / f"{name}.csv", dtype=str).fillna("")
        table["source_id"] = [
            sources.add(p, a, d)
            for p, a, d in table[["source_publisher", "source_url", "source_date"]].to_numpy()
        ]
        columns = [
            "id",
            "subject",
            "quantity",
            "value",
            "unit",
            "year_or_date",
            "status",
            "source_id",
            "source_date",
            "note",
        ]
        table[columns].to_csv(OUT / f"facts_{name}.csv", index=False)


def capacity_and_load(folder: Path, sources: Sources) -> None:
    """Installed capacity by date, peaks, records and losses."""
    table = pd.read_csv(folder / "azerbaijan_capacity.csv", dtype=str).fillna("")
    table["source_id"] = [
        sources.add(p, a, d)
        for p, a, d in table[["source_publisher", "source_url", "date"]].to_numpy()
    ]
    columns = ["date", "technology", "plant", "capacity_mw", "status", "source_id", "note"]
    table[columns].to_csv(OUT / "capacity.csv", index=False)
    table = pd.read_csv(folder / "azerbaijan_load_losses.csv", dtype=str).fillna("")
    table["source_id"] = [
        sources.add(p, a, d)
        for p, a, d in table[["source_publisher", "source_url", "source_date"]].to_numpy()
    ]
    table[["date", "variable", "value", "unit", "source_id", "note"]].to_csv(
        OUT / "load_losses.csv", index=False
    )


def drivers(folder: Path, sources: Sources) -> pd.DataFrame:
    """GDP growth and population to 2040, degree months 2000-2024, monthly normals."""
    rows = []

    def add(year: int, variable: str, value: float, unit: str, status: str, source: str) -> None:
        rows.append(
            {
                "year": year,
                "variable": variable,
                "value": round(value, 3),
                "unit": unit,
                "status": status,
                "source_id": sources.named(source),
            }
        )

    weo = pd.read_csv(folder / "imf_weo" / "weo_oct2025_gdp_population.csv")
    weo = weo[(weo["ref_area"] == "AZE") & (weo["year"] >= 2000)]
    for concept, variable, unit in (
        ("NGDP_RPCH", "gdp_growth", "percent"),
        ("NGDPD", "gdp", "billion USD"),
        ("LP", "population", "million"),
    ):
        for r in weo[weo["concept"] == concept].to_dict("records"):
            status = "actual" if r["year"] <= 2024 else "projection"
            add(r["year"], variable, r["value"], unit, status, "imf_weo")
    last = weo[(weo["concept"] == "LP") & (weo["year"] == 2030)]["value"].iloc[0]
    ssp = pd.read_csv(folder / "iiasa_ssp" / "ssp_population_gdp_urban.csv")
    ssp = ssp[(ssp["Region"] == "AZE") & (ssp["Scenario"] == "SSP2")]
    people = ssp[(ssp["Model"] == "IIASA-WiC POP") & (ssp["Variable"] == "Population")].set_index(
        "year"
    )["value"]
    money = ssp[(ssp["Model"] == "OECD Env-Growth") & (ssp["Variable"] == "GDP|PPP")].set_index(
        "year"
    )["value"]
    for year in range(2031, 2041):
        ratio = pd.Series(people).reindex(range(2030, 2041)).interpolate()
        add(
            year,
            "population",
            last * ratio[year] / ratio[2030],
            "million",
            "projection",
            "iiasa_ssp",
        )
        growth = 100 * ((money[2040] / money[2030]) ** 0.1 - 1)
        add(year, "gdp_growth", growth, "percent", "projection", "iiasa_ssp")
    warm = pd.read_csv(folder / "owid_era5_monthly_temperature" / "monthly_mean_temperature.csv")
    warm = warm[warm["iso3"] == "AZE"]
    for year, months in warm[warm["year"].between(2000, 2024)].groupby("year"):
        t = months["mean_temp_c"]
        if len(t) < 12:
            continue
        add(
            year,
            "heating_degree_months",
            (15 - t).clip(lower=0).sum(),
            "C month",
            "actual",
            "era5_monthly",
        )
        add(
            year,
            "cooling_degree_months",
            (t - 18).clip(lower=0).sum(),
            "C month",
            "actual",
            "era5_monthly",
        )
    normal = warm[warm["year"].between(2005, 2024)].groupby("month")["mean_temp_c"].mean()
    for month, value in normal.items():
        add(month, "normal_temperature_by_month", value, "C", "actual", "era5_monthly")
    return pd.DataFrame(rows)


def main(folder: Path) -> None:
    """Write every table."""
    sources = Sources()
    months, lost = monthly_demand(folder, sources)
    frame = pd.concat([cumulative(folder, sources), annual(folder, sources), months])
    frame, more = settle(frame)
    key = ["series", "start", "end", "value", "vintage", "publisher", "scope", "kind"]
    frame = frame.drop_duplicates(key).sort_values(["series", "start", "end", "vintage"])
    facts(folder, sources)
    capacity_and_load(folder, sources)
    drivers(folder, sources).to_csv(OUT / "drivers.csv", index=False)
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
    pd.DataFrame(sources.rows.values()).to_csv(OUT / "SOURCES.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
