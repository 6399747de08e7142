"""Files of many series, side by side or below each other, and the regressors that come later."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from dcforecast import sources
from dcforecast.config.data import DataSettings
from dcforecast.errors import UserError


def settings(path: Path, **columns: object) -> DataSettings:
    return DataSettings(name="csv", kind="csv", path=str(path), time="time", **columns)


def wide(days: int = 20, ahead: int = 5) -> pd.DataFrame:
    """Two series of `days` days, and a regressor that goes on for `ahead` more."""
    stamps = pd.date_range("2024-01-01", periods=days + ahead, freq="D")
    frame = pd.DataFrame({"time": stamps, "temp": np.arange(days + ahead) / 10})
    for place, name in enumerate(("north", "south")):
        frame[name] = np.where(np.arange(days + ahead) < days, 10.0 * (place + 1), np.nan)
    return frame


def long(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.melt(["time", "temp"], ["north", "south"], "zone", "load")


def test_columns_side_by_side_and_rows_below_each_other_say_the_same(tmp_path: Path) -> None:
    frame = wide()
    frame.to_csv(tmp_path / "wide.csv", index=False)
    long(frame).sample(frac=1, random_state=1).to_parquet(tmp_path / "long.parquet")
    one = sources.regular(settings(tmp_path / "wide.csv", target=["north", "south"], exog=["temp"]))
    other = sources.regular(
        settings(tmp_path / "long.parquet", target="load", series="zone", exog=["temp"])
    )
    assert [found.name for found in one] == ["north", "south"]
    for a, b in zip(one, sorted(other, key=lambda found: found.name), strict=True):
        assert (a.name, len(a.y)) == (b.name, 20)
        pd.testing.assert_series_equal(a.y, b.y)
        pd.testing.assert_frame_equal(a.X, b.X)
        assert len(a.X) == 25  # the regressor goes on after the last value
        assert a.X["temp"].iloc[-1] == 2.4


def test_series_begin_and_end_where_their_values_do(tmp_path: Path) -> None:
    frame = wide(ahead=0)
    frame.loc[:4, "south"] = np.nan
    frame.loc[18:, "north"] = np.nan
    frame.to_csv(tmp_path / "a.csv", index=False)
    north, south = sources.regular(settings(tmp_path / "a.csv", target=["north", "south"]))
    assert north.y.index[-1] == pd.Timestamp("2024-01-18", tz="UTC")
    assert south.y.index[0] == pd.Timestamp("2024-01-06", tz="UTC")
    # Filled are gaps, not what has not come yet.
    filled = sources.regular(settings(tmp_path / "a.csv", target="north", gaps="fill"))
    assert len(filled[0].y) == 18


def test_a_second_file_brings_what_is_to_come(tmp_path: Path) -> None:
    frame = wide()
    past, later = frame.iloc[:20], frame.iloc[18:]
    past.to_csv(tmp_path / "past.csv", index=False)
    later.drop(columns=["north", "south"]).assign(temp=lambda f: f["temp"] + 100).to_csv(
        tmp_path / "later.csv", index=False
    )
    (found,) = sources.regular(
        settings(
            tmp_path / "past.csv", target="north", exog=["temp"],
            future=str(tmp_path / "later.csv"),
        )
    )  # fmt: skip
    # What the first file holds of the record stands.
    assert found.X["temp"].iloc[[18, 19, 20, 24]].tolist() == [1.8, 1.9, 102.0, 102.4]


def test_a_single_row_to_come_needs_no_step_of_its_own(tmp_path: Path) -> None:
    frame = wide()
    long(frame.iloc[:20]).to_csv(tmp_path / "past.csv", index=False)
    long(frame.iloc[20:21]).drop(columns="load").to_csv(tmp_path / "later.csv", index=False)
    found = sources.regular(
        settings(
            tmp_path / "past.csv", target="load", series="zone", exog=["temp"],
            future=str(tmp_path / "later.csv"),
        )
    )  # fmt: skip
    assert [len(one.X) for one in found] == [21, 21]


def test_quarters_are_the_same_from_whichever_they_begin(tmp_path: Path) -> None:
    stamps = pd.date_range("2010-01-01", periods=12, freq="QS")
    frame = pd.DataFrame({"time": stamps, "zone": "a", "load": 1.0})
    both = pd.concat([frame, frame.iloc[1:].assign(zone="b")])
    both.to_csv(tmp_path / "a.csv", index=False)
    found = sources.regular(settings(tmp_path / "a.csv", target="load", series="zone"))
    assert [len(one.y) for one in found] == [12, 11]


@pytest.mark.parametrize(
    ("spoil", "columns", "message"),
    [
        (lambda f: f, {"series": "zonne"}, "did you mean 'zone'"),
        (lambda f: f, {"series": None}, r"is there twice\n .* data\.series=COL"),
        (lambda f: f.assign(zone=f["zone"].mask(f.index == 3)), {}, "row 5, column 'zone'"),
        (
            lambda f: pd.concat([f, f[f["zone"] == "south"].iloc[[2]]]),
            {},
            r"series 'south': row 52: the time 2024-01-03 00:00 is there twice",
        ),
        (
            lambda f: f[(f["zone"] == "north") | (f["time"].dt.day_of_week == 0)],
            {},
            "series 'south' has the step 'W-MON', .*series 'north' 'D'",
        ),
        (lambda f: f.assign(load=f["load"].where(f["zone"] == "north")), {}, "'south' holds only"),
    ],
)
def test_mistakes_name_the_series(tmp_path: Path, spoil, columns, message) -> None:
    spoil(long(wide())).to_csv(tmp_path / "a.csv", index=False)
    chosen = {"target": "load", "series": "zone", **columns}
    with pytest.raises(UserError, match=message):
        sources.regular(settings(tmp_path / "a.csv", **chosen))


def test_a_series_that_only_the_second_file_has_is_a_mistake(tmp_path: Path) -> None:
    frame = long(wide())
    frame.to_csv(tmp_path / "past.csv", index=False)
    frame.replace({"zone": {"south": "soutth"}}).to_csv(tmp_path / "later.csv", index=False)
    with pytest.raises(UserError, match="did you mean 'south'"):
        sources.regular(
            settings(
                tmp_path / "past.csv", target="load", series="zone", exog=["temp"],
                future=str(tmp_path / "later.csv"),
            )
        )  # fmt: skip


def test_times_may_be_the_index_of_a_parquet_file(tmp_path: Path) -> None:
    wide().set_index("time").to_parquet(tmp_path / "a.parquet")
    (found,) = sources.regular(settings(tmp_path / "a.parquet", target="north"))
    assert len(found.y) == 20


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"series": "zone"}, "data.series needs data.target"),
        ({"target": ["a", "b"], "series": "zone"}, "name one column"),
        ({"target": "a", "future": "f"}, "data.future holds values of data.exog"),
        ({"target": ["a", "a"]}, "'a' is named twice"),
    ],
)
def test_wrong_settings_are_refused(given, message) -> None:
    with pytest.raises(ValidationError, match=message):
        DataSettings(name="x", kind="csv", path="f", **given)
