"""Writes that appear whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

__all__ = ["atomic_directory", "atomic_file", "write_json", "write_text"]


def _sync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def atomic_file(destination: Path) -> Iterator[Path]:
    """Yield a temporary path beside `destination`; rename it there when the block ends well.

    Parameters
    ----------
    destination : Path
        Final place of the file; replaced if it exists.

    Yields
    ------
    Path
        Empty file to fill.  It keeps the suffix of `destination`, since writers choose by it.
    """
    destination.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(
        dir=destination.parent, prefix=f".{destination.stem}.", suffix=f".tmp{destination.suffix}"
    )
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o644)  # mkstemp makes 0600
        temporary.replace(destination)
        _sync_directory(destination.parent)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


@contextmanager
def atomic_directory(destination: Path) -> Iterator[Path]:
    """Yield a temporary folder; rename it to `destination` when the block ends well.

    Raises
    ------
    FileExistsError
        `destination` exists already: tables of a run are written once.
    """
    if destination.exists():
        raise FileExistsError(destination)
    destination.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(
        tempfile.mkdtemp(dir=destination.parent, prefix=f".{destination.name}.", suffix=".tmp")
    )
    try:
        yield temporary
        temporary.chmod(0o755)
        temporary.rename(destination)
        _sync_directory(destination.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_text(destination: Path, text: str) -> None:
    """Write `text` as UTF-8, whole or not at all."""
    with atomic_file(destination) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(destination: Path, value: Any) -> None:
    """Write `value` as indented JSON, whole or not at all."""
    write_text(destination, json.dumps(value, indent=1, default=str) + "\n")
