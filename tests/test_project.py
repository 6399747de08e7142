"""The house keeps its own rules."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = sorted((ROOT / "src").rglob("*.py"))


@pytest.mark.parametrize("file", SOURCE, ids=lambda f: str(f.relative_to(ROOT)))
def test_files_can_be_read_in_one_sitting(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= 320


def tracked() -> list[Path]:
    done = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.skip("not a checkout")
    return [ROOT / name for name in done.stdout.splitlines()]


def test_the_lock_names_no_host() -> None:
    text = (ROOT / "constraints" / "py311.txt").read_text()
    assert "--hash=sha256:" in text
    assert not re.search(r"https?://|index-url|registry", text)


def test_no_machine_path_in_the_project() -> None:
    for file in tracked():
        if file.suffix in {".py", ".md", ".yaml", ".toml", ".csv", ".json", ".j2", ""}:
            text = file.read_text(errors="ignore")
            found = re.search(r"(?<![\w.])/(?:work|home|root|Users)/\w+", text)
            assert found is None, f"{file}: {found.group()}"
