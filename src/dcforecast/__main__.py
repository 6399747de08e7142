"""``python -m dcforecast`` is the same as ``dcforecast``."""

from __future__ import annotations

from dcforecast.cli import main

if __name__ == "__main__":
    main()
