"""The MLflow UI on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

from dcforecast.config.tracking import TrackingSettings
from dcforecast.errors import UserError
from dcforecast.tracking.place import client_for, tracking_uri
from dcforecast.tracking.view import newest_views

__all__ = ["serve"]

#: Ports above 1023 that browsers refuse to open ("bad port" of the Fetch standard).
_REFUSED = frozenset({
    1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669,
    6679, 6697, 10080,
})  # fmt: skip


def serve(settings: TrackingSettings, *, project_dir: Path, port: int, open_browser: bool) -> int:
    """Start the UI for this project's tracking store; stay until interrupted.

    Raises
    ------
    UserError
        Nothing was tracked yet, tracking is off, or the port is taken or refused by browsers.
    """
    if settings.kind == "off":
        raise UserError("tracking=off: there is nothing to show", "Leave it out of the command")
    uri = tracking_uri(settings, project_dir)
    if uri.startswith("http"):
        print(f"The server's own UI: {uri}")  # noqa: T201
        return 0
    if uri.startswith("sqlite:///") and not Path(uri.removeprefix("sqlite:///")).exists():
        raise UserError(f"{uri}: nothing was tracked here yet", "Make a run: dcforecast run")
    _check_port(port)
    views = newest_views(client_for(settings, project_dir))
    process = subprocess.Popen(_command(uri, port), env=_environment())  # noqa: S603
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process)
        print(_welcome(address, views), flush=True)  # noqa: T201
        if open_browser:
            import webbrowser

            webbrowser.open("/".join([address, *list(views.values())[:1]]))
        return process.wait()
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)


def _welcome(address: str, views: dict[str, str]) -> str:
    """Say where the UI is, and where the newest runs of each experiment stand side by side."""
    lines = [f"MLflow UI: {address}"]
    if views:
        lines.append("Newest runs side by side:")
        lines += [f"  {name:20} {address}/{where}" for name, where in views.items()]
    lines += [
        "Older ones: add the part after '#' that a command printed.",
        "On the page: 'Model training' at the top left; the assistant on the right can be closed.",
        "Ctrl-C stops it",
    ]
    return "\n".join(lines)


def _command(uri: str, port: int) -> list[str]:
    return [
        sys.executable, "-m", "mlflow", "server", "--backend-store-uri", uri,
        "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
    ]  # fmt: skip


def _environment() -> dict[str, str]:
    return {
        **os.environ,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }


def _check_port(port: int) -> None:
    if port in _REFUSED:
        raise UserError(f"--port {port}: browsers refuse to open this port", "For example 5000")
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OverflowError as error:
            raise UserError(f"--port {port}: a port lies between 1 and 65535") from error
        except OSError as error:
            raise UserError(
                f"port {port} of this machine is taken", f"Another one: --port {port + 1}"
            ) from error


def _wait(address: str, process: subprocess.Popen[bytes], seconds: float = 90.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise UserError("the MLflow UI stopped at once; its message is above")
        with suppress(OSError), urllib.request.urlopen(f"{address}/health", timeout=2):  # noqa: S310
            return
        time.sleep(0.3)
    raise UserError(f"the MLflow UI did not answer at {address} within {seconds:.0f} s")
