"""Runs are written whole, found again, and read with filters pushed down."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dcforecast as dcf
from dcforecast.errors import InternalError, UserError
from dcforecast.store import LEVELS, QUANTILE_COLUMNS, Store, config_hash, quantile_column
from dcforecast.store.schemas import TABLES


def annual(scenario: str = "baseline", years: tuple[int, ...] = (2026, 2027)) -> pd.DataFrame:
    rows = [
        {
            "scenario": scenario,
            "sink": sink,
            "kind": "corridor",
            "year": year,
            "answer": "capability",
            "quantity": "energy_twh",
            "mean": 1.0,
            **dict(
                zip(QUANTILE_COLUMNS, np.linspace(0.5, 1.5, len(QUANTILE_COLUMNS)), strict=True)
            ),
        }
        for sink in ("georgia", "tripp")
        for year in years
    ]
    return pd.DataFrame(rows)


def allocation(year: int) -> pd.DataFrame:
    hours = pd.date_range(f"{year}-01-01", periods=48, freq="h", tz="UTC")
    frame = pd.DataFrame(
        {
            "timestamp": hours,
            "scenario": "baseline",
            "sink": "tripp",
            "kind": "corridor",
            "mean": np.arange(48.0),
        }
    )
    return frame.assign(**dict.fromkeys(QUANTILE_COLUMNS, 1.0))


def test_quantile_names_are_per_mille() -> None:
    assert [int(quantile_column(level)[1:]) / 1000 for level in LEVELS] == list(LEVELS)
    assert quantile_column(0.025) == "q025"


def test_a_written_table_reads_back_and_carries_its_origin(tmp_path: Path) -> None:
    run = Store(tmp_path / "out").create("run", {"a": 1}, scenario="baseline")
    run.write("annual", annual())
    metadata = pq.read_schema(run.path / "annual.parquet").metadata
    assert metadata[b"run_id"].decode() == run.id
    assert metadata[b"config_hash"].decode() == config_hash({"a": 1})
    assert b"dcforecast_version" in metadata
    assert b"units" in metadata
    pd.testing.assert_frame_equal(run.read("annual"), annual(), check_dtype=False)


def test_a_word_that_stands_nowhere_is_refused_with_the_nearest(tmp_path: Path) -> None:
    run = Store(tmp_path).create("run", {})
    run.write("annual", annual())
    sink = str(annual()["sink"].iloc[0])
    with pytest.raises(UserError, match=rf"holds no sink='{sink}x'\n  did you mean '{sink}'"):
        dcf.load("annual", run=run, sink=f"{sink}x")
    assert dcf.load("annual", run=run, sink=sink, year=1900).empty, "the word is there"


def test_every_number_says_its_unit(tmp_path: Path) -> None:
    for name, table in TABLES.items():
        numbers = [n for n, kind in table.columns.items() if pa.types.is_floating(kind)]
        assert set(numbers) <= set(table.units), name


def test_filters_take_values_lists_and_slices(tmp_path: Path) -> None:
    run = Store(tmp_path).create("run", {})
    run.write("annual", annual(years=(2026, 2027, 2028)))
    assert set(run.read("annual", sink="tripp", year=[2026, 2028])["year"]) == {2026, 2028}
    with run.writer("allocation") as add:
        add(allocation(2026))
        add(allocation(2027))
    part = run.read("allocation", timestamp=slice("2027-01-01", "2027-01-02"))
    assert part["timestamp"].dt.year.eq(2027).all()
    assert 24 <= len(part) <= 25
    assert len(list(run.path.glob("allocation/baseline/year=*"))) == 2


def test_other_readers_take_the_folder_and_one_part_of_it(tmp_path: Path) -> None:
    run = Store(tmp_path).create("run", {})
    run.write("allocation", pd.concat([allocation(2026), allocation(2027)]))
    folder = run.path / "allocation"
    whole = run.read("allocation").drop(columns="year")
    found = pd.read_parquet(folder)
    pd.testing.assert_frame_equal(found.drop(columns="year"), whole, check_dtype=False)
    assert set(found["year"]) == {2026, 2027}
    assert len(pd.read_parquet(folder, filters=[("year", "=", 2027)])) == len(whole) / 2
    one = pq.read_table(next(folder.rglob("*.parquet")))
    assert {"scenario", "sink", "timestamp", "mean"} <= set(one.column_names)
    # Stores of earlier versions name the scenario's folder scenario=NAME.
    (folder / "baseline").rename(folder / "scenario=baseline")
    again = run.read("allocation", scenario="baseline", year=2026)
    assert len(again) == len(whole) / 2


def test_unknown_names_are_refused_with_the_nearest(tmp_path: Path) -> None:
    store = Store(tmp_path)
    run = store.create("run", {})
    run.write("annual", annual())
    with pytest.raises(UserError, match="anual") as found:
        run.read("anual")
    assert "annual" in str(found.value)
    with pytest.raises(UserError, match="snik"):
        run.read("annual", snik="tripp")
    with pytest.raises(UserError, match="year='soon'"):
        run.read("annual", year="soon")
    with pytest.raises(UserError, match="no run 'xyz'"):
        store.get("xyz")
    with pytest.raises(UserError, match="no run 'latset'") as found:
        store.get("latset")
    assert "did you mean 'latest'?" in str(found.value)
    with pytest.raises(UserError, match="no finished run"):
        store.get("latest")


def test_missing_columns_are_a_fault_and_leave_nothing(tmp_path: Path) -> None:
    run = Store(tmp_path).create("run", {})
    with pytest.raises(InternalError, match="mean"):
        run.write("annual", annual().drop(columns="mean"))
    assert not run.has("annual")


def test_a_partitioned_table_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    run = Store(tmp_path).create("run", {})
    with pytest.raises(InternalError, match="mean"), run.writer("allocation") as add:
        add(pd.concat([allocation(2026), allocation(2027).drop(columns="mean")[:0]])[:0])
        add(allocation(2026).drop(columns="mean"))
    assert not run.has("allocation")
    assert list(run.path.glob(".allocation*")) == []


def test_adopted_tables_equal_the_original(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first, second = store.create("run", {}), store.create("run", {})
    first.write("annual", annual())
    with first.writer("allocation") as add:
        add(allocation(2026))
    for table in ("annual", "allocation"):
        second.adopt(first, table)
        pd.testing.assert_frame_equal(first.read(table), second.read(table))


def test_tables_are_adopted_where_there_are_no_links(tmp_path: Path, monkeypatch) -> None:
    def refused(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr("os.link", refused)
    first, second = (Store(tmp_path / name).create("run", {}) for name in "ab")
    first.write("annual", annual())
    second.adopt(first, "annual")
    pd.testing.assert_frame_equal(first.read("annual"), second.read("annual"))
    assert sorted(p.name for p in second.path.iterdir()) == [
        "annual.parquet", "config.json", "manifest.json",
    ]  # fmt: skip


def test_a_stage_is_found_by_its_digest(tmp_path: Path) -> None:
    store = Store(tmp_path)
    run = store.create("run", {})
    run.write("annual", annual())
    run.stage_done("allocate", {"hash": "abc", "tables": ["annual"]})
    found = store.find_stage("allocate", "abc")
    assert found is not None
    assert found.id == run.id
    assert store.find_stage("allocate", "other") is None
    (run.path / "annual.parquet").unlink()
    assert store.find_stage("allocate", "abc") is None


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=5))
def test_config_hash_does_not_depend_on_order(config: dict) -> None:
    assert config_hash(config) == config_hash(dict(reversed(list(config.items()))))


def test_a_killed_writer_never_shows_a_broken_table(tmp_path: Path) -> None:
    script = textwrap.dedent(f"""
        import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})
        from test_store import annual
        from dcforecast.store import Store
        run = Store({str(tmp_path)!r}).create("run", {{}})
        print(run.id, flush=True)
        while True:
            run.write("annual", annual())
    """)
    for pause in (0.02, 0.05, 0.09):
        with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            run_id = process.stdout.readline().decode().strip()
            run = Store(tmp_path).get(run_id)
            while not run.has("annual"):
                pass
            signal.sigtimedwait([], pause)
            os.kill(process.pid, signal.SIGKILL)
        pd.testing.assert_frame_equal(run.read("annual"), annual(), check_dtype=False)
        assert Store(tmp_path).get(run_id).status == "interrupted"


def test_a_run_that_has_no_room_leaves_nothing(tmp_path: Path, monkeypatch) -> None:
    import errno

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("dcforecast.store.store.write_json", full)
    store = Store(tmp_path / "outputs")
    with pytest.raises(UserError, match=r"cannot create a run there .No space left on device"):
        store.create("ingest", {})
    assert list(store.path.iterdir()) == []


def test_who_asks_for_members_is_told_how_they_are_kept(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"ensemble\.keep_members"):
        Store(tmp_path / "outputs").get(table="members")
