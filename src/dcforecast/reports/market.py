"""Prices, worth and clean shares of a run: the one source of their tables and charts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dcforecast.reports.answer import SINKS, in_order, label_of
from dcforecast.store import Run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CLEAN", "NODES", "clean_rows", "clean_sinks", "market_rows", "market_sheet"]

#: Conventions of clean power and what a reader calls them.
CLEAN = {
    "cfe_grid": "mix of the grid",
    "cfe_contracted": "contracts for the year's energy",
    "cfe_surplus": "clean surplus after domestic demand",
}

#: Home nodes in the table ``annual``.
NODES = {"node_az": "on the mainland", "node_nx": "in Nakhchivan"}

#: What is shown of money: answer, quantity, words ({} is the sink), and the unit's divisor.
_MONEY = (
    ("capability", "node_price_eur_mwh", "Price of power {}, EUR/MWh", 1.0),
    ("capability", "scarce_h", "Hours without a price {}: something goes short", 1.0),
    ("expected", "price_eur_mwh", "Buyer's price: {}, EUR/MWh", 1.0),
    ("expected", "revenue_meur", "Revenue from {}, million EUR", 1.0),
    ("capability", "added_mw_value_eur", "One more MW: {}, thousand EUR a year", 1e3),
    ("expected", "gas_value_forgone_meur", "Gas burnt, at its price abroad, million EUR", 1.0),
    ("expected", "gas_value_forgone_eur_mwh", "Gas forgone for a MWh: {}, EUR", 1.0),
)


def clean_sinks(run: Run) -> list[str]:
    """Return the sinks that have clean shares, in the order of the answer, without campuses."""
    rows = run.read("annual", columns=["sink", "quantity"], quantity="cfe_grid")
    return in_order(sink for sink in rows["sink"] if not sink.startswith("campus_"))


def clean_rows(run: Run, years: Sequence[int]) -> list[tuple[str, str, list[str]]]:
    """Return sink, convention and mean share [%] by year of what is expected to flow."""
    rows = run.read("annual", year=list(years), answer="expected", quantity=list(CLEAN))
    means = rows.set_index(["sink", "quantity", "year"])["mean"]
    out = []
    for sink in clean_sinks(run):
        for quantity, words in CLEAN.items():
            cells = [means.get((sink, quantity, year)) for year in years]
            texts = ["-" if cell is None else f"{100 * cell:.0f} %" for cell in cells]
            if any(text != "-" for text in texts):
                out.append((label_of(sink, run), words, texts))
    return out


def market_rows(run: Run, years: Sequence[int]) -> list[tuple[str, list[str]]]:
    """Return what is shown of prices, revenue and worth, and its mean (P10 to P90) by year."""
    rows = run.read("annual", year=list(years), quantity=[row[1] for row in _MONEY])
    rows = rows[~rows["sink"].str.startswith("link_")]
    keyed = rows.set_index(["answer", "quantity", "sink", "year"])[["mean", "q100", "q900"]]
    table: dict[Any, Any] = dict(zip(keyed.index, keyed.to_numpy(), strict=True))
    first = [*NODES, *SINKS]
    out = []
    for answer, quantity, words, divisor in _MONEY:
        mine = rows[(rows["answer"] == answer) & (rows["quantity"] == quantity)]
        sinks = dict.fromkeys(mine["sink"])
        for sink in [s for s in first if s in sinks] + [s for s in sinks if s not in first]:
            texts = []
            for year in years:
                found = table.get((answer, quantity, sink, year))
                if found is None:
                    texts.append("-")
                    continue
                mean, low, high = found / divisor
                joint = " to " if min(low, high) < 0 else "-"  # a minus would double the hyphen
                texts.append(f"{mean:,.0f} ({low:,.0f}{joint}{high:,.0f})")
            out.append((words.format(NODES.get(sink) or label_of(sink, run)), texts))
    return out


def market_sheet(run: Run, *, clean: bool) -> pd.DataFrame:
    """Return clean shares, or prices and worth, with a column a year: mean, P10 and P90 by row."""
    wanted = [*CLEAN, "co2_t_per_mwh"] if clean else sorted({row[1] for row in _MONEY})
    rows = run.read("annual", quantity=wanted)
    rows = rows.melt(
        id_vars=["sink", "answer", "quantity", "year"],
        value_vars=["mean", "q100", "q900"],
        var_name="statistic",
    )
    wide = rows.pivot_table(
        "value", ["quantity", "sink", "answer", "statistic"], "year", observed=True
    )
    wide.columns = wide.columns.astype(str)
    return wide.reset_index()
