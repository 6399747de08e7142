"""Facts, capacity, loads and drivers: the tables beside the observations."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from register import Sources

OUT = Path(__file__).resolve().parents[1]
FACTS = ("corridors", "generation_projects", "data_centres", "references")
_YEAR_NOTE = (
    "year not in the text: by customs, a month late; exports and imports both fit the ministry's "
    "December 2023 to April 2024"
)
FACT_COLUMNS = [
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


def facts(folder: Path, sources: Sources) -> None:
    """Trim the four fact tables and point each row at its source."""
    for name in FACTS:
        table = pd.read_csv(folder / "facts" / f"{name}.csv", dtype=str).fillna("")
        table = _dated(table)
        _cited(table, sources)[FACT_COLUMNS].to_csv(OUT / f"facts_{name}.csv", index=False)


def _dated(table: pd.DataFrame) -> pd.DataFrame:
    """Give the customs figures of January to May, printed without a year, to 2024.

    They had been put to 2018, when Türkiye took 13 GWh in the whole year [C188].  Customs count a
    month later: 904 GWh are the ministry's 497 of December 2023 and 407 of January to April 2024,
    and the 73 GWh of imports printed beside them are its 11.0 and 62.2.
    """
    here = table["source_url"].str.contains("dunyapress.info", regex=False)
    notes = table["note"].str.replace("Year inferred", "", regex=False)
    notes = notes.str.replace("; year not in the text, 2018 fits the other totals", "", regex=False)
    told = notes.str.cat([_YEAR_NOTE] * len(table), sep="; ").str.removeprefix("; ")
    return table.assign(
        year_or_date=table["year_or_date"].mask(here, "2024 Jan–May"),
        note=table["note"].mask(here, told),
    )


def more_facts(sources: Sources) -> None:
    """Add the facts found later (``more_facts.csv``); their sources come last and keep the ids."""
    more = pd.read_csv(Path(__file__).with_name("more_facts.csv"), dtype=str).fillna("")
    more = _cited(more, sources)
    for name, rows in more.groupby("table"):
        file = OUT / f"facts_{name}.csv"
        rows[FACT_COLUMNS].to_csv(file, mode="a", header=False, index=False)


def _cited(table: pd.DataFrame, sources: Sources) -> pd.DataFrame:
    columns = ["source_publisher", "source_url", "source_date"]
    return table.assign(source_id=[sources.add(p, a, d) for p, a, d in table[columns].to_numpy()])


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


def _known_economy(folder: Path) -> pd.DataFrame:
    """GDP and population from 2000; from 2025 the IMF's projection of October 2025."""
    weo = pd.read_csv(folder / "imf_weo" / "weo_oct2025_gdp_population.csv")
    weo = weo[(weo["ref_area"] == "AZE") & (weo["year"] >= 2000)]
    wanted = pd.DataFrame(
        {
            "concept": ["NGDP_RPCH", "NGDPD", "LP"],
            "variable": ["gdp_growth", "gdp", "population"],
            "unit": ["percent", "billion USD", "million"],
        }
    )
    found = wanted.merge(weo, on="concept", suffixes=("", "_weo"))
    found["status"] = found["year"].le(2024).map({True: "actual", False: "projection"})
    return found.assign(source="imf_weo")


def _later_economy(folder: Path, people_2030: float) -> pd.DataFrame:
    """SSP2 from 2031: its population growth on the IMF's level, its GDP growth spread evenly."""
    ssp = pd.read_csv(folder / "iiasa_ssp" / "ssp_population_gdp_urban.csv")
    ssp = ssp[(ssp["Region"] == "AZE") & (ssp["Scenario"] == "SSP2")].set_index("year")
    people = ssp.loc[(ssp["Model"] == "IIASA-WiC POP") & (ssp["Variable"] == "Population"), "value"]
    money = ssp.loc[(ssp["Model"] == "OECD Env-Growth") & (ssp["Variable"] == "GDP|PPP"), "value"]
    path = people.reindex(range(2030, 2041)).interpolate()
    growth = 100 * ((money.loc[2040] / money.loc[2030]) ** 0.1 - 1)
    rows = []
    for year in range(2031, 2041):
        count = people_2030 * path.loc[year] / path.loc[2030]
        rows.append({"year": year, "variable": "population", "value": count, "unit": "million"})
        rows.append({"year": year, "variable": "gdp_growth", "value": growth, "unit": "percent"})
    return pd.DataFrame(rows).assign(status="projection", source="iiasa_ssp")


def _warmth(folder: Path) -> pd.DataFrame:
    """Degree months 2000-2024 (below 15, above 18 C) and the normal of each month 2005-2024."""
    warm = pd.read_csv(folder / "owid_era5_monthly_temperature" / "monthly_mean_temperature.csv")
    warm = warm[(warm["iso3"] == "AZE") & warm["year"].between(2000, 2024)]
    warm = warm.assign(
        heating_degree_months=(15 - warm["mean_temp_c"]).clip(lower=0),
        cooling_degree_months=(warm["mean_temp_c"] - 18).clip(lower=0),
    )
    names = ["heating_degree_months", "cooling_degree_months"]
    sums = warm.groupby("year")[names].sum(min_count=12).dropna().reset_index()
    sums = sums.melt(id_vars="year").sort_values("year", kind="stable")
    normal = warm[warm["year"] >= 2005].groupby("month")["mean_temp_c"].mean().reset_index()
    normal.columns = pd.Index(["year", "value"])
    normal["variable"] = "normal_temperature_by_month"
    return pd.concat([sums.assign(unit="C month"), normal.assign(unit="C")]).assign(
        status="actual", source="era5_monthly"
    )


def _price(folder: Path) -> pd.DataFrame:
    """Romania's day-ahead price of whole years and of their Decembers."""
    daily = pd.read_csv(
        folder / "ember" / "eu_day_ahead_price_daily_eur_mwh.csv", parse_dates=["date"]
    )
    daily = daily[daily["date"].dt.year <= 2025].set_index("date")["ROU"]
    december = daily[daily.index.month == 12]
    frames = [
        block.groupby(block.index.year)
        .mean()
        .rename_axis("year")
        .reset_index(name="value")
        .assign(variable=variable)
        for variable, block in (("romania_price", daily), ("romania_price_december", december))
    ]
    return pd.concat(frames).assign(unit="EUR/MWh", status="actual", source="ember_prices")


def drivers(folder: Path, sources: Sources) -> pd.DataFrame:
    """GDP and population to 2040, degree months, normal temperature (year = month there), price."""
    known = _known_economy(folder)
    people = known[(known["variable"] == "population") & (known["year"] == 2030)]["value"].iloc[0]
    table = pd.concat([known, _later_economy(folder, float(people)), _warmth(folder)])
    table = pd.concat([table, _price(folder)])
    table["value"] = table["value"].round(3)
    table["source_id"] = [sources.named(name) for name in table["source"]]
    return table[["year", "variable", "value", "unit", "status", "source_id"]]
