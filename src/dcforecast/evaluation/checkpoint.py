"""Finished tasks of a backtest, kept on disk so that one that was stopped goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dcforecast.store.atomic import atomic_file

__all__ = ["Checkpoint"]


class Checkpoint:
    """Results of tasks by position; those found in the folder are there from the start.

    A task is known by the digest of all that decides its numbers: model and parameters, data,
    origins, horizon.  Files appear whole or not at all.

    Parameters
    ----------
    folder : Path or None
        Where results are kept; None: nowhere.
    tasks : sequence
        Dataclasses of models, series, positions and numbers.
    """

    def __init__(self, folder: Path | None, tasks: Sequence[Any]) -> None:
        self.results: list[dict[str, np.ndarray] | None] = [None] * len(tasks)
        self._files: list[Path] = []
        if folder is None:
            return
        data: dict[int, bytes] = {}
        self._files = [folder / f"{_digest(task, data)}.npz" for task in tasks]
        for position, file in enumerate(self._files):
            if file.is_file():
                with np.load(file) as found:
                    self.results[position] = dict(found)

    def add(self, position: int, result: dict[str, np.ndarray]) -> None:
        """Keep the result of a task."""
        self.results[position] = result
        if self._files:
            with atomic_file(self._files[position]) as temporary, temporary.open("wb") as file:
                np.savez(file, **result)  # type: ignore[arg-type]


def _digest(task: Any, data: dict[int, bytes]) -> str:
    """Digest a task; the same data is read once."""
    facts = (
        type(task.forecaster).__module__, repr(task.forecaster), task.model, task.positions,
        task.horizon, task.gap, task.levels,
    )  # fmt: skip
    whole = hashlib.sha256(repr(facts).encode())
    for one in task.series:
        whole.update(f"{one.name} {one.late}".encode())
        for frame in (one.y, one.X):
            whole.update(_content(frame, data))
    whole.update(_content(task.vintage, data))
    return whole.hexdigest()[:32]


def _content(frame: pd.Series | pd.DataFrame | None, data: dict[int, bytes]) -> bytes:
    if frame is None:
        return b"none"
    if id(frame) not in data:
        rows = pd.util.hash_pandas_object(frame, index=True).to_numpy()
        names = repr(list(frame.columns) if isinstance(frame, pd.DataFrame) else frame.name)
        data[id(frame)] = hashlib.sha256(rows.tobytes() + names.encode()).digest()
    return data[id(frame)]
