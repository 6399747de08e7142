"""The numbers of the answer: the one source of every table and chart of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dcforecast.errors import UserError
from dcforecast.store import Run

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "CAMPUSES",
    "NO_ANSWER",
    "SINKS",
    "Cell",
    "answer_rows",
    "champion_rows",
    "hindcast_rows",
    "in_order",
    "label_of",
    "markdown",
    "newest",
    "series_label",
    "shown_years",
    "sinks_of",
]

#: Sinks in the order they are shown, with their names.
SINKS: dict[str, str] = {
    "data_centres": "Data centres",
    "exports": "All corridors together",
    "georgia": "Georgia",
    "turkiye_via_georgia": "Türkiye through Georgia",
    "tripp": "TRIPP (Syunik, Nakhchivan, Türkiye)",
    "black_sea": "Caspian-Black Sea-Europe",
    "bulgaria": "Georgia-Türkiye-Bulgaria",
    "central_asia": "Central Asia (Caspian cable)",
    "russia": "Russia",
    "iran": "Iran",
    "igdir": "Iğdır (from Nakhchivan)",
    "unused": "Unused",
}

#: Campuses of the programme, as readers know them.
CAMPUSES = {
    "campus_azintelecom_absheron": "AzInTelecom, Absheron",
    "campus_azintelecom_hajigabul": "AzInTelecom, Hajigabul",
    "campus_socar": "SOCAR",
    "campus_ai_campus": "large AI campus",
}

#: Sinks of the table ``annual`` that power is not sent to.
NO_ANSWER = {"domestic", "system", "unserved"}

#: Quantities of the hindcast that are no series of their own.
_QUANTITIES = {"generation_wind_solar": "wind and sun", "peak": "peak"}
_SERIES = {
    "demand_gross": "gross demand",
    "export": "exports",
    "import": "imports",
    "generation_total": "generation",
    "generation_hydro": "hydro generation",
    "generation_thermal": "thermal generation",
    "generation_wind": "wind generation",
    "generation_solar": "solar generation",
    "generation_waste": "generation from waste",
}

_STEPS = {"monthly": "a month", "annual": "a year", "quarterly": "a quarter"}


def newest(history: pd.DataFrame) -> pd.DataFrame:
    """Return each period of the history once, as known last.

    Values of a user's file have a vintage each, at their end; months of the project share one.
    """
    ordered = history.sort_values("vintage", kind="stable")
    return ordered.drop_duplicates(["series", "timestamp"], keep="last")


def hindcast_rows(run: Run, *, last: bool = False) -> list[dict[str, Any]]:
    """Return past years beside the truth, by quantity and year, with names for readers.

    Parameters
    ----------
    run : Run
    last : bool
        Only the last year whose truth is published.

    Returns
    -------
    list of dict
        As `pipelines.backcasting.backcast` notes them, with ``name``.
    """
    rows: list[dict[str, Any]] = run.manifest.get("hindcast") or []
    if last:
        nowcast = {row["year"] for row in rows if row["basis"] != "published"}
        known = {row["year"] for row in rows} - nowcast
        rows = [row for row in rows if row["year"] == max(known, default=0)]
    order = list(dict.fromkeys(row["quantity"] for row in rows))
    rows = sorted(rows, key=lambda row: (order.index(row["quantity"]), row["year"]))
    names = _SERIES | _QUANTITIES
    return [{**row, "name": names.get(row["quantity"], row["quantity"])} for row in rows]


def series_label(series: str) -> str:
    """Return the name of a series for readers: ``export_annual`` is "exports a year".

    The project's series are monthly where their name says nothing; of a user's no step is known.
    """
    base, _, step = series.rpartition("_")
    if step not in _STEPS:
        base, step = series, "monthly" if series in _SERIES else ""
    name = _SERIES.get(base, base.replace("_", " "))
    return f"{name} {_STEPS[step]}" if step else name


def label_of(sink: str, run: Run) -> str:
    """Return the name of a sink for readers; a corridor of one's own has its label."""
    own = run.config.get("network", {}).get("corridors", {}).get(sink, {}).get("label")
    if sink in CAMPUSES:
        return f"Campus: {CAMPUSES[sink]}"
    return SINKS.get(sink) or own or sink.replace("_", " ").capitalize()


def in_order(sinks: Iterable[object]) -> list[str]:
    """Return sinks in the order they are shown: ours, one's own, what is unused."""
    have = set(map(str, sinks))
    *ours, unused = SINKS
    order = [*ours, *sorted(have.difference(SINKS)), unused]
    return [sink for sink in order if sink in have]


