"""What commands write for readers is written, and named, whatever happens on the screen."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from dcforecast.cli import main
from dcforecast.config.report import ReportSettings
from dcforecast.pipelines.reporting import write_reports
from dcforecast.store import Run


def test_a_comparison_is_written_though_its_reader_goes_away(
    pair: list[Run], tmp_path: Path, monkeypatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(Console, "print", gone)
    monkeypatch.setattr("sys.stderr", io.StringIO())
    store = pair[0].path.parent
    words = [run.id for run in pair]
    with pytest.raises(SystemExit) as end:
        main(["compare", *words, "--to", str(tmp_path / "c.md"), f"store.path={store}"])
    assert end.value.code == 0
    assert (tmp_path / "c.md").read_text().startswith("| sink")


def test_a_report_names_the_files_it_wrote_and_no_others(run: Run) -> None:
    run.artifacts.mkdir(exist_ok=True)
    (run.artifacts / "news.csv").write_text("series\n")
    settings = ReportSettings(name="default", years=[2026, 2030], formats=["html"], dpi=60)
    assert write_reports(run, settings) == [str(run.artifacts / "report.html")]
