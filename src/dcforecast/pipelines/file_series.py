"""The series of a user's file with their regressors and features, known and to come."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dcforecast.errors import UserError

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from dcforecast.config.data import DataSettings
    from dcforecast.features import Known
    from dcforecast.sources import Regular

__all__ = ["FileSeries", "check_ahead", "clock_dates", "ending_together", "file_series"]


@dataclass(frozen=True)
class FileSeries:
    """One series of a file.

    Attributes
    ----------
    name : str
        Series.
    y : pandas.Series
        Its values.
    X, ahead : pandas.DataFrame or None
        Regressors of the same periods, and of those to forecast.
    X_known : dict of str to Known
        When each regressor is known.
    vintage : callable, optional
        Gives the series as it was published by an origin.
    """

    name: str
    y: pd.Series
    X: pd.DataFrame | None = None
    ahead: pd.DataFrame | None = None
    X_known: Mapping[str, Known] = field(default_factory=dict)
    vintage: Callable[[pd.Timestamp], pd.Series] | None = None


def file_series(data: DataSettings, horizon: int) -> list[FileSeries]:
    """Return the regular series of a file, each from where all its features begin.

    Parameters
    ----------
    data : DataSettings
        The file and its columns.
    horizon : int
        Periods to forecast; regressors of later ones are not looked at.

    Raises
    ------
    UserError
        A mistake in the file or in ``data.features``, or a regressor with a gap.
    """
    from dcforecast import sources

    return [_built(one, data, horizon) for one in sources.regular(data)]


def _built(one: Regular, data: DataSettings, horizon: int) -> FileSeries:
    from dcforecast.features import FORECAST, Known, build_features
    from dcforecast.models.base import future_index

    known = {name: Known.parse(text) for name, text in data.known.items()}
    if one.X is None and not data.features:
        return FileSeries(one.name, one.y)
    count = len(one.y)
    index = one.y.index.append(future_index(one.y.index, horizon))
    X = None if one.X is None else one.X.reindex(index)
    begin = 0
    if data.features:
        X, known = build_features(data.features, index, X, known)  # type: ignore[arg-type]
        whole = X.iloc[:count].notna().all(axis=1).to_numpy()
        # The first periods lack what lies before the record; gaps further on stay gaps.
        begin = int(whole.argmax()) if whole.any() else count
        if count - begin < 2:
            raise UserError(
                f"data.features: '{one.name}' has no period with all features",
                "Shorten lags or windows",
            )
    assert X is not None
    record = X.iloc[begin:count]
    for column in record.columns[record.isna().any()]:
        if known.get(str(column), FORECAST).reaches(horizon):  # a late one is refused for that
            raise UserError(
                f"{data.path}: '{one.name}': regressor '{column}' has no value at "
                f"{record.index[record[column].isna()][0]:%Y-%m-%d %H:%M}",
                "data.gaps=fill fills gaps from the season before; or leave the column out",
            )
    return FileSeries(one.name, one.y.iloc[begin:], record, X.iloc[count:], known)


def ending_together(series: Sequence[FileSeries], tell: Callable[[str], None]) -> list[FileSeries]:
    """Cut series where the first of them ends, so that all are compared at the same origins."""
    end, first = min((one.y.index[-1], one.name) for one in series)
    if any(one.y.index[-1] > end for one in series):
        tell(f"series are compared until {end:%Y-%m-%d %H:%M}, where '{first}' ends")
    return [
        replace(one, y=one.y.loc[:end], X=None if one.X is None else one.X.loc[:end])
        for one in series
    ]


def clock_dates(
    told: int | Sequence[date], data: DataSettings, index: pd.Index
) -> int | Sequence[date]:
    """Return dates by the file's own clock; of days and longer steps they are calendar dates."""
    import pandas as pd

    if isinstance(told, int) or isinstance(index, pd.PeriodIndex) or len(index) < 2:
        return told
    within = index[1] - index[0] < pd.Timedelta(days=1)
    return [pd.Timestamp(day, tz=data.timezone if within else "UTC") for day in told]


def check_ahead(one: FileSeries, data: DataSettings) -> None:
    """Refuse a forecast whose regressors are not known, or not given, for all its periods.

    Raises
    ------
    UserError
        Names series, column and the first period without a value.
    """
    from dcforecast.evaluation.splits import stamp_of
    from dcforecast.features import check_known

    if one.ahead is None:
        return
    horizon = len(one.ahead)
    columns = [str(column) for column in one.ahead.columns]
    last = stamp_of(one.ahead.index[-1])
    origin = stamp_of(one.y.index[-1])
    check_known(columns, one.X_known, origin=origin, last=last, horizon=horizon)
    missing = one.ahead.isna()
    if not missing.to_numpy().any():
        return
    column = next(c for c in columns if missing[c].any())
    lacking = int(missing[column].sum())
    first = one.ahead.index[missing[column].to_numpy()][0]
    raise UserError(
        f"{data.future or data.path}: '{one.name}': the forecast of {horizon} periods after "
        f"{origin:%Y-%m-%d %H:%M} needs regressor '{column}', which has no value at "
        f"{first:%Y-%m-%d %H:%M} ({lacking} of {horizon} are missing)",
        "Give them in rows after the last value of data.target, or in a second file, "
        "data.future=FILE; or make evaluation.horizon smaller",
    )
