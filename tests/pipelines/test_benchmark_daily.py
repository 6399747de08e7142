"""Day-ahead benchmarks: our scores, the operator's beside them, on any file of the kind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dcforecast.cli import main
from dcforecast.errors import UserError
from dcforecast.models import create
from dcforecast.pipelines.benchmark_cases import benchmark_file, read_hourly
from dcforecast.pipelines.benchmark_daily import DAILY, DailyBenchmark, score_daily


def test_own_file_of_the_same_kind(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    index = pd.date_range("2024-01-01", periods=24 * 80, freq="h", name="time")
    load = 500 + 50 * np.sin(2 * np.pi * index.hour / 24) + rng.normal(0, 5, len(index))
    frame = pd.DataFrame({"load": load, "plan": load * 1.1}, index=index)
    frame.loc["2024-03-20 05:00", "load"] = np.nan
    frame.to_csv(tmp_path / "own.csv")
    task = DailyBenchmark(
        "own", "", "own.csv", "time", "load", (), "2024-03-20 23:00", 3, 14, "plan"
    )
    found = score_daily(task, tmp_path / "own.csv", 1)
    assert found["operator"]["mape"] == pytest.approx(10.0)
    assert found["day_ahead"]["mae"] < 8.0 < found["operator"]["mae"]
    assert 0.4 < found["day_ahead"]["coverage_80"] < 1.0


def test_the_file_may_be_named_outright_and_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("hour,load\n")
    assert benchmark_file(str(tmp_path / "own.csv"), "any", "other") == tmp_path / "own.csv"
    with pytest.raises(UserError, match="hour"):
        read_hourly("time", tmp_path / "own.csv")
    with pytest.raises(UserError, match="no such file"):
        benchmark_file(str(tmp_path), "epias_turkiye", "turkiye_hourly.parquet")


@pytest.fixture
def market(tmp_path: Path) -> Path:
    """Another market with the columns of the German price, 90 days."""
    rng = np.random.default_rng(1)
    index = pd.date_range("2023-01-01", periods=24 * 90, freq="h", name="time_local")
    load = 400 + 80 * np.sin(2 * np.pi * index.hour / 24) + rng.normal(0, 10, len(index))
    frame = pd.DataFrame({"load_forecast_amprion": load}, index=index)
    frame["wind_solar_forecast"] = rng.gamma(2, 30, len(index))
    frame["price"] = 0.2 * load - 0.1 * frame["wind_solar_forecast"] + rng.normal(0, 2, len(index))
    frame.to_csv(tmp_path / "north.csv")
    return tmp_path / "north.csv"


def _ran(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as end:
        main(["benchmark", *words, "tracking=off", "compute=serial"])
    told = capsys.readouterr()
    return int(str(end.value.code)), told.out + told.err


def test_a_market_under_its_own_name(
    market: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ("epf_north", "--like", "epf_de", "--data", str(market), "--origins", "4")
    code, told = _ran(capsys, *words, "--write", "own.md")
    assert code == 0, told
    page = (tmp_path / "own.md").read_text()
    assert "benchmark epf_north" in page
    assert "north.csv by the protocol of" in page
    assert "day_ahead_kernel" in page
    assert "DNN ensemble" not in page
    frame = pd.read_csv(market)
    frame.drop(columns="price").to_csv(market, index=False)
    code, told = _ran(capsys, *words)
    assert code == 2
    assert "there is no column 'price'" in told


def test_training_looks_at_nothing_of_the_test(
    market: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    task = replace(DAILY["epf_de"], last="", days=4, models={"day_ahead": {}})
    before = score_daily(task, market, 1, back=4)
    frame = pd.read_csv(market)
    frame.loc[frame.index[-4 * 24 :], "price"] = 1e4
    frame.to_csv(market, index=False)
    after = score_daily(task, market, 1, back=4)
    assert before["day_ahead"]["mae"] == after["day_ahead"]["mae"]
    assert score_daily(task, market, 1)["day_ahead"]["mae"] > 1000
    words = ("epf_de", "--data", str(market), "--origins", "4", "--training")
    code, told = _ran(capsys, *words)
    assert code == 0, told
    assert "those before the test" in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--every", "3"), "--every has no meaning"),
        (("--apart", "2"), "--apart has no meaning"),
        (("--like", "m4_hourly"), "no known set"),
        (("--origins", "400"), "too few for 400 days"),
    ],
)
def test_what_a_day_ahead_set_has_no_use_for_is_refused(
    market: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    code, told = _ran(capsys, "epf_de", "--data", str(market), *words)
    assert code == 2
    assert said in told


def test_an_hour_that_is_there_twice_is_named(market: Path) -> None:
    market.write_text(market.read_text() + market.read_text().splitlines()[-1] + "\n")
    with pytest.raises(UserError, match="2023-03-31 23:00:00 twice"):
        read_hourly("time_local", market)


@pytest.mark.needs_data
@pytest.mark.parametrize("name", sorted(DAILY))
def test_two_days_of_each(name: str, test_data: Path) -> None:
    task = replace(DAILY[name], days=2)
    folder = test_data if (test_data / task.folder).is_dir() else test_data / "benchmarks"
    found = score_daily(task, benchmark_file(str(folder), task.folder, task.file), 1)
    # Two days say little: near the year's end any model may miss.
    for ours in task.models:
        assert 0 < found[ours]["mae"] < 2 * found["weekly naive"]["mae"]
    if task.operator:
        assert 0.1 < found["operator"]["mape"] < 6
    for ours, params in task.models.items():
        assert create(ours, **params).get_params()["holidays"] in {"ES", "TR", None}
