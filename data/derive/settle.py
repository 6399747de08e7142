"""The written rules by which contradicting figures are settled (docs/data.md lists them)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

#: Contradicting facts: subject, fact kept, facts set aside, rule, reason.
_CABLE = "newest text of the operators; the others are older or from the press"
FACT_CONFLICTS = (
    ("Imports of 2024", "C065", "C064", "R2", "the year's monthly releases support 170.5"),
    (
        "Generation in nine months of 2025",
        "G021",
        "G022",
        "R4",
        "the ministry counts the whole country, State Statistics less; both are observations",
    ),
    ("Length of the Black Sea cable", "C102", "C103", "R6", _CABLE),
    ("Rating of the Black Sea cable", "C109", "C091 C092", "R6", _CABLE),
    ("Year of the Black Sea cable", "C106", "C099 C105", "R6", _CABLE),
    ("Cost of the Black Sea cable", "C095", "C096 C097 C098 C100", "R6", _CABLE),
    ("Energy of the Khizi-Absheron wind park", "G071", "G070", "R7", "lender before promoter"),
    (
        "Completion of the AzInTelecom data centres",
        "D014",
        "D015",
        "R7",
        "news of the operator before a machine-written page",
    ),
)


def _masks(frame: pd.DataFrame) -> Iterator[tuple[pd.Series, object, str, str]]:
    value = frame["value"].astype(float)
    year = frame["start"].str[:4].astype(int)
    international = frame["scope"].eq("ember") & frame["series"].str.startswith("generation")
    yield (
        international & (year <= 2024),
        None,
        "R1 the national statistical table before an international file",
        "rounded to 10 GWh; lags the national table (solar of 2024: 80 against 556 GWh)",
    )
    yield (
        frame["series"].eq("import") & value.eq(70.7) & frame["start"].eq("2024-01-01"),
        170.5,
        "R2 the figure that the year's monthly releases support",
        "112 GWh to July and 125.5 to August 2024 were published; 70.7 looks like a misprint",
    )
    # Only one of the two customs bases can be differenced over time: the longer series is kept.
    metered = frame["note"].str.startswith(("by meter readings", "wording ambiguous on the basis"))
    yield (
        frame["scope"].eq("customs") & frame["series"].eq("export") & metered,
        None,
        "R3 within customs, declarations before meter readings",
        "two bases of one publisher; the declarations run from 2012 to 2015, the readings do not",
    )
    yield (
        frame["scope"].eq("customs")
        & frame["start"].eq("2024-01-01")
        & frame["end"].eq("2024-02-01")
        & frame["series"].eq("export"),
        407.0,
        "R4 the ministry before customs",
        "495 GWh in January (by declaration date) against the ministry's 407 for January-April",
    )


def _winner(row: dict[Any, Any], kept: pd.DataFrame) -> object:
    """Return the figure that stands instead: same series and period, country scope first."""
    same = kept[
        (kept["series"] == row["series"])
        & (kept["start"] == row["start"])
        & (kept["end"] == row["end"])
        & kept["scope"].isin(["country", "customs"])
    ].sort_values(["scope", "precision_gwh"], ascending=[False, True])
    return same["value"].iloc[0] if len(same) else ""


def settle(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[dict[Any, Any]]]:
    """Split the figures into those kept and those set aside, each with rule and reason."""
    lost: list[dict[Any, Any]] = []
    gone = pd.Series(False, index=frame.index)
    found = list(_masks(frame))
    for mask, *_ in found:
        gone |= mask
    kept = frame[~gone]
    for mask, winner, rule, reason in found:
        for row in frame[mask].to_dict("records"):
            stands = _winner(row, kept) if winner is None else winner
            lost.append({**row, "kept_value": stands, "rule": rule, "reason": reason})
    return kept, lost


def fact_conflicts(folder: Path) -> pd.DataFrame:
    """Return the contradicting facts with the values kept and set aside."""
    names = ("corridors", "generation_projects", "data_centres")
    facts = pd.concat(
        [pd.read_csv(folder / "facts" / f"{name}.csv", dtype=str) for name in names]
    ).set_index("id")

    def text(ids: str) -> str:
        both = facts["value"] + " " + facts["unit"]
        return "; ".join(both.loc[ids.split()])

    rows = [
        {
            "subject": subject,
            "kept": kept,
            "kept_value": text(kept),
            "set_aside": lost,
            "set_aside_value": text(lost),
            "rule": rule,
            "reason": reason,
        }
        for subject, kept, lost, rule, reason in FACT_CONFLICTS
    ]
    return pd.DataFrame(rows)
