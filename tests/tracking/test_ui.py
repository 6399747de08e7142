"""The UI as a person meets it: started by ``serve``, read in a browser; and a real server."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from dcforecast.config.tracking import TrackingSettings
from dcforecast.errors import UserError
from dcforecast.tracking import serve, upload
from dcforecast.tracking.place import client_for

_SERVE = """
import sys
from pathlib import Path
from dcforecast.config.tracking import TrackingSettings
from dcforecast.tracking import serve
settings = TrackingSettings(name="sqlite", description="for a test")
try:
    serve(settings, project_dir=Path(sys.argv[1]), port=int(sys.argv[2]), open_browser=False)
except KeyboardInterrupt:
    sys.exit(130)
"""


def answers(address: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"{address}/health", timeout=2):
        return True
    return False


@contextmanager
def started(arguments: list[str], address: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 180
        while not answers(address):
            assert process.poll() is None, f"stopped with {process.returncode}"
            assert time.monotonic() < end, f"no answer from {address}"
            time.sleep(0.3)
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=15)
        process.kill()


def test_refusals_before_any_server(sqlite: TrackingSettings, tmp_path: Path) -> None:
    def show(settings: TrackingSettings, port: int) -> int:
        return serve(settings, project_dir=tmp_path, port=port, open_browser=False)

    off = TrackingSettings(name="off", description="for a test", kind="off")
    with pytest.raises(UserError, match="nothing to show"):
        show(off, 5000)
    with pytest.raises(UserError, match="nothing was tracked here yet"):
        show(sqlite, 5000)
    (tmp_path / "mlflow.db").touch()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"port {port} of this machine is taken"):
            show(sqlite, port)
    with pytest.raises(UserError, match="between 1 and 65535"):
        show(sqlite, 70_000)
    for port in (5060, 5061, 6000, 6566, 6667, 10080):
        with pytest.raises(UserError, match=f"--port {port}: browsers refuse"):
            show(sqlite, port)


@pytest.fixture
def page(project: Path) -> Iterator[Any]:
    """A page of headless Chromium; the browser is closed with it."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    assert chromium, "no Chromium: .ci/install-chromium installs one"
    switches = ("sandbox", "gpu", "quic", "background-networking", "component-update", "sync")
    arguments = [f"--{'no' if s == 'sandbox' else 'disable'}-{s}" for s in switches]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=arguments)
        yield browser.new_page(viewport={"width": 3600, "height": 1000})
        browser.close()


@pytest.mark.slow
@pytest.mark.server
@pytest.mark.browser
def test_the_address_a_sweep_prints_opens_a_comparison(
    make_run, sqlite, project: Path, tmp_path: Path, free_port: int, page: Any
) -> None:
    from playwright.sync_api import expect

    for scenario in ("baseline", "tripp_2030", "dry_years"):
        run = make_run("run", scenario)
        run.update(overrides=[f"scenario={scenario}"])
        url = upload(run, sqlite, project_dir=project, batch="b1")
    scored = upload(make_run("backtest"), sqlite, project_dir=project, batch="b2")
    address = f"http://127.0.0.1:{free_port}"
    command = [sys.executable, "-c", _SERVE, str(project), str(free_port)]
    with started(command, address) as process:
        assert process.stdout is not None
        said = list(iter(lambda: process.stdout.readline().decode().strip(), "Ctrl-C stops it"))
        start = said.index("Newest runs side by side:")
        assert said[start + 1].endswith(f"{address}/{scored}")
        assert said[start + 2].endswith(f"{address}/{url}")
        # The table of a sweep: nothing is chosen by hand, the columns are there.
        page.goto(f"{address}/{url}")
        for name in ("baseline champion", "tripp_2030 champion", "dry_years champion"):
            expect(page.get_by_role("link", name=name, exact=True)).to_be_visible(timeout=180_000)
        expect(page.get_by_role("link", name="georgia", exact=True)).to_have_count(0)
        for column in ("model", "scenario", "exports_expected_twh_2030", "tripp_expected_twh_2030"):
            heading = page.get_by_role("columnheader", name=column, exact=True).first
            expect(heading).to_be_attached(timeout=90_000)
        # exports: corridors alone, TRIPP 0.5 and Georgia 1.5 TWh
        expect(page.get_by_role("gridcell", name="2", exact=True).first).to_be_visible()
        page.screenshot(path=str(tmp_path / "table.png"))
        # The chart of the same runs, by year.
        page.goto(f"{address}/{url}&compareRunsMode=CHART")
        title = page.get_by_text("exports_expected_twh_by_year", exact=True).first
        expect(title).to_be_visible(timeout=180_000)
        title.scroll_into_view_if_needed()
        expect(page.locator(".js-plotly-plot .scatterlayer path.js-line").first).to_be_attached(
            timeout=180_000
        )
        page.screenshot(path=str(tmp_path / "chart.png"))
        # Models of a backtest side by side, with the score by lead time.
        page.goto(f"{address}/{scored}")
        for column in ("crps", "skill_vs_naive", "mase"):
            heading = page.get_by_role("columnheader", name=column, exact=True).first
            expect(heading).to_be_attached(timeout=180_000)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
    assert not answers(address), "the server went with it"


@pytest.mark.slow
@pytest.mark.server
def test_upload_to_a_tracking_server(
    make_run, project: Path, tmp_path: Path, free_port: int
) -> None:
    port = free_port
    address = f"http://127.0.0.1:{port}"
    command = [
        sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port),
        "--backend-store-uri", f"sqlite:///{project / 'mlflow.db'}", "--workers", "1",
        "--artifacts-destination", str(tmp_path / "artifacts"),
    ]  # fmt: skip
    server = TrackingSettings(name="server", description="for a test", kind="server", uri=address)
    with started(command, address):
        run = make_run("run")
        url = upload(run, server, project_dir=tmp_path / "elsewhere", batch="b")
        client = client_for(server, tmp_path / "elsewhere")
        experiment = client.get_experiment_by_name("dcforecast/run")
        (top,) = client.search_runs([experiment.experiment_id], "tags.level = 'top'")
        assert url == f"#/experiments/{experiment.experiment_id}/runs?viewStateShareKey=b"
        assert top.data.metrics["tripp_capability_twh_2030"] == pytest.approx(1.0)
        assert "annual.csv" in {one.path for one in client.list_artifacts(top.info.run_id)}
    assert list((tmp_path / "artifacts").rglob("annual.csv")), "artifacts lie with the server"
