"""Compiled functions: numba's ``njit``, its machine code kept on disk where that is possible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["njit"]


def njit(**options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that compiles a function with numba's options."""
    import numba

    def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
        try:
            found: Callable[..., Any] = numba.njit(cache=True, **options)(function)
            _depend(found, function)
        except RuntimeError:  # nowhere to keep compiled code: compile in each process
            found = numba.njit(**options)(function)
        return found

    return compiled


def _depend(compiled: Any, function: Callable[..., Any]) -> None:
    """Let kept code be as old as the files of the functions it calls, too.

    numba looks at the date of the function's own file alone, though the functions called are
    compiled into it: code of a changed one would live on, to a crash at worst.
    """
    called = (function.__globals__.get(name) for name in function.__code__.co_names)
    files = [
        getattr(getattr(one, "_cache", None), "_cache_file", None) for one in (compiled, *called)
    ]
    if files[0] is not None:
        stamps = tuple(file._source_stamp for file in files if file is not None)  # noqa: SLF001
        files[0]._source_stamp = stamps  # noqa: SLF001
