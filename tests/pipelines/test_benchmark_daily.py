"""Day-ahead benchmarks: our scores, the operator's beside them, on any file of the kind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

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
