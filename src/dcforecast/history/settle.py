"""What is done about figures that cannot both hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dcforecast.errors import UserError
from dcforecast.history.checks import contradictions
from dcforecast.history.structure import AZERBAIJAN, Structure

if TYPE_CHECKING:
    import pandas as pd

    from dcforecast.config.history import HistorySettings

__all__ = ["settle"]

#: Kinds whose two figures are kept beside each other though they speak of one period.
_BOTH = ("same period",)
#: Kinds of a whole and its parts, the whole first.
_SUMS = ("sum", "identity")


def settle(
    figures: pd.DataFrame, rules: HistorySettings, structure: Structure = AZERBAIJAN
) -> pd.DataFrame:
    """Widen, drop or refuse figures that cannot both hold, as ``on_conflict`` says.

    A figure of a wrong unit says nothing of the size: it is set aside, unless refused.  Under
    ``latest`` the older of two figures goes; of a period and its parts the older side goes if it
    is the period, else the parts stay for their shape with a wider error.

    Parameters
    ----------
    figures : pandas.DataFrame
        Published figures.
    rules : HistorySettings
        on_conflict and conflict_inflation.
    structure : Structure
        The account of the series.

    Returns
    -------
    pandas.DataFrame
        The figures that stay, with columns conflict_factor and conflict_sd (their error is
        ``hypot(sd * factor, conflict_sd)``) and both (kept beside another of the same period).

    Raises
    ------
    UserError
        ``on_conflict=refuse`` and there is a contradiction.
    """
    pairs = contradictions(figures, structure)
    out = figures.assign(conflict_factor=1.0, conflict_sd=0.0, both=False)
    if pairs.empty:
        return out
    if rules.on_conflict == "refuse":
        told = "\n  ".join(pairs["text"].head(5))
        more = f"\n  ... {len(pairs)} in all" if len(pairs) > 5 else ""
        raise UserError(
            f"figures contradict each other:\n  {told}{more}",
            "data.history.on_conflict=inflate keeps both with a wider error, latest the newer",
        )
    dropped: set[object] = set()
    wide: dict[object, float] = {}
    both: set[object] = set()
    pair: Any
    for pair in pairs.itertuples(index=False):
        if pair.kind == "unit":
            dropped.add(pair.rows[0])
            continue
        rows = list(pair.rows)
        if rules.on_conflict == "latest":
            if pair.kind not in _SUMS or pair.older == rows[0]:
                dropped.add(pair.older)
                continue
            rows = rows[1:]
        if pair.kind in _BOTH:
            both.update(rows)
        # Of a sum each figure bears its share, so that together they explain the gap.
        share = pair.gap / np.sqrt(len(rows)) if pair.kind in _SUMS else pair.gap
        for label in rows:
            wide[label] = max(wide.get(label, 0.0), float(share))
    labels = list(wide)
    out.loc[labels, "conflict_factor"] = rules.conflict_inflation
    out.loc[labels, "conflict_sd"] = [wide[label] for label in labels]
    out.loc[list(both), "both"] = True
    return out[~out.index.isin(dropped)]
