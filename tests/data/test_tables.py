"""The project's own tables hold together: identities, sources, vintages, settled conflicts."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from dcforecast import sources
from dcforecast.config.paths import data_dir
from dcforecast.errors import UserError
from dcforecast.sources.table_rules import REQUIRED
from dcforecast.sources.tables import names

PARTS = ["thermal", "hydro", "wind", "solar", "waste"]
KEY = ["series", "start", "end", "value", "publisher", "scope"]
FACT_ID = re.compile(r"\b[CGDR]\d{3}\b")


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return sources.table("observations")


@pytest.fixture(scope="module")
def balance() -> pd.DataFrame:
    return sources.table("annual_balance").set_index("year")


def test_the_balance_covers_every_year(balance):
    assert list(balance.index) == list(range(2000, 2025))


def test_generation_is_the_sum_of_its_parts_in_every_year(balance):
    parts = balance[[f"generation_{p}" for p in PARTS]].sum(axis=1)
    assert (parts - balance["generation_total"]).abs().max() < 0.01


def test_demand_is_generation_plus_net_import_in_every_year(balance):
    identity = balance["generation_total"] + balance["net_import"] - balance["demand_gross"]
    assert identity.abs().max() < 0.01
    traded = balance.dropna(subset=["import", "export"])
    assert len(traded) >= 2
    assert traded.loc[traded["net_import_basis"] == "import less export"].pipe(
        lambda t: (t["import"] - t["export"] - t["net_import"]).abs().max() < 0.01
    )


def test_two_compilations_agree_on_net_imports_within_their_rounding(rows, balance):
    international = rows[rows["series"] == "net_import"].copy()
    international.index = international["start"].str[:4].astype(int)
    own = balance[balance["net_import_basis"] == "import less export"]
    assert (own["net_import"] - international["value"].reindex(own.index)).abs().max() <= 15


def test_the_international_set_keeps_its_own_identity(rows):
    lost = sources.table("conflicts")
    made = lost[(lost["scope"] == "ember") & (lost["series"] == "generation_total")]
    made = made.set_index("start")["value"]
    own = rows[rows["scope"] == "ember"].pivot_table(
        index="start", columns="series", values="value"
    )
    gap = own["demand_gross"] - own["net_import"] - made
    assert gap.dropna().size == 25
    assert gap.abs().max() <= 20  # three figures, each rounded to 10 GWh, and a carry


def test_annual_observations_are_the_balance(rows, balance):
    own = rows[(rows["scope"] == "country") & (rows["kind"] == "year")]
    own = own[own["publisher"].str.startswith("State Statistics")]
    for part in ["total", *PARTS]:
        found = own[own["series"] == f"generation_{part}"]
        values = found.set_index(found["start"].str[:4].astype(int))["value"]
        assert values.equals(balance[f"generation_{part}"].rename("value").astype(float)), part


def test_every_source_exists_and_is_cited_by_something():
    known = set(sources.table("SOURCES")["source_id"])
    cited: set[str] = set()
    for name in names():
        frame = sources.table(name)
        if name == "SOURCES":
            assert frame["source_id"].is_unique
            assert frame["address"].is_unique
            continue
        for column in frame.columns:
            if str(column).endswith("source_id"):
                ids = set(frame[column].dropna().astype(str))
                assert ids <= known, (name, ids - known)
                cited |= ids
    assert known == cited


def test_every_fact_id_in_tables_and_options_exists():
    facts = sources.fact_sources()
    assert len(facts) == 420
    for name in names():
        if name.startswith("facts_") or name == "SOURCES":
            continue
        frame = sources.table(name)
        for column in ("fact_id", "fact_ids", "total_fact_id", "kept", "set_aside", "basis"):
            if column in frame.columns:
                cited = set(FACT_ID.findall(" ".join(frame[column].dropna().astype(str))))
                assert cited <= set(facts), (name, column, cited - set(facts))
    for file in (data_dir().parent / "conf").rglob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        yaml.safe_load(text)
        assert set(FACT_ID.findall(text)) <= set(facts), file


def test_no_figure_is_known_before_its_period_is_over(rows):
    assert (rows["vintage"] >= rows["end"]).all()
    assert (rows["start"] < rows["end"]).all()
    assert set(rows["vintage_basis"]) == {"published", "assumed"}


def test_doubtful_dates_are_noted(rows):
    doubtful = rows[rows["note"].fillna("").str.contains("date of publication doubtful")]
    assert len(doubtful) == 5
    assert set(doubtful["vintage_basis"]) == {"assumed"}


def test_no_figure_is_there_twice(rows):
    assert not rows.duplicated([*KEY, "vintage"]).any()


def test_settled_conflicts_winners_stand_and_losers_do_not(rows):
    lost = sources.table("conflicts")
    assert lost["rule"].str.match(r"R\d ").all()
    assert lost.merge(rows, on=KEY).empty
    standing = set(zip(rows["series"], rows["value"].round(4), strict=True))
    decided = lost.dropna(subset=["kept_value"])
    assert len(decided) > 100
    for row in decided.itertuples():
        assert (row.series, round(float(row.kept_value), 4)) in standing, row


def test_facts_of_a_conflict_are_all_kept_in_their_tables():
    conflicts = sources.table("conflicts_facts")
    ids = set(" ".join([*conflicts["kept"], *conflicts["set_aside"]]).split())
    assert ids <= set(sources.fact_sources())


@pytest.mark.parametrize("scope", ["country", "state_statistics", "azerenerji"])
def test_published_totals_do_not_fall_beyond_their_rounding(rows, scope):
    own = rows[(rows["scope"] == scope) & rows["kind"].isin(["cumulative", "year"])]
    own = own[own["series"].isin(["generation_total", "generation_thermal", "export", "import"])]
    newest = own.sort_values(["precision_gwh", "vintage"], ascending=[False, True])
    newest = newest.drop_duplicates(["series", "start", "end"], keep="last")
    for key, group in newest.groupby(["series", "start"]):
        ordered = group.sort_values("end")
        slack = ordered["precision_gwh"].rolling(2).max()
        assert (ordered["value"].diff().dropna() >= -slack.dropna()).all(), key


def test_months_of_demand_fall_short_of_the_year_and_two_are_set_aside(rows, balance):
    months = rows[rows["scope"] == "without_own_use"]
    assert not set(months["start"]) & {"2024-07-01", "2024-08-01"}
    year = months.groupby(months["start"].str[:4].astype(int))["value"].agg(["sum", "size"])
    whole = year[year["size"] == 12]["sum"]
    share = whole / balance["demand_gross"].reindex(whole.index)
    assert list(whole.index) == [2019, 2020, 2021, 2022, 2023]
    assert share.between(0.905, 0.975).all()  # 97 % in 2019, 91 % in 2023


def test_drivers_reach_2040_and_say_what_is_a_projection():
    drivers = sources.table("drivers")
    for variable in ("population", "gdp_growth"):
        own = drivers[drivers["variable"] == variable].set_index("year")
        assert own.index.is_unique
        assert {2000, 2024, 2030, 2040} <= set(own.index)
        assert (own.loc[2025:, "status"] == "projection").all()
    normal = drivers[drivers["variable"] == "normal_temperature_by_month"]
    assert list(normal["year"]) == list(range(1, 13))
    assert normal["value"].idxmax() in normal.index[6:8]


def test_tables_name_no_folder_of_the_machine():
    for file in data_dir().rglob("*"):
        if file.suffix in {".csv", ".py", ".json", ".md"}:
            text = file.read_text(encoding="utf-8")
            assert not re.search(r"(^|[\s\"'=(])/(work|tmp|home|root)/", text), file


@pytest.mark.needs_data
def test_the_script_makes_the_committed_tables(test_data, tmp_path):
    shutil.copytree(data_dir() / "derive", tmp_path / "derive")
    script = tmp_path / "derive" / "compile_observations.py"
    subprocess.run([sys.executable, str(script), str(test_data)], check=True, timeout=60)
    made = sorted(Path(tmp_path).glob("*.csv"))
    assert len(made) == 12
    for file in made:
        assert file.read_text() == (data_dir() / file.name).read_text(), file.name


@pytest.mark.parametrize("name", names())
def test_every_table_has_rules_and_keeps_them(name):
    assert name in REQUIRED
    assert len(sources.table(name))


@pytest.mark.parametrize(
    ("name", "column", "value", "told"),
    [
        ("plants", "capacity_mw", -5.0, "row 4, column 'capacity_mw': -5.0 is not valid; it lies"),
        ("plants", "efficiency", 54.6, "row 4, column 'efficiency': 54.6"),
        ("projects", "probability", 1.4, "it lies between 0 and 1"),
        ("projects", "official_date", "2026-7", "a date is written 2026-05-15"),
        ("links", "source_id", None, "row 4, column 'source_id'"),
    ],
)
def test_a_wrong_cell_is_named(name, column, value, told, tmp_path):
    frame = sources.table(name)
    frame[column] = frame[column].astype(object)
    frame.loc[2, column] = value
    frame.to_csv(tmp_path / f"{name}.csv", index=False)
    with pytest.raises(UserError, match=re.escape(told)):
        sources.table(name, tmp_path)
