"""The Python interface: run, list, load, scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dcforecast.errors import UserError, nearest
from dcforecast.store import Run, Store

if TYPE_CHECKING:
    import pandas as pd
    from pyarrow.dataset import Dataset

__all__ = ["find", "load", "run", "runs", "scan"]

#: Words of a column that a message lists.
_LISTED = 20


def run(
    overrides: Sequence[str] = (), *, command: str = "run", force: bool = False, quiet: bool = True
) -> Run:
    """Run the main job (or another pipeline command) and return the finished run.

    Parameters
    ----------
    overrides : sequence of str, or one str
        Hydra overrides, for example ``["scenario=tripp_2030", "ensemble.members=20"]``.
    command : str
        ``run``, ``ingest``, ``backtest``, ``forecast`` or ``allocate``.
    force : bool
        Compute again what an earlier run holds already.
    quiet : bool
        No progress on stderr.

    Returns
    -------
    Run
        Its tables are read with `load` or ``run.read(table)``.

    Raises
    ------
    UserError
        A mistake in the overrides or the data, with the nearest valid name.

    Examples
    --------
    >>> import dcforecast as dcf
    >>> done = dcf.run(["scenario=tripp_2030"])  # doctest: +SKIP
    """
    from dcforecast.config.compose import compose
    from dcforecast.pipelines.execute import execute

    typed = [overrides] if isinstance(overrides, str) else overrides
    return execute(command, compose(typed), force=force, quiet=quiet)


def runs(store: str = "outputs") -> pd.DataFrame:
    """List the runs of a store, newest first.

    Parameters
    ----------
    store : str
        Folder of runs.

    Returns
    -------
    pandas.DataFrame
        One row a run: run_id, pipeline, scenario, model, status, started, seconds ...
    """
    return Store(store).runs()


def load(
    table: str,
    run: str | Run = "latest",
    scenario: str | None = None,
    *,
    store: str = "outputs",
    columns: Sequence[str] | None = None,
    **filters: Any,
) -> pd.DataFrame:
    """Read a table of a run; filters are pushed down to Parquet.

    Parameters
    ----------
    table : str
        For example ``annual``, ``forecast``, ``allocation``, ``scores``, ``history``.
    run : str or Run
        Run id, a beginning of it, or ``"latest"`` (the newest that holds the table).
    scenario : str, optional
        Rows (and, with ``run="latest"``, the newest run) of this scenario.
    store : str
        Folder of runs.
    columns : sequence of str, optional
        Only these columns.
    **filters : Any
        Column = value, list of values, or slice: ``year=2030``, ``sink=["tripp", "georgia"]``,
        ``timestamp=slice("2030-01-01", "2030-02-01")``.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    UserError
        No such run, table or column, or a word that its column nowhere holds, with the nearest.

    Examples
    --------
    >>> import dcforecast as dcf
    >>> dcf.load("annual", sink="tripp", answer="expected", year=2030)  # doctest: +SKIP
    """
    found = find(table, run, scenario, store=store)
    if scenario is not None:
        filters["scenario"] = scenario
    rows = found.read(table, columns=columns, **filters)
    if rows.empty:
        _check_words(found, table, filters)
    return rows


def _check_words(run: Run, table: str, filters: Mapping[str, Any]) -> None:
    """Refuse a word that stands nowhere in its column: mostly it is misspelt."""
    for column, value in filters.items():
        if isinstance(value, str):
            words = run.read(table, columns=[column])[column]
            known = sorted(set(words.dropna())) if words.dtype.kind not in "Mm" else [value]
            if value not in known:
                close = nearest(value, known)
                listed = f"There is: {', '.join(known[:_LISTED])}" + " ..." * (len(known) > _LISTED)
                raise UserError(
                    f"table '{table}' of run {run.id} holds no {column}='{value}'",
                    f"did you mean '{close}'? {listed}" if close else listed,
                )


def scan(
    table: str, run: str | Run = "latest", scenario: str | None = None, *, store: str = "outputs"
) -> Dataset:
    """Open a table of a run as an Arrow dataset, without reading it.

    Parameters
    ----------
    table, run, scenario, store
        As for `load`.
    """
    return find(table, run, scenario, store=store).scan(table)


def find(
    table: str, run: str | Run = "latest", scenario: str | None = None, *, store: str = "outputs"
) -> Run:
    """Return a run that is named, or the newest that holds a table; parameters as for `load`."""
    if isinstance(run, Run):
        return run
    return Store(store).get(run, table=table, scenario=scenario)
