"""A named experiment: its question, its jobs, what is measured, and what is concluded from it."""

from __future__ import annotations

from typing import Literal

from pydantic import ValidationError, model_validator

from dcforecast.config.base import Group, field
from dcforecast.config.paths import option_file, options, read_option
from dcforecast.errors import UserError

__all__ = ["Measure", "Study", "studies", "study"]


class Measure(Group):
    """One number of a finished run: a cell of its table ``annual``, or a sum over corridors."""

    sink: str = field("corridors", "A sink of the answer, or 'corridors' for the sum over them")
    answer: Literal["capability", "expected", "firm"] = field("expected", "Which of the answers")
    quantity: str = field("energy_twh", "Quantity of table annual")
    year: int = field(..., "Year, or the first of the years summed")
    until: int | None = field(None, "Sum the years up to this one")
    unit: str = field("TWh", "Unit, for the table and the chart")
    limit: float | None = field(None, "What it is held to: a line in the chart, on a log scale")


class Study(Group):
    """What an experiment asks and how its answer is read from finished runs."""

    question: str = field(..., "What is asked")
    method: str = field(..., "How it is answered, and what is assumed")
    command: Literal["backtest", "forecast", "allocate", "run"] = field(
        "allocate", "Pipeline command of every job"
    )
    jobs: dict[str, list[str]] = field({"as it is": []}, "Overrides of each job, by its name")
    measures: dict[str, Measure] = field({}, "Columns of the table, by name")
    figure: Literal["bars", "lines", "tornado", "skill"] = field(
        "bars", "Chart: bars or lines of the measures by job, a tornado, or skill by series"
    )
    families: dict[str, str] = field({}, "Family of each model (command=backtest)")
    account: list[int] = field([], "Years whose account of energy is shown as well")
    conclusion: str = field(
        ..., "Jinja template of the conclusion; sees table, account, hindcast, best"
    )

    @model_validator(mode="after")
    def _measured(self) -> Study:
        if (self.command == "backtest") != (self.figure == "skill"):
            raise ValueError("figure=skill goes with command=backtest, and with it alone")
        if self.command != "backtest" and not self.measures:
            raise ValueError("measures is empty: say what is read from the runs")
        return self


def study(name: str) -> Study:
    """Return what an experiment asks.

    Raises
    ------
    UserError
        No such experiment, it is only a set of overrides, or its ``study`` is not valid.
    """
    file = option_file("experiment", name)
    found = read_option("experiment", name)
    if "study" not in found:
        raise UserError(
            f"{file}: has no key 'study', so there is nothing to conclude",
            f"dcforecast run experiment={name} runs it",
        )
    try:
        return Study.model_validate(found["study"])
    except ValidationError as error:
        lines = [f"study.{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise UserError(f"{file}: " + "; ".join(lines)) from error


def studies() -> dict[str, Study]:
    """Return the experiments that ask a question, by name."""
    return {
        name: study(name)
        for name in options("experiment")
        if "study" in read_option("experiment", name)
    }
