"""Facts, capacity, loads and drivers: the tables beside the observations."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from register import Sources

OUT = Path(__file__).resolve().parents[1]
FACTS = ("corridors", "generation_projects", "data_centres", "references")


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

    def add(year: int, variable: str, value: float, unit: str, status: str, *, source: str) -> None:
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
            add(r["year"], variable, r["value"], unit, status, source="imf_weo")
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
            source="iiasa_ssp",
        )
        growth = 100 * ((money[2040] / money[2030]) ** 0.1 - 1)
        add(year, "gdp_growth", growth, "percent", "projection", source="iiasa_ssp")
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
            source="era5_monthly",
        )
        add(
            year,
            "cooling_degree_months",
            (t - 18).clip(lower=0).sum(),
            "C month",
            "actual",
            source="era5_monthly",
        )
    normal = warm[warm["year"].between(2005, 2024)].groupby("month")["mean_temp_c"].mean()
    for month, value in normal.items():
        add(month, "normal_temperature_by_month", value, "C", "actual", source="era5_monthly")
    return pd.DataFrame(rows)
