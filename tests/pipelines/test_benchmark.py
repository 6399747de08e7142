"""``dcforecast benchmark`` on small sets of our own making."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from dcforecast.cli import main
from dcforecast.errors import UserError
from dcforecast.models import create
from dcforecast.pipelines.benchmark_cases import Case, earlier, read_cases
from dcforecast.pipelines.benchmark_rows import Rows, cells, table, with_table
from dcforecast.pipelines.benchmark_series import (
    SERIES,
    _scores,
    before_test,
    own_set,
    score_series,
)
from dcforecast.store import Store
from dcforecast.tracking.records import records


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a set of twelve short yearly series."""
    rng = np.random.default_rng(1)
    rows = [np.round(100 + rng.normal(3, 4, 20).cumsum(), 2) for _ in range(12)]
    frame = pd.DataFrame({"id": range(12), "values": [" ".join(map(str, r)) for r in rows]})
    (tmp_path / "mine").mkdir()
    frame.to_csv(tmp_path / "mine" / "series.csv.gz", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(place: Path, *more: str) -> int:
    fixed = ["benchmark", "mine", "--data", str(place), "tracking=off", "compute.workers=1"]
    return _code([*fixed, *more])


def _code(words: list[str]) -> int:
    with pytest.raises(SystemExit) as left:
        main(words)
    return int(left.value.code or 0)


def test_a_set_of_ones_own_is_scored_written_and_kept(place: Path) -> None:
    words = ["--period", "yearly", "--horizon", "4", "model=drift"]
    assert _run(place, *words, "--write", "table.md") == 0
    text = (place / "table.md").read_text()
    assert "| drift |" in text
    (run,) = list(Store(place / "outputs"))
    assert set(run.manifest["ours"]) == {"drift"}
    (record,) = records(run)
    assert record.name == "drift"
    assert record.metrics["mae"][0][1] > 0
    assert _run(place, *words, "--training", "--every", "3", "--write", "table.md") == 0
    again = (place / "table.md").read_text()
    assert again.count("<!-- benchmark mine -->") == 1
    assert "4 series, training parts alone" in again


def test_what_is_missing_is_said(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(place, "--period", "yearly") == 2
    assert "--horizon" in capsys.readouterr().err
    assert _run(place, "--horizon", "4") == 2
    assert "--period" in capsys.readouterr().err
    assert _code(["benchmark", "m3_monthli", "--data", str(place)]) == 2
    assert "m3_monthly" in capsys.readouterr().err


def test_the_scores_are_those_of_the_protocol() -> None:
    case = Case(np.array([10.0, 12.0, 11.0, 14.0]), np.array([15.0, 5.0]))
    found = np.array([[9, 10, 12, 16, 20], [9, 10, 15, 16, 20]], float)
    wanted = own_set("x", "yearly", 2, "mase")
    smape, mase, mae, c80, c90 = _scores(case, found, wanted)
    assert smape == pytest.approx((200 * 3 / 27 + 200 * 10 / 20) / 2)
    assert (mae, mase) == (pytest.approx(6.5), pytest.approx(6.5 / 2.0))
    assert (c80, c90) == (0.5, 0.5)


def test_choosing_sees_no_test_value() -> None:
    case = Case(np.arange(20.0), np.array([99.0, 99.0]))
    (held,) = before_test(own_set("x", "yearly", 2), [case])
    np.testing.assert_array_equal(np.concatenate([held.train, held.test]), np.arange(20.0))
    # Three origins five apart: the first test value is ten periods before those of the last.
    (held,) = before_test(own_set("x", "yearly", 2, "mase", 3, 5), [case])
    np.testing.assert_array_equal(np.concatenate([held.train, held.test]), np.arange(10.0))


def test_each_origin_sees_its_own_past_alone() -> None:
    values = np.concatenate([np.full(12, 10.0), [11.0, 12.0, 13.0, 14.0]])
    case = Case(values[:-2], values[-2:])
    wanted = own_set("x", "yearly", 2, "mase", 2, 2)
    found = score_series(wanted, [case], {"naive": create("seasonal_naive")}, 1)["naive"]
    # Last values 10 and 12: off by 1, 2 and 1, 2.
    assert found["mae"] == pytest.approx(1.5, abs=0.2)
    assert len(earlier([case], 9)) == 0


def test_a_table_of_series_is_a_set(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(2)
    table = pd.DataFrame(100 + rng.normal(2, 3, (30, 2)).cumsum(axis=0), columns=["a", "b"])
    table.insert(0, "year", range(1991, 2021))
    table.loc[:3, "b"] = np.nan
    table.to_csv(place / "t.csv", index=False)
    words = ["benchmark", "t", "--data", "t.csv", "--period", "yearly", "--horizon", "3",
             "tracking=off", "compute.workers=1", "model=drift"]  # fmt: skip
    assert _code([*words, "--origins", "3", "--apart", "2", "--write", "t.md"]) == 0
    assert "2 series" in (place / "t.md").read_text()
    assert _code([*words, "--origins", "12"]) == 2
    assert "--origins 8 at most" in capsys.readouterr().err
    table.loc[9, "b"] = np.nan
    table.to_csv(place / "t.csv", index=False)
    assert _code(words) == 2
    assert "row 11, column 'b': empty" in capsys.readouterr().err
    table.drop(index=7).to_csv(place / "t.csv", index=False)
    assert _code(words) == 2
    assert "row 9: column 'year' has 1999, expected 1998" in capsys.readouterr().err


def test_rows_stand_in_order_and_replace_their_former_table() -> None:
    former = "# Title\n\n<!-- benchmark a -->\nold\n<!-- end -->\n\nAfter.\n"
    ours = {"x": {"mase": 2.0, "c80": 0.8}, "y": {"mase": 0.5, "c80": 0.75}}
    text = with_table(former, Rows("a", "about", "mase", ours, {"z": {"mase": 1.0}}))
    assert "old" not in text
    assert text.index("| y |") < text.index("| z (published) |") < text.index("| x |")
    assert text.endswith("After.\n")


def test_numbers_are_whole_on_a_narrow_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    one = {"owa": 0.406, "smape": 108.81, "mase": 0.797, "mae": 1238700.0, "c80": 0.798, "c90": 0.9,
           "seconds": 1417.0}  # fmt: skip
    rows = Rows("a", "about", "owa", {"hourly_blend": one}, {"Somebody et al.": {"owa": 0.444}})
    Console(width=80).print(table(rows))
    shown = capsys.readouterr().out
    for number in ("0.406", "108.81", "0.797", "1,238,700", "79.8%", "90.0%", "1417", "0.444"):
        assert number in shown


def test_methods_scored_before_keep_their_rows() -> None:
    published = {"z": {"mae": 900000.0}}
    first = {"x": {"mae": 1234567.0, "c80": 0.8}, "y": {"mae": 5.0, "c80": 0.7}}
    later = {"y": {"mae": 2000000.0, "c80": 0.75}}
    text = with_table("# Title\n", Rows("a", "12 series", "mae", first, published))
    text = with_table(text, Rows("a", "12 series", "mae", later, published))
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    assert lines == [
        "| z (published) | 900,000 |  |",
        "| x | 1,234,567 | 80.0% |",
        "| y | 2,000,000 | 75.0% |",
    ]
    assert "| x |" not in with_table(text, Rows("a", "6 series", "mae", {"y": {"mae": 1.0}}, {}))


def test_hourly_sets_have_models_of_their_own() -> None:
    assert "hourly_blend" in own_set("x", "hourly", 48, "mase").models
    assert own_set("x", "yearly", 4, "mase").models == ()


def test_a_known_set_has_more_origins_where_they_are_asked_for(
    place: Path, test_data: Path
) -> None:
    words = ["benchmark", "cif_2016", "--data", str(test_data / "benchmarks"), "--training",
             "--every", "12", "tracking=off", "compute.workers=1",
             "model=seasonal_naive"]  # fmt: skip
    assert _code([*words, "--write", "one.md"]) == 0
    assert _code([*words, "--write", "three.md", "--origins", "3", "--apart", "2"]) == 0
    one, three = ((place / f"{name}.md").read_text() for name in ("one", "three"))
    assert "training parts alone, 3 origins" in three
    assert "origins" not in one
    assert one.splitlines()[-2] != three.splitlines()[-2]


@pytest.mark.needs_data
def test_two_series_of_m4_hourly(test_data: Path) -> None:
    wanted = SERIES["m4_hourly"]
    file = test_data / "benchmarks" / wanted.folder / wanted.file
    cases = read_cases(file, wanted.period, wanted.freq, wanted.horizon)[::207]
    models = {name: create(name) for name in wanted.models}
    rows = score_series(wanted, cases, models, 1)
    assert rows["hourly_blend"]["owa"] < rows["seasonal_naive"]["owa"]
    one = rows["hourly_blend"]
    assert one["owa"] == pytest.approx((one["smape"] / 18.383 + one["mase"] / 2.395) / 2)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["1 2 3 x 5 6 7 8 9"], "row 2, column 'values': 'x', expected a number"),
        (["1 2 3 4 5 6 7 8 9", "1 2 nan 4 5 6 7 8 9"], "row 3, column 'values': 'nan'"),
        (["1 2 3 4 5 6 7 8 9", "1 2 3 4"], "row 3: 4 values, 6 and the horizon of 3 are needed"),
    ],
)
def test_a_broken_series_is_named_by_file_and_row(tmp_path: Path, rows, told) -> None:
    file = tmp_path / "series.csv.gz"
    pd.DataFrame({"values": rows}).to_csv(file, index=False)
    with pytest.raises(UserError, match=r"series\.csv\.gz, ") as found:
        read_cases(file, "monthly", "M", 3)
    assert told in str(found.value)


