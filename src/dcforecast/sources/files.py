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
        raise UserError(f"data.path={path}: there is no such file", hint)
    try:
        if path.suffix == ".parquet":
            frame = pd.read_parquet(path)
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
    return frame[name]


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
    """Return a column of times in UTC; times without a zone are of `timezone`."""
    import pandas as pd

    cells = column(frame, name, path)
    try:
        parsed = pd.to_datetime(cells, errors="coerce", utc=True, format="mixed")
        naive = pd.to_datetime(cells, errors="coerce", format="mixed")
    except ValueError:
        naive = None
    wrong = parsed.isna()
    if wrong.any():
        row: Any = wrong.idxmax()
        raise UserError(
            f"{path}: row {row + 2}, column '{name}': {cells[row]!r} is not a time",
            f"{int(wrong.sum())} such cells in all; write 2024-01-31 or 2024-01-31T13:00",
        )
    if naive is None or naive.dtype.kind != "M" or naive.dt.tz is not None or timezone == "UTC":
        return parsed
    return naive.dt.tz_localize(
        timezone, ambiguous="NaT", nonexistent="shift_forward"
    ).dt.tz_convert("UTC")
