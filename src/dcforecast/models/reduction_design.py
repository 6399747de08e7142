"""The inputs of a reduction: past changes, their rolling statistics, and what is known ahead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dcforecast.errors import UserError, choices_text
from dcforecast.features import lag_matrix, parse_lags, rolling_matrix
from dcforecast.features.calendar import YEAR_COLUMNS, check_clock
from dcforecast.features.lags import STATISTICS

__all__ = ["Block", "Design", "Prepared", "check_choices", "design_for", "usual_calendar"]

#: Years from which a record shows the season of the year: 365 days.
_YEAR = 0.999

_CHOICES = {
    "strategy": ("recursive", "direct", "multi_output"),
    "difference": ("seasonal", "previous", "none"),
    "spread": ("auto", "paths", "holdout", "native"),
}


def usual_calendar(static: np.ndarray, width: int, season: int, years: float) -> np.ndarray:
    """Return the columns of the usual calendar that a record can show, and `width` regressors.

    Without a season there are none, and within a year no waves of the year: a part of a wave
    does not tell how it goes on.
    """
    skipped = static.shape[1] - width if season == 1 else YEAR_COLUMNS if years < _YEAR else 0
    return static[:, skipped:]


def check_choices(model: Any) -> None:
    """Refuse what means nothing among the parameters of a reduction."""
    for name, choices in _CHOICES.items():
        given = getattr(model, name)
        if given not in choices:
            raise UserError(f"model.{name}={given} is unknown", choices_text(given, choices))
    parse_lags(model.lags)
    for statistic, windows in (model.rolling or {}).items():
        if statistic not in STATISTICS:
            raise UserError(f"model.rolling: no statistic '{statistic}'",
                            choices_text(statistic, STATISTICS))  # fmt: skip
        if min(windows) < 1:
            raise UserError(f"model.rolling: {statistic}={list(windows)}: must be at least 1")
    if model.half_life is not None and model.half_life <= 0:
        raise UserError(f"model.half_life={model.half_life}: must be above 0")
    if not 0 <= model.damping <= 1:
        raise UserError(f"model.damping={model.damping}: a share, from 0 to 1")
    check_clock(model.calendar, model.holidays, model.timezone)


@dataclass(frozen=True)
class Design:
    """Which past values explain a period.

    Attributes
    ----------
    lags : ndarray of int
        Lags of the changes.
    rolling : dict of str to tuple of int
        Windows of the changes by statistic.
    delay : int
        Changes are against this many periods before; 0: the values themselves.
    """

    lags: np.ndarray
    rolling: dict[str, tuple[int, ...]]
    delay: int

    @property
    def reach(self) -> int:
        """Changes that a row of inputs looks back."""
        windows = [w for one in self.rolling.values() for w in one]
        return int(max([0, *self.lags, *windows]))

    @property
    def depth(self) -> int:
        """Values that lie before the first row of inputs."""
        return self.delay + self.reach

    def changes(self, values: np.ndarray) -> np.ndarray:
        """Return the changes along the last axis, as long as `values`; the first are missing."""
        if self.delay == 0:
            return values
        out = np.full_like(values, np.nan)
        out[..., self.delay :] = values[..., self.delay :] - values[..., : -self.delay]
        return out

    def rows(self, changes: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return the inputs from the past of one series for periods `rows`."""
        parts = [lag_matrix(changes, self.lags, rows)]
        if self.rolling:
            parts.append(rolling_matrix(changes, self.rolling, rows))
        return np.concatenate(parts, axis=1) if len(parts) > 1 else parts[0]

    def step(self, changes: np.ndarray, at: int) -> np.ndarray:
        """Return the same for column `at` of many series at once, shape (series, inputs)."""
        parts = [changes[:, at - self.lags]]
        for name, windows in self.rolling.items():
            parts += [STATISTICS[name](changes[:, at - w : at], axis=-1)[:, None] for w in windows]
        return np.concatenate(parts, axis=1) if len(parts) > 1 else parts[0]

    def base(self, step: int) -> int:
        """Periods between step `step` (from 0) and the last known value it is compared with."""
        return self.delay * (step // self.delay + 1) if self.delay else 0


def design_for(
    lags: np.ndarray, rolling: Mapping[str, Sequence[int]], delay: int, count: int
) -> Design:
    """Return the design that a record of `count` values can bear: the long lags go first."""
    longest = max(0, (count - delay - 4) // 2)
    kept = {name: tuple(int(w) for w in given if w <= longest) for name, given in rolling.items()}
    return Design(lags[lags <= longest], {name: one for name, one in kept.items() if one}, delay)


@dataclass(frozen=True)
class Block:
    """One series as a learner sees it.

    Attributes
    ----------
    values : ndarray of shape (periods,)
        Transformed values.
    table : ndarray of shape (periods - depth + 1, inputs)
        Inputs from the past; row i belongs to period ``depth + i``, the last to the one ahead.
    static : ndarray of shape (periods, columns)
        Calendar and regressors.
    """

    values: np.ndarray
    table: np.ndarray
    static: np.ndarray

    def until(self, count: int) -> Block:
        """Return the block as it was after `count` periods."""
        gone = len(self.values) - count
        return Block(self.values[:count], self.table[: len(self.table) - gone], self.static[:count])


@dataclass
class Prepared:
    """What depends on the data alone, for a whole series; folds are slices of it.

    Attributes
    ----------
    values : ndarray of shape (periods,)
        The series.
    static : ndarray of shape (periods and those ahead, columns)
        Calendar and regressors.
    tables : dict
        Inputs from the past, by design and scale.
    """

    values: np.ndarray
    static: np.ndarray
    tables: dict[str, np.ndarray] = field(default_factory=dict)

    def table(self, design: Design, key: str, transformed: np.ndarray) -> np.ndarray:
        """Return the inputs of all periods from ``design.depth`` on; made once by design."""
        whole = f"{key} {design.delay} {list(design.lags)} {design.rolling}"
        if whole not in self.tables:
            rows = np.arange(design.depth, len(transformed) + 1)
            self.tables[whole] = design.rows(design.changes(transformed), rows)
        return self.tables[whole]
