"""The step of a user's series: found or named, and held to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dcforecast.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

    from dcforecast.config.data import DataSettings

__all__ = ["check_grid", "on_starts", "step_of"]


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
        # Quarters from January and from April are the same quarters.
        return f"QS-{('JAN', 'FEB', 'MAR')[(_start_of(index, 'Q').month - 1) % 3]}"
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


def on_starts(index: pd.DatetimeIndex, step: str) -> pd.DatetimeIndex:
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


def check_grid(index: pd.DatetimeIndex, first: pd.Timestamp, step: str, where: str) -> None:
    """Refuse times that do not lie whole steps after the first one.

    Raises
    ------
    UserError
        Names the first such time; `where` says in which file and series.
    """
    import pandas as pd

    strays = index.difference(pd.date_range(first, index[-1], freq=step))
    if len(strays):
        raise UserError(
            f"{where}: the time {strays[0]:%Y-%m-%d %H:%M} does not fall on the step '{step}'",
            f"{len(strays)} such rows; check data.freq and data.timezone",
        )
