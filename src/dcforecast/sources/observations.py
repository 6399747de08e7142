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

#: A pace this many times that of the figures before it is a wrong unit (10^3, with room for
#: growth and season; judgement).
_WRONG_UNIT = 300.0
#: Figures before it that a figure is compared with.
_LOOK_BACK = 5


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
        {name: times(raw, name, path, settings.timezone) for name in ("start", "end")}
    )
    frame["value"] = numbers(raw, "value", path)
    # Without a date of publication a figure counts as known when its period ends.
    known = "vintage" if "vintage" in raw else "end"
    frame["vintage"] = times(raw, known, path, settings.timezone)
    texts = {"series": "value", "unit": settings.unit or "GWh", "publisher": path.name}
    texts |= {"scope": "country", "source_id": path.name}
    for name, default in texts.items():
        frame[name] = raw.get(name, default)
    frame["precision_gwh"] = numbers(raw, "precision", path) if "precision" in raw else 0.0
    frame["kind"] = "file"
    _check_rows(frame, path)
    _check_units(frame, path)
    if settings.history.on_conflict == "refuse":
        _check_falling(frame, path)
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


def _check_units(frame: pd.DataFrame, path: Path) -> None:
    """Refuse a figure out of all proportion to those before it, and name both."""
    months = (frame["end"] - frame["start"]).dt.days / 30.44
    pace = (frame["value"] / months).where(frame["value"] > 0)
    for series, group in pace.dropna().groupby(frame["series"]):
        rows = group.loc[frame.loc[group.index].sort_values(["start", "end"]).index]
        before = rows.shift().rolling(_LOOK_BACK, min_periods=1).median()
        ratio = (rows / before).fillna(1.0).to_numpy()
        odd = (ratio > _WRONG_UNIT) | (ratio < 1 / _WRONG_UNIT)
        if odd.any():
            at = int(odd.argmax())
            labels = rows.index.to_numpy()
            row, like = int(labels[at]), int(labels[at - 1])
            raise UserError(
                f"{path}: row {row + 2}: {frame['value'].iloc[row]:g} for '{series}' is out of all "
                f"proportion to row {like + 2} ({frame['value'].iloc[like]:g})",
                "A wrong unit (GWh, MWh, TWh)?",
            )


def _check_falling(frame: pd.DataFrame, path: Path) -> None:
    """Refuse a January-to-month total that falls within one publication, and name both rows."""
    january = frame[frame["start"].dt.day_of_year == 1]
    for _, group in january.groupby(["series", "publisher", "scope", "start", "vintage"]):
        ordered = group.sort_values("end")
        falls = (ordered["value"].diff() < -ordered["precision_gwh"]).to_numpy()
        if falls.any():
            at = int(falls.argmax())
            labels = ordered.index.to_numpy()
            this, before = ordered.iloc[at], ordered.iloc[at - 1]
            row, like = int(labels[at]) + 2, int(labels[at - 1]) + 2
            raise UserError(
                f"{path}: row {row}: the total to {this['end']:%Y-%m-%d} is {this['value']:g}, "
                f"less than {before['value']:g} in row {like}",
                "A total from January cannot fall; data.history.on_conflict=inflate keeps both",
            )