def sinks_of(annual: pd.DataFrame) -> list[str]:
    """Return the sinks of the answer among rows of the table ``annual``, in order."""
    energy = annual.loc[annual["quantity"] == "energy_twh", "sink"]  # single campuses have none
    return in_order(set(energy) - NO_ANSWER)


def _spread(low: float, middle: float, high: float) -> str:
    return f"{middle:.2f} ({low:.2f}-{high:.2f})" if high >= 0.005 else "0"


@dataclass(frozen=True)
class Cell:
    """The three answers of one sink and year; None where an answer does not apply.

    Attributes
    ----------
    low, middle, high : float
        Capability P10, P50, P90 [TWh].
    expected_low, expected, expected_high : float or None
        Expected P10, P50, P90 [TWh].
    firm, firm_se : float or None
        Firm power and its standard error [MW].
    alone : float or None
        Capability if this sink had no contract limit and no rival, P50 [TWh].
    """

    low: float
    middle: float
    high: float
    expected_low: float | None
    expected: float | None
    expected_high: float | None
    firm: float | None
    firm_se: float | None
    alone: float | None

    def text(self) -> str:
        """Return capability P50 (P10-P90), expected, firm, each on a line."""
        return f"{self.able_text}\n{self.expected_text}\n{self.firm_text}"

    @property
    def able_text(self) -> str:
        """Capability P50 (P10-P90)."""
        return _spread(self.low, self.middle, self.high)

    @property
    def expected_text(self) -> str:
        """Expected P50 (P10-P90), or a dash."""
        if self.expected is None or self.expected_low is None or self.expected_high is None:
            return "-"
        return _spread(self.expected_low, self.expected, self.expected_high)

    @property
    def firm_text(self) -> str:
        """Firm power and its standard error, or a dash."""
        if self.firm is None:
            return "-"
        error = f" ± {self.firm_se:,.0f}" if (self.firm_se or 0.0) >= 0.5 else ""
        return f"{self.firm:,.0f}{error} MW"


def shown_years(run: Run, years: Sequence[int]) -> list[int]:
    """Return those of the wanted years that the run has; all of its ends if none."""
    have = set(run.read("annual", columns=["year"])["year"])
    wanted = [year for year in years if year in have]
    return wanted or [int(min(have)), int(max(have))]


def answer_rows(run: Run, years: Sequence[int]) -> dict[str, dict[int, Cell]]:
    """Return the answer by sink and year, in order.

    Raises
    ------
    UserError
        The run holds no answer.
    """
    if not run.has("annual"):
        raise UserError(f"run {run.id} holds no answer", "dcforecast run or allocate makes one")
    annual = run.read("annual", year=list(years))
    wanted = annual[annual["quantity"].isin(["energy_twh", "power_mw", "alone_twh"])]
    keyed = wanted.set_index(["sink", "year", "answer", "quantity"]).sort_index()
    return {sink: {y: _cell(keyed, sink, y) for y in years} for sink in sinks_of(wanted)}


def _cell(keyed: pd.DataFrame, sink: str, year: int) -> Cell:
    def value(answer: str, quantity: str, column: str) -> float | None:
        key = (sink, year, answer, quantity)
        found: Any = keyed.loc[key, column] if key in keyed.index else None
        return None if found is None or found != found else float(found)  # noqa: PLR0124

    return Cell(
        value("capability", "energy_twh", "q100") or 0.0,
        value("capability", "energy_twh", "q500") or 0.0,
        value("capability", "energy_twh", "q900") or 0.0,
        value("expected", "energy_twh", "q100"),
        value("expected", "energy_twh", "q500"),
        value("expected", "energy_twh", "q900"),
        value("firm", "power_mw", "mean"),
        value("firm", "power_mw", "se"),
        value("capability", "alone_twh", "q500"),
    )


def champion_rows(run: Run) -> pd.DataFrame:
    """Return each series' best model: series, model, crps, skill against seasonal naive, n."""
    scores = run.read("scores", metric="crps", step_group="all")
    best = scores.sort_values(["series", "value"], kind="stable").drop_duplicates("series")
    named = best[["series", "model", "value", "skill_vs_naive", "n"]]
    return named.rename(columns={"value": "crps"}).reset_index(drop=True)


def markdown(run: Run, years: Sequence[int]) -> str:
    """Return the answer as a Markdown table (README)."""
    shown = shown_years(run, years)
    lines = [
        "| | " + " | ".join(str(year) for year in shown) + " |",
        "|---|" + "---:|" * len(shown),
    ]
    for sink, cells in answer_rows(run, shown).items():
        texts = [cells[year].text().replace("\n", "<br>") for year in shown]
        lines.append(f"| {label_of(sink, run)} | " + " | ".join(texts) + " |")
    return "\n".join(lines)
