"""``dcforecast benchmark``: public sets, our models beside the published scores."""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dcforecast.config.compose import Composed, compose
from dcforecast.errors import UserError, choices_text
from dcforecast.pipelines.benchmark_cases import FOLDER_VARIABLE, benchmark_file, read_cases
from dcforecast.pipelines.benchmark_daily import DAILY, DailyBenchmark, score_daily
from dcforecast.pipelines.benchmark_rows import Rows, close, with_table
from dcforecast.pipelines.benchmark_series import (
    SERIES,
    SeriesBenchmark,
    before_test,
    own_set,
    score_series,
)
from dcforecast.pipelines.benchmark_summary import SETS, with_summary
from dcforecast.pipelines.benchmark_windows import WINDOWS, WindowsBenchmark, score_windows

if TYPE_CHECKING:
    from dcforecast.models.base import Forecaster

__all__ = ["benchmark"]

_MODELS = ("seasonal_naive", "theta", "auto_ets", "dynamic_theta", "ces", "consensus")
#: Models that learn from all series of a set: without a season, and with one.
_PANELS: tuple[tuple[str, ...], ...] = (
    ("pooled", "panel_yearly", "panel_trees", "panel_pool"),
    ("panel_seasonal", "panel_weights"),
)


def benchmark(arguments: argparse.Namespace) -> int:
    """Score our models on a set by its own protocol, show the table and keep it as a run."""
    from dcforecast.pipelines.closing import closing

    started = time.time()
    if arguments.name is None:
        if arguments.write:
            _write(Path(arguments.write))
        else:
            _list()
        return 0
    composed = compose(arguments.overrides)
    protocol = _protocol(arguments)
    if protocol in DAILY:
        found = _daily(arguments, composed, DAILY[protocol])
    elif protocol in WINDOWS:
        found = _windows(arguments, composed, WINDOWS[protocol])
    else:
        found = _series(arguments, composed)
    if arguments.write:
        _write(Path(arguments.write), found)
    closing(close(found, composed, started), composed.settings)
    return 0


def _write(file: Path, rows: Rows | None = None) -> None:
    """Put rows into a file, which is made for them, and renew its summary."""
    from dcforecast.store.atomic import write_text

    if file.is_file():
        text = file.read_text(encoding="utf-8")
    elif rows is not None:
        text = "# Benchmarks\n"
    else:
        raise UserError(f"{file}: there is no such file", "With NAME it is made")
    if rows is not None:
        text = with_table(text, rows)
    write_text(file.absolute(), with_summary(text))


def _protocol(arguments: argparse.Namespace) -> str:
    """Return the set whose protocol is meant, refused with arguments that it has no use for."""
    like: str | None = arguments.like
    if like is not None and like not in {**DAILY, **WINDOWS}:
        raise UserError(f"--like {like}: no known set", choices_text(like, {**DAILY, **WINDOWS}))
    if like is not None and not _own(arguments):
        raise UserError(f"--like {like} needs a file of your own", "--data FILE")
    name = str(like or arguments.name)
    if name not in SETS:
        return name
    given = {word: getattr(arguments, word) for word in ("period", "horizon")}
    if name not in SERIES:
        given |= {
            "every": arguments.every > 1,
            "origins": arguments.origins if name in WINDOWS else None,
            "apart": arguments.apart,
        }
    for word, there in given.items():
        if there:
            raise UserError(f"--{word} has no meaning for '{name}'", f"It is {SETS[name].about}")
    return name


def _list() -> None:
    from rich.console import Console
    from rich.table import Table

    from dcforecast.reports import print_table

    console = Console(highlight=False)
    shown = Table("benchmark", "what it is", box=None)
    for name, one in SETS.items():
        shown.add_row(name, one.about)
    print_table(console, shown)
    console.print("\ndcforecast benchmark NAME --data FOLDER", style="dim")
    own = "a set of your own: any NAME, --data FILE --period monthly --horizon 12"
    console.print(own, style="dim")


