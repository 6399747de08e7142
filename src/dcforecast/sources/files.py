"""Reading users' files: every mistake is named with file, row and column."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dcforecast.errors import UserError, choices_text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["check_file", "column", "numbers", "read_file", "reading", "times"]

#: Endings of files that look like tables and are not read.
_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
#: Cells that hold no value.
_BLANK = ("", "NA", "NaN", "nan", "null", "None")
#: Day and month, in an order the file must tell, then the year.
_DAY_MONTH = r"^\s*(\d{1,2})([./-])(\d{1,2})\2(\d{2}|\d{4})(?!\d)"


def read_file(path: Path) -> pd.DataFrame:
    """Read a CSV (also compressed) or Parquet file, cells as they are written.

    Cells of a CSV are parted by commas, semicolons, tabs or bars: the header tells.

    Raises
    ------
    UserError
        The file is missing, empty or of another kind.
    """
    import pandas as pd

    check_file(path)
    with reading(path):
        if path.suffix == ".parquet":
            frame = pd.read_parquet(path)
            if not isinstance(frame.index, pd.RangeIndex):  # times are often the index
                frame = frame.reset_index()
        else:
            frame = _read_csv(path)
    if frame.empty:
        raise UserError(f"{path}: the file holds no rows")
    return frame


def check_file(path: Path) -> None:
    """Refuse a path that leads to no file, or to a workbook, which is not read.

    Raises
    ------
    UserError
        With the nearest name in the same folder.
    """
    if path.is_dir():
        raise UserError(f"{path}: this is a folder", "Name the file in it")
    if not path.is_file():
        near = (
            sorted(p.name for p in path.parent.glob(f"*{path.suffix}"))
            if path.parent.is_dir()
            else []
        )
        hint = choices_text(path.name, near) if near else "Check the path"
        raise UserError(f"{path}: there is no such file", hint)
    if path.suffix.lower() in _WORKBOOKS:
        raise UserError(f"{path}: workbooks are not read", "Save its sheet as CSV in UTF-8")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what goes wrong while a table is read into words about its file."""
    import pandas as pd
    from pyarrow import ArrowInvalid

    try:
        yield
    except UserError:
        raise
    except pd.errors.EmptyDataError as error:
        raise UserError(f"{path}: the file is empty") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: the text is not UTF-8", "Save it as CSV in UTF-8") from error
    except PermissionError as error:
        raise UserError(f"{path}: you may not read this file", "Ask its owner") from error
    except (ValueError, ArrowInvalid, pd.errors.ParserError, OSError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "cannot be read"
        raise UserError(
            f"{path}: {reason}", "It should be a .csv, .csv.gz or .parquet table"
        ) from error


def _read_csv(path: Path) -> pd.DataFrame:
    import csv

    import pandas as pd

    line = pd.read_csv(path, header=None, nrows=1, sep="\x1f", quoting=csv.QUOTE_NONE, dtype=str)
    head = str(line.iloc[0, 0])
    separator = max(",;\t|", key=head.count)
    names = [name.strip() for name in next(csv.reader([head], delimiter=separator))]
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice is not None:
        raise UserError(f"{path}: two columns are called '{twice}'", "Give each a name of its own")
    frame = pd.read_csv(
        path, sep=separator, dtype=str, keep_default_na=False, skipinitialspace=separator != "\t"
    )
    if not isinstance(frame.index, pd.RangeIndex):  # pandas takes cells too many for row names
        raise UserError(f"{path}: rows have more cells than the header has names ({len(names)})")
    frame.columns = frame.columns.str.strip()
    # Where commas do not part the cells they may be decimal marks.
    frame.attrs["decimal_commas"] = separator != ","
    return frame


def column(frame: pd.DataFrame, name: str, path: Path) -> pd.Series:
    """Return a column, or say which one was probably meant."""
    if name not in frame.columns:
        known = [str(c) for c in frame.columns]
        raise UserError(f"{path}: there is no column '{name}'", choices_text(name, known))
    found: pd.Series = frame[name]
    return found


def numbers(frame: pd.DataFrame, name: str, path: Path) -> pd.Series:
    """Return a column of numbers; empty cells become missing values."""
    import pandas as pd

    cells = column(frame, name, path)
    if cells.dtype.kind in "fiub":
        return _finite(cells.astype(float), name, path)
    text = cells.astype(str).str.strip()
    blank = text.isin(_BLANK)
    if frame.attrs.get("decimal_commas") and text.str.contains(",", regex=False).any():
        # A point beside decimal commas would be a mark of thousands: such a cell is refused.
        text = text.str.replace(".", "?", regex=False).str.replace(",", ".", regex=False)
    parsed = pd.to_numeric(text.where(~blank), errors="coerce")
    wrong = parsed.isna() & ~blank
    if wrong.any():
        row: Any = wrong.idxmax()
        raise UserError(
            f"{path}: row {row + 2}, column '{name}': {cells[row]!r} is not a number",
            f"Such cells in all: {int(wrong.sum())}; write 1234.5, leave missing values empty",
        )
    return _finite(parsed.astype(float), name, path)


def _finite(values: pd.Series, name: str, path: Path) -> pd.Series:
    endless = values.abs() == float("inf")
    if endless.any():
        row: Any = endless.to_numpy().argmax()
        where = f"{path}: row {row + 2}, column '{name}'"
        raise UserError(f"{where}: {values.iloc[row]} is no value", "Leave missing values empty")
    return values


def times(frame: pd.DataFrame, name: str, path: Path, timezone: str = "UTC") -> pd.Series:
    """Return a column of times in UTC; times without a zone are of `timezone`.

    The hour that a clock change repeats is told apart by the order of the rows.
    """
    import pandas as pd

    cells = column(frame, name, path)
    if cells.dtype.kind in "iuf":
        raise UserError(
            f"{path}: column '{name}' holds numbers, not times",
            "Store dates or timestamps there, for example 2024-01-31T13:00",
        )
    zoned = isinstance(cells.dtype, pd.DatetimeTZDtype) or _has_zone(cells, name, path)
    try:
        parsed = _parse(cells, zoned=zoned)
    except (ValueError, OverflowError):
        parsed = pd.to_datetime(cells.astype(str), errors="coerce", format="mixed", utc=True)
    wrong = parsed.isna()
    if wrong.any():
        row: Any = wrong.idxmax()
        raise UserError(
            f"{path}: row {row + 2}, column '{name}': {cells[row]!r} is not a time",
            f"Such cells in all: {int(wrong.sum())}; write 2024-01-31 or 2024-01-31T13:00"
            " (01/02/2024 could be two days)",
        )
    if parsed.dt.tz is not None:
        in_utc: pd.Series = parsed.dt.tz_convert("UTC")
        return in_utc
    return _localize(parsed, name, path, timezone)


def _has_zone(cells: pd.Series, name: str, path: Path) -> bool:
    """Tell whether times end in Z or an offset (as +04:00), all of them or none."""
    if cells.dtype.kind == "M":
        return False
    zoned = cells.astype(str).str.contains(r"\d[T ]\d.*(?:Z|[+-]\d{2}:?\d{2})\s*$")
    if zoned.any() and not zoned.all():
        row: Any = zoned.ne(zoned.iloc[0]).idxmax()
        raise UserError(
            f"{path}: row {row + 2}, column '{name}': {cells[row]!r} "
            f"{'has' if zoned[row] else 'lacks'} an offset, unlike the row before it",
            "Give all times an offset, or none of them and say data.timezone",
        )
    return bool(zoned.iloc[0])


def _parse(cells: pd.Series, *, zoned: bool) -> pd.Series:
    import pandas as pd

    if cells.dtype.kind == "M" or isinstance(cells.dtype, pd.DatetimeTZDtype):
        return cells
    found = pd.to_datetime(cells, errors="coerce", format="ISO8601", utc=zoned)
    if found.isna().any():  # other spellings, slower
        first, known = _day_first(cells)
        found = pd.to_datetime(
            cells.where(known), errors="coerce", format="mixed", utc=zoned, dayfirst=first
        )
    return found


def _day_first(cells: pd.Series) -> tuple[bool, pd.Series]:
    """Tell whether days stand before months, and which cells can be read at all.

    Points mean day first (31.01.2024). Otherwise a number above 12 in any row must tell; a file
    of which no row tells, or rows tell both, is not guessed at. Years have four digits.
    """
    import pandas as pd

    parts = cells.astype(str).str.extract(_DAY_MONTH)
    both = parts[0].notna()
    if not both.any():
        return False, both | True
    one, two = pd.to_numeric(parts.loc[both, 0]), pd.to_numeric(parts.loc[both, 2])
    day, month = (one > 12).any() or (parts[1] == ".").all(), (two > 12).any()
    if day == month:
        return False, ~both
    return bool(day), ~both | (parts[3].str.len() == 4)


def _localize(parsed: pd.Series, name: str, path: Path, timezone: str) -> pd.Series:
    try:
        local = parsed.dt.tz_localize(timezone, ambiguous="infer", nonexistent="raise")
    except ValueError as error:
        text = str(error).splitlines()[0]
        raise UserError(
            f"{path}: column '{name}' does not fit the clock of {timezone}: {text}",
            "Times that are in UTC already: data.timezone=UTC; or write them with an offset",
        ) from error
    in_utc: pd.Series = local.dt.tz_convert("UTC")
    return in_utc
