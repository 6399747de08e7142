"""PostgreSQL as MLflow's store: a real server of our own, on a socket nobody else reaches."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dcforecast.config.tracking import TrackingSettings
from dcforecast.tracking import link, probe, upload
from dcforecast.tracking.place import client_for

pytestmark = [pytest.mark.slow, pytest.mark.server, pytest.mark.needs_postgres]


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL server whose files and socket lie in one folder."""

    programs: Path
    folder: Path
    user: str

    @property
    def uri(self) -> str:
        return f"postgresql://{self.user}@/postgres?host={self.folder}"

    def call(self, program: str, *words: str) -> None:
        # The server refuses to be run by root.
        who = ["runuser", "-u", self.user, "--"] if os.getuid() == 0 else []
        done = subprocess.run(
            [*who, str(self.programs / program), *words],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,  # the server inherits it, a pipe would never close
            stderr=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )
        log = self.folder / "log"
        assert done.returncode == 0, (program, log.read_text() if log.exists() else "no log")

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses= -c fsync=off"
        self.call(
            "pg_ctl", "-D", str(self.folder / "data"), "-l", str(self.folder / "log"),
            "-w", "-o", options, "start",
        )  # fmt: skip

    def stop(self) -> None:
        self.call("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")


@pytest.fixture(scope="module")
def cluster(postgres_programs: Path) -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # short: a socket's path has 107 characters
    user = pwd.getpwuid(os.getuid()).pw_name
    if os.getuid() == 0:
        user = "postgres"
        shutil.chown(folder, user)
    made = Cluster(postgres_programs, folder, user)
    try:
        data = str(folder / "data")
        made.call("initdb", "-D", data, "--auth=trust", "--no-sync", f"--username={user}")
        made.start()
        yield made
        made.stop()
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def postgres(cluster: Cluster) -> TrackingSettings:
    return TrackingSettings(name="server", description="for a test", kind="server", uri=cluster.uri)


def tops(client: Any) -> list[Any]:
    experiment = client.get_experiment_by_name("dcforecast/run").experiment_id
    return list(client.search_runs([experiment], "tags.level = 'top'"))


_UPLOADER = """
import sys
from pathlib import Path
from dcforecast.config.tracking import TrackingSettings
from dcforecast.store import Run
from dcforecast.tracking import upload
path, project, uri = sys.argv[1:]
settings = TrackingSettings(name="server", description="for a test", kind="server", uri=uri)
sys.exit(upload(Run(Path(path)), settings, project_dir=Path(project), batch="b") is None)
"""


def test_three_processes_at_once_on_a_fresh_database(
    make_run, postgres: TrackingSettings, tmp_path: Path
) -> None:
    runs = [make_run("run", f"scenario_{i}") for i in range(3)]
    tail = [str(tmp_path), str(postgres.uri)]
    arguments = [[sys.executable, "-c", _UPLOADER, str(run.path), *tail] for run in runs]
    processes = [subprocess.Popen(words, stderr=subprocess.PIPE) for words in arguments]
    told = [process.communicate(timeout=600)[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0] * 3, told
    client = client_for(postgres, tmp_path)
    found = {top.data.tags["store_run_id"]: top for top in tops(client)}
    assert set(found) == {run.id for run in runs}
    assert {top.data.tags["uploaded"] for top in found.values()} == {"whole"}
    first = found[runs[0].id]
    assert first.data.metrics["tripp_capability_twh_2030"] == pytest.approx(1.0)
    assert first.data.params["scenario"] == "scenario_0"
    assert "annual.csv" in {one.path for one in client.list_artifacts(first.info.run_id)}
    for run in runs:
        run.update(batch="b")
    assert link(runs, postgres, project_dir=tmp_path).endswith("/runs?viewStateShareKey=b")
    assert not (tmp_path / "mlflow.db").exists(), "nothing went into a file instead"


def test_a_server_that_dies_costs_no_run(
    make_run, cluster: Cluster, postgres: TrackingSettings, tmp_path: Path, capsys
) -> None:
    run = make_run("run", "after_the_crash")
    assert probe(postgres, project_dir=tmp_path) is None
    cluster.stop()
    try:
        assert upload(run, postgres, project_dir=tmp_path, batch="b") is None
        assert f"dcforecast track {run.id}" in capsys.readouterr().err
        assert "postgresql" in (probe(postgres, project_dir=tmp_path) or "")
    finally:
        cluster.start()
    assert upload(run, postgres, project_dir=tmp_path, batch="b") is not None
    assert run.id in {top.data.tags["store_run_id"] for top in tops(client_for(postgres, tmp_path))}
