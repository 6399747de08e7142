"""Compiled code that is kept on disk."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_CALLED = """
from dcforecast.compute.compiled import njit

@njit(nogil=True)
def inner(x):
    return x + {added}
"""
_CALLING = """
from called import inner
from dcforecast.compute.compiled import njit

@njit(nogil=True)
def middle(x):
    return inner(x)
"""
_OUTER = """
from calling import middle
from dcforecast.compute.compiled import njit

@njit(nogil=True)
def outer(x):
    return 10.0 * middle(x)

print(outer(1.0), sum(outer.stats.cache_hits.values()))
"""


def test_a_change_in_a_function_called_is_compiled_in(tmp_path: Path) -> None:
    (tmp_path / "calling.py").write_text(_CALLING)
    (tmp_path / "outer.py").write_text(_OUTER)

    def told() -> list[str]:
        done = subprocess.run([sys.executable, "-c", "import outer"], cwd=tmp_path, check=True,
                              capture_output=True, text=True)  # fmt: skip
        return done.stdout.split()

    (tmp_path / "called.py").write_text(_CALLED.format(added=1.0))
    assert told() == ["20.0", "0"]
    assert told() == ["20.0", "1"]  # kept
    (tmp_path / "called.py").write_text(_CALLED.format(added="2.000"))
    assert told() == ["30.0", "0"]
