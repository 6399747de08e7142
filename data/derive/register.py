"""Sources, each with one id, and the date a figure became known."""

from __future__ import annotations

import re

import pandas as pd

LICENCE = "facts, not protected; cited"
#: Where a set was really read, when that is not its publisher's own page.
READ_FROM = {
    "stat_gov_az": "read from github Ismat-Samadov/electric_energy_production, data/005_4.xls, "
    "commit 7887743a9a48e990079869f6aa83c941af23e981",
    "ember_prices": "read from github tnechaev/energy-options-mc-pricing, "
    "european_wholesale_electricity_price_data_daily.csv, "
    "commit 1da64070e1ffdba5a743b0c1dc3ceee4bc31e467",
    "ember_monthly": "read from github ember-climate/ember-data-api, "
    "data/api_country_overview_monthly.csv, commit 02ce82d403b50d2cd2acd792505411088891b34e",
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
    "ember_prices": (
        "Ember",
        "https://ember-energy.org/data/european-wholesale-electricity-price-data/",
        "European wholesale electricity price data (daily)",
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


def title_of(address: str) -> str:
    """Return the headline that an address spells out, or nothing."""
    last = address.rstrip("/").rsplit("/", maxsplit=1)[-1].rsplit(".htm", maxsplit=1)[0]
    words = [w for w in re.split(r"[-_]+", last) if w.isalnum()]
    letters = [w for w in words if w.isascii() and not w.isdigit()]
    return " ".join(words).capitalize() if len(letters) >= 4 else ""


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
                "title": title or title_of(address),
                "address": address,
                "date": date,
                "licence": licence,
                "note": "title as the address spells it" if not title and title_of(address) else "",
            }
            self.rows[address] = found
        return found["source_id"]

    def named(self, name: str) -> str:
        """Return the id of one of the sets in `ADDRESSES`."""
        publisher, address, title, licence = ADDRESSES[name]
        found = self.add(publisher, address, "2026", title, licence)
        self.rows[address]["note"] = READ_FROM.get(name, "")
        return found


def vintage(text: str, end: pd.Timestamp) -> tuple[str, str, str]:
    """Turn a stated date of publication into a date, its basis and a note.

    A month alone counts from its last day.  A bare year is the year of a later compilation:
    annual statistics are taken as known on 15 May of the following year (assumption).  A doubtful
    month ("undated (2021-03)", "2023-05?") counts from its last day, as an assumption.
    """
    dates = re.findall(r"\d{4}-\d{2}-\d{2}", text)
    months = re.findall(r"\d{4}-\d{2}", text)
    if dates:
        day, basis, note = pd.Timestamp(dates[0]), "published", ""
    elif months:
        day = pd.Timestamp(months[0]) + pd.offsets.MonthEnd(0)
        doubtful = months[0] != text
        basis = "assumed" if doubtful else "published"
        note = f"date of publication doubtful: {text}" if doubtful else ""
    else:
        day = pd.Timestamp(end.year, 5, 15) if end.month == 1 else end + pd.Timedelta(days=45)
        basis, note = "assumed", ""
    if day < end:
        # Told before the period was over: not an outcome until its end.
        return end.date().isoformat(), "assumed", f"published on {day.date()}, before the end"
    return day.date().isoformat(), basis, note
