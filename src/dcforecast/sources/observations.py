"""Published figures of any period as one canonical table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dcforecast.errors import UserError
from dcforecast.sources.files import column, numbers, read_file, times
from dcforecast.sources.tables import table

if TYPE_CHECKING:
    import pandas as pd

    from dcforecast.config.data import DataSettings

__all__ = ["is_regular", "observations"]

#: Figures a hundred times their neighbours' size are taken for a wrong unit.
_WRONG_UNIT = 100.0


def is_regular(settings: DataSettings) -> bool:
    """Tell whether the user's file is a regular series (a target column is named)."""
    return settings.kind == "csv" and settings.target is not None


def observations(settings: DataSettings) -> pd.DataFrame:
    """Return the published figures, one a row.

    Parameters
    ----------
    settings : DataSettings
        Where they come from.

    Returns
    -------
    pandas.DataFrame
        series, timestamp and end (UTC, end exclusive), value, unit, vintage (UTC), publisher,
        scope, source_id, precision_gwh, kind; sorted by vintage.

    Raises
    ------
    UserError
        A file that is missing or broken: file, row, column, what was found.
    """
    import pandas as pd

    frame = table("observations") if settings.kind == "embedded" else _from_file(settings)
    result = pd.DataFrame(
        {
            "series": frame["series"].astype(str),
            "timestamp": pd.to_datetime(frame["start"], utc=True).astype("datetime64[us, UTC]"),
            "end": pd.to_datetime(frame["end"], utc=True).astype("datetime64[us, UTC]"),
            "value": frame["value"].astype(float),
            "unit": frame["unit"].astype(str),
            "vintage": pd.to_datetime(frame["vintage"], utc=True).astype("datetime64[us, UTC]"),
            "publisher": frame["publisher"].astype(str),
            "scope": frame["scope"].astype(str),
            "source_id": frame["source_id"].astype(str),
            "precision_gwh": frame["precision_gwh"].astype(float),
            "kind": frame["kind"].astype(str),
        }
    )
    order = ["vintage", "series", "timestamp", "end", "value"]
    return result.sort_values(order, kind="stable").reset_index(drop=True)


def _from_file(settings: DataSettings) -> pd.DataFrame:
    import pandas as pd

    path = Path(str(settings.path))
    raw = read_file(path)
    for name in ("start", "end", "value"):
        column(raw, name, path)
    frame = pd.DataFrame(
        {
            "series": raw["series"] if "series" in raw else "value",
            "start": times(raw, "start", path),
            "end": times(raw, "end", path),
            "value": numbers(raw, "value", path),
        }
    )
    frame["vintage"] = times(raw, "vintage", path) if "vintage" in raw else frame["end"]
    frame["unit"] = raw["unit"] if "unit" in raw else settings.unit or "GWh"
    frame["publisher"] = raw["publisher"] if "publisher" in raw else path.name
    frame["scope"] = raw["scope"] if "scope" in raw else "country"
    frame["source_id"] = raw["source_id"] if "source_id" in raw else path.name
    frame["precision_gwh"] = numbers(raw, "precision", path) if "precision" in raw else 0.0
    frame["kind"] = "file"
    _plausible(frame, path)
    return frame


def _plausible(frame: pd.DataFrame, path: Path) -> None:
    """Refuse what no publisher can mean: backward periods, negative or misplaced figures."""
    backward = frame[frame["end"] <= frame["start"]]
    if len(backward):
        row = backward.index[0]
        raise UserError(
            f"{path}: row {row + 2}: end {frame['end'][row]:%Y-%m-%d} is not after start"
        )
    negative = frame[frame["value"] < 0]
    if len(negative):
        row = negative.index[0]
        raise UserError(f"{path}: row {row + 2}, column 'value': {frame['value'][row]} is negative")
    months = (frame["end"] - frame["start"]).dt.days / 30.44
    pace = frame["value"] / months
    for series, group in pace.groupby(frame["series"]):
        middle = group.median()
        odd = group[(group > _WRONG_UNIT * middle) | (group * _WRONG_UNIT < middle)]
        if middle > 0 and len(odd):
            row, like = odd.index[0], (group - middle).abs().idxmin()
            raise UserError(
                f"{path}: row {row + 2}: {frame['value'][row]} for '{series}' is out of all "
                f"proportion to row {like + 2} ({frame['value'][like]})",
                "A wrong unit (GWh, MWh, TWh)?",
            )
    _falling(frame, path)


def _falling(frame: pd.DataFrame, path: Path) -> None:
    """Refuse a January-to-month total that falls within one publication."""
    year_start = frame[frame["start"].dt.dayofyear == 1]
    for _, group in year_start.groupby(["series", "publisher", "scope", "start", "vintage"]):
        ordered = group.sort_values("end")
        falls = ordered["value"].diff() < -ordered["precision_gwh"]
        if falls.any():
            row = falls.idxmax()
            before = ordered.index[ordered.index.get_loc(row) - 1]
            raise UserError(
                f"{path}: row {row + 2}: the total to {frame['end'][row]:%Y-%m-%d} is "
                f"{frame['value'][row]}, less than {frame['value'][before]} in row {before + 2}",
                "A total from January cannot fall",
            )
