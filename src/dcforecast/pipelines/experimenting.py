"""``dcforecast experiments``: run named experiments and write what they found."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from dcforecast.config.compose import compose
from dcforecast.config.study import Study, studies, study
from dcforecast.errors import DcforecastError
from dcforecast.pipelines.sweep import run_jobs
from dcforecast.store import Run
from dcforecast.store.atomic import atomic_file, write_text

__all__ = ["experiments"]

_HEAD = """\
# Experiments

Each question is a file in `experiments/`. `dcforecast experiments --all --to docs{with_overrides}`
runs them all (jobs that are finished are not run again) and writes this page, its tables, charts
and conclusions, from the numbers of the runs named under each. Values are modelled means over
{members} members, of dcforecast {version} with figures published by {vintage}.

"""


def experiments(arguments: argparse.Namespace) -> int:
    """List the experiments, or run some of them and write table, chart and conclusion."""
    if not (arguments.names or arguments.all):
        return _list()
    chosen = {name: study(name) for name in arguments.names} or studies()
    folder = Path(arguments.to)
    sections: list[str] = []
    used: list[Run] = []
    for name, asked in chosen.items():
        runs = _run(name, asked, arguments.overrides, force=arguments.force)
        sections.append(_write(name, asked, runs, folder))
        used += runs.values()
    if arguments.all:
        facts = used[0].manifest
        members = {run.manifest["members"] for run in used if run.has("annual")}
        head = _HEAD.format(
            with_overrides="".join(f" {text}" for text in arguments.overrides),
            members=" or ".join(str(number) for number in sorted(members)),
            version=facts["dcforecast_version"],
            vintage=facts["data_vintage"],
        )
        write_text((folder / "experiments.md").absolute(), head + "\n".join(sections))
        print(f"{folder / 'experiments.md'}: {len(sections)} experiments")
    return 0


def _list() -> int:
    from rich.console import Console
    from rich.table import Table

    from dcforecast.reports import print_table

    table = Table("experiment", "question", "jobs", box=None)
    for name, asked in studies().items():
        table.add_row(name, asked.question, str(len(asked.jobs)))
    console = Console(highlight=False)
    print_table(console, table)
    console.print("\ndcforecast experiments NAME answers one, --all all of them", style="dim")
    return 0


def _run(name: str, asked: Study, overrides: Sequence[str], *, force: bool) -> dict[str, Run]:
    """Run the jobs of an experiment; return the run of each by the job's name."""
    from dcforecast.compute import Failure

    composed = [
        compose([f"experiment={name}", *changes, *overrides]) for changes in asked.jobs.values()
    ]
    labels = [f"{name}: {job}" for job in asked.jobs]
    results = run_jobs(asked.command, composed, labels, force=force)
    runs: dict[str, Run] = {}
    for i, job in enumerate(asked.jobs):
        result = results[i]
        if isinstance(result, Failure):
            raise DcforecastError(f"experiment {name}, job '{job}' failed: {result.message}")
        runs[job] = result
    return runs


def _write(name: str, asked: Study, runs: Mapping[str, Run], folder: Path) -> str:
    """Write table and chart of one experiment; return its section of the page."""
    from rich.console import Console

    from dcforecast.reports import finding, frame_table, print_table

    found = finding(asked, runs)
    console = Console(highlight=False)
    console.print(f"\n{asked.question}", style="bold")
    print_table(console, frame_table(found.headed().reset_index()))
    console.print(found.conclusion, markup=False)
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    image = images / f"experiment_{name}.png"
    with atomic_file(image.absolute()) as temporary:
        found.figure().savefig(temporary, dpi=110, format="png")
    section = found.markdown(name, f"images/{image.name}")
    print(f"{image}")
    return section
