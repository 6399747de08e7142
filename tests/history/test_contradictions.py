"""Figures that cannot both hold are named with both rows, and dealt with as the user chose."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dcforecast import history
from dcforecast.config.history import HistorySettings
from dcforecast.errors import UserError
from dcforecast.history.units import likely_unit

STRUCTURE = history.Structure({"load": history.Prior()})


def figures(*rows: tuple[str, str, float, str]) -> pd.DataFrame:
    """Two years of months of 100 to 111 GWh by one publisher, and the rows given."""
    months = pd.date_range("2022-01-01", periods=24, freq="MS", tz="UTC")
    frame = pd.DataFrame({"timestamp": months, "end": months + pd.DateOffset(months=1)})
    frame = frame.assign(value=100.0 + months.month, publisher="Office", source_id="S1")
    more = [
        {"timestamp": pd.Timestamp(a, tz="UTC"), "end": pd.Timestamp(b, tz="UTC"), "value": v,
         "publisher": who, "source_id": f"{who}-page"}
        for a, b, v, who in rows
    ]  # fmt: skip
    frame = pd.concat([frame, pd.DataFrame(more)], ignore_index=True)
    return frame.assign(
        series="load", scope="country", unit="GWh", precision_gwh=0.1, vintage=frame["end"],
        row=[f"f.csv row {i + 2}" for i in range(len(frame))],
    )  # fmt: skip


def only(frame: pd.DataFrame) -> pd.Series:
    told = history.contradictions(frame)
    assert len(told) == 1, told["text"].tolist()
    return told.iloc[0]


def test_what_agrees_is_not_reported() -> None:
    year = sum(100.0 + m for m in range(1, 13))
    agreeing = figures(("2022-01-01", "2023-01-01", year + 0.3, "Ministry"))
    assert history.contradictions(agreeing).empty


def test_two_publishers_of_one_month() -> None:
    told = only(figures(("2022-03-01", "2022-04-01", 108.0, "Ministry")))
    assert told["kind"] == "same period"
    assert told["gap"] == pytest.approx(108 - 103 - 0.1, abs=0.02)
    for word in ("S1", "Ministry-page", "f.csv row 4", "f.csv row 26", "108", "103"):
        assert word in told["text"]


def test_a_later_value_of_the_same_publisher_is_a_revision() -> None:
    frame = figures(("2022-03-01", "2022-04-01", 108.0, "Office"))
    frame.loc[24, "vintage"] += pd.Timedelta(days=30)
    assert history.contradictions(frame).empty


@pytest.mark.parametrize(("factor", "unit"), [(1000, "MWh"), (0.001, "TWh")])
def test_a_wrong_unit_is_named_with_the_likely_one(factor: float, unit: str) -> None:
    frame = figures()
    frame.loc[7, "value"] *= factor
    told = only(frame)
    assert told["kind"] == "unit"
    assert told["newer"] == 7
    assert "f.csv row 9" in told["text"]
    assert f"probably in {unit}" in told["text"]


def test_months_against_the_year() -> None:
    told = only(figures(("2022-01-01", "2023-01-01", 1400.0, "Ministry")))
    assert told["kind"] == "sum"
    assert len(told["rows"]) == 13
    assert "12 parts make 1,278" in told["text"]


def test_a_falling_total() -> None:
    frame = figures(
        ("2024-01-01", "2024-03-01", 210.0, "Office"),
        ("2024-01-01", "2024-04-01", 190.0, "Office"),
    )
    told = only(frame)
    assert told["kind"] == "falling"
    assert told["gap"] == pytest.approx(20 - 0.1, abs=0.02)
    assert "f.csv row 26" in told["text"]
    assert "f.csv row 27" in told["text"]


def test_series_that_do_not_make_their_total() -> None:
    load = figures()
    parts = [load.assign(series=name, value=load["value"] / 2) for name in ("thermal", "hydro")]
    rows = pd.concat([load, *parts], ignore_index=True)
    account = history.Structure(
        {"thermal": history.Prior(), "hydro": history.Prior()},
        {"load": {"thermal": 1.0, "hydro": 1.0}},
    )
    assert history.contradictions(rows, account).empty
    rows.loc[30, "value"] += 20.0
    told = history.contradictions(rows, account)
    assert told["kind"].tolist() == ["identity"]
    assert told.iloc[0]["rows"] == (6, 30, 54)
    assert told.iloc[0]["gap"] == pytest.approx(20 - 0.15, abs=0.02)
    assert "its 2 parts make 127" in told.iloc[0]["text"]
    rules = HistorySettings(start="2022-01-01")
    found = history.reconstruct(rows, settings=rules, structure=account)
    assert 107.0 < found.monthly("load").iloc[6] < 127.0
    assert found.sd("load").iloc[6] > 2
    with pytest.raises(UserError, match="its 2 parts make"):
        history.reconstruct(
            rows,
            settings=HistorySettings(start="2022-01-01", on_conflict="refuse"),
            structure=account,
        )


@pytest.mark.parametrize("mode", ["inflate", "latest"])
def test_the_user_chooses_what_is_believed(mode: str) -> None:
    frame = figures(("2022-03-01", "2022-04-01", 108.0, "Ministry"))
    frame.loc[24, "vintage"] += pd.Timedelta(days=1)
    rules = HistorySettings(start="2022-01-01", on_conflict=mode)
    found = history.reconstruct(frame, settings=rules, structure=STRUCTURE)
    march, sd = found.monthly("load").iloc[2], found.sd("load").iloc[2]
    if mode == "latest":
        assert march == pytest.approx(108, abs=0.2)
        assert sd < 0.2
    else:
        assert 103.5 < march < 107.5
        assert sd > 1


def test_refuse_names_the_figures() -> None:
    frame = figures(("2022-03-01", "2022-04-01", 108.0, "Ministry"))
    rules = HistorySettings(start="2022-01-01", on_conflict="refuse")
    with pytest.raises(UserError, match=r"f\.csv row 26"):
        history.reconstruct(frame, settings=rules, structure=STRUCTURE)


def test_a_wrong_unit_moves_nothing() -> None:
    frame = figures()
    rules = HistorySettings(start="2022-01-01")
    right = history.reconstruct(frame, settings=rules, structure=STRUCTURE).monthly("load")
    frame.loc[7, "value"] *= 1000
    wrong = history.reconstruct(frame, settings=rules, structure=STRUCTURE).monthly("load")
    assert np.abs(wrong / right - 1).max() < 0.1


def test_the_ladder_of_units() -> None:
    assert likely_unit("GWh", -1) == "TWh"
    assert "thousandth" in likely_unit("bcm", 1)