def test_a_file_without_a_word_is_told(tmp_path: Path) -> None:
    file = tmp_path / "series.csv"
    file.touch()
    with pytest.raises(UserError, match=r"series\.csv: the file is empty"):
        read_cases(file, "monthly", "M", 12)


def test_the_summary_takes_its_numbers_from_the_tables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "b.md"
    text = "# Title\n\n<!-- summary -->\n<!-- end -->\n\nText.\n"
    ours = {
        "theta": {"mae": 1234.0, "c80": 0.7, "c90": 0.8},
        "ces": {"mae": 300.0, "c80": 0.81, "c90": 0.925},
        "seasonal_naive": {"mae": 2000.0, "c80": 0.6, "c90": 0.7},
    }
    published = {"ARIMA": {"mae": 250.0}, "ETS": {"mae": 900.0}}
    text = with_table(text, Rows("cif_2016", "72 series", "mae", ours, published))
    text = with_table(text, Rows("mine", "2 series", "mae", ours, {}))
    fast = {"weekly naive": {"mae": 9.0, "c80": 0.79, "c90": 0.88}}
    rows = {"operator": {"mae": 3.0}, **fast}
    file.write_text(with_table(text, Rows("turkiye_load", "days", "mae", rows, {})))
    assert _code(["benchmark", "--write", str(file)]) == 0
    top = file.read_text().split("<!-- end -->")[0]
    assert cells(top)[1:] == [
        ["[cif_2016](#cif_2016)", "mean MAE", "ARIMA 250", "300", "ces", "81.0%", "92.5%",
         "theta 1,234", "seasonal_naive 2,000"],
        ["[turkiye_load](#turkiye_load)", "mean MAE", "operator 3", "9", "weekly naive", "79.0%",
         "88.0%", "", "weekly naive 9"],
    ]  # fmt: skip
    assert "\n\nText.\n" in file.read_text()
    assert _code(["benchmark", "--write", str(tmp_path / "none.md")]) == 2
    assert "there is no such file" in capsys.readouterr().err
