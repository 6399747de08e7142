"""Environments of the packages we are measured against; none is a dependency."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

#: One thread each, ours and theirs.
ONE_THREAD = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    "OMP_WAIT_POLICY": "PASSIVE",
}


def environment(name: str, packages: Sequence[str], interpreter: str | None = None) -> Path:
    """Return the Python of a virtual environment with `packages`, made at the first call.

    It lies in the folder of DCFORECAST_PEERS, by default one among the temporary files; another
    `interpreter` than ours is looked for on the PATH.
    """
    base = os.environ.get("DCFORECAST_PEERS", str(Path(tempfile.gettempdir()) / "peers"))
    folder = Path(base) / name
    python, ready = folder / "bin" / "python", folder / ".ready"
    if not ready.exists():
        if interpreter is None:
            venv.create(folder, with_pip=True)
        elif (found := shutil.which(interpreter)) is None:
            raise RuntimeError(f"there is no {interpreter} here")
        else:
            subprocess.run([found, "-m", "venv", str(folder)], check=True)
        subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", *packages], check=True
        )  # fmt: skip
        ready.touch()
    return python


def run(python: Path, program: str, *arguments: object) -> dict[str, Any]:
    """Run a program text in an environment; its last line of output is JSON."""
    done = subprocess.run(
        [str(python), "-W", "ignore", "-c", program, *map(str, arguments)],
        env={**os.environ, **ONE_THREAD},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def machine() -> str:
    """Say what was measured on, and how."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        names = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return f"{model}, {os.cpu_count()} cores, load {load}; Python {platform.python_version()}"


def command() -> str:
    """Return the command line of this run."""
    return " ".join(["python", *sys.argv])


def table(rows: Sequence[Mapping[str, object]]) -> str:
    """Return rows as a Markdown table."""
    heads = list(rows[0])
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(str(row[head]) for head in heads) + " |" for row in rows]
    return "\n".join(lines)
