"""Regular series from users' files, with regressors, for backtests and forecasts of anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dcforecast.config.seasons import season_of_step
from dcforecast.errors import UserError, choices_text
from dcforecast.sources.files import column, numbers, read_file, times
from dcforecast.sources.steps import check_grid, on_starts, step_of

if TYPE_CHECKING:
    import pandas as pd

    from dcforecast.config.data import DataSettings

__all__ = ["Regular", "regular"]

#: Share of missing periods above which a file is taken for one of another step (judgement).
_MOST_HOLES = 0.3


@dataclass(frozen=True)
class Regular:
    """A series of a user's file.

    Attributes
    ----------
    name : str
        Its column, or what the column ``data.series`` says.
    y : pandas.Series
        Values from the first to the last one, indexed by UTC start of period with a set
        frequency; gaps are missing values, or filled from the season before with ``gaps=fill``.
    X : pandas.DataFrame or None
        Regressors of the same periods, and of later ones as far as the files go.
    """

    name: str
    y: pd.Series
    X: pd.DataFrame | None


@dataclass(frozen=True)
class _Rows:
    """The rows of one series, or of all that share them, on a regular index."""

    name: str | None
    where: str
    frame: pd.DataFrame
    step: str
    count: int


def regular(settings: DataSettings) -> list[Regular]:
    """Read the series of a file, in its order.

    Parameters
    ----------
    settings : DataSettings
        ``path``, ``time``, ``target``, ``series``, ``exog``, ``future``, ``freq``, ``timezone``.

    Raises
    ------
    UserError
        Missing file or column, unreadable cell, repeated or irregular times, series of several
        steps.
    """
    path = Path(str(settings.path))
    groups = list(_read(path, [*settings.targets, *settings.exog], settings))
    for group in groups:
        if group.step != groups[0].step:
            raise UserError(
                f"{group.where} has the step '{group.step}', {groups[0].where} '{groups[0].step}'",
                "One file holds series of one step; say it with data.freq, or make two files",
            )
    later = _later(settings, groups)
    return [
        _series(group.name or target, target, group, later.get(group.name), settings)
        for group in groups
        for target in settings.targets
    ]


def _read(
    path: Path, wanted: list[str], settings: DataSettings, step: str | None = None
) -> Iterator[_Rows]:
    """Yield the rows of each series of a file, numbers checked, on their grid.

    A file of rows to come has the `step` of the record; else each series shows its own.
    """
    import pandas as pd

    raw = read_file(path)
    clock = _time_column(raw, settings, path)
    table = pd.DataFrame({name: numbers(raw, name, path) for name in wanted})
    for name, labels in _labels(raw, settings.series, path):
        where = f"{path}" if name is None else f"{path}: series '{name}'"
        stamps = _stamps(raw.loc[labels], clock, settings, path)
        _check_repeats(stamps, where)
        index = pd.DatetimeIndex(stamps, name="timestamp").as_unit("us")
        frame = table.loc[labels].set_axis(index).sort_index()
        index = pd.DatetimeIndex(frame.index)
        own = step or step_of(index, settings)
        frame.index = on_starts(index, own)
        check_grid(pd.DatetimeIndex(frame.index), frame.index[0], own, where)
        yield _Rows(name, where, frame.asfreq(own), own, len(labels))


def _labels(
    raw: pd.DataFrame, series: str | None, path: Path
) -> Iterator[tuple[str | None, pd.Index]]:
    """Yield each series' name and the labels of its rows; no name: the series share all rows."""
    if series is None:
        yield None, raw.index
        return
    names = column(raw, series, path)
    told = names.astype(str).str.strip()
    blank = names.isna() | (told == "")
    if blank.any():
        row = int(blank.to_numpy().argmax())
        raise UserError(f"{path}: row {row + 2}, column '{series}': no series is named")
    for name, rows in told.groupby(told, sort=False):
        yield str(name), rows.index


def _stamps(rows: pd.DataFrame, clock: str, settings: DataSettings, path: Path) -> pd.Series:
    stamps = times(rows, clock, path)
    if settings.timezone != "UTC" and (stamps != stamps.dt.normalize()).any():
        # Dates alone are calendar days and months, not instants of a local clock.
        stamps = times(rows, clock, path, settings.timezone)
    return stamps


def _later(settings: DataSettings, groups: list[_Rows]) -> dict[str | None, pd.DataFrame]:
    """Return the regressors of periods to come from the second file, by series."""
    if settings.future is None:
        return {}
    path = Path(settings.future)
    late = {c for c, when in settings.known.items() if when.strip().startswith("delayed")}
    wanted = [name for name in settings.exog if name not in late]
    names = [group.name for group in groups]
    out = {}
    for group in _read(path, wanted, settings, groups[0].step):
        if group.name not in names:
            hint = choices_text(str(group.name), [str(name) for name in names])
            raise UserError(f"{group.where}: data.path={settings.path} has no such series", hint)
        out[group.name] = group.frame
    return out


def _series(
    name: str, target: str, group: _Rows, later: pd.DataFrame | None, settings: DataSettings
) -> Regular:
    """Cut one series to its values, and its regressors to what begins with them."""
    import pandas as pd

    there = group.frame[target].notna().to_numpy()
    where = group.where if group.name is not None else f"{group.where}: column '{target}'"
    if there.sum() < 3:
        raise UserError(f"{where} holds only {int(there.sum())} values")
    first, last = int(there.argmax()), len(there) - int(there[::-1].argmax())
    columns = [target, *settings.exog]
    record = group.frame.iloc[first:last][columns]
    _check_gaps(record, group.count, where)
    if settings.gaps == "fill":
        record = _fill(record, settings.season_length or season_of_step(group.step))
    if not settings.exog:
        return Regular(name, record[target].rename(name), None)
    ahead = group.frame.iloc[last:][settings.exog]
    if later is not None and later.index[-1] > record.index[-1]:
        rest = later[later.index > record.index[-1]]
        check_grid(rest.index, record.index[0], group.step, str(settings.future))
        ahead = ahead.combine_first(rest)[settings.exog] if len(ahead) else rest
    X = pd.concat([record[settings.exog], ahead.reindex(columns=settings.exog)])
    return Regular(name, record[target].rename(name), X.asfreq(group.step))


def _fill(frame: pd.DataFrame, season: int) -> pd.DataFrame:
    """Fill gaps from one season before, else the last value: only the past is looked at."""
    phase = frame.reset_index(drop=True).index % season
    carried = frame.groupby(phase).ffill()
    return frame.fillna(carried).ffill()


def _check_repeats(stamps: pd.Series, where: str) -> None:
    repeated = stamps.duplicated()
    if repeated.any():
        row: Any = repeated.idxmax()
        raise UserError(
            f"{where}: row {row + 2}: the time {stamps[row]:%Y-%m-%d %H:%M} is there twice",
            f"Repeated times in all: {int(repeated.sum())}; many series below each other? "
            "data.series=COL names the column that tells them apart; clock changes? say the "
            "local zone, for example data.timezone=Europe/Bucharest",
        )


def _check_gaps(frame: pd.DataFrame, rows: int, where: str) -> None:
    """Refuse a series that is mostly holes: the step must be wrong."""
    holes = frame.isna().any(axis=1)
    if len(frame) > 2 * rows or holes.mean() > _MOST_HOLES:
        first = ", ".join(f"{t:%Y-%m-%d %H:%M}" for t in frame.index[holes][:3])
        raise UserError(
            f"{where}: {int(holes.sum()):,} of {len(frame):,} periods have no value, "
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
