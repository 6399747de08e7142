"""Numba's compiler with its cache, where there is a place to keep compiled code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["njit"]


if TYPE_CHECKING:

    def njit(**_options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Compile a function."""
        ...
else:

    def njit(**options):  # noqa: ANN003, ANN201
        """Compile a function."""
        import numba

        def compiled(function):  # noqa: ANN001, ANN202
            try:
                return numba.njit(cache=True, **options)(function)
            except RuntimeError:  # nowhere to keep compiled code: compile in each process
                return numba.njit(**options)(function)

        return compiled
