"""Reading users' files: every mistake is named with file, row and column."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dcforecast.errors import UserError, choices_text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["column", "numbers", "read_file", "times"]


def read_file(path: Path) -> pd.DataFrame:
    """Read a CSV (also compressed) or Parquet file, cells as they are written.

    Raises
    ------
    UserError
        The file is missing, empty or of another kind.
    """
    import pandas as pd
    from pyarrow import ArrowInvalid

    if not path.is_file():
        near = (
            sorted(p.name for p in path.parent.glob(f"*{path.suffix}"))
            if path.parent.is_dir()
            else []
        )
        hint = choices_text(path.name, near) if near else "Check the path"
        raise UserError(f"{path}: there is no such file", hint)
    try:
        if path.suffix == ".parquet":
            frame = pd.read_parquet(path)
            if not isinstance(frame.index, pd.RangeIndex):  # times are often the index
                frame = frame.reset_index()
        else:
            frame = pd.read_csv(path, dtype=str, keep_default_na=False, skipinitialspace=True)
    except (ValueError, ArrowInvalid, UnicodeDecodeError, pd.errors.ParserError, OSError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "cannot be read"
        raise UserError(
            f"{path}: {reason}", "It should be a .csv, .csv.gz or .parquet table"
        ) from error
    if frame.empty:
        raise UserError(f"{path}: the file holds no rows")
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
        return cells.astype(float)
    text = cells.astype(str).str.strip()
    blank = text.isin(["", "NA", "NaN", "nan", "null", "None"])
    parsed = pd.to_numeric(text.where(~blank), errors="coerce")
    wrong = parsed.isna() & ~blank
    if wrong.any():
        row: Any = wrong.idxmax()
        raise UserError(
            f"{path}: row {row + 2}, column '{name}': {cells[row]!r} is not a number",
            f"{int(wrong.sum())} such cells in all; write 1234.5, leave missing values empty",
        )
    found: pd.Series = parsed.astype(float)
    return found


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
    zoned = isinstance(cells.dtype, pd.DatetimeTZDtype) or _has_zone(cells)
    try:
        parsed = _parse(cells, zoned=zoned)
    except (ValueError, OverflowError):
        parsed = pd.to_datetime(cells.astype(str), errors="coerce", format="mixed", utc=True)
    wrong = parsed.isna()
    if wrong.any():
        row: Any = wrong.idxmax()
        raise UserError(
            f"{path}: row {row + 2}, column '{name}': {cells[row]!r} is not a time",
            f"{int(wrong.sum())} such cells in all; write 2024-01-31 or 2024-01-31T13:00",
        )
    if parsed.dt.tz is not None:
        in_utc: pd.Series = parsed.dt.tz_convert("UTC")
        return in_utc
    return _localize(parsed, name, path, timezone)


def _has_zone(cells: pd.Series) -> bool:
    """Tell whether the first cell ends in Z or an offset (as +04:00)."""
    import re

    return bool(re.search(r"\d(Z|[+-]\d{2}:?\d{2})$", str(cells.iloc[0]).strip()))


def _parse(cells: pd.Series, *, zoned: bool) -> pd.Series:
    import pandas as pd

    if cells.dtype.kind == "M" or isinstance(cells.dtype, pd.DatetimeTZDtype):
        return cells
    found = pd.to_datetime(cells, errors="coerce", format="ISO8601", utc=zoned)
    if found.isna().any():  # other spellings, slower
        found = pd.to_datetime(cells, errors="coerce", format="mixed", utc=zoned)
    return found


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
