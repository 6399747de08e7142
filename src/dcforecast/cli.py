"""Commands, help and exit codes; the work is in the pipelines."""

from __future__ import annotations

import argparse
import errno
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NoReturn

from dcforecast import __version__
from dcforecast.errors import DcforecastError, UserError, choices_text

__all__ = ["main"]

Adder = Callable[[argparse.ArgumentParser], Any]

_RUNS = "run id, a unique beginning of it, or 'latest'"


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of 1 or more")
    return int(text)


def _seconds(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return found


def _pipeline(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "-m", "--multirun", action="store_true", help="run all combinations: scenario=a,b model=x,y"
    )
    add("--from-run", metavar="RUN", help="repeat a finished run with its saved configuration")
    add("--force", action="store_true", help="compute again what an earlier run holds already")
    add("--cfg", choices=["job", "hydra", "all"], help="show the configuration and stop")
    add("--resolve", action="store_true", help="with --cfg: fill in references")
    add("-p", "--package", help="with --cfg: only this part, for example model")
    add(
        "--info",
        nargs="?",
        const="all",
        metavar="WHAT",
        help="Hydra's own view: all, config, defaults, defaults-tree, plugins, searchpath",
    )


def _one_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", nargs="?", default="latest", help=_RUNS)


def _compare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", nargs="*", help=f"two or more: {_RUNS}, or the name of a scenario")
    parser.add_argument(
        "--to",
        metavar="FILE",
        help="also write the table (.csv .xlsx .md) or the chart (.png .svg .pdf)",
    )


def _ls(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pipeline", metavar="NAME", help="only runs of this command")
    parser.add_argument("--limit", type=_count, default=20, help="how many rows (default 20)")


def _show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        nargs="?",
        default="latest",
        help=f"{_RUNS}; or a table: history, annual, scores, forecast ...",
    )
    parser.add_argument("--table", metavar="NAME", help="show this table of the run")
    parser.add_argument("--as-of", metavar="DATE", help="history as it was known on this date")
    parser.add_argument("--lineage", action="store_true", help="source rows behind each number")
    parser.add_argument("--limit", type=_count, default=40, help="how many rows (default 40)")


def _export(parser: argparse.ArgumentParser) -> None:
    _one_run(parser)
    parser.add_argument("--table", default="annual", help="table to export (default annual)")
    parser.add_argument(
        "--to", metavar="FILE", help="a .csv, .xlsx or .parquet file (default: TABLE.csv here)"
    )


def _name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", help="only this one, in full")


def _benchmark(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", help="which benchmark; without it: the list")
    place = "folder with the benchmarks' files, or one file of your own"
    parser.add_argument("--data", metavar="PLACE", help=place)
    file = "put the table into this Markdown file; without NAME: renew the summary there"
    parser.add_argument("--write", metavar="FILE", help=file)
    like = "a known set of hours whose protocol and columns the file of your own (--data) has"
    parser.add_argument("--like", metavar="SET", help=like)
    training = "forecast the end of each training part instead: choose models with this"
    parser.add_argument("--training", action="store_true", help=training)
    parser.add_argument(
        "--every", type=_count, default=1, metavar="N", help="each N-th series only"
    )
    parser.add_argument("--period", help="step of a set of your own: yearly, monthly ...")
    parser.add_argument("--horizon", type=_count, help="test values at the end of each series")
    origins = "origins of each series, the last before its last values (default: the set's, or 1)"
    parser.add_argument("--origins", type=_count, metavar="N", help=origins)
    apart = "periods between origins (default: the set's, or the horizon)"
    parser.add_argument("--apart", type=_count, metavar="N", help=apart)
    parser.add_argument("--measure", default="mase", choices=("mase", "mae"), help="what counts")


def _ui(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=5000, help="port on 127.0.0.1 (default 5000)")
    parser.add_argument("--no-open", action="store_true", help="do not open the browser")


def _tune(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--trials", type=_count, default=20, help="trials in all (default 20)")
    parser.add_argument("--seconds", type=_seconds, default=600, help="time budget (default 600)")


def _experiments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", help="which experiments; without one: the list")
    add("--all", action="store_true", help="all of them, and the page experiments.md")
    add("--to", metavar="DIR", default="outputs", help="folder for charts and page")
    add("--force", action="store_true", help="compute again what earlier runs hold already")


def _nothing(_: argparse.ArgumentParser) -> None:
    """Add no arguments but the overrides."""


@dataclass(frozen=True)
class Command:
    """One command of the program."""

    help: str
    module: str
    arguments: Adder = _nothing


COMMANDS: dict[str, Command] = {
    "run": Command(
        "the main job: ingest, backtest, forecast, allocate, report", "stages", _pipeline
    ),
    "ingest": Command("sources to checked tables, and the monthly history", "stages", _pipeline),
    "backtest": Command(
        "rolling-origin comparison of models, on any file too", "stages", _pipeline
    ),
    "forecast": Command("component forecasts: quantiles and sample paths", "stages", _pipeline),
    "allocate": Command(
        "hourly supply, demand and allocation over the network", "stages", _pipeline
    ),
    "report": Command("HTML report, Excel workbook and figures of a run", "reporting", _one_run),
    "tune": Command("search the hyper-parameters of one model", "tune", _tune),
    "compare": Command(
        "what differs between runs or scenarios, and by how much", "comparing", _compare
    ),
    "experiments": Command(
        "answer named experiments: table, chart and conclusion", "experimenting", _experiments
    ),
    "ls": Command("list the runs of the store", "inspect", _ls),
    "show": Command(
        "show a run, one of its tables, or where its numbers come from", "inspect", _show
    ),
    "export": Command("write a table to CSV, Excel or Parquet", "inspect", _export),
    "models": Command("the forecasting models there are", "catalogue", _name),
    "scenarios": Command("the scenarios there are, and why", "catalogue", _name),
    "data": Command("the data there is: source, licence, last date", "catalogue", _name),
    "config": Command(
        "config groups, options and fields with unit and default", "catalogue", _name
    ),
    "benchmark": Command(
        "a public benchmark's table, published rows beside ours", "benchmark", _benchmark
    ),
    "track": Command("upload a finished run to a tracking server", "tracking", _one_run),
    "ui": Command("start the MLflow UI on this machine", "tracking", _ui),
    "doctor": Command("check installation, store, tracking and data", "doctor"),
}

_EPILOG = """\
Overrides choose an option of a config group or set a value:
  dcforecast run scenario=tripp_2030 model=ets ensemble.members=200
  dcforecast run -m scenario=baseline,tripp_2030,no_new_corridors
dcforecast config lists the groups and keys; dcforecast COMMAND --help explains one command.
Tab completion: eval "$(dcforecast -sc install=bash)", in zsh install=zsh
Exit codes: 0 done, 1 fault of the program, 2 mistake in command or input, 130 interrupted,
143 terminated."""


def _help() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {command.help}" for name, command in COMMANDS.items()]
    return (
        "usage: dcforecast COMMAND [options] [overrides]\n\n"
        "How much electricity could Azerbaijan send to data centres and export corridors,\n"
        "hour by hour, through 2040?\n\ncommands:\n" + "\n".join(lines) + "\n\n" + _EPILOG
    )


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        looks = "; overrides look like scenario=tripp_2030" if "unrecognized" in message else ""
        raise UserError(message, f"{self.prog} --help explains it{looks}")


def _parser(name: str) -> argparse.ArgumentParser:
    parser = _Parser(
        prog=f"dcforecast {name}",
        description=COMMANDS[name].help[0].upper() + COMMANDS[name].help[1:] + ".",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    COMMANDS[name].arguments(parser)
    return parser


def _flags(name: str) -> list[str]:
    """Return the options of a command, for completion."""
    actions = _parser(name)._actions  # noqa: SLF001  (argparse has no other list of them)
    return [text for action in actions for text in action.option_strings]


def _arguments(name: str, argv: Sequence[str]) -> argparse.Namespace:
    parser = _parser(name)
    # Overrides are told from names by their '=' or their leading '+' or '~'.
    overrides = [a for a in argv if not a.startswith("-") and ("=" in a or a[:1] in "+~")]
    rest = [a for a in argv if a not in overrides]
    parser.usage = parser.format_usage().removeprefix("usage: ").rstrip() + " [overrides]"
    arguments = parser.parse_args(rest)
    arguments.overrides = overrides
    arguments.command = name
    return arguments


def _dispatch(argv: Sequence[str]) -> int:
    if not argv or argv[0] in {"-h", "--help", "help"}:
        print(_help())
        return 0
    if argv[0] in {"-V", "--version"}:
        print(f"dcforecast {__version__}")
        return 0
    if argv[0] in {"-sc", "--shell-completion"}:
        from dcforecast.pipelines.completion import completion

        return completion(argv[1:], list(COMMANDS), _flags)
    name = argv[0]
    if name not in COMMANDS:
        raise UserError(f"there is no command '{name}'", choices_text(name, COMMANDS))
    arguments = _arguments(name, argv[1:])
    module = import_module(f"dcforecast.pipelines.{COMMANDS[name].module}")
    result = getattr(module, name)(arguments)
    return int(result or 0)


#: What is wrong with a place to read or write, and what mends it.
_PLACES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "Make room; what was finished is in the store"),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "Choose a place you may use"),
    errno.EISDIR: "It is a folder: name a file",
    errno.ENOTDIR: "A file stands where a folder should be",
}


class _Terminated(KeyboardInterrupt):
    """A request to end (SIGTERM): all that is open is closed as after Ctrl-C."""


def _terminate(number: int, _: object) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)  # a second one would cut the closing short
    raise _Terminated


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        code = _dispatch(words)
        sys.stdout.flush()
    except DcforecastError as error:
        sys.stderr.write(f"dcforecast: {error}\n")
        code = error.exit_code
    except _Terminated:
        sys.stderr.write("dcforecast: terminated; what was finished is in the store\n")
        code = 143
    except KeyboardInterrupt:
        sys.stderr.write("dcforecast: interrupted; what was finished is in the store\n")
        code = 130
    except BrokenPipeError:  # the reader of a pipe went away, as with "| head"
        sys.stderr.close()
        code = 0
    except OSError as error:
        if error.errno not in _PLACES:
            raise
        place = error.filename2 or error.filename
        what = f"{place}: {error.strerror}" if place else error.strerror
        sys.stderr.write(f"dcforecast: {what}\n  {_PLACES[error.errno]}\n")
        code = UserError.exit_code
    finally:
        signal.signal(signal.SIGTERM, before)
    raise SystemExit(code)
