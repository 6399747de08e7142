"""A run made through the store, with texts that try to break out of their cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from dcforecast.config.compose import compose
from dcforecast.config.report import ReportSettings
from dcforecast.store import QUANTILE_COLUMNS, Run, Store

SINKS = {"data_centres": "data_centre", "georgia": "corridor", "tripp": "corridor",
         "unused": "unused", "exports": "system"}  # fmt: skip


def _quantiles(middle: float) -> dict[str, float]:
    return dict(zip(QUANTILE_COLUMNS, middle * np.linspace(0.5, 1.5, 11), strict=True))


def annual(scenario: str, factor: float = 1.0) -> pd.DataFrame:
    rows = []
    for position, (sink, kind) in enumerate(SINKS.items()):
        for year in range(2026, 2031):
            base = (1 + position + 0.1 * (year - 2026)) * factor
            answers = {"capability": ("energy_twh", base)}
            if sink != "unused":
                answers |= {"expected": ("energy_twh", 0.4 * base), "firm": ("power_mw", 50 * base)}
            for answer, (quantity, value) in answers.items():
                rows.append({"scenario": scenario, "sink": sink, "kind": kind, "year": year,
                             "answer": answer, "quantity": quantity, "mean": value,
                             "se": 0.1 * value, **_quantiles(value)})  # fmt: skip
    for year in range(2026, 2031):
        for (sink, kind), (answer, quantity, value) in [
            *(((s, k), ("expected", q, 0.5 + 0.01 * n)) for s, k in list(SINKS.items())[:3]
              for n, q in enumerate(("cfe_grid", "cfe_contracted", "cfe_surplus"))),
            *(((s, k), ("capability", "added_mw_value_eur", 2e5)) for s, k in SINKS.items()
              if k == "corridor"),
            (("link_az_ge", "system"), ("capability", "added_mw_value_eur", 3e5)),
            (("node_az", "system"), ("capability", "node_price_eur_mwh", 12.0)),
            (("node_nx", "system"), ("capability", "node_price_eur_mwh", 9.0)),
        ]:  # fmt: skip
            rows.append({"scenario": scenario, "sink": sink, "kind": kind, "year": year,
                         "answer": answer, "quantity": quantity, "mean": value, "se": 0.0,
                         **_quantiles(value)})  # fmt: skip
    for sink, hours in (("campus_one", 3.0), ("campus_b_nx", 12.5), ("data_centres", 12.5)):
        for answer, quantity, value in (
            ("capability", "served_twh", 0.25), ("expected", "lole_h", hours),
            ("expected", "site_lole_h", 0.5), ("capability", "added_mw_value_eur", -152_965.7),
        ):  # fmt: skip
            rows.append({"scenario": scenario, "sink": sink, "kind": "data_centre", "year": 2028,
                         "answer": answer, "quantity": quantity, "mean": factor * value,
                         **_quantiles(value)})  # fmt: skip
    return pd.DataFrame(rows)


def make(folder: Path, scenario: str = "baseline", factor: float = 1.0) -> Run:
    config = compose([f"scenario={scenario}"]).config
    config = {**config, "scenario": {**config["scenario"], "why": "<script>alert(1)</script> =1+1"}}
    run = Store(folder).create("run", config, scenario=scenario, model="champion", members=9,
                               data_vintage="2026-05-15", overrides=[])  # fmt: skip
    run.write("annual", annual(scenario, factor))
    hours = pd.date_range("2030-01-01", periods=24 * 60, freq="h", tz="UTC")
    wave = np.sin(np.arange(len(hours)) / 24 * 2 * np.pi) * 50 + 100
    frame = pd.DataFrame(
        {
            "scenario": scenario,
            "sink": "unused",
            "kind": "unused",
            "timestamp": hours,
            "mean": wave,
            **dict.fromkeys(QUANTILE_COLUMNS, wave),
        }
    )
    run.write("allocation", frame)
    scores = [
        {
            "series": "demand",
            "model": model,
            "metric": "crps",
            "step_group": group,
            "value": value,
            "se": 0.1,
            "skill_vs_naive": 1 - value / 10,
            "n": 8,
        }
        for model, value in (("seasonal_naive", 10.0), ("=cmd()", 7.0))
        for group in ("all", "01", "02-03")
    ]
    run.write("scores", pd.DataFrame(scores))
    past = {"quantity": "export", "unit": "TWh", "basis": "published", "official": "",
            "source_ids": ["S001"]}  # fmt: skip
    run.update(hindcast=[
        {**past, "year": 2023, "as_of": "2022-12-31", "p10": 1.8, "p50": 3.1, "p90": 6.0,
         "actual": 3.25, "inside": True, "miss_percent": -4.6},
        {**past, "year": 2024, "as_of": "2023-12-31", "p10": 1.9, "p50": 2.7, "p90": 3.8,
         "actual": 1.4, "inside": False, "miss_percent": 92.9},
        {**past, "year": 2025, "as_of": "2024-12-31", "p10": 1.2, "p50": 2.1, "p90": 4.0,
         "actual": 1.19, "inside": False, "miss_percent": 79.0, "basis": "nowcast"},
    ])  # fmt: skip
    run.finish("finished")
    return run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return make(tmp_path / "outputs")


@pytest.fixture
def pair(tmp_path: Path) -> list[Run]:
    return [make(tmp_path / "outputs"), make(tmp_path / "outputs", "tripp_2030", 1.5)]


@pytest.fixture
def settings() -> ReportSettings:
    return ReportSettings(name="default", years=[2026, 2028, 2030], dpi=60)


@pytest.fixture
def text_of() -> Callable[..., str]:
    """Return what shows parts of a summary as text, so many columns wide."""

    def shown(parts: Iterable[Any], width: int = 80) -> str:
        nowhere = open("/dev/null", "w")  # noqa: SIM115, PTH123
        console = Console(width=width, record=True, file=nowhere)
        for part in parts:
            console.print(part)
        return console.export_text()

    return shown
