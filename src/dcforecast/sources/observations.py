"""Published figures of any period as one canonical table."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from dcforecast.errors import UserError, choices_text
from dcforecast.sources.files import column, numbers, read_file, times
from dcforecast.sources.tables import table

if TYPE_CHECKING:
    import pandas as pd

    from dcforecast.config.data import DataSettings

__all__ = ["is_regular", "observations"]

#: Columns a file of figures may have beside start, end and value.
_OPTIONAL = (
    "vintage", "precision", "series", "unit", "publisher", "scope", "source_id", "source",
)  # fmt: skip
#: Columns of the result, and their types but those of times.
_KINDS: dict[str, type | None] = {
    "series": str, "timestamp": None, "end": None, "value": float, "unit": str, "vintage": None,
    "publisher": str, "scope": str, "source_id": str, "precision_gwh": float, "kind": str,
    "row": str,
}  # fmt: skip
#: Energy units and what they are in GWh.
_GWH = {"Wh": 1e-9, "kWh": 1e-6, "MWh": 1e-3, "GWh": 1.0, "TWh": 1e3}


def is_regular(settings: DataSettings) -> bool:
    """Tell whether the user's file is a regular series (a target column is named)."""
    return settings.kind == "csv" and bool(settings.targets)


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
        scope, source_id, precision_gwh, kind, row (where it stands); sorted by vintage.

    Raises
    ------
    UserError
        A file that is missing or broken: file, row, column, what was found.
    """
    import pandas as pd

    if settings.kind == "embedded":
        frame = table("observations")
        frame["row"] = [f"observations.csv row {i + 2}" for i in range(len(frame))]
        if settings.extra is not None:
            frame = _with_extra(frame, settings)
    else:
        frame = _from_file(settings, Path(str(settings.path)))
    frame = frame.rename(columns={"start": "timestamp"})
    for name in ("timestamp", "end", "vintage"):
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
    result = frame[list(_KINDS)].astype({name: kind for name, kind in _KINDS.items() if kind})
    order = ["vintage", "series", "timestamp", "end", "value"]
    return result.sort_values(order, kind="stable").reset_index(drop=True)


def _with_extra(frame: pd.DataFrame, settings: DataSettings) -> pd.DataFrame:
    """Add the user's figures; their series must be ones the project knows."""
    import pandas as pd

    path = Path(str(settings.extra))
    more = _from_file(settings, path)
    known = sorted(frame["series"].unique())
    strange = ~more["series"].isin(known)
    if strange.any():
        at = int(strange.to_numpy().argmax())
        name = str(more["series"].iloc[at])
        raise UserError(
            f"{path}: row {at + 2}, column 'series': the project has no series '{name}'",
            choices_text(name, known),
        )
    dates = ["start", "end", "vintage"]
    own = frame.assign(**{name: pd.to_datetime(frame[name], utc=True) for name in dates})
    return pd.concat([own, more], ignore_index=True)


def _from_file(settings: DataSettings, path: Path) -> pd.DataFrame:
    import pandas as pd

    raw = read_file(path)
    _check_columns(raw, path)
    frame = pd.DataFrame(
        {name: times(raw, name, path, settings.timezone) for name in ("start", "end")}
    )
    frame["value"] = numbers(raw, "value", path)
    # Without a date of publication a figure counts as known when its period ends.
    known = "vintage" if "vintage" in raw else "end"
    frame["vintage"] = times(raw, known, path, settings.timezone)
    texts = {"series": "value", "unit": settings.unit or "GWh", "publisher": path.name}
    texts |= {"scope": "country", "source_id": path.name}
    if "source" in raw and "source_id" not in raw:
        raw = raw.assign(source_id=raw["source"])
    if "source_id" in raw and "publisher" not in raw:
        raw = raw.assign(publisher=raw["source_id"])
    for name, default in texts.items():
        frame[name] = raw.get(name, default)
    frame["precision_gwh"] = numbers(raw, "precision", path) if "precision" in raw else 0.0
    frame["kind"] = "file"
    _check_rows(frame, path)
    _to_gwh(frame)
    frame["row"] = [f"{path.name} row {i + 2}" for i in range(len(frame))]
    return frame


def _check_rows(frame: pd.DataFrame, path: Path) -> None:
    """Refuse empty values, backward periods, negative figures and news from before the period."""
    net = frame["series"].astype(str).str.startswith("net_")
    faults = {
        "column 'value' is empty": frame["value"].isna(),
        "'end' is not after 'start' ('end' is the first day after the period)": frame["end"]
        <= frame["start"],
        "column 'value' is negative": (frame["value"] < 0) & ~net,
        "column 'precision' is negative": frame["precision_gwh"] < 0,
        "'vintage' lies before 'end': a figure cannot be known before its period is over": frame[
            "vintage"
        ]
        < frame["end"],
    }
    for what, rows in faults.items():
        if rows.any():
            at = int(rows.to_numpy().argmax())
            found = frame.iloc[at]
            raise UserError(
                f"{path}: row {at + 2}: {what}",
                f"Found {found['value']:g} for {found['start']:%Y-%m-%d} to "
                f"{found['end']:%Y-%m-%d}, vintage {found['vintage']:%Y-%m-%d}; "
                f"{int(rows.sum())} such rows",
            )


def _check_columns(raw: pd.DataFrame, path: Path) -> None:
    """Refuse a file without the three columns, and a column that is nearly one it could have."""
    needed = ("start", "end", "value")
    if not any(name in raw.columns for name in needed):
        raise UserError(
            f"{path}: neither figures nor a regular series is named; columns: {list(raw.columns)}",
            "Figures have columns start, end, value (and vintage); a regular series is named "
            "with data.time=COL data.target=COL",
        )
    for name in needed:
        column(raw, name, path)
    known = {*needed, *_OPTIONAL}
    absent = [name for name in _OPTIONAL if name not in raw.columns]
    for name in map(str, raw.columns):
        close = get_close_matches(name, absent, n=1, cutoff=0.8)
        if name not in known and close:
            raise UserError(
                f"{path}: there is no use for column '{name}'",
                f"did you mean '{close[0]}'? Known: {', '.join([*needed, *_OPTIONAL])}",
            )


def _to_gwh(frame: pd.DataFrame) -> None:
    """Turn energy units into GWh; values in other units stay as they are."""
    factor = frame["unit"].map(_GWH)
    energy = factor.notna()
    frame["value"] = frame["value"] * factor.fillna(1.0)
    frame["precision_gwh"] = frame["precision_gwh"] * factor.fillna(1.0)
    frame.loc[energy, "unit"] = "GWh"
