"""Help, exit codes and messages, as a person meets them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

COMMANDS = (
    "run",
    "ingest",
    "backtest",
    "forecast",
    "allocate",
    "report",
    "tune",
    "compare",
    "experiments",
    "ls",
    "show",
    "export",
    "models",
    "scenarios",
    "data",
    "config",
    "benchmark",
    "track",
    "ui",
    "doctor",
)


def test_without_a_command_there_is_help(cli, tmp_path: Path) -> None:
    for words in ((), ("--help",)):
        done = cli(*words, cwd=tmp_path)
        assert done.returncode == 0
        for command in COMMANDS:
            assert f"  {command}" in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(cli, tmp_path: Path, command: str) -> None:
    done = cli(command, "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith(f"usage: dcforecast {command}")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("rnu",), "run"),
        (("run", "scenario=tripp_203"), "tripp_2030"),
        (("run", "model=etss"), "ets"),
        (("run", "ensemble.membrs=5"), "ensemble.members"),
        (("run", "ensemble.members=-5"), "ensemble.members"),
        (("run", "--cfg", "job", "-p", "ensmble"), "did you mean 'ensemble'"),
        (("-sc",), "-sc install=bash"),
        (("-sc", "install=csh"), "shells: bash, fish, zsh"),
        (("ls", "--limit", "-1"), "no number of 1 or more"),
        (("tune", "--trials", "0"), "no number of 1 or more"),
        (("run", "ensemble.years.last=2020"), "2020"),
        (("run", "network.links.az_ge.capacity_mw=-1"), "capacity_mw"),
        (("run", "network.links.az_gee.capacity_mw=1"), "az_ge"),
        (("run", "model=ets", "model.trnsform=log"), "transform"),
        (("run", "--frce"), "--frce"),
        (("run", "model.alpha=1"), "model=NAME model.alpha="),
        (("run", "data.as_of=tomorrow"), "not a date; write it as 2030-01-31"),
        (("run", "data.as_of=2024-02-31"), "range); write it as"),
        (("run", "network.links.tripp_line.date=2030"), "not a date; write it as 2030-01-31"),
        (("run", "data.extra=."), "this is a folder"),
        (("run", "tracking=server", "tracking.uri=nonsense"), "tracking.uri"),
        (("backtest", "data=csv"), "data.path"),
        (("backtest", "data=csv", "data.path=none.csv", "data.target=y"), "none.csv"),
        (("show", "nothing"), "nothing"),
        (("report",), "dcforecast run"),
        (("export", "--table", "anual"), "annual"),
        (("compare", "one"), "two"),
        (("ui",), "dcforecast run"),
        (("config", "netwrk"), "network"),
        (("models", "etz"), "ets"),
    ],
)
def test_a_mistake_gives_one_message_and_exit_2(cli, tmp_path: Path, words, told: str) -> None:
    done = cli(*words, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_in_one_message(tmp_path: Path, monkeypatch, capsys) -> None:
    import errno
    import os

    from dcforecast.cli import main

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(tmp_path / "history.parquet"))

    monkeypatch.setattr("dcforecast.pipelines.stages.ingest", full)
    with pytest.raises(SystemExit) as end:
        main(["ingest"])
    assert end.value.code == 2
    told = capsys.readouterr().err
    assert "history.parquet: No space left on device" in told
    assert "Make room" in told


def test_a_folder_in_place_of_a_file_is_told(cli, tmp_path: Path) -> None:
    from dcforecast.store import Store

    run = Store(tmp_path / "outputs").create("run", {}, scenario="baseline", model="ets")
    lineage = {"table": ["annual"], "row_key": ["x"], "source_id": ["S001"], "run_id": [run.id]}
    run.write("lineage", pd.DataFrame(lineage))
    run.finish("finished")
    (tmp_path / "there.csv").mkdir()
    done = cli("export", "--table", "lineage", "--to", "there.csv", cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert "there.csv: Is a directory" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["outputs", "there.csv"]


def test_a_broken_file_is_named_with_row_and_column(cli, tmp_path: Path) -> None:
    file = tmp_path / "load.csv"
    rows = ["time,load_mw"] + [f"2024-01-{d:02d},{100 + d}" for d in range(1, 29)]
    rows[7] = "2024-01-07,12O"
    file.write_text("\n".join(rows))
    done = cli(
        "backtest",
        "data=csv",
        f"data.path={file}",
        "data.time=time",
        "data.target=load_mw",
        "data.freq=D",
        cwd=tmp_path,
    )
    assert done.returncode == 2
    for word in ("load.csv", "row 8", "load_mw", "12O"):
        assert word in done.stderr
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.slow
def test_any_file_can_be_backtested(cli, tmp_path: Path) -> None:
    import numpy as np
    import pandas as pd

    hours = pd.date_range("2024-01-01", periods=24 * 40, freq="h")
    load = 1000 + 200 * np.sin(np.arange(len(hours)) * 2 * np.pi / 24)
    noise = np.random.default_rng(1).normal(0, 10, len(hours))
    frame = pd.DataFrame({"t": hours, "load": load + noise, "warm": noise})
    frame.to_csv(tmp_path / "load.csv", index=False)
    done = cli(
        "backtest",
        "data=csv",
        "data.path=load.csv",
        "data.time=t",
        "data.target=load",
        "data.freq=h",
        "data.exog=[warm]",
        "model=ridge",
        "evaluation.horizon=24",
        "evaluation.origins=5",
        "evaluation.step=24",
        "evaluation.refit=0",
        "tracking=off",
        "compute=serial",
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "ridge" in done.stdout
    assert done.stdout.strip().splitlines()[-1].startswith("run_id: ")


@pytest.mark.slow
def test_a_sweep_goes_on_after_a_failure_and_skips_what_is_done(cli, tmp_path: Path) -> None:
    import numpy as np
    import pandas as pd

    months = pd.date_range("2010-01-01", periods=60, freq="MS")
    values = 100 + np.arange(60) + 10 * np.sin(np.arange(60) * np.pi / 6)
    pd.DataFrame({"t": months, "y": values}).to_csv(tmp_path / "y.csv", index=False)
    words = (
        "backtest",
        "-m",
        "data=csv",
        "data.path=y.csv",
        "data.time=t",
        "data.target=y",
        "model=drift,theta",
        "evaluation.origins=3",
        "evaluation.horizon=6,600",
        "tracking=off",
        "compute=serial",
    )
    done = cli(*words, cwd=tmp_path)
    assert done.returncode == 1
    assert "2 of 4 jobs failed" in done.stderr
    assert "too few" in done.stderr
    assert done.stdout.count("run_id: ") == 2
    again = cli(*words, cwd=tmp_path)
    assert "2 finished earlier" in again.stderr


def test_import_is_light() -> None:
    script = (
        "import sys, dcforecast; "
        "print([m for m in ('mlflow','statsmodels','sklearn','pandas') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_hydras_own_views_work(cli, tmp_path: Path) -> None:
    done = cli("run", "--cfg", "job", "--resolve", "scenario=dry_years", cwd=tmp_path)
    assert done.returncode == 0
    assert "dry_years" in done.stdout
    assert cli("run", "--info", "searchpath", cwd=tmp_path).returncode == 0
    assert list(tmp_path.iterdir()) == []


def _started(words: Sequence[str], folder: Path) -> subprocess.Popen[str]:
    """Start the program and wait for its first stage."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dcforecast", *words],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert process.stderr.readline().startswith("ingest")
    return process


