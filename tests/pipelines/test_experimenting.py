"""``dcforecast experiments``: a question of one's own, asked and answered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

STUDY = """\
# @package _global_
defaults:
  - override /data: csv
  - override /tracking: "off"
  - override /compute: serial
data: {path: y.csv, time: t, target: y}
evaluation: {models: [seasonal_naive, drift, theta], horizon: 6, origins: 3}
study:
  question: Which family wins on my series?
  method: Three origins.
  command: backtest
  figure: skill
  families: {seasonal_naive: naive, drift: naive, theta: smoothing}
  conclusion: "{{ best.y.family }} wins, by {{ best.y.skill | d(2) }}."
"""


def test_the_list(cli, tmp_path: Path) -> None:
    done = cli("experiments", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for name in ("which_model", "tripp_date", "exports_2023_2024", "campus_and_firmness",
                 "dry_years", "fuel_against_export", "levers"):  # fmt: skip
        assert name in done.stdout
    wrong = cli("experiments", "lever", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "did you mean 'levers'" in wrong.stderr


@pytest.mark.slow
def test_a_question_of_ones_own_is_answered_and_remembered(cli, tmp_path: Path) -> None:
    months = pd.date_range("2010-01-01", periods=72, freq="MS")
    values = 100 + np.arange(72) + 10 * np.sin(np.arange(72) * np.pi / 6)
    pd.DataFrame({"t": months, "y": values}).to_csv(tmp_path / "y.csv", index=False)
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "mine.yaml").write_text(STUDY)
    done = cli("experiments", "mine", "--to", "found", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "0 finished earlier" in done.stderr
    assert "wins, by" in done.stdout
    image = tmp_path / "found" / "images" / "experiment_mine.png"
    assert image.stat().st_size > 3_000
    again = cli("experiments", "mine", "--to", "found", cwd=tmp_path)
    assert "1 finished earlier" in again.stderr
    assert again.stdout == done.stdout
