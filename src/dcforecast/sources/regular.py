"""A regular series from a user's file, for backtests and forecasts of anything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dcforecast.errors import UserError
from dcforecast.sources.files import column, numbers, read_file, times

if TYPE_CHECKING:
    import pandas as pd

    from dcforecast.config.data import DataSettings

__all__ = ["regular", "season_of"]

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
        Indexed by UTC start of period with a set frequency; gaps are missing values.
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
    stamps = times(raw, _time_column(raw, settings, path), path, settings.timezone)
    wanted = [target, *settings.exog]
    frame = pd.DataFrame({name: numbers(raw, name, path).to_numpy() for name in wanted})
    frame.index = pd.DatetimeIndex(stamps, name="timestamp")
    repeated = frame.index.duplicated()
    if repeated.any():
        row = int(repeated.argmax())
        raise UserError(
            f"{path}: row {row + 2}: the time {frame.index[row]:%Y-%m-%d %H:%M} is there twice",
            f"{int(repeated.sum())} repeated times; a clock change? say data.timezone=Asia/Baku",
        )
    frame = frame.sort_index()
    frame = frame.asfreq(_step(frame.index, settings, path))
    y = frame[target]
    if y.notna().sum() < 3:
        raise UserError(f"{path}: column '{target}' holds only {int(y.notna().sum())} values")
    return y, frame[settings.exog] if settings.exog else None


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


def _step(index: pd.DatetimeIndex, settings: DataSettings, path: Path) -> Any:
    import pandas as pd

    aliases = {"M": "MS", "ME": "MS", "QE": "QS", "YE": "YS", "Y": "YS"}
    if settings.freq is not None:
        step = aliases.get(settings.freq, settings.freq)
    else:
        inferred = pd.infer_freq(index[:200]) if len(index) >= 3 else None
        if inferred is None:
            common = pd.Series(index).diff().mode()
            hours = common.iloc[0] / pd.Timedelta("1h") if len(common) else 0
            inferred = {1: "h", 0.5: "30min", 0.25: "15min", 24: "D"}.get(hours)
        if inferred is None:
            raise UserError(f"{path}: the times have no regular step", "Say it: data.freq=h")
        step = inferred
    grid = pd.date_range(index[0], index[-1], freq=step)
    strays = index.difference(grid)
    if len(strays):
        raise UserError(
            f"{path}: the time {strays[0]:%Y-%m-%d %H:%M} does not fall on the step '{step}'",
            f"{len(strays)} such rows; check data.freq and data.timezone",
        )
    return step
