"""A regular series from a user's file, for backtests and forecasts of anything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dcforecast.errors import UserError
from dcforecast.sources.files import column, numbers, read_file, times

if TYPE_CHECKING:
    import pandas as pd

    from dcforecast.config.data import DataSettings

__all__ = ["regular", "season_of", "step_of"]

#: Share of missing periods above which a file is taken for one of another step (judgement).
_MOST_HOLES = 0.3

#: Periods of the main season by the series' step.
_SEASONS = {"h": 24, "D": 7, "W": 52, "M": 12, "Q": 4, "Y": 1, "30min": 48, "15min": 96}


def season_of(freq: str) -> int:
    """Return the periods of the main season for a pandas frequency: ``"h"`` -> 24."""
    for start in (freq, freq.rstrip("SE"), freq.split("-", maxsplit=1)[0].rstrip("SE")):
        if start in _SEASONS:
            return _SEASONS[start]
    return 1


def regular(settings: DataSettings) -> tuple[pd.Series, pd.DataFrame | None]:
    """Read the target (and regressors) of a regular series.

    Parameters
    ----------
    settings : DataSettings
        ``path``, ``time``, ``target``, ``exog``, ``freq`` and ``timezone``.

    Returns
    -------
    y : pandas.Series
        Indexed by UTC start of period with a set frequency; gaps are missing values, or filled
        from the season before with ``gaps=fill``.
    X : pandas.DataFrame or None
        Regressors on the same index.

    Raises
    ------
    UserError
        Missing file or column, unreadable cell, repeated or irregular times.
    """
    import pandas as pd

    path = Path(str(settings.path))
    raw = read_file(path)
    target = str(settings.target)
    clock = _time_column(raw, settings, path)
    stamps = times(raw, clock, path)
    if settings.timezone != "UTC" and (stamps != stamps.dt.normalize()).any():
        # Dates alone are calendar days and months, not instants of a local clock.
        stamps = times(raw, clock, path, settings.timezone)
    wanted = [target, *settings.exog]
    frame = pd.DataFrame({name: numbers(raw, name, path).to_numpy() for name in wanted})
    frame.index = pd.DatetimeIndex(stamps, name="timestamp")
    _check_repeats(pd.DatetimeIndex(frame.index), path)
    frame = frame.sort_index()
    index = pd.DatetimeIndex(frame.index)
    step = step_of(index, settings)
    frame.index = _on_starts(index, step)
    _check_grid(pd.DatetimeIndex(frame.index), step, path)
    frame = frame.asfreq(step)
    _check_gaps(frame[wanted], len(stamps), path)
    if settings.gaps == "fill":
        frame = _fill(frame, settings.season_length or season_of(step))
    y = frame[target]
    if y.notna().sum() < 3:
        raise UserError(f"{path}: column '{target}' holds only {int(y.notna().sum())} values")
    return y, frame[settings.exog] if settings.exog else None


def _fill(frame: pd.DataFrame, season: int) -> pd.DataFrame:
    """Fill gaps from one season before, else the last value: only the past is looked at."""
    phase = frame.reset_index(drop=True).index % season
    carried = frame.groupby(phase).ffill()
    return frame.fillna(carried).ffill()


def _check_repeats(index: pd.DatetimeIndex, path: Path) -> None:
    repeated = index.duplicated()
    if repeated.any():
        row = int(repeated.argmax())
        raise UserError(
            f"{path}: row {row + 2}: the time {index[row]:%Y-%m-%d %H:%M} is there twice",
            f"{int(repeated.sum())} repeated times; clock changes? say the local zone, "
            "for example data.timezone=Europe/Bucharest",
        )


def _check_gaps(frame: pd.DataFrame, rows: int, path: Path) -> None:
    """Refuse a series that is mostly holes: the step must be wrong."""
    holes = frame.isna().any(axis=1)
    if len(frame) > 2 * rows or holes.mean() > _MOST_HOLES:
        first = ", ".join(f"{t:%Y-%m-%d %H:%M}" for t in frame.index[holes][:3])
        raise UserError(
            f"{path}: {int(holes.sum()):,} of {len(frame):,} periods have no value, "
            f"the first at {first}",
            "A wrong step? say data.freq=h, D, MS ...; or cut the file to its dense part",
        )


def _time_column(raw: pd.DataFrame, settings: DataSettings, path: Path) -> str:
    if settings.time is not None:
        column(raw, settings.time, path)
        return settings.time
    for name in ("timestamp", "time", "date", "datetime"):
        if name in raw.columns:
            return name
    raise UserError(
        f"{path}: which column holds the time?", f"data.time=COL, of {list(raw.columns)}"
    )


def step_of(index: pd.DatetimeIndex, settings: DataSettings) -> str:
    """Return the step as a pandas frequency that marks starts of periods.

    Parameters
    ----------
    index : pandas.DatetimeIndex
        Ordered times; some may be missing.
    settings : DataSettings
        ``freq`` decides where it is given; ``path`` is named in the error.

    Raises
    ------
    UserError
        The usual distance between two times is no known step.
    """
    step = settings.freq or _guess(index)
    if step is None:
        raise UserError(f"{settings.path}: the times have no regular step", "Say it: data.freq=h")
    family = step.split("-", maxsplit=1)[0]
    if family in {"M", "ME", "MS"}:
        return "MS"
    if family in {"Q", "QE", "QS"}:
        return f"QS-{_start_of(index, 'Q').strftime('%b').upper()}"
    if family in {"Y", "YE", "YS"}:
        return f"YS-{_start_of(index, 'Y').strftime('%b').upper()}"
    if family == "W":
        return f"W-{index[0]:%a}".upper()
    return step


def _start_of(index: pd.DatetimeIndex, family: str) -> pd.Timestamp:
    """Return the first month of the first period, when stamps lie at period ends too."""
    import pandas as pd

    first: pd.Timestamp = index[0].tz_localize(None)
    if first.day == 1:
        return first
    months = {"Q": 2, "Y": 11}[family]
    return first.to_period("M").to_timestamp() - pd.DateOffset(months=months)


def _guess(index: pd.DatetimeIndex) -> str | None:
    import pandas as pd

    if len(index) < 2:
        return None
    usual = pd.Series(index).diff().mode().iloc[0]
    hours = usual / pd.Timedelta("1h")
    steps = {0.25: "15min", 0.5: "30min", 1: "h", 24: "D", 7 * 24: "W"}
    if hours in steps:
        return steps[hours]
    longer = {"MS": (28, 31), "QS": (89, 92), "YS": (365, 366)}
    days = hours / 24
    return next((name for name, (low, high) in longer.items() if low <= days <= high), None)


def _on_starts(index: pd.DatetimeIndex, step: str) -> pd.DatetimeIndex:
    """Move stamps at the ends of months, quarters or years to the starts of these periods."""
    import pandas as pd

    back = {"MS": 0, "QS": 2, "YS": 11}.get(step.split("-", maxsplit=1)[0])
    if back is None or (index.day == 1).all():
        return index
    starts = index.tz_localize(None).to_period("M").to_timestamp()
    if not (index.tz_localize(None).normalize() == starts + pd.offsets.MonthEnd(0)).all():
        return index
    return pd.DatetimeIndex(
        (starts - pd.DateOffset(months=back)).tz_localize("UTC"), name=index.name
    ).as_unit(index.unit)


def _check_grid(index: pd.DatetimeIndex, step: str, path: Path) -> None:
    import pandas as pd

    grid = pd.date_range(index[0], index[-1], freq=step)
    strays = index.difference(grid)
    if len(strays):
        raise UserError(
            f"{path}: the time {strays[0]:%Y-%m-%d %H:%M} does not fall on the step '{step}'",
            f"{len(strays)} such rows; check data.freq and data.timezone",
        )
