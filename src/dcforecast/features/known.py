"""When the values of a column become known, and the refusal of what is not known in time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from dcforecast.errors import UserError

__all__ = ["ALWAYS", "FORECAST", "Known", "check_known"]


@dataclass(frozen=True)
class Known:
    """When a column's value of a period can be had.

    Attributes
    ----------
    delay : int or None
        Periods after the end of its own until the value is there; None: before its period,
        because it is a calendar or a forecast issued by the origin.
    word : str
        How it was said: ``always``, ``forecast`` or ``delayed 24``.
    """

    delay: int | None
    word: str

    @classmethod
    def parse(cls, text: str) -> Known:
        """Read ``always``, ``forecast`` or ``delayed N``.

        Raises
        ------
        UserError
            Anything else.
        """
        said = " ".join(str(text).split()).lower()
        if said in ("always", "forecast"):
            return cls(None, said)
        found = re.fullmatch(r"delayed (\d+)", said)
        if found is None:
            raise UserError(
                f"'{text}' does not say when a column is known",
                "Write always, forecast, or delayed N (periods after its own)",
            )
        return cls(int(found[1]), said)

    def back(self, periods: int) -> Known:
        """Return when the value of `periods` earlier is known: a lag helps a late column."""
        if self.delay is None:
            return self
        return Known(self.delay - periods, f"{self.word}, {periods} periods back")

    def reaches(self, horizon: int) -> bool:
        """Whether the values of all the next `horizon` periods are known at an origin."""
        return self.delay is None or self.delay <= -horizon


#: Known for every period there is: the calendar.
ALWAYS = Known(None, "always")
#: Known at issue time for every period ahead: a weather forecast, a published schedule.
FORECAST = Known(None, "forecast")


def check_known(
    columns: Iterable[str],
    known: Mapping[str, Known],
    *,
    origin: pd.Timestamp,
    last: pd.Timestamp,
    horizon: int,
) -> None:
    """Refuse regressors whose future values nobody has at the origin.

    Parameters
    ----------
    columns : iterable of str
        Regressors; one without a declaration is taken for a forecast issued by the origin.
    known : mapping of str to Known
        Declarations by column.
    origin, last : pandas.Timestamp
        The origin, and the last period forecast from it.
    horizon : int
        Periods ahead of the origin.

    Raises
    ------
    UserError
        Names the column, the origin and when the column is known.
    """
    for column in columns:
        declared = known.get(column, FORECAST)
        if not declared.reaches(horizon):
            more = " more" if declared.word.endswith("back") else ""
            raise UserError(
                f"column '{column}' is not known at the origin {origin:%Y-%m-%d %H:%M}: its value "
                f"of {last:%Y-%m-%d %H:%M} is known only later ({declared.word})",
                f"Use it lagged by at least {horizon + (declared.delay or 0)} periods{more} "
                "(data.features: kind lags), or declare it in data.known as forecast if it is one",
            )
