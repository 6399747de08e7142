"""The pipeline commands as they are typed: one run, a repeated run, or a sweep."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from dcforecast.config.compose import Composed, compose, expand, from_dict
from dcforecast.errors import UserError

__all__ = ["allocate", "backtest", "forecast", "ingest", "launch", "run", "saved"]


def launch(arguments: argparse.Namespace) -> int:
    """Do what the flags of a pipeline command ask for; return the exit code."""
    command: str = arguments.command
    overrides: list[str] = arguments.overrides
    if arguments.cfg or arguments.info:
        from dcforecast.pipelines.hydra_views import show

        return show(arguments)
    _verbosity(overrides)
    if arguments.multirun:
        from dcforecast.pipelines.sweep import sweep

        return sweep(command, expand(overrides), force=arguments.force)
    composed = saved(arguments.from_run, overrides) if arguments.from_run else compose(overrides)
    from dcforecast.pipelines.closing import closing
    from dcforecast.pipelines.execute import execute

    # A repetition computes everything again: that is what it is for.
    done = execute(command, composed, force=arguments.force or bool(arguments.from_run))
    closing(done, composed.settings)
    return 0


#: The commands by their names, as the command line finds them.
run = ingest = backtest = forecast = allocate = launch


def saved(run_id: str, overrides: Sequence[str]) -> Composed:
    """Return the configuration saved with a run; only the store may be named beside it."""
    from dcforecast.pipelines.provenance import provenance
    from dcforecast.store import Store

    other = [text for text in overrides if not text.startswith(("store.", "tracking", "compute"))]
    if other:
        raise UserError(
            f"--from-run repeats a run as it was; '{other[0]}' would change it",
            "Leave the override out, or run without --from-run",
        )
    places = compose(overrides)
    run = Store(places.settings.store.path).get(run_id)
    digests = ("code_digest", "data_digest", "lock_digest")
    moved = [key for key in digests if run.manifest.get(key) != provenance()[key]]
    if moved:
        commit = run.manifest.get("git_commit") or "unknown"
        sys.stderr.write(
            f"dcforecast: since run {run.id} (commit {commit}) these changed: {', '.join(moved)}; "
            "its numbers may not come out again\n"
        )
    config = dict(run.config)
    config.update({group: places.config[group] for group in ("store", "tracking", "compute")})
    return from_dict(config)


def _verbosity(overrides: Sequence[str]) -> None:
    """Honour ``hydra.verbose``: true for everything, or the names of loggers."""
    import logging

    asked = [text.partition("=")[2] for text in overrides if text.startswith("hydra.verbose=")]
    if not asked:
        return
    logging.basicConfig(format="%(asctime)s %(name)s %(levelname)s %(message)s")
    names = asked[-1].strip("[]").split(",")
    for name in names:
        whole = name.strip().lower() in {"true", "false"}
        if name.strip().lower() != "false":
            logging.getLogger(None if whole else name.strip()).setLevel(logging.DEBUG)
