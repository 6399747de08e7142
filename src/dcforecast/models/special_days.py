"""Effect of holidays, feasts and bridge days on a series of several values a day."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from dcforecast.features.calendar import holidays_of

__all__ = ["describe_days", "special_day_effects"]

#: Weeks before and after whose same weekday is the normal day.
_WEEKS = np.array([-3, -2, -1, 1, 2, 3])
#: Special days on record below which no effect is learned.
_FEWEST = 12
#: Working days between free days that people take off.
_LONGEST_BRIDGE = 2
#: Holidays in a row under one name that make a feast (Eid, Novruz), and days of it told apart.
_FEAST, _FEAST_DAYS = 2, 4
#: Ridge penalty: a kind of day seen once keeps two thirds of what was seen.
_PENALTY = 0.5
#: Days looked at round the record, so that feasts at its ends are whole.
_MARGIN = 10


def special_day_effects(values: np.ndarray, stamps: pd.DatetimeIndex, country: str) -> np.ndarray:
    """Estimate what special days add to a series, from all of its past ones.

    A special day is compared with the median of the same weekday in the three weeks before and
    after.  Its difference over that normal day's mean is explained by what kind of day it is
    (`describe_days`), by a small ridge regression for each time of day.  Moving feasts are
    therefore learned wherever in the year they fell.

    Parameters
    ----------
    values : ndarray of shape (n,)
        The series; no gaps.
    stamps : pandas.DatetimeIndex of length m >= n
        Its local times, without zone, and those of the future.
    country : str
        ISO code of the ``holidays`` package.

    Returns
    -------
    ndarray of shape (m,)
        Estimated effect, in units of the values; 0 on ordinary days and on records with fewer
        than twelve special days.
    """
    place = (stamps.normalize() - stamps[0].normalize()).days.to_numpy()
    season = int(np.bincount(place).max())
    slot = np.rint((stamps - stamps.normalize()) / pd.Timedelta(days=1) * season).astype(int)
    days = pd.date_range(stamps[0].normalize(), periods=int(place[-1]) + 1)
    table = np.full((len(days), season), np.nan)
    table[place[: len(values)], slot[: len(values)]] = values
    kinds = describe_days(days, country)
    special = np.flatnonzero(kinds.any(axis=1))
    normal = _normal_days(table, special)
    level = _mean(np.abs(normal), axis=1)[:, None]
    change = (table[special] - normal) / np.where(level > 0, level, np.nan)
    usable = np.isfinite(change).all(axis=1)
    effects = np.zeros_like(table)
    if usable.sum() >= _FEWEST:
        inputs = kinds[special]
        gram = inputs[usable].T @ inputs[usable] + _PENALTY * np.eye(inputs.shape[1])
        shares = inputs @ np.linalg.solve(gram, inputs[usable].T @ change[usable])
        effects[special] = np.nan_to_num(shares * level)
    return np.asarray(effects[place, slot])


def _normal_days(table: np.ndarray, special: np.ndarray) -> np.ndarray:
    """Return the median of the ordinary same weekdays round each special day."""
    plain = np.array(table)
    plain[special] = np.nan
    at = special[:, None] + 7 * _WEEKS
    near = plain[np.clip(at, 0, len(table) - 1)]
    near[(at < 0) | (at >= len(table))] = np.nan
    ordered = np.sort(near, axis=1)  # gaps come last
    count = (~np.isnan(ordered)).sum(axis=1, keepdims=True)
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, len(_WEEKS) - 1)
    pair = [np.take_along_axis(ordered, k, axis=1)[:, 0] for k in (low, high)]
    return np.asarray((pair[0] + pair[1]) / 2)


def _mean(values: np.ndarray, axis: int) -> np.ndarray:
    known = ~np.isnan(values)
    return np.asarray(np.where(known, values, 0).sum(axis) / np.maximum(known.sum(axis), 1))


def describe_days(days: pd.DatetimeIndex, country: str) -> np.ndarray:
    """Return what kind of special day each day is; ordinary days are rows of zeros.

    Kinds: holiday by day of the week and by name, day of a feast (holidays in a row under one
    name), the days round a feast, bridge days between free days, days round a single holiday
    and round the new year.

    Parameters
    ----------
    days : pandas.DatetimeIndex
        Consecutive days.
    country : str
        ISO code of the ``holidays`` package.

    Returns
    -------
    ndarray of shape (days, kinds)
    """
    margin = pd.Timedelta(days=_MARGIN)
    whole = pd.date_range(days[0] - margin, days[-1] + margin)
    known = holidays_of(country, whole[0].year, whole[-1].year)
    # "(estimated)" stands behind feasts not decreed yet.
    names = np.array([known.get(day, "").split(" (")[0] for day in whole], dtype=object)
    holiday = names != ""
    weekday = whole.day_of_week.to_numpy()
    work, free = weekday < 5, holiday | (weekday >= 5)
    turn = whole.month.to_numpy() * 100 + whole.day.to_numpy()
    day_of, length = _runs(names)
    feast = holiday & (length >= _FEAST)
    first, last = feast & (day_of == 1), feast & (day_of == length)
    single = holiday & ~feast & work
    wholly, plainly = _bridges(holiday, free, feast)
    when = (work, weekday == 5, weekday == 6)
    kinds = [group & day for group in (holiday, feast) for day in when]
    kinds += [feast & (day_of == k) for k in range(1, _FEAST_DAYS + 1)]
    for edge, step in ((first, -1), (last, 1)):
        beside = np.roll(edge, step)
        kinds += [beside & work, beside & ~work, np.roll(edge, 2 * step) & ~free]
    kinds += [wholly, plainly, np.roll(single, 1) & ~free, np.roll(single, -1) & ~free]
    kinds += [(turn == 1231) & work, (turn == 102) & work]
    kinds += [(names == name) & work for name in sorted(set(names) - {""})]
    return np.column_stack(kinds)[_MARGIN : len(whole) - _MARGIN].astype(float)


def _runs(names: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each day's place in its run of equal names, and the length of the run."""
    new = np.append(True, names[1:] != names[:-1])
    run = np.cumsum(new) - 1
    length = np.bincount(run)[run]
    return np.arange(len(names)) - np.flatnonzero(new)[run] + 1, length


def _bridges(
    holiday: np.ndarray, free: np.ndarray, feast: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the few working days between a free day and a feast, or a single holiday."""
    by_feast, by_holiday = np.zeros(len(free), bool), np.zeros(len(free), bool)
    edges = np.flatnonzero(np.diff(free.astype(int)))
    for before, after in pairwise(edges):
        inside = slice(before + 1, after + 1)
        if free[after] or after - before > _LONGEST_BRIDGE:
            continue
        ends = [before, after + 1]
        by_feast[inside] = feast[ends].any()
        by_holiday[inside] = holiday[ends].any() and not feast[ends].any() and after - before == 1
    return by_feast, by_holiday
