"""Charts are drawn, labelled, and say what there is where something is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from dcforecast import reports
from dcforecast.config.report import ReportSettings
from dcforecast.errors import UserError
from dcforecast.reports import plots, plots_market, plots_models
from dcforecast.reports.families import FAMILIES, in_families, shades
from dcforecast.reports.style import PALE, apart
from dcforecast.store import QUANTILE_COLUMNS, Run, Store


def _another(run: Run, folder: Path) -> Run:
    facts = {"members": 9, "data_vintage": "2026-05-15", "scenario": "baseline"}
    return Store(folder / "another").create("run", run.config, **facts)


def test_every_chart_is_drawn_and_labelled(
    run: Run, tmp_path: Path, settings: ReportSettings
) -> None:
    files = reports.figures(run, tmp_path / "figures", settings)
    assert len(files) >= 4
    assert all(file.stat().st_size > 3_000 for file in files)
    made = (plots.corridors(run), plots.answer(run, "tripp"), plots.expected_stack(run))
    for figure in (*made, plots_market.prices(run)):
        assert any(axis.get_ylabel() for axis in figure.axes)
        assert "Modelled" in figure._supxlabel.get_text()
    assert plots_models.scores_by_step(run, "demand").axes


def test_a_year_alone_can_be_seen(run: Run, tmp_path: Path) -> None:
    one = _another(run, tmp_path)
    one.write("annual", run.read("annual", year=2030))
    for figure in (plots.corridors(one), plots_market.prices(one), plots.compare([one])):
        axis = figure.axes[0]
        assert axis.lines[0].get_xdata().tolist() == [2029.7, 2030.3]
        assert axis.get_xlim() == (2029.0, 2031.0)


def test_hours_that_were_not_kept_are_told(
    run: Run, tmp_path: Path, settings: ReportSettings
) -> None:
    one = _another(run, tmp_path)
    with one.writer("allocation"):
        pass
    with pytest.raises(UserError, match=r"kept no rows of table 'allocation'"):
        plots.duration(one)
    one.write("annual", run.read("annual"))
    files = reports.figures(one, tmp_path / "figures", settings)
    assert {"corridors", "unused_hours"} & {file.stem for file in files} == {"corridors"}


def test_a_hue_tells_what_rests_on_an_assumption(run: Run, text_of: Callable[..., str]) -> None:
    assert in_families(["tripp", "data_centres", "georgia", "black_sea"], run) == {
        "Data centres": ["data_centres"],
        "Corridors with a record of use": ["georgia"],
        "New corridors, their use assumed": ["tripp", "black_sea"],
    }
    colours = shades(run)
    assert colours["georgia"] == FAMILIES["Corridors with a record of use"][0]
    assert len(set(colours.values())) == len(colours) >= 10
    assert "on average 1.4 of 2.2 TWh go over new corridors" in text_of(reports.summary(run), 300)
    words = [text.get_text() for text in plots.expected_stack(run).axes[0].texts]
    stored = run.read("annual", sink="tripp", year=2030, answer="expected", quantity="energy_twh")
    assert f"assumed: {stored['mean'].iloc[0]:.1f} TWh" in words[-1].replace("\n", " ")


def test_a_day_ahead_can_be_seen_beside_a_long_record(run: Run) -> None:
    hours = pd.date_range("2024-01-01", periods=2_024, freq="h", tz="UTC")
    known = {"series": "load", "timestamp": hours[:2_000], "vintage": hours[:2_000], "mean": 5.0}
    run.write("history", pd.DataFrame({**known, "sd": 0.0, "unit": "MW", "basis": "reported"}))
    quantiles = dict.fromkeys(QUANTILE_COLUMNS, 6.0)
    ahead = {"series": "load", "model": "ridge", "timestamp": hours[2_000:], "mean": 6.0,
             "scenario": "csv", "origin": hours[1_999], "step": range(1, 25)}  # fmt: skip
    run.write("forecast", pd.DataFrame({**ahead, **quantiles, "unit": "MW"}))
    forecast, history = plots_models.forecast(run, "load").axes[0].lines
    assert (len(forecast.get_xdata()), len(history.get_xdata())) == (24, 6 * 24)


def test_names_beside_lines_keep_their_order_and_do_not_touch() -> None:
    assert apart([3.0, 1.0, 1.1], 0.5) == pytest.approx([3.0, 0.8, 1.3])


def test_of_many_models_the_best_are_in_colours(run: Run) -> None:
    scores = run.read("scores", model="seasonal_naive")
    worse = {"value": 20.0, "skill_vs_naive": -1.0}
    more = [scores.assign(model=f"m{k}", **worse) for k in range(6)]
    run.write("scores", pd.concat([run.read("scores"), *more]))
    axis = plots_models.scores_by_step(run, "demand").axes[0]
    assert [line.get_color() for line in axis.lines].count(PALE) == 3
    assert [text.get_text() for text in axis.texts][:2] == ["=cmd()", "seasonal_naive"]
    rows = plots_models.scores(run).axes[0].get_yticklabels()
    assert [row.get_text() for row in rows][:2] == ["=cmd()", "seasonal_naive"]


def test_a_comparison_of_nothing_is_refused(run: Run) -> None:
    with pytest.raises(UserError, match="did you mean 'expected'"):
        plots.compare([run], answer="expectd")
    with pytest.raises(UserError, match="no runs"):
        plots.compare([])


def test_hours_of_another_year_are_told(run: Run) -> None:
    with pytest.raises(UserError, match=r"no hours of 'unused' in 2050\n.*There is: 2030 to 2030"):
        plots.heatmap(run, "unused", 2050)
    with pytest.raises(UserError, match="did you mean 'unused'"):
        plots.heatmap(run, "unusd", 2030)


def test_an_unknown_sink_is_refused_with_the_nearest(run: Run) -> None:
    with pytest.raises(UserError, match="georgia"):
        plots.answer(run, "gorgia")
