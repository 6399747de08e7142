"""Properties of the answer of a real run, and of what it leaves behind."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dcforecast as dcf
from dcforecast.store import QUANTILE_COLUMNS, Run, Store

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("main job")]

CORRIDORS = {
    "georgia",
    "turkiye_via_georgia",
    "tripp",
    "black_sea",
    "bulgaria",
    "central_asia",
    "russia",
    "iran",
}


def test_every_corridor_and_data_centres_have_the_three_answers(finished: Run) -> None:
    annual = finished.read("annual")
    for sink in CORRIDORS | {"data_centres"}:
        rows = annual[annual["sink"] == sink]
        assert set(rows["answer"]) == {"capability", "expected", "firm"}, sink
        assert set(rows["year"]) == {2026, 2027, 2028}
    assert {"unused", "unserved"} <= set(annual["sink"])


def test_quantiles_do_not_cross_and_are_finite(finished: Run) -> None:
    for table in ("annual", "forecast", "backtest", "allocation"):
        values = finished.read(table)[list(QUANTILE_COLUMNS)].dropna().to_numpy()
        assert np.isfinite(values).all(), table
        assert (np.diff(values, axis=1) >= -1e-4 * (1 + np.abs(values[:, 1:]))).all(), table


def test_months_quarters_and_years_of_a_forecast_add_up(finished: Run) -> None:
    forecast = finished.read("forecast")
    for series in ("demand_gross", "generation_hydro", "export"):
        means = [
            forecast[forecast["series"] == f"{series}{step}"].set_index("timestamp")["mean"]
            for step in ("", "_quarterly", "_annual")
        ]
        months, quarters, years = (rows.groupby(rows.index.year).sum() for rows in means)
        np.testing.assert_allclose(months, quarters, rtol=1e-6)
        np.testing.assert_allclose(months, years.reindex(months.index), rtol=1e-6)
        assert len(months) == 2
        assert forecast[forecast["series"] == series]["q010"].min() >= 0


def test_what_is_expected_is_never_more_than_what_is_possible(finished: Run) -> None:
    rows = finished.read("annual", quantity="energy_twh")
    wide = rows.pivot_table(index=["sink", "year"], columns="answer", values="mean").dropna()
    assert len(wide) >= 9 * 3
    assert (wide["capability"] >= wide["expected"] - 1e-9).all()


def test_nothing_flows_before_commissioning(finished: Run) -> None:
    rows = finished.read(
        "annual", sink=["black_sea", "bulgaria", "central_asia"], quantity="energy_twh"
    )
    assert rows["q990"].max() == 0.0  # none can be there by 2028


def test_energy_balances_hour_by_hour(finished: Run) -> None:
    assert finished.manifest["metrics"]["balance_residual"] < 1e-6
    assert finished.manifest["metrics"]["fallbacks"] == 0


def test_no_sink_takes_more_than_its_links_carry(finished: Run) -> None:
    hours = finished.read("allocation", sink="georgia")
    links = finished.config["network"]["links"]
    most = sum(
        link["capacity_mw"]
        for link in links.values()
        if (link["from_node"], link["to_node"]) == ("AZ", "GE")
    )
    assert hours["q990"].max() <= most


def test_hours_add_up_to_the_year(finished: Run) -> None:
    hours = finished.read("allocation", year=2026)
    assert len(hours[hours["sink"] == "tripp"]) == 8760
    energy = hours.groupby("sink", observed=True)["mean"].sum() / 1e6
    annual = finished.read("annual", year=2026, answer="capability", quantity="energy_twh")
    means = annual.set_index("sink")["mean"]
    for sink in ("georgia", "russia", "unused"):
        assert energy[sink] == pytest.approx(means[sink], rel=1e-4)


def test_hindcast_stands_beside_the_actual(finished: Run) -> None:
    told = finished.manifest["hindcast"]
    assert {(row["year"], row["as_of"]) for row in told} == {(2024, "2023-12-31")}
    actual = {row["quantity"]: row["actual"] for row in told}
    assert actual["export"] == pytest.approx(1.40, abs=0.01)
    assert actual["generation_total"] == pytest.approx(28.4, abs=0.05)
    assert 26 < actual["demand_gross"] < 27.5
    for row in told:
        assert row["source_ids"] or row["quantity"] == "demand_gross"
        assert row["p10"] < row["p50"] < row["p90"]
        assert row["miss_percent"] == pytest.approx(100 * (row["p50"] / row["actual"] - 1))


def test_a_backtest_sees_only_what_was_published(finished: Run) -> None:
    rows = finished.read("backtest")
    assert (rows["timestamp"] > rows["origin"]).all()
    history = finished.read("history")
    assert history["vintage"].nunique() > 10


def test_lineage_leads_to_source_rows(finished: Run) -> None:
    lineage = finished.read("lineage")
    known = set(pd.read_csv(Path(dcf.__file__).parents[2] / "data" / "SOURCES.csv")["source_id"])
    assert set(lineage["source_id"]) <= known
    for sink in CORRIDORS | {"data_centres"}:
        rows = lineage[lineage["row_key"].str.startswith(f"{sink}/")]
        assert len(rows) > 3, sink


def test_summary_answers_the_question(project: Path) -> None:
    text = (project / "stdout.txt").read_text()
    for word in (
        "Data centres",
        "Georgia",
        "TRIPP",
        "Iran",
        "Unused",
        "capability",
        "expected",
        "firm MW",
        "Champion per series",
        "report.html",
        "dcforecast ui",
        "Hindcast 2024",
    ):
        assert word in text, word


def test_report_is_self_contained(finished: Run) -> None:
    page = (finished.artifacts / "report.html").read_text()
    assert "Can it be trusted" in page
    assert not re.findall(r'(?:src|href)="(?!data:)', page)
    assert "<script" not in page
    assert (finished.artifacts / "report.xlsx").stat().st_size > 10_000


def test_a_second_run_takes_the_stages_over(project: Path, finished: Run, cli) -> None:
    overrides = finished.manifest["overrides"]
    done = cli("run", *overrides, "tracking=off", cwd=project)
    assert done.returncode == 0, done.stderr
    again = Store(project / "outputs").get()
    assert again.id != finished.id
    assert again.manifest["stages"]["allocate"]["taken_from"] == finished.id
    pd.testing.assert_frame_equal(again.read("annual"), finished.read("annual"))


def test_chosen_members_are_kept_whole(project: Path, finished: Run, cli) -> None:
    overrides = [*finished.manifest["overrides"], "tracking=off"]
    refused = cli("allocate", *overrides, "ensemble.keep_members=[0,99]", cwd=project)
    assert refused.returncode == 2
    assert "no member 99; there are 0 to 11" in refused.stderr
    done = cli("allocate", *overrides, "ensemble.keep_members=[7,0]", cwd=project)
    assert done.returncode == 0, done.stderr
    run = Store(project / "outputs").get()
    assert run.manifest["kept_members"] == [0, 7]
    assert "members" in run.manifest["stages"]["allocate"]["tables"]
    assert run.manifest["stages"]["forecast"]["taken_from"] is not None  # kept members change none
    pd.testing.assert_frame_equal(run.read("annual"), finished.read("annual"))
    rows = dcf.load(
        "members", run, member=7, year=2027, answer="capability", kind=["supply", "corridor"]
    )
    assert len(rows) % 8_760 == 0
    assert {"gas_ccgt", "hydro", "wind", "solar", "storage", "georgia", "russia"} <= set(
        rows["name"]
    )
    assert (rows["value"] >= 0).all()


def test_from_run_repeats_it_bit_by_bit(project: Path, finished: Run, cli) -> None:
    done = cli("run", "--from-run", finished.id, "tracking=off", "compute=serial", cwd=project)
    assert done.returncode == 0, done.stderr
    again = Store(project / "outputs").get()
    assert again.manifest["stages"]["allocate"]["taken_from"] is None
    for table in ("history", "scores", "forecast", "paths", "annual"):
        first, second = finished.read(table), again.read(table)
        drop = [c for c in first if "seconds" in c]
        if table == "scores":
            first = first[first["metric"] != "fit_seconds"].reset_index(drop=True)
            second = second[second["metric"] != "fit_seconds"].reset_index(drop=True)
        pd.testing.assert_frame_equal(first.drop(columns=drop), second.drop(columns=drop))


def test_python_interface_reads_the_run(project: Path, finished: Run) -> None:
    store = str(project / "outputs")
    rows = dcf.load("annual", run=finished, sink="tripp", answer="expected", year=2028)
    assert set(rows["sink"]) == {"tripp"}
    assert len(dcf.runs(store)) >= 1
    assert dcf.scan("annual", run=finished).count_rows() > 100
    for draw in (dcf.plot.answer, dcf.plot.history, dcf.plot.forecast):
        assert draw(run=finished).axes
    assert dcf.plot.corridors(finished).axes


def test_commands_that_read_the_store(project: Path, finished: Run, cli, tmp_path: Path) -> None:
    for words in (
        ("ls",),
        ("show", finished.id),
        ("show", "history", "--limit", "5"),
        ("show", finished.id, "--lineage"),
        ("show", "history", "--as-of", "2022-06-30"),
        ("models",),
        ("scenarios",),
        ("data",),
        ("config",),
        ("config", "network"),
        ("compare", finished.id, finished.id),
        ("doctor",),
        ("export", finished.id, "--table", "annual", "--to", "annual.xlsx"),
    ):
        done = cli(*words, cwd=project)
        assert done.returncode == 0, (words, done.stderr)
        assert done.stdout.strip(), words
    assert (project / "annual.xlsx").exists()


def test_config_is_saved_with_the_run(finished: Run) -> None:
    saved = json.loads((finished.path / "config.json").read_text())
    assert saved["ensemble"]["members"] == 12
    assert saved["scenario"]["name"] == "baseline"
    for key in ("code_digest", "data_digest", "data_vintage", "config_hash", "seed"):
        assert finished.manifest[key], key