@pytest.mark.slow
def test_an_interrupted_run_is_marked_and_taken_up_again(cli, tmp_path: Path) -> None:
    import signal
    import time

    from dcforecast.store import Store

    words = ("backtest", "evaluation=quick", "evaluation.monthly.origins=16", "compute=serial",
             "tracking=off")  # fmt: skip
    with _started(words, tmp_path) as process:
        assert process.stderr is not None
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        told = process.stderr.read()
    assert process.returncode == 130
    assert "interrupted" in told
    assert "Traceback" not in told
    store = Store(tmp_path / "outputs")
    (stopped,) = list(store)
    assert stopped.status == "interrupted"
    assert stopped.has("history")
    done = cli(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert store.get().manifest["stages"]["ingest"]["taken_from"] == stopped.id


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc")
def test_a_terminated_run_ends_in_one_line_and_leaves_no_process(tmp_path: Path) -> None:
    import signal
    import time

    from dcforecast.store import Store

    words = ("backtest", "evaluation=quick", "evaluation.monthly.origins=40", "compute.workers=2",
             "tracking=off")  # fmt: skip
    with _started(words, tmp_path) as process:
        assert process.stderr is not None
        for _ in range(600):
            workers = _workers(process.pid)
            if workers:
                break
            time.sleep(0.1)
        assert workers
        process.send_signal(signal.SIGTERM)
        told = process.stderr.read()
    assert process.returncode == 143
    assert told == "dcforecast: terminated; what was finished is in the store\n"
    for _ in range(100):
        if not any(one.exists() for one in workers):
            break
        time.sleep(0.1)
    assert not any(one.exists() for one in workers)
    (stopped,) = list(Store(tmp_path / "outputs"))
    assert stopped.manifest["status"] == "interrupted"


def _workers(parent: int) -> list[Path]:
    """Folders in /proc of a process's workers."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state = folder.joinpath("stat").read_text().rpartition(")")[2].split()
            mine = int(state[1]) == parent
            if mine and b"LokyProcess" in folder.joinpath("cmdline").read_bytes():
                found.append(folder)
        except OSError:  # it ended meanwhile
            continue
    return found


def test_ctrl_c_while_the_program_is_imported_gives_no_traceback(tmp_path: Path) -> None:
    script = (
        "import sys, importlib.abc\n"
        "class Interrupting(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'dcforecast.cli':\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "import runpy; runpy.run_module('dcforecast', run_name='__main__')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (130, "dcforecast: interrupted\n")


def test_the_program_starts_with_next_to_nothing(tmp_path: Path) -> None:
    import dcforecast

    source = Path(dcforecast.__file__).parents[1]
    script = (
        f"import sys; sys.path.insert(0, {str(source)!r}); import dcforecast.__main__; "
        "print([m for m in ('argparse', 'dataclasses', 'typing', 're') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], cwd=tmp_path, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"
