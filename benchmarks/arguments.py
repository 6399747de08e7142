"""Arguments of a benchmark by their place, with its own words as help."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["arguments", "run_folder"]


def run_folder(text: str) -> Path:
    """Return the folder of a run, which holds its configuration."""
    if not (Path(text) / "config.json").is_file():
        message = f"{text!r} is no folder of a run, as outputs/20261126-074033-run-1189"
        raise argparse.ArgumentTypeError(message)
    return Path(text)


def arguments(about: str | None, **places: tuple[Callable[[str], Any], Any]) -> list[Any]:
    """Read the command line: a type and a default for each place; ``...`` means it is needed."""
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, (kind, default) in places.items():
        if default is ...:
            parser.add_argument(name, type=kind)
        else:
            parser.add_argument(name, type=kind, nargs="?", default=default)
    return list(vars(parser.parse_args()).values())
