"""Tables on terminals of any width: no value is lost in silence."""

from __future__ import annotations

from io import StringIO

import pandas as pd
import pytest
from rich.console import Console
from rich.table import Table

from dcforecast.reports import print_frame, print_table
from dcforecast.reports.answer import newest
from dcforecast.store import QUANTILE_COLUMNS


def printed(frame: pd.DataFrame, width: int, *, terminal: bool) -> str:
    console = Console(file=StringIO(), width=width, force_terminal=terminal, color_system=None)
    print_frame(console, frame, "a table")
    return console.file.getvalue()


def wide(rows: int = 3) -> pd.DataFrame:
    quantiles = {name: [1000.0 + i] * rows for i, name in enumerate(QUANTILE_COLUMNS)}
    return pd.DataFrame(
        {"scenario": "baseline", "sink": [f"sink_{i}" for i in range(rows)], "year": 2030,
         "mean": [7.0 + i for i in range(rows)], **quantiles}
    )  # fmt: skip


def test_a_pipe_gets_every_column_in_one_line_a_row():
    text = printed(wide(), 80, terminal=False)
    assert len(text.splitlines()) == 5
    assert text.splitlines()[1].split() == list(wide().columns)
    assert text.splitlines()[2].split()[:4] == ["baseline", "sink_0", "2030", "7"]


def test_a_table_is_whole_in_a_pipe_and_prose_after_it_is_wrapped_as_before():
    console = Console(file=StringIO(), width=60, force_terminal=False)
    table = Table("series", "what it is", box=None)
    table.add_row("a_name_of_some_length", "words " * 30)
    print_table(console, table)
    print_table(console, "prose " * 30)
    _, row, *prose = console.file.getvalue().splitlines()
    assert row.split() == ["a_name_of_some_length", *["words"] * 30]
    assert len(prose) > 2
    assert max(map(len, prose)) <= 60
    assert console.width == 60


def test_a_narrow_terminal_keeps_means_and_names_what_is_left_out():
    text = printed(wide(), 60, terminal=True)
    assert max(map(len, text.splitlines())) <= 60
    assert "scenario: baseline" in text.replace("\n", " ")
    assert {"sink", "mean", "q100", "q500", "q900"} <= set(text.split())
    assert "left out: q010" in text


@pytest.mark.parametrize("width", [40, 80])
def test_tables_of_many_words_become_blocks(width):
    frame = wide().drop(columns=list(QUANTILE_COLUMNS))
    for i in range(8):
        frame[f"a_column_with_a_long_name_{i}"] = [f"value_{i}_{row}" for row in range(3)]
    text = printed(frame, width, terminal=True)
    for i in range(8):
        for row in range(3):
            assert f"value_{i}_{row}" in text


def test_the_newest_of_each_period_is_what_is_known():
    day = pd.Timestamp("2024-01-01", tz="UTC")
    rows = pd.DataFrame(
        {"series": "load", "timestamp": [day, day, day + pd.Timedelta("1D")],
         "vintage": [day + pd.Timedelta(n) for n in ("9D", "1D", "2D")], "mean": [3.0, 1.0, 2.0]}
    )  # fmt: skip
    assert newest(rows).sort_values("timestamp")["mean"].tolist() == [3.0, 2.0]
