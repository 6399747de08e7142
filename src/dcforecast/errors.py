"""Errors a person can act on.

Everything a user can get wrong raises `UserError`; the command line prints its
message without a traceback and exits 2.  Everything else is a fault of ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["DcforecastError", "InternalError", "UserError", "choices_text", "nearest"]


class DcforecastError(Exception):
    """Base of every error this package raises on purpose.

    Parameters
    ----------
    message : str
        What is wrong: where, what was found and what was expected.
    hint : str, optional
        The next step that mends it.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message}\n  {self.hint}"


class UserError(DcforecastError, ValueError):
    """A mistake in a command, a config value or an input file (exit code 2)."""

    exit_code = 2


class InternalError(DcforecastError, RuntimeError):
    """A fault of the program: an invariant that should hold does not (exit code 1)."""


def nearest(name: str, options: Iterable[str]) -> str | None:
    """Return the option most like `name`, or None when nothing is close."""
    found = get_close_matches(name, list(options), n=1, cutoff=0.5)
    return found[0] if found else None


def choices_text(name: str, options: Iterable[str]) -> str:
    """Say what was meant, or what there is: ``did you mean 'ets'?`` or a list."""
    listed = sorted(options)
    close = nearest(name, listed)
    start = f"did you mean '{close}'? " if close else ""
    return f"{start}There is: {', '.join(listed)}"
