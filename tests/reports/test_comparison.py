"""Runs beside each other."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dcforecast import reports
from dcforecast.errors import UserError
from dcforecast.store import Run


def test_comparison_says_what_differs(
    pair: list[Run], tmp_path: Path, text_of: Callable[..., str]
) -> None:
    found = reports.compare(pair)
    row = found.answers.set_index(["sink", "answer", "year"]).loc[("Georgia", "expected", 2030)]
    assert row["tripp_2030 - baseline"] == pytest.approx(row["tripp_2030"] - row["baseline"])
    assert found.settings["setting"].str.startswith("network.links.").any()
    # The order of the answer; what is nothing in both runs is left to the files.
    assert list(dict.fromkeys(found.answers["sink"]))[:3] == [
        "Data centres", "All corridors together", "Georgia",
    ]  # fmt: skip
    text = text_of(found.renderables(), 200)
    assert "Settings that differ" in text
    assert "left out" not in text
    found.answers.loc[found.answers["sink"] == "Unused", ["baseline", "tripp_2030"]] = 0.0
    found.answers.loc[found.answers["sink"] == "Unused", "tripp_2030 - baseline"] = 0.0
    text = text_of(found.renderables(), 200)
    assert "Rows of zeros left out: 2; --to FILE has them." in text
    assert "Unused" not in text
    for name in ("c.csv", "c.xlsx", "c.md", "c.png"):
        found.write(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 100
    with pytest.raises(UserError, match="docx"):
        found.write(tmp_path / "c.docx")


def test_backtests_are_compared_by_their_scores(
    pair: list[Run], text_of: Callable[..., str]
) -> None:
    for run in pair:
        shutil.rmtree(run.path / "annual", ignore_errors=True)
        (run.path / "annual.parquet").unlink(missing_ok=True)
    found = reports.compare(pair)
    row = found.answers.set_index(["series", "model"]).loc[("demand", "=cmd()")]
    assert row["baseline"] == row["tripp_2030"] == 7.0
    assert row["tripp_2030 - baseline"] == 0.0
    assert "CRPS" in text_of(found.renderables(), 200)
