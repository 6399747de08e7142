"""Progress on stderr: bars at a terminal, one line a stage elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["Reporter"]


class Reporter:
    """Tells the person who waits what is being done.

    Parameters
    ----------
    quiet : bool
        Say nothing at all (Python API, workers of a sweep).
    """

    def __init__(self, *, quiet: bool = False) -> None:
        from rich.console import Console

        self.console = Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)
        self._bars: Progress | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Show bars while the block runs."""
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        if not self.console.is_terminal:
            yield
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description:<10}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[note]}"),
        )
        with Progress(*columns, console=self.console) as bars:
            self._bars = bars
            try:
                yield
            finally:
                self._bars = None

    @contextmanager
    def stage(self, name: str) -> Iterator[Callable[..., None]]:
        """Report one stage; yields ``tell(share=None, note=None)``."""
        started = time.perf_counter()
        notes = [""]
        task = self._bars.add_task(name, total=1.0, note="") if self._bars else None

        def tell(share: float | None = None, note: str | None = None) -> None:
            notes[0] = note if note is not None else notes[0]
            if self._bars is not None and task is not None:
                self._bars.update(task, completed=share, note=notes[0])

        yield tell
        tell(1.0)
        if self._bars is None:
            seconds = time.perf_counter() - started
            self.console.print(f"{name:<10} {seconds:6.1f} s  {notes[0]}".rstrip(), markup=False)
