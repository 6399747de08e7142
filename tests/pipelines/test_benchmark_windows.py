"""Rolling-window benchmarks: the protocol of fev-bench reproduced, small slices of each set."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dcforecast.models import Forecaster
from dcforecast.pipelines.benchmark_cases import benchmark_file, read_hourly
from dcforecast.pipelines.benchmark_windows import WINDOWS, _window, score_windows


class Repeat(Forecaster):
    """The last day again, without spread."""

    def _fit(self, values, X) -> None:
        self.day_ = values[-24:]

    def _sample(self, horizon, n, rng, X):
        return np.tile(np.resize(self.day_, horizon), (n, 1))


def test_the_scores_are_those_of_the_protocol() -> None:
    index = pd.date_range("2024-01-01", periods=24 * 10, freq="h")
    days = np.repeat([0.0, 1, 2, 3, 4, 5, 6, 7, 8, 12], 24)
    frame = pd.DataFrame({"y": days}, index=index)
    sql, mase, c80, c90 = _window(Repeat(), frame, 24 * 9, 24, 24)
    # Off by 4 where a day changes by 1: all deciles equal, so the mean weight is one half.
    assert (sql, mase, c80, c90) == pytest.approx((4.0, 4.0, 0.0, 0.0))


@pytest.mark.needs_data
def test_the_published_seasonal_naive_is_reproduced(test_data: Path) -> None:
    task = WINDOWS["gefcom2014_e"]
    file = benchmark_file(str(test_data / "benchmarks"), task.folder, task.file)
    frame = read_hourly(task.time, file).iloc[-task.newest :][["load_mw"]]
    starts = [len(frame) - 168 * k for k in range(20, 0, -1)]
    found = np.mean([_window(Repeat(), frame, start, 168, 24)[1] for start in starts])
    assert found == pytest.approx(1.19885, abs=1e-5)


@pytest.mark.needs_data
@pytest.mark.parametrize("name", sorted(WINDOWS))
def test_one_window_of_each(name: str, test_data: Path) -> None:
    task = replace(WINDOWS[name], windows=1, targets=WINDOWS[name].targets[:1])
    file = benchmark_file(str(test_data / "benchmarks"), task.folder, task.file)
    found = score_windows(task, file, 1, back=3)
    assert 0 < found[task.model]["sql"] < 2 * found["seasonal_naive"]["sql"]
