"""The account of a user's file: its series, the sums among them, its first year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from dcforecast.errors import UserError, choices_text
from dcforecast.history.structure import COUNTRY, Bias, Prior, Structure

if TYPE_CHECKING:
    import pandas as pd

    from dcforecast.config.history import HistorySettings

__all__ = ["account", "since"]

#: Another scope than the first of the file may differ by 5 % (assumption).
_OTHER = Bias(0.0, 0.05, 0.01)


def account(observations: pd.DataFrame, sums: Mapping[str, Sequence[str]]) -> Structure:
    """Return the structure of a file of figures.

    Parameters
    ----------
    observations : pandas.DataFrame
        The file's figures.
    sums : mapping of str to sequence of str
        Totals and their parts; a part with a leading ``-`` is taken off.

    Raises
    ------
    UserError
        A part that is neither in the file nor a sum, or a sum of itself.
    """
    names = list(dict.fromkeys(observations["series"].astype(str)))
    for total, members in sums.items():
        for member in members:
            if member.lstrip("-") not in {*names, *sums}:
                raise UserError(
                    f"data.sums.{total}: the file has no series '{member.lstrip('-')}'",
                    choices_text(member.lstrip("-"), names),
                )
    weights = {total: _weights(total, sums, ()) for total in sums}
    parts = [name for name in names if name not in sums]
    scopes = {COUNTRY: Bias()}
    for position, scope in enumerate(observations["scope"].value_counts().index):
        scopes.setdefault(str(scope), _OTHER if position else Bias())
    return Structure({name: Prior() for name in parts}, weights, scopes)


def _weights(
    name: str, sums: Mapping[str, Sequence[str]], above: tuple[str, ...]
) -> dict[str, float]:
    if name in above:
        raise UserError(f"data.sums: '{name}' would be a part of itself")
    found: dict[str, float] = {}
    for member in sums[name]:
        sign, part = (-1.0, member[1:]) if member.startswith("-") else (1.0, member)
        inner = _weights(part, sums, (*above, name)) if part in sums else {part: 1.0}
        for key, weight in inner.items():
            found[key] = found.get(key, 0.0) + sign * weight
    return found


def since(observations: pd.DataFrame, rules: HistorySettings) -> HistorySettings:
    """Return the rules with the file's first year as the start, if it lies elsewhere."""
    first = observations["timestamp"].min()
    return rules.model_copy(update={"start": date(first.year, 1, 1)})
