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
        except RuntimeError:  # nowhere to keep compiled code: compile in each process
            found = numba.njit(**options)(function)
        return found

    return compiled
