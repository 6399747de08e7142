"""One run of a pipeline: its tables, files and manifest in one folder."""

from __future__ import annotations

import json
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dcforecast.errors import InternalError, UserError, choices_text
from dcforecast.store.atomic import atomic_directory, atomic_file, write_json
from dcforecast.store.schemas import TABLES

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Run"]


class Run:
    """A run in the store.

    Attributes
    ----------
    id : str
        Name of the run and of its folder.
    path : Path
        The folder.
    manifest : dict
        Facts of the run: pipeline, status, started, seconds, hashes, stages, summary.
    config : dict
        The composed configuration that ran.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.id = path.name
        self.manifest: dict[str, Any] = json.loads((path / "manifest.json").read_text("utf-8"))

    def __repr__(self) -> str:
        return f"Run('{self.id}', status='{self.status}')"

    @cached_property
    def config(self) -> dict[str, Any]:
        """Composed configuration of the run."""
        loaded: dict[str, Any] = json.loads((self.path / "config.json").read_text("utf-8"))
        return loaded

    @property
    def flat_config(self) -> dict[str, Any]:
        """The configuration by dotted key."""
        return _flat(self.config, "")

    @property
    def status(self) -> str:
        """``running``, ``finished``, ``failed`` or ``interrupted`` (its process is gone)."""
        status: str = self.manifest["status"]
        return "interrupted" if status == "running" and not self._alive() else status

    def _alive(self) -> bool:
        if self.manifest.get("host") != socket.gethostname():
            return True  # cannot know from here
        try:
            os.kill(int(self.manifest["pid"]), 0)
        except (ProcessLookupError, KeyError):
            return False
        except PermissionError:
            return True
        return not _is_zombie(int(self.manifest["pid"]))

    @property
    def artifacts(self) -> Path:
        """Folder of reports, workbooks and figures."""
        return self.path / "artifacts"

    # -- tables ----------------------------------------------------------------------------

    def _place(self, table: str) -> Path:
        if table not in TABLES:
            raise UserError(f"no table is called '{table}'", choices_text(table, TABLES))
        partitioned = bool(TABLES[table].partition)
        return self.path / (table if partitioned else f"{table}.parquet")

    def has(self, table: str) -> bool:
        """Tell whether the run holds `table`."""
        return self._place(table).exists()

    def kept(self, table: str) -> bool:
        """Tell whether the run holds rows of a table in parts, which a setting may leave empty."""
        return next(self._place(table).rglob("*.parquet"), None) is not None

    def tables(self) -> list[str]:
        """Names of the tables the run holds."""
        return [name for name in TABLES if self.has(name)]

    def _metadata(self) -> dict[str, str]:
        keys = ("dcforecast_version", "config_hash", "scenario", "data_vintage")
        return {"run_id": self.id, **{key: str(self.manifest.get(key, "")) for key in keys}}

    def write(self, table: str, frame: pd.DataFrame) -> None:
        """Write a whole table at once."""
        from dcforecast.store.parquet import to_arrow, write_table

        if TABLES[table].partition:
            with self.writer(table) as add:
                add(frame)
            return
        write_table(self._place(table), to_arrow(table, frame, self._metadata()))

    @contextmanager
    def writer(self, table: str) -> Iterator[Callable[[pd.DataFrame], None]]:
        """Write a partitioned table part by part; it appears when the block ends well.

        Yields
        ------
        callable
            Takes a DataFrame that holds one or more whole parts.
        """
        from dcforecast.store.parquet import to_arrow, write_table

        columns = TABLES[table].partition
        with atomic_directory(self._place(table)) as folder:

            def add(frame: pd.DataFrame) -> None:
                keyed = frame
                if "year" in columns and "year" not in frame.columns:
                    keyed = frame.assign(year=frame["timestamp"].dt.year)
                for values, part in keyed.groupby(list(columns), observed=True, sort=True):
                    place = folder.joinpath(*map(_folder_name, columns, values))
                    number = len(list(place.glob("*.parquet"))) if place.exists() else 0
                    # The partition's columns stay in the file too: a file may travel alone.
                    arrow = to_arrow(table, part.drop(columns="year"), self._metadata())
                    write_table(place / f"part-{number}.parquet", arrow)

            yield add

    def scan(self, table: str) -> Any:
        """Open `table` as a `pyarrow.dataset.Dataset`; nothing is read yet.

        Raises
        ------
        UserError
            The run does not hold the table.
        """
        import pyarrow as pa
        import pyarrow.dataset as ds

        place = self._place(table)
        if not place.exists():
            raise UserError(
                f"run {self.id} holds no table '{table}'",
                f"It holds: {', '.join(self.tables()) or 'none'}",
            )
        if not TABLES[table].partition:
            return ds.dataset(place, format="parquet")
        if not self.kept(table):
            raise UserError(
                f"run {self.id} kept no rows of table '{table}'", "ensemble.keep_hours=true does"
            )
        # Only the year comes from the folder's name (in old stores the scenario stands there too).
        hive = ds.partitioning(
            pa.schema([("scenario", pa.string()), ("year", pa.int32())]), flavor="hive"
        )
        return ds.dataset(place, format="parquet", partitioning=hive)

    def read(
        self, table: str, columns: Iterable[str] | None = None, **filters: Any
    ) -> pd.DataFrame:
        """Read rows of a table; filters are pushed down to Parquet.

        Parameters
        ----------
        table : str
            Name of the table.
        columns : iterable of str, optional
            Columns to read; all by default.
        **filters : Any
            ``column=value``, ``column=[values]`` or ``column=slice(start, stop)``.
        """
        import pyarrow as pa

        from dcforecast.store.parquet import filter_expression

        dataset = self.scan(table)
        names = dataset.schema.names
        wanted = None if columns is None else list(columns)
        for name in wanted or ():
            if name not in names:
                raise UserError(
                    f"table '{table}' has no column '{name}'", choices_text(name, names)
                )
        expression = filter_expression(filters, dataset.schema, table)
        try:
            read = dataset.to_table(columns=wanted, filter=expression)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
            given = ", ".join(f"{name}={value!r}" for name, value in filters.items())
            kinds = ", ".join(f"{name} is {dataset.schema.field(name).type}" for name in filters)
            raise UserError(f"table '{table}' cannot be filtered by {given}", kinds) from error
        frame: pd.DataFrame = read.replace_schema_metadata(None).to_pandas()
        return frame

    def adopt(self, other: Run, table: str) -> None:
        """Take a table over from another run without copying bytes where links work."""
        source, target = other._place(table), self._place(table)
        if source.is_file():
            _link(source, target)
            return
        with atomic_directory(target) as folder:
            for file in sorted(source.rglob("*.parquet")):
                place = folder / file.relative_to(source)
                place.parent.mkdir(parents=True, exist_ok=True)
                _link(file, place)

    # -- manifest --------------------------------------------------------------------------

    def update(self, **facts: Any) -> None:
        """Add facts to the manifest and write it."""
        self.manifest.update(facts)
        write_json(self.path / "manifest.json", self.manifest)

    def stage_done(self, stage: str, facts: Mapping[str, Any]) -> None:
        """Record a finished stage (its hash, tables, seconds), so that it can be reused."""
        stages = {**self.manifest.get("stages", {}), stage: dict(facts)}
        self.update(stages=stages)

    def finish(self, status: str) -> None:
        """Close the run with its status."""
        if status not in {"finished", "failed", "interrupted"}:
            raise InternalError(f"'{status}' is no end of a run")
        seconds = round(time.time() - float(self.manifest["started_unix"]), 3)
        self.update(status=status, seconds=seconds)


def _flat(value: Any, key: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        return {key: value}
    parts = [_flat(inner, f"{key}.{name}" if key else str(name)) for name, inner in value.items()]
    return {name: inner for part in parts for name, inner in part.items()}


def _folder_name(column: str, value: Any) -> str:
    """Name the folder of one part of a table.

    The scenario is a column of the files. Were it told by the folder's name too, as a category,
    other readers of Parquet (pandas) would find two types and refuse the folder.
    """
    return str(value) if column == "scenario" else f"{column}={value}"


def _is_zombie(pid: int) -> bool:
    """Tell whether a process is dead and only waits to be noticed by its parent (Linux)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state in {"Z", "X"}


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or no hard links there
        with atomic_file(target) as temporary:
            shutil.copyfile(source, temporary)
