"""The program ``dcforecast``, and ``python -m dcforecast``.

Nothing is imported here before Ctrl-C is heard.
"""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Run the command line; Ctrl-C while it is still being imported ends it without a traceback."""
    try:
        from dcforecast.cli import main as command_line

        command_line()
    except KeyboardInterrupt:
        import sys

        sys.stderr.write("dcforecast: interrupted\n")
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
