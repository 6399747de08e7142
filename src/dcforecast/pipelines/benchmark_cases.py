"""Files of a benchmark: where they are, and the series in them, cut into given and to forecast."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dcforecast.errors import UserError
from dcforecast.sources.files import reading

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

__all__ = ["FOLDER_VARIABLE", "Case", "benchmark_file", "earlier", "read_cases", "read_hourly"]

#: Variable of the environment that names the folder of all sets.
FOLDER_VARIABLE = "DCFORECAST_BENCHMARKS"

#: Values a model needs before the first test value.
_FEWEST = 6


@dataclass(frozen=True)
class Case:
    """One series of a set: what is given and what is to be forecast."""

    train: np.ndarray
    test: np.ndarray

    def earlier(self, back: int) -> Case:
        """Return the same task `back` periods before: the values after it are gone."""
        import numpy as np

        whole = np.concatenate([self.train, self.test])
        end, h = len(whole) - back, len(self.test)
        return Case(whole[: max(end - h, 0)], whole[max(end - h, 0) : end])


def earlier(cases: list[Case], back: int) -> list[Case]:
    """Return the cases `back` periods before, without those that are too short for it.

    One horizon (or all origins of a test) before, no test value is in sight: what models are
    chosen on.
    """
    if back == 0:
        return cases
    return [c for c in (one.earlier(back) for one in cases) if len(c.train) >= _FEWEST]


def benchmark_file(folder: str | None, name: str, file: str) -> Path:
    """Return a benchmark's file: the one named outright, or below the folder of all of them.

    Raises
    ------
    UserError
        No folder is named, or the file is not there.
    """
    place = folder or os.environ.get(FOLDER_VARIABLE)
    if place is None:
        raise UserError(
            "which folder holds the files?",
            f"--data FOLDER, or set the variable {FOLDER_VARIABLE}",
        )
    found = Path(place) if Path(place).is_file() else Path(place) / name / file
    if not found.is_file():
        raise UserError(f"{found}: there is no such file", f"--data: the folder of '{name}'")
    return found


def read_cases(file: Path, period: str, freq: str, horizon: int | None) -> list[Case]:
    """Read a set in one of three forms.

    One series a row, in columns ``train`` and ``test``, or in ``values`` with ``horizon`` beside
    it or given; or a table, periods in its first column and a series in each of the others.

    Parameters
    ----------
    file : Path
    period : str
        Step of the series; rows of another ``period`` are left out.
    freq : str
        The step as pandas calls it.
    horizon : int, optional
        Test values at the end of each series.

    Raises
    ------
    UserError
        The columns are others, no row has the step, a horizon is missing or too long, or a table
        has gaps.
    """
    import pandas as pd

    with reading(file):
        frame = pd.read_csv(file)
    if "period" in frame.columns:
        frame = frame[frame["period"] == period]
    if frame.empty:
        raise UserError(f"{file}: no series with period={period}")
    if {"train", "test"} <= set(frame.columns):
        return [
            Case(_numbers(a, file, row, "train"), _numbers(b, file, row, "test"))
            for row, a, b in zip(frame.index, frame.train, frame.test, strict=True)
        ]
    if "horizon" not in frame.columns and horizon is None:
        raise UserError(f"{file}: how many values at the end are the test?", "--horizon N")
    if "values" in frame.columns:
        return list(_rows(frame, file, horizon))
    return list(_columns(frame, file, freq, int(horizon or 0)))


def read_hourly(time: str, file: Path, step: str = "h") -> pd.DataFrame:
    """Read a CSV or Parquet file of hours (or another `step`), `time` their column or index.

    Raises
    ------
    UserError
        There is no such column, or it holds a time twice.
    """
    import pandas as pd

    parquet = file.suffix == ".parquet"
    with reading(file):
        frame = pd.read_parquet(file).reset_index() if parquet else pd.read_csv(file)
    if time not in frame:
        raise UserError(f"{file}: there is no column '{time}'", f"it has {list(frame)}")
    with reading(file):
        frame[time] = pd.to_datetime(frame[time])
    twice = frame[time].duplicated()
    if twice.any():
        raise UserError(
            f"{file}: column '{time}' holds {frame[time][twice].iloc[0]} twice",
            "Hours need a clock that is not put back: UTC, or an offset in each",
        )
    return frame.set_index(time).sort_index().asfreq(step)


def _rows(frame: pd.DataFrame, file: Path, horizon: int | None) -> Iterator[Case]:
    for row in frame.itertuples():
        values = _numbers(row.values, file, row.Index, "values")
        h = horizon or int(str(row.horizon))
        if len(values) < h + _FEWEST:
            needed = f"{_FEWEST} and the horizon of {h} are needed"
            raise UserError(f"{file}, row {_line(row.Index)}: {len(values)} values, {needed}")
        yield Case(values[:-h], values[-h:])


def _columns(frame: pd.DataFrame, file: Path, freq: str, horizon: int) -> Iterator[Case]:
    """Yield the series of a table whose first column has the periods."""
    import pandas as pd

    first, *names = list(frame.columns)
    forms = "train and test, or values, or periods and then a series in each column"
    try:
        found = pd.PeriodIndex(frame[first].astype(str), freq=freq)
    except ValueError as error:
        raise UserError(f"{file}: needs columns {forms}; has {list(frame)}") from error
    wanted = pd.period_range(found[0], periods=len(found), freq=freq)
    if (found != wanted).any():
        row = int((found != wanted).argmax())
        raise UserError(
            f"{file}, row {row + 2}: column '{first}' has {found[row]}, expected {wanted[row]}"
        )
    for name in names:
        given = frame[name].loc[frame[name].first_valid_index() :]  # a series may begin later
        values = pd.to_numeric(given, errors="coerce").to_numpy(float)
        bad = pd.isna(values)
        if bad.any():
            at = given.index[int(bad.argmax())]
            text = "empty" if pd.isna(given[at]) else f"'{given[at]}'"
            raise UserError(f"{file}, row {at + 2}, column '{name}': {text}, expected a number")
        if len(values) < horizon + _FEWEST:
            needed = f"{_FEWEST} and the horizon of {horizon} are needed"
            raise UserError(f"{file}, column '{name}': {len(values)} values, {needed}")
        yield Case(values[:-horizon], values[-horizon:])


def _line(label: Any) -> int:
    """Return where a row stands in its file, the header being row 1."""
    return int(label) + 2


def _numbers(text: Any, file: Path, label: Any, column: str) -> np.ndarray:
    """Read numbers apart by blanks."""
    import numpy as np

    words = str(text).split()
    try:
        values = np.array(words, dtype=float)
    except ValueError:
        values = np.array([_number(word) for word in words])
    bad = ~np.isfinite(values)
    if bad.any():
        at = int(bad.argmax())
        raise UserError(
            f"{file}, row {_line(label)}, column '{column}': '{words[at]}', expected a number",
            f"Value {at + 1} of {len(words)}; numbers stand apart by blanks",
        )
    return values


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return float("nan")