def _series(arguments: argparse.Namespace, composed: Composed) -> Rows:
    """Score a competition set; models named after it take part alone."""
    from dcforecast.models import create, from_settings

    wanted, file = _set(arguments)
    cases = read_cases(file, wanted.period, wanted.freq, wanted.horizon)
    if arguments.training:
        cases = before_test(wanted, cases)
    asked = _origins(arguments)
    wanted = replace(wanted, **asked)
    cases = cases[:: arguments.every]
    settings = composed.settings
    usual = wanted.models or (*_MODELS, *_PANELS[int(wanted.season > 1)])
    models: dict[str, Forecaster] = {name: create(name) for name in usual}
    if settings.model.target is not None:
        models = {settings.model.name: from_settings(settings.model)}
    rows = score_series(wanted, cases, models, settings.compute.workers)
    about = f"{wanted.about}: {len(cases)} series"
    about += ", training parts alone" if arguments.training else ""
    about += f", {wanted.origins} origins" if asked else ""
    part = arguments.training or arguments.every > 1 or bool(asked) or _own(arguments)
    published = {} if part else wanted.published
    return Rows(arguments.name, about, wanted.ordered_by, rows, published, str(file))


def _set(arguments: argparse.Namespace) -> tuple[SeriesBenchmark, Path]:
    name = arguments.name
    if name in SERIES:
        wanted = SERIES[name]
        return wanted, benchmark_file(arguments.data, wanted.folder, wanted.file)
    place = arguments.data or os.environ.get(FOLDER_VARIABLE) or "."
    file = Path(place) if _own(arguments) else Path(place) / name / "series.csv.gz"
    if not file.is_file():
        known = choices_text(name, SETS)
        raise UserError(f"there is no benchmark '{name}', and no {file}", known)
    asked = (arguments.period, arguments.horizon, arguments.measure)
    return own_set(name, *asked, **_origins(arguments)), file


def _origins(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what is asked of the origins, by its name in the protocol."""
    asked = {"origins": arguments.origins, "apart": arguments.apart}
    return {key: value for key, value in asked.items() if value is not None}


def _daily(arguments: argparse.Namespace, composed: Composed, wanted: DailyBenchmark) -> Rows:
    """Score a day-ahead set; a named model takes part beside ours."""
    file = benchmark_file(arguments.data, wanted.folder, wanted.file)
    about = wanted.about
    if _own(arguments):
        wanted, about = replace(wanted, last=""), f"{file.name} by the protocol of: {about}"
    if arguments.origins is not None:
        wanted = replace(wanted, days=arguments.origins)
    others = _named(composed, "day_ahead")
    back = wanted.days if arguments.training else 0
    rows = score_daily(wanted, file, composed.settings.compute.workers, others, back)
    about += f": {wanted.days} days"
    about += ", those before the test" if arguments.training else ""
    part = arguments.training or _own(arguments) or arguments.origins is not None
    published = {} if part else wanted.published
    return Rows(arguments.name, about, wanted.ordered_by, rows, published, str(file))


def _windows(arguments: argparse.Namespace, composed: Composed, wanted: WindowsBenchmark) -> Rows:
    """Score a set of rolling windows; a named model takes part beside ours."""
    file = benchmark_file(arguments.data, wanted.folder, wanted.file)
    back = wanted.windows if arguments.training else 0
    others = _named(composed, wanted.model)
    rows = score_windows(wanted, file, composed.settings.compute.workers, others, back)
    about = f"{file.name} by the protocol of: " if _own(arguments) else ""
    about += f"{wanted.about}: {wanted.windows} windows of {wanted.horizon} steps"
    about += ", those before the test" if arguments.training else ""
    published = {} if arguments.training or _own(arguments) else wanted.published
    return Rows(arguments.name, about, wanted.ordered_by, rows, published, str(file))


def _own(arguments: argparse.Namespace) -> bool:
    """Tell whether a file of one's own is named in place of the set's."""
    return arguments.data is not None and Path(arguments.data).is_file()


def _named(composed: Composed, ours: str) -> dict[str, Forecaster]:
    from dcforecast.models import from_settings

    model = composed.settings.model
    return {} if model.target is None or model.name == ours else {model.name: from_settings(model)}
