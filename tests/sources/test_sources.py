"""Tables, users' figures and users' series: what is accepted, and what a mistake says."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from pydantic import ValidationError

from dcforecast import sources
from dcforecast.config.data import DataSettings
from dcforecast.config.paths import data_dir
from dcforecast.errors import UserError
from dcforecast.sources.tables import check


def file_settings(path, **columns) -> DataSettings:
    return DataSettings(name="csv", kind="csv", path=str(path), **columns)


def write(path, text: str):
    path.write_text(text, encoding="utf-8")
    return path


def test_embedded_observations_have_the_canonical_columns():
    found = sources.observations(DataSettings(name="embedded"))
    assert list(found.columns) == [
        "series", "timestamp", "end", "value", "unit", "vintage", "publisher", "scope",
        "source_id", "precision_gwh", "kind", "row",
    ]  # fmt: skip
    assert found["vintage"].is_monotonic_increasing
    for column in ("timestamp", "end", "vintage"):
        assert str(found[column].dtype) == "datetime64[us, UTC]"
    assert len(found) == len(sources.table("observations"))


def test_the_catalogue_names_every_table_with_its_sources():
    found = sources.catalogue().set_index("table")
    assert found.loc["observations", "rows"] == len(sources.table("observations"))
    assert found.loc["observations", "first"] == "2000-01-01"
    assert found.loc["observations", "last"] >= "2026-01-01"
    assert found.loc["observations", "sources"] > 50
    assert found.loc["plants", "sources"] > 0  # through its facts
    assert found.loc["drivers", "first"] == "2000"


def test_source_rows_keeps_only_what_was_asked():
    assert list(sources.source_rows(["S002", "S001", "nonsense"])["source_id"]) == ["S001", "S002"]


def test_an_unknown_table_names_the_nearest():
    with pytest.raises(UserError, match="did you mean 'capacity'"):
        sources.table("capacitty")


def test_tables_are_copies():
    mine = sources.table("capacity")
    mine.loc[:, "capacity_mw"] = -1.0
    assert (sources.table("capacity")["capacity_mw"] >= 0).all()


def test_a_broken_table_names_row_and_column(tmp_path):
    lines = (data_dir() / "capacity.csv").read_text(encoding="utf-8").splitlines()[:5]
    cells = lines[3].split(",")
    cells[3] = "many"
    lines[3] = ",".join(cells)
    file = write(tmp_path / "capacity.csv", "\n".join(lines))
    with pytest.raises(UserError, match=r"capacity\.csv: row 4, column 'capacity_mw': 'many'"):
        check(pd.read_csv(file), "capacity", file)


# -- figures of any period -----------------------------------------------------------------

GOOD = """start,end,value,vintage,precision
2024-01-01,2024-02-01,100,2024-02-15,1
2024-01-01,2024-03-01,190,2024-03-15,1
2024-01-01,2024-04-01,270,2024-04-15,1
"""


def test_a_file_of_figures_becomes_observations(tmp_path):
    found = sources.observations(file_settings(write(tmp_path / "f.csv", GOOD)))
    assert found["value"].tolist() == [100.0, 190.0, 270.0]
    assert found["precision_gwh"].tolist() == [1.0, 1.0, 1.0]
    assert set(found["series"]) == {"value"}
    assert found["vintage"].iloc[0] == pd.Timestamp("2024-02-15", tz="UTC")


def test_without_a_vintage_a_figure_is_known_when_its_period_ends(tmp_path):
    text = "start,end,value\n2024-01-01,2024-02-01,100\n"
    found = sources.observations(file_settings(write(tmp_path / "f.csv", text)))
    assert (found["vintage"] == found["end"]).all()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("value,", "valu,", "no column 'value'"),
        ("190", "19O", r"row 3, column 'value': '19O' is not a number"),
        ("190", "", "row 3: column 'value' is empty"),
        ("190", "-190", "row 3: column 'value' is negative"),
        ("vintage,", "vintag,", "did you mean 'vintage'"),
        ("2024-03-01,", "2024-13-01,", r"row 3, column 'end': '2024-13-01' is not a time"),
        ("2024-01-01,2024-03-01", "2024-03-01,2024-01-01", "row 3: 'end' is not after 'start'"),
        ("2024-03-15", "2024-02-15", "row 3: 'vintage' lies before 'end'"),
    ],
)
def test_mistakes_in_figures_are_named(tmp_path, old, new, message):
    path = write(tmp_path / "f.csv", GOOD.replace(old, new, 1))
    with pytest.raises(UserError, match=message) as caught:
        sources.observations(file_settings(path))
    assert str(path) in str(caught.value)


def test_a_file_that_is_neither_kind_says_what_both_need(tmp_path):
    path = write(tmp_path / "f.csv", "day,load\n2024-01-01,5\n")
    with pytest.raises(UserError, match=r"start, end, value .* data\.time=COL data\.target=COL"):
        sources.observations(file_settings(path))


def test_energy_units_become_gwh_and_rows_are_named(tmp_path):
    text = "start,end,value,unit,precision\n2024-01-01,2024-02-01,2.5,TWh,0.1\n"
    (row,) = sources.observations(file_settings(write(tmp_path / "f.csv", text))).to_dict("records")
    assert (row["value"], row["unit"], row["precision_gwh"]) == (2500.0, "GWh", 100.0)
    assert row["row"] == "f.csv row 2"


def test_further_figures_stand_beside_the_projects_own(tmp_path):
    text = "start,end,value,vintage,series,source\n2026-01-01,2026-04-01,7300,2026-04-20,{},Mine\n"
    good = write(tmp_path / "new.csv", text.format("generation_total"))
    found = sources.observations(DataSettings(name="embedded", extra=str(good)))
    (mine,) = found[found["source_id"] == "Mine"].to_dict("records")
    assert mine["row"] == "new.csv row 2"
    assert len(found) == len(sources.table("observations")) + 1
    bad = write(tmp_path / "bad.csv", text.format("generation_totl"))
    with pytest.raises(UserError, match=r"row 2, column 'series'.*\n.*'generation_total'"):
        sources.observations(DataSettings(name="embedded", extra=str(bad)))


def test_a_missing_file_names_its_neighbour(tmp_path):
    write(tmp_path / "figures.csv", GOOD)
    with pytest.raises(UserError, match=r"did you mean 'figures\.csv'"):
        sources.observations(file_settings(tmp_path / "figure.csv"))


# -- regular series ------------------------------------------------------------------------


def one_series(chosen: DataSettings) -> tuple[pd.Series, pd.DataFrame | None]:
    (found,) = sources.regular(chosen)
    return found.y, found.X


def hourly(n: int = 72) -> pd.DataFrame:
    stamps = pd.date_range("2024-01-01", periods=n, freq="h")
    return pd.DataFrame(
        {"time": stamps.strftime("%Y-%m-%d %H:%M"), "load": np.arange(n) + 1.0, "temp": 5.0}
    )


@given(step=st.sampled_from(["h", "D", "MS", "YS", "30min", "15min"]), n=st.integers(8, 60))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_step_is_found_and_values_survive(tmp_path, step, n):
    stamps = pd.date_range("2001-01-01", periods=n, freq=step)
    path = tmp_path / "s.csv"
    frame = pd.DataFrame({"time": stamps, "y": np.linspace(1, 2, n)})
    frame.sample(frac=1, random_state=1).to_csv(path, index=False)
    y, X = one_series(file_settings(path, time="time", target="y", freq=step))
    assert X is None
    assert y.index.equals(stamps.tz_localize("UTC").as_unit(y.index.unit))
    np.testing.assert_allclose(y.to_numpy(), np.linspace(1, 2, n))


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize(
    ("step", "first", "begins"),
    [
        ("ME", "2001-01-31", "2001-01-01"),
        ("QE", "2001-03-31", "2001-01-01"),
        ("YE", "2001-12-31", "2001-01-01"),
        ("W", "2001-01-07", "2001-01-07"),
        ("MS", "2001-01-01", "2001-01-01"),
        ("YS", "2001-01-01", "2001-01-01"),
    ],
)
def test_period_ends_become_period_starts(tmp_path, step, first, begins, declared):
    stamps = pd.date_range(first, periods=10, freq=step)
    path = tmp_path / "s.csv"
    pd.DataFrame({"time": stamps.strftime("%Y-%m-%d"), "y": range(10)}).to_csv(path, index=False)
    chosen = {"freq": step} if declared else {}
    y, _ = one_series(file_settings(path, time="time", target="y", timezone="Asia/Baku", **chosen))
    assert y.index[0] == pd.Timestamp(begins, tz="UTC")
    assert y.tolist() == list(range(10))


def test_a_monthly_series_with_a_hole_keeps_its_step(tmp_path):
    stamps = pd.date_range("2001-01-01", periods=24, freq="MS").delete(7)
    frame = pd.DataFrame({"time": stamps.strftime("%Y-%m-%d"), "y": 1.0})
    frame.to_csv(tmp_path / "s.csv", index=False)
    y, _ = one_series(file_settings(tmp_path / "s.csv", time="time", target="y"))
    assert len(y) == 24
    assert y.index[y.isna()].tolist() == [pd.Timestamp("2001-08-01", tz="UTC")]


def test_parquet_csv_and_gzip_say_the_same(tmp_path):
    frame = hourly()
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_csv(tmp_path / "a.csv.gz", index=False)
    frame.assign(time=pd.to_datetime(frame["time"])).to_parquet(tmp_path / "a.parquet")
    first, *others = (
        one_series(file_settings(tmp_path / name, time="time", target="load", exog=["temp"]))
        for name in ("a.csv", "a.csv.gz", "a.parquet")
    )
    for y, X in others:
        pd.testing.assert_series_equal(y, first[0])
        pd.testing.assert_frame_equal(X, first[1])


def test_gaps_become_missing_values(tmp_path):
    hourly().drop(index=[5, 6]).to_csv(tmp_path / "a.csv", index=False)
    y, _ = one_series(file_settings(tmp_path / "a.csv", time="time", target="load", freq="h"))
    assert len(y) == 72
    assert y.isna().sum() == 2


def test_gaps_are_filled_from_the_season_before_and_never_from_the_future(tmp_path):
    hourly().drop(index=[2, 30, 54]).to_csv(tmp_path / "a.csv", index=False)
    chosen = {"time": "time", "target": "load", "gaps": "fill"}
    y, _ = one_series(file_settings(tmp_path / "a.csv", **chosen))
    assert y.iloc[2] == y.iloc[1]  # nothing a day before: the last value
    assert y.iloc[30] == y.iloc[6]
    assert y.iloc[54] == y.iloc[6]
    hourly().drop(index=[2, 30, 54]).assign(load=lambda f: f["load"].where(f.index < 40, 9)).to_csv(
        tmp_path / "b.csv", index=False
    )
    other, _ = one_series(file_settings(tmp_path / "b.csv", **chosen))
    assert other.iloc[:40].equals(y.iloc[:40])


def test_a_local_clock_with_both_changes_is_read(tmp_path):
    stamps = pd.date_range("2023-03-20", "2023-11-05", freq="h", tz="Europe/Bucharest")
    frame = pd.DataFrame({"time": stamps.strftime("%Y-%m-%d %H:%M"), "load": 1.0})
    frame.to_csv(tmp_path / "a.csv", index=False)
    chosen = file_settings(
        tmp_path / "a.csv", time="time", target="load", timezone="Europe/Bucharest"
    )
    y, _ = one_series(chosen)
    assert len(y) == len(stamps)
    assert y.notna().all()
    assert y.index[0] == stamps[0]
    with pytest.raises(UserError, match="is there twice"):
        one_series(chosen.model_copy(update={"timezone": "UTC"}))


def test_a_clock_that_does_not_fit_its_zone_is_refused(tmp_path):
    stamps = pd.date_range("2023-03-20", periods=24 * 14, freq="h")  # no hour left out in spring
    pd.DataFrame({"time": stamps, "load": 1.0}).to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(UserError, match="does not fit the clock of Europe/Bucharest"):
        one_series(
            file_settings(
                tmp_path / "a.csv", time="time", target="load", timezone="Europe/Bucharest"
            )
        )


@pytest.mark.parametrize(
    ("spoil", "columns", "message"),
    [
        (None, {"target": "loud"}, "no column 'loud'"),
        (None, {"exog": ["tempp"]}, "no column 'tempp'"),
        (None, {"time": "tine"}, "did you mean 'time'"),
        (("load", 7, "n/a"), {}, r"row 9, column 'load': 'n/a' is not a number"),
        (("time", 7, "yesterday"), {}, r"row 9, column 'time': 'yesterday' is not a time"),
        (("time", 7, "2024-01-01 06:00"), {}, r"row 9: the time 2024-01-01 06:00 is there twice"),
        (("time", 7, "2024-01-01 07:10"), {"freq": "h"}, "does not fall on the step"),
        (None, {"freq": "15min"}, "have no value"),
    ],
)
def test_mistakes_in_series_are_named(tmp_path, spoil, columns, message):
    frame = hourly().astype(object)
    if spoil:
        column, row, value = spoil
        frame.loc[row, column] = value
    path = tmp_path / "a.csv"
    frame.to_csv(path, index=False)
    with pytest.raises(UserError, match=message):
        one_series(file_settings(path, **{"time": "time", "target": "load", **columns}))


def test_times_stored_as_numbers_are_refused(tmp_path):
    hourly().assign(time=range(72)).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(UserError, match="holds numbers, not times"):
        one_series(file_settings(tmp_path / "a.parquet", time="time", target="load"))


def test_a_broken_parquet_file_is_the_users_mistake(tmp_path):
    with pytest.raises(UserError, match=r"a\.parquet"):
        one_series(file_settings(write(tmp_path / "a.parquet", "no table"), target="y"))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"kind": "csv"}, "data.path is missing"),
        ({"target": "y"}, "add data=csv"),
        ({"kind": "csv", "path": "f", "freq": "hourly"}, "is no step"),
        ({"kind": "csv", "path": "f", "timezone": "Asia/Bacu"}, "did you mean 'Asia/Baku'"),
        ({"kind": "csv", "path": "f", "exog": ["a"]}, "needs data.target"),
        ({"kind": "csv", "path": "f", "target": "a", "exog": ["a"]}, "named twice"),
        ({"as_of": "0022-06-30"}, "no date of publication"),
        ({"season_length": 0}, "greater than or equal to 1"),
    ],
)
def test_wrong_settings_are_refused_before_any_work(given, message):
    with pytest.raises(ValidationError, match=message):
        DataSettings(name="x", **given)
