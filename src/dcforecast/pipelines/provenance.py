"""What a run was made of: code, lock file, machine state."""

from __future__ import annotations

import hashlib
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import Any

from dcforecast.config.paths import data_dir, package_dir

__all__ = ["code_digest", "data_digest", "provenance"]


def _digest(files: list[Path], root: Path) -> str:
    found = hashlib.sha256()
    for file in sorted(files):
        found.update(str(file.relative_to(root)).encode())
        found.update(file.read_bytes())
    return found.hexdigest()[:12]


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Digest of the package's source, so that results of other code are never reused."""
    root = package_dir()
    return _digest(list(root.rglob("*.py")), root)


@lru_cache(maxsize=1)
def data_digest() -> str:
    """Digest of the project's own tables."""
    root = data_dir()
    return _digest([file for file in root.rglob("*") if file.suffix in {".csv", ".json"}], root)


def _git(*words: str) -> str | None:
    root = package_dir().parents[1]
    if not (root / ".git").exists():
        return None
    try:
        done = subprocess.run(  # noqa: S603
            ["git", "-C", str(root), *words],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


@lru_cache(maxsize=1)
def provenance() -> dict[str, Any]:
    """Facts that say which code and data a run used; kept in its manifest."""
    lock = package_dir().parents[1] / "constraints" / "py311.txt"
    return {
        "git_commit": _git("rev-parse", "HEAD"),
        "git_dirty": bool(_git("status", "--porcelain", "--untracked-files=no")),
        "code_digest": code_digest(),
        "data_digest": data_digest(),
        "lock_digest": hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
        if lock.is_file()
        else None,
    }
