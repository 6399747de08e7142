"""Figures of another country through the same door: ingest and a backtest by vintage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from dcforecast.store import Store

PARTS = ("thermal", "hydro", "nuclear")


def armenia(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return totals from January as published, and the months they are made of."""
    raw = pd.read_csv(folder / "armenia_statistics" / "monthly_generation_gwh.csv")
    raw = raw[raw["source"].isin(PARTS) & (raw["date"] >= "2018-01-01")]
    month = pd.to_datetime(raw["date"])
    end = month + pd.DateOffset(months=1)
    figures = pd.DataFrame(
        {
            "start": month.dt.year.astype(str) + "-01-01", "end": end.dt.strftime("%Y-%m-%d"),
            "value": raw["year_to_date"], "series": raw["source"], "precision": 0.1,
            "vintage": (end + pd.DateOffset(days=25)).dt.strftime("%Y-%m-%d"),
        }
    )  # fmt: skip
    # Every third month is not published, as it happens in practice.
    return figures[month.dt.month % 3 != 2], raw.assign(month=month)


@pytest.mark.needs_data
@pytest.mark.slow
def test_armenia_is_rebuilt_and_backtested_by_vintage(cli, tmp_path: Path, test_data: Path) -> None:
    figures, truth = armenia(test_data)
    figures.to_csv(tmp_path / "armenia.csv", index=False)
    words = (
        "data=csv", "data.path=armenia.csv", "data.sums={total: [thermal, hydro, nuclear]}",
        "data.history.vintage_every_months=6", "tracking=off", "compute=serial",
    )  # fmt: skip
    done = cli("forecast", *words, "model=theta", "evaluation.origins=3", "evaluation.horizon=6",
               cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    run = Store(tmp_path / "outputs").get()
    history = run.read("history")
    assert set(history["series"]) == {*PARTS, "total"}
    assert history["vintage"].nunique() > 5
    newest = history[history["vintage"] == history["vintage"].max()]
    wide = newest.pivot_table(index="timestamp", columns="series", values="mean")
    np.testing.assert_allclose(wide["total"], wide[list(PARTS)].sum(axis=1), atol=1e-6)
    actual = truth.pivot_table(index="month", columns="source", values="month_value_gwh")
    both = wide.tz_localize(None).loc[actual.index[0] : actual.index[-1]]
    assert (both["hydro"] / actual["hydro"] - 1).abs().median() < 0.15
    assert set(run.read("backtest")["series"]) == {*PARTS, "total"}
    forecast = run.read("forecast").pivot_table(index="timestamp", columns="series", values="mean")
    np.testing.assert_allclose(forecast["total"], forecast[list(PARTS)].sum(axis=1), rtol=1e-6)
    assert forecast.to_numpy().min() >= 0


def test_a_falling_total_and_a_wrong_unit_are_told_at_ingest(cli, tmp_path: Path) -> None:
    months = pd.date_range("2022-01-01", periods=24, freq="MS")
    ends = months + pd.DateOffset(months=1)
    value = 100.0 + 10 * np.sin(np.arange(24))
    value[5] *= 1000
    frame = pd.DataFrame({"start": months, "end": ends, "value": value, "precision": 0.1})
    falling = pd.DataFrame(
        {"start": ["2024-01-01"] * 2, "end": ["2024-03-01", "2024-04-01"], "value": [210.0, 190.0],
         "precision": 0.1}
    )  # fmt: skip
    frame = frame.assign(start=months.astype(str), end=ends.astype(str))
    pd.concat([frame, falling]).to_csv(tmp_path / "own.csv", index=False)
    words = ("ingest", "data=csv", "data.path=own.csv", "tracking=off")
    done = cli(*words, cwd=tmp_path, COLUMNS="300")
    assert done.returncode == 0, done.stderr
    for word in ("2 contradictions", "own.csv row 7", "probably in MWh", "row 26", "row 27"):
        assert word in done.stdout
    refused = cli(*words, "data.history.on_conflict=refuse", cwd=tmp_path)
    assert refused.returncode == 2
    assert "own.csv row 7" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_files_of_the_history_name_the_date_of_the_newest_figure(cli, tmp_path: Path) -> None:
    months = pd.date_range("2022-01-01", periods=24, freq="MS")
    ends = months + pd.DateOffset(months=1)
    value = 100.0 + 10 * np.sin(np.arange(24))
    figures = pd.DataFrame({"start": months.astype(str), "end": ends.astype(str), "value": value})
    figures.assign(vintage="2024-02-20").to_csv(tmp_path / "figures.csv", index=False)
    pd.DataFrame({"t": months, "load": value}).to_csv(tmp_path / "load.csv", index=False)
    for words, vintage in (
        (("data.path=figures.csv",), "2024-02-20"),
        (("data.path=load.csv", "data.time=t", "data.target=load"), "2024-01-01"),
    ):
        done = cli("ingest", "data=csv", *words, "tracking=off", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        run = Store(tmp_path / "outputs").get()
        assert run.manifest["data_vintage"] == vintage
        for table in ("observations", "history"):
            metadata = pq.read_schema(run.path / f"{table}.parquet").metadata
            assert metadata[b"data_vintage"].decode() == vintage, table
