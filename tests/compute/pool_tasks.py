"""What the tests of the pool give to workers: importable by name in their processes."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from dcforecast.errors import UserError


def square(number: int) -> int:
    return number * number


def square_but_three(number: int) -> int:
    if number == 3:
        raise UserError("three is not squared", "Leave three out")
    return number * number


def process_of(_: int) -> int:
    return os.getpid()


def die_at_two(number: int) -> int:
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def die_once(task: tuple[int, str]) -> int:
    """Kill the worker the first time task 1 is tried; a file remembers it."""
    number, marker = task
    if number == 1 and not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number
