"""The catalogue of runs in one folder."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import socket
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from dcforecast import __version__
from dcforecast.errors import UserError, nearest
from dcforecast.store.atomic import write_json
from dcforecast.store.run import Run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Store", "config_hash"]

#: Columns of the list of runs.
RUN_COLUMNS = (
    "run_id",
    "pipeline",
    "scenario",
    "model",
    "status",
    "started",
    "seconds",
    "data_vintage",
    "batch",
    "config_hash",
)


def config_hash(config: Mapping[str, Any]) -> str:
    """Return a short digest of a configuration: equal configs, equal digest."""
    text = json.dumps(config, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


class Store:
    """A folder of runs.

    Parameters
    ----------
    path : path-like
        The folder; made when the first run is created.
    """

    def __init__(self, path: str | os.PathLike[str] = "outputs") -> None:
        self.path = Path(path).absolute()

    @property
    def project(self) -> Path:
        """The project folder: where the store lies, and the tracking store beside it."""
        return self.path.parent

    def create(
        self,
        pipeline: str,
        config: Mapping[str, Any],
        *,
        hashed: str | None = None,
        started: float | None = None,
        **facts: Any,
    ) -> Run:
        """Make the folder of a new run with its config and manifest.

        Parameters
        ----------
        pipeline : str
            Command that runs, for example ``"backtest"``.
        config : mapping
            Composed configuration.
        hashed : str, optional
            Digest of the part of the configuration that decides the results.
        started : float, optional
            When the work began (Unix time), if that was before now.
        **facts : Any
            Further entries of the manifest: scenario, model, batch, git_commit ...
        """
        now = datetime.now(UTC) if started is None else datetime.fromtimestamp(started, UTC)
        folder = self._new_folder(f"{now:%Y%m%d-%H%M%S}-{pipeline}")
        run_id = folder.name
        manifest = {
            "run_id": run_id,
            "pipeline": pipeline,
            "status": "running",
            "started": now.isoformat(timespec="seconds"),
            "started_unix": now.timestamp(),
            "dcforecast_version": __version__,
            "config_hash": hashed or config_hash(config),
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "stages": {},
            **facts,
        }
        try:
            write_json(folder / "config.json", config)
            write_json(folder / "manifest.json", manifest)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise self._cannot(str(error.strerror)) from error
        return Run(folder)

    def _new_folder(self, start: str) -> Path:
        """Make the folder of a run under a name that nobody has, whoever else makes one now."""
        while True:
            folder = self.path / f"{start}-{secrets.token_hex(2)}"
            try:
                folder.mkdir(parents=True)
            except FileExistsError:
                if not folder.is_dir():  # a file stands where a folder should be
                    raise self._cannot("not a folder") from None
            except OSError as error:
                raise self._cannot(str(error.strerror)) from error
            else:
                return folder

    def locks(self) -> Path:
        """Return the folder of the locks, made if need be.

        Raises
        ------
        UserError
            Nothing can be written there.
        """
        folder = self.path / ".jobs"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._cannot(str(error.strerror)) from error
        if not (os.access(self.path, os.W_OK) and os.access(folder, os.W_OK)):
            raise self._cannot("Permission denied")
        return folder

    def _cannot(self, why: str) -> UserError:
        return UserError(
            f"store.path={self.path}: cannot create a run there ({why})",
            "Choose a folder you may write to, for example store.path=outputs",
        )

    def lock(self, name: str) -> FileLock:
        """Return the lock of a piece of work, so that one process at a time does it."""
        return FileLock(str(self.locks() / f"{name}.lock"))

    def __iter__(self) -> Iterator[Run]:
        """Iterate over the runs, newest first."""
        if not self.path.is_dir():
            return
        for folder in sorted(self.path.iterdir(), reverse=True):
            if (folder / "manifest.json").is_file():
                yield Run(folder)

    def runs(self) -> pd.DataFrame:
        """List the runs, newest first, one row each."""
        import pandas as pd

        rows = [{**run.manifest, "status": run.status} for run in self]
        frame = pd.DataFrame(rows, columns=list(RUN_COLUMNS))
        frame["started"] = pd.to_datetime(frame["started"], utc=True)
        return frame

    def get(
        self,
        run: str = "latest",
        *,
        table: str | None = None,
        scenario: str | None = None,
    ) -> Run:
        """Find a run by id, by a unique beginning of it, or the latest that fits.

        Parameters
        ----------
        run : str
            Run id, its beginning, or ``"latest"``.
        table, scenario : str, optional
            What the latest run must hold and be of.

        Raises
        ------
        UserError
            No such run; the message names the nearest or says how to make one.
        """
        if run != "latest":
            return self._by_id(run)
        for candidate in self:
            facts = candidate.manifest
            if (
                facts["status"] == "finished"
                and (table is None or candidate.has(table))
                and (scenario is None or facts.get("scenario") == scenario)
            ):
                return candidate
        wanted = [f"table '{table}'"] if table else []
        wanted += [f"scenario '{scenario}'"] if scenario else []
        what = f" with {' and '.join(wanted)}" if wanted else ""
        override = f" scenario={scenario}" if scenario else ""
        override += " ensemble.keep_members=10" if table == "members" else ""
        raise UserError(
            f"{self.path}: no finished run{what} in this store",
            f"Make one with: dcforecast run{override}",
        )

    def _by_id(self, run: str) -> Run:
        ids = [candidate.id for candidate in self]
        found = [i for i in ids if i == run] or [i for i in ids if i.startswith(run)]
        found = found or [i for i in ids if i.endswith(run)]
        if len(found) == 1:
            return Run(self.path / found[0])
        if found:
            raise UserError(f"run '{run}' could be any of: {', '.join(found)}")
        close = nearest(run, [*ids, "latest"])
        hint = f"did you mean '{close}'?" if close else "dcforecast ls shows what there is"
        raise UserError(f"{self.path}: no run '{run}' in this store", hint)

    def find_stage(self, stage: str, digest: str) -> Run | None:
        """Return the newest run that finished `stage` with this digest and still holds it."""
        for run in self:
            done = run.manifest.get("stages", {}).get(stage)
            if done and done["hash"] == digest and all(run.has(t) for t in done["tables"]):
                return run
        return None
