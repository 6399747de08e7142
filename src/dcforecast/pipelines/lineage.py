"""Where each number comes from: from an answer back to source rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dcforecast.store import Run

if TYPE_CHECKING:
    import pandas as pd

    from dcforecast.config.settings import Settings

__all__ = ["explain", "write_lineage"]

#: What every sink's answer rests on, beside its own links or campuses.
_SHARED_ROLES = ("demand_gross", "generation_hydro", "fleet", "gas", "weather")


def write_lineage(run: Run, settings: Settings) -> None:
    """Write table ``lineage``: which source rows stand behind the rows of the other tables.

    Parameters
    ----------
    run : Run
        A run that holds ``observations``; forecasts and answers are added when it has them.
    settings : Settings
        Its configuration.
    """
    import pandas as pd

    if settings.data.kind != "embedded":
        return
    rows = [*_observations(run)]
    if run.has("forecast"):
        rows += _forecasts(run, rows)
    if run.has("annual"):
        rows += _answers(run, settings, rows)
    columns = ["table", "row_key", "source_id", "run_id", "role", "fact_id"]
    run.write("lineage", pd.DataFrame(rows, columns=columns).drop_duplicates())


def _row(table: str, key: str, source: str, run: str, role: str, fact: str = "") -> dict[str, Any]:
    return {
        "table": table,
        "row_key": key,
        "source_id": source,
        "run_id": run,
        "role": role,
        "fact_id": fact,
    }


def _observations(run: Run) -> Iterator[dict[str, Any]]:
    found = run.read("observations", columns=["series", "source_id"]).drop_duplicates()
    for series, source in found.itertuples(index=False):
        yield _row("history", series, source, "", series)


def _forecasts(run: Run, known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    import pandas as pd

    series = run.read("forecast", columns=["series"])["series"].unique()
    history = pd.DataFrame(known)
    rows = []
    for name in series:
        base = str(name).removesuffix("_annual").removesuffix("_quarterly")
        sources = history.loc[history["row_key"] == base, "source_id"]
        rows += [_row("forecast", str(name), s, run.id, base) for s in sources]
    return rows


def _facts(ids: Iterable[str], role: str) -> Iterator[tuple[str, str, str]]:
    """Yield (role, source id, fact id) of rows of the fact tables."""
    from dcforecast import sources

    where = sources.fact_sources()
    for fact in ids:
        if fact in where:
            yield role, where[fact], fact


def _fact_ids(table: str) -> list[str]:
    """Every fact id a table of the project's data cites."""
    from dcforecast import sources

    found = sources.table(table)
    column = next((c for c in ("fact_ids", "fact_id", "facts") if c in found.columns), None)
    if column is None:
        return []
    cells = found[column].dropna().astype(str)
    return sorted({part for cell in cells for part in cell.replace(";", " ").split()})


def _answers(run: Run, settings: Settings, known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    network = settings.network
    shared = [
        (row["role"], row["source_id"], "")
        for row in known
        if row["table"] == "history" and row["row_key"] in {"demand_gross", "generation_hydro"}
    ]
    for table in ("plants", "projects"):
        shared += _facts(_fact_ids(table), f"fleet: {table}")
    own: dict[str, list[tuple[str, str, str]]] = {
        "data_centres": list(_facts(_fact_ids("campuses"), "data centres"))
    }
    exports = [
        ("exports on record", row["source_id"], "")
        for row in known
        if row["table"] == "history" and row["row_key"] == "export"
    ]
    for sink, corridor in network.corridors.items():
        found = list(_facts(corridor.facts, "corridor"))
        for hop in corridor.path:
            for link in hop:
                found += _facts(network.links[link].facts, f"link {link}")
        own[sink] = found + (exports if corridor.destination else [])
    keys = run.read("annual", columns=["sink", "answer"]).drop_duplicates()
    return [
        _row("annual", f"{sink}/{answer}", source, run.id, role, fact)
        for sink, answer in keys.itertuples(index=False)
        for role, source, fact in [*own.get(sink, []), *shared]
    ]


def explain(run: Run) -> Iterator[str]:
    """Yield the lines of ``dcforecast show RUN --lineage``: per sink, the rows behind it."""
    lineage = run.read("lineage")
    answers = lineage[lineage["table"] == "annual"].copy()
    answers["sink"] = answers["row_key"].str.partition("/")[0]
    addresses = _addresses(lineage)
    shared = answers["role"].isin(_SHARED_ROLES) | answers["role"].str.startswith("fleet")
    for sink in dict.fromkeys(answers["sink"]):
        rows = answers[(answers["sink"] == sink) & ~shared]
        if rows.empty:
            continue
        yield f"[bold]{sink}[/bold] (every year and answer)"
        yield from _lines(rows, addresses)
    yield "[bold]every sink[/bold] rests on these too"
    yield from _lines(answers[shared], addresses)
    yield (
        f"{len(lineage):,} rows: dcforecast export {run.id} --table lineage --to lineage.xlsx; "
        f"the figures themselves: --table observations"
    )


def _lines(rows: pd.DataFrame, addresses: Mapping[str, str]) -> Iterator[str]:
    seen = rows.drop_duplicates(["role", "source_id", "fact_id"])
    for row in seen.astype(str).to_dict("records"):
        fact = f" {row['fact_id']}" if row["fact_id"] else ""
        yield f"  {row['role']}:{fact} {row['source_id']} {addresses.get(row['source_id'], '')}"


def _addresses(lineage: pd.DataFrame) -> dict[str, str]:
    from dcforecast import sources

    rows = sources.source_rows(sorted(lineage["source_id"].unique()))
    return {str(r.source_id): f"{r.publisher}, {r.address}" for r in rows.itertuples(index=False)}
