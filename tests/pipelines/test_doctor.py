"""The doctor sees what killed processes left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from dcforecast.config.compose import compose
from dcforecast.pipelines.doctor import examine


def test_what_a_killed_writer_left_is_found(tmp_path: Path) -> None:
    script = f"""
import os
from dcforecast.store import Store
with Store({str(tmp_path)!r}).create("run", {{}}).writer("allocation"):
    os._exit(0)
"""
    subprocess.run([sys.executable, "-c", script], check=True)
    settings = compose([f"store.path={tmp_path}", "tracking=off"]).settings
    found = {finding.what: finding for finding in examine(settings)}
    assert not found["runs"].well
    assert not found["left-overs"].well
    assert "/.allocation." in found["left-overs"].mend
