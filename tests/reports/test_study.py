"""An experiment's table, chart and conclusion say what its runs hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcforecast import reports
from dcforecast.config.study import Measure, Study, studies, study
from dcforecast.errors import UserError
from dcforecast.store import Run

FIRM = {"sink": "georgia", "answer": "firm", "quantity": "power_mw", "year": 2030, "unit": "MW"}


def asking(**changes: object) -> Study:
    told = {
        "question": "What is it worth?",
        "method": "One run with and one without.",
        "jobs": {"base": [], "lever: up": ["scenario=tripp_2030"]},
        "measures": {
            "exports 2030": Measure(year=2030),
            "tripp 2027-2030": Measure(sink="tripp", year=2027, until=2030),
            "firm": Measure.model_validate(FIRM),
        },
        "conclusion": "{% set x = 'exports 2030' %}"
        "It adds {{ (table['lever: up'][x] - table.base[x]) | d(2) }} TWh; "
        "{{ hindcast.export.actual | n }} TWh came in 2024.",
    }  # fmt: skip
    return Study.model_validate({**told, **changes})


def test_values_are_sums_of_the_stores_means(pair: list[Run]) -> None:
    found = reports.finding(asking(), dict(zip(("base", "lever: up"), pair, strict=True)))
    # georgia 0.4 * 2.4, tripp 0.4 * 3.4 in 2030; corridors alone, data centres are none
    assert found.table.loc["base", "exports 2030"] == pytest.approx(0.4 * (2.4 + 3.4))
    assert found.table.loc["base", "tripp 2027-2030"] == pytest.approx(
        0.4 * (3.1 + 3.2 + 3.3 + 3.4)
    )
    assert found.table.loc["lever: up", "firm"] == pytest.approx(1.5 * 50 * 2.4)
    assert found.conclusion == "It adds +1.16 TWh; 1.4 TWh came in 2024."


@pytest.mark.parametrize("figure", ["bars", "lines", "tornado"])
def test_every_chart_and_the_section(pair: list[Run], tmp_path: Path, figure: str) -> None:
    runs = dict(zip(("base", "lever: up"), pair, strict=True))
    found = reports.finding(asking(figure=figure), runs)
    drawn = found.figure()
    assert any(axis.get_xlabel() or axis.get_ylabel() for axis in drawn.axes)
    drawn.savefig(tmp_path / "x.png")
    section = found.markdown("worth", "images/x.png")
    for word in ("## What is it worth?", "| base |", found.conclusion, pair[1].id, "images/x.png"):
        assert word in section
    assert "| exports 2030, TWh | tripp 2027-2030, TWh | firm, MW |" in section


def test_scores_give_the_best_of_each_family(run: Run) -> None:
    asked = asking(
        command="backtest",
        figure="skill",
        jobs={"all": []},
        measures={},
        families={"=cmd()": "new", "seasonal_naive": "naive"},
        conclusion="{{ best.demand.family }} {{ 'clearly' if best.demand.clear }}",
    )
    found = reports.finding(asked, {"all": run})
    row = found.table.loc["demand"]
    assert (row["model"], row["best of another family"]) == ("=cmd()", "seasonal_naive")
    assert found.conclusion == "new clearly"
    assert found.figure().axes


def test_what_cannot_be_concluded_is_said(pair: list[Run]) -> None:
    runs = dict(zip(("base", "lever: up"), pair, strict=True))
    with pytest.raises(UserError, match="conclusion"):
        reports.finding(asking(conclusion="{{ table.nothing.x }}"), runs)
    with pytest.raises(UserError, match="'gorgia'"):
        reports.finding(asking(measures={"x": Measure(sink="gorgia", year=2030)}), runs)


def test_a_study_that_is_wrong_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "experiments").mkdir()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "experiments" / "mine.yaml").write_text(
        "# @package _global_\nstudy: {question: why, method: so, figure: pie, conclusion: x}\n"
    )
    with pytest.raises(UserError, match=r"mine\.yaml.*study\.figure"):
        study("mine")
    with pytest.raises(UserError, match=r"quick_look.*no key 'study'"):
        study("quick_look")
    with pytest.raises(UserError, match=r"did you mean 'levers'"):
        study("lever")


def test_the_experiments_that_come_along_ask_and_compose() -> None:
    from dcforecast.config.compose import compose

    asked = studies()
    assert len(asked) >= 7
    for name, one in asked.items():
        assert one.question.endswith("?")
        job = list(one.jobs.values())[-1]
        assert compose([f"experiment={name}", *job]).settings.ensemble.members >= 2


def test_a_limit_is_a_line_on_a_scale_where_it_can_be_seen(pair: list[Run]) -> None:
    runs = dict(zip(("base", "lever: up"), pair, strict=True))
    limited = Measure.model_validate({**FIRM, "limit": 8.76})
    asked = asking(figure="lines", measures={"firm": limited}, conclusion="So it is.")
    axis = reports.finding(asked, runs).figure().axes[0]
    low, high = axis.get_ylim()
    assert axis.get_yscale() == "log"
    assert low < 8.76 < high
    assert [text.get_text() for text in axis.texts] == ["limit 8.76"]


def test_a_file_of_experiments_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "mine.yaml").write_text("study: [unclosed\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"mine\.yaml cannot be read"):
        studies()
