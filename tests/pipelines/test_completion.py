"""What the Tab key offers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dcforecast.cli import main
from dcforecast.store import Store


def offered(line: str, capsys, monkeypatch) -> list[str]:
    monkeypatch.setenv("COMP_LINE", line)
    with pytest.raises(SystemExit) as end:
        main(["-sc", "query=bash"])
    assert end.value.code == 0
    return capsys.readouterr().out.split()


@pytest.mark.parametrize(
    ("typed", "one"),
    [
        ("al", "allocate"),
        ("run scenario=tr", "scenario=tripp_2030"),
        ("run ensemble.mem", "ensemble.members="),
        ("run allocation.order=v", "allocation.order=value"),
        ("run network.links.az_ge.status=pl", "network.links.az_ge.status=planned"),
        ("run store.reuse=f", "store.reuse=false"),
        ("run experi", "experiment="),
        ("run experiment=tripp_d", "experiment=tripp_date"),
        ("run experiment=tripp_date model=rid", "model=ridge"),
        ("run --for", "--force"),
        ("tune --trials 5 model=rid", "model=ridge"),
        ("models rid", "ridge"),
        ("scenarios tr", "tripp_2030"),
        ("data obs", "observations"),
        ("config eva", "evaluation"),
        ("benchmark m3_m", "m3_monthly"),
        ("benchmark m3_monthly model=rid", "model=ridge"),
        ("experiments dry_years which", "which_model"),
        ("show ann", "annual"),
        ("export --table ann", "annual"),
        ("compare baseline tr", "tripp_2030"),
        ("ls --pipeline back", "backtest"),
    ],
)
def test_what_is_begun_is_completed(typed, one, capsys, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    found = offered(f"dcforecast {typed}", capsys, monkeypatch)
    assert one in found
    last = typed.split()[-1]
    assert all(word.startswith(last) for word in found)
    assert list(tmp_path.iterdir()) == []


def test_runs_of_this_folder_are_offered(capsys, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    run = Store("outputs").create("run", {}, scenario="baseline", model="ets", overrides=[])
    for line in ("show ", "run --from-run ", "report ", "track 2", "export "):
        assert run.id in offered(f"dcforecast {line}", capsys, monkeypatch), line


def test_an_unknown_command_has_no_completion(capsys, monkeypatch) -> None:
    assert offered("dcforecast rnu ", capsys, monkeypatch) == []


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_completion_works_in_a_real_shell(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    program = tmp_path / "dcforecast"
    program.write_text(f"#!{sys.executable}\nfrom dcforecast.cli import main\nmain()\n")
    program.chmod(0o755)
    script = f"""
        eval "$(dcforecast -sc install={shell})"
        {"emulate sh" if shell == "zsh" else ""}
        COMP_LINE="dcforecast run scenario=tripp"
        COMP_POINT=${{#COMP_LINE}} COMP_CWORD=2
        hydra_bash_completion
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    words = ["zsh", "-f", "-c"] if shell == "zsh" else ["bash", "-c"]
    done = subprocess.run(
        [*words, script], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert done.stdout.split() == ["scenario=tripp_2030"], (done.stdout, done.stderr)
