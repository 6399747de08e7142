"""Figures that cannot both hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["contradictions"]


def contradictions(observations: pd.DataFrame) -> pd.DataFrame:
    """Find pairs of figures of one series and scope that cannot both be right.

    A total from January may not fall as months are added, beyond the rounding of both figures.

    Parameters
    ----------
    observations : pandas.DataFrame
        Published figures.

    Returns
    -------
    pandas.DataFrame
        older, newer (row labels), gap [GWh] and text (both figures with their sources).
    """
    import pandas as pd

    rows = []
    keyed = observations[observations["timestamp"].dt.month == 1]
    for (series, scope, start), group in keyed.groupby(["series", "scope", "timestamp"]):
        if series == "net_import":
            continue
        ordered = group.sort_values(["end", "vintage"]).drop_duplicates("end", keep="last")
        values, slack = ordered["value"].to_numpy(), ordered["precision_gwh"].to_numpy()
        labels = ordered.index.to_numpy()
        for i in range(1, len(ordered)):
            gap = values[i - 1] - values[i] - (slack[i - 1] + slack[i]) / 2
            if gap <= 0:
                continue
            a, b = ordered.iloc[i - 1], ordered.iloc[i]
            pair = sorted((labels[i - 1], labels[i]), key=lambda x: observations["vintage"][x])
            rows.append(
                {
                    "older": pair[0],
                    "newer": pair[1],
                    "gap": gap,
                    "text": f"{series} ({scope}) from {start:%Y-%m}: {a['value']:g} GWh to "
                    f"{a['end']:%Y-%m} [{a['source_id']}] but {b['value']:g} GWh to "
                    f"{b['end']:%Y-%m} [{b['source_id']}]",
                }
            )
    return pd.DataFrame(rows, columns=["older", "newer", "gap", "text"])
