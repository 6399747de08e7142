"""Shell completion: commands by us, overrides by Hydra."""

from __future__ import annotations

import os
from collections.abc import Sequence

from dcforecast.config.compose import ROOT, hydra, options
from dcforecast.errors import UserError

__all__ = ["completion"]

_SHELLS = ("bash", "fish", "zsh")


def completion(arguments: Sequence[str], commands: Sequence[str]) -> int:
    """Answer ``-sc install=bash``, ``-sc query=bash`` and the like."""
    known = {f"{what}={shell}" for what in ("install", "query", "uninstall") for shell in _SHELLS}
    if len(arguments) != 1 or arguments[0] not in known:
        asked = " ".join(["-sc", *arguments])
        raise UserError(f"{asked}: say install, uninstall or query, and a shell",
                        f"For example -sc install=bash; shells: {', '.join(_SHELLS)}")  # fmt: skip
    line = os.environ.get("COMP_LINE", "")
    words = line.split()
    asks = any(word.startswith("query=") for word in arguments)
    typing_command = len(words) < 2 or (len(words) == 2 and not line.endswith(" "))
    if asks and typing_command:
        start = words[1] if len(words) == 2 else ""
        print(" ".join(name for name in commands if name.startswith(start)))
        return 0
    last = "" if line.endswith(" ") else words[-1] if words else ""
    if asks and last.startswith("experiment="):
        print(
            " ".join(
                f"experiment={name}"
                for name in options("experiment")
                if name.startswith(last.partition("=")[2])
            )
        )
        return 0
    if asks:  # Hydra knows no commands: hide ours from it
        kept = [word for word in words[2:] if "=" in word or word is words[-1]]
        kept = [word for word in kept if not word.startswith(("-", "experiment"))]
        tail = " " if line.endswith(" ") else ""
        os.environ["COMP_LINE"] = " ".join([words[0], *kept]) + tail
    hydra().shell_completion(ROOT, list(arguments))
    return 0
