"""Stage ``ingest``: sources to checked observations, and the monthly history by vintage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dcforecast.pipelines.job import Job, Tell

if TYPE_CHECKING:
    import pandas as pd

    from dcforecast.config.data import DataSettings
    from dcforecast.config.history import HistorySettings
    from dcforecast.history import History, Structure

__all__ = ["account", "known_observations", "stage"]


def known_observations(job: Job) -> pd.DataFrame:
    """Return the observations published on or before ``data.as_of`` (all when it is not set)."""
    import pandas as pd

    from dcforecast import sources

    data = job.settings.data
    found = sources.observations(data)
    if data.as_of is None:
        return found
    limit = pd.Timestamp(data.as_of, tz="UTC")
    return found[found["vintage"] <= limit]


def account(data: DataSettings, observations: pd.DataFrame) -> tuple[Structure, HistorySettings]:
    """Return parts and sums of the figures, and the rules of their reconstruction."""
    from dcforecast import history

    if data.kind == "embedded":
        return history.AZERBAIJAN, data.history
    return history.account(observations, data.sums), history.since(observations, data.history)


def stage(job: Job) -> None:
    """Read, check, rebuild the history and store both."""
    from dcforecast import sources

    def work(tell: Tell) -> Mapping[str, Any]:
        return _regular(job) if sources.is_regular(job.settings.data) else _irregular(job, tell)

    job.stage(
        "ingest",
        groups=("data",),
        after=(),
        tables=("observations", "history"),
        work=work,
        input=job.run.manifest["input_digest"],
    )
    job.run.update(data_vintage=job.facts("ingest")["data_vintage"])


def _irregular(job: Job, tell: Tell) -> Mapping[str, Any]:
    import pandas as pd

    from dcforecast import history

    observations = known_observations(job)
    vintage = observations["vintage"].max()
    structure, rules = account(job.settings.data, observations)
    told = history.contradictions(observations, structure)
    now = history.reconstruct(observations, settings=rules, structure=structure)
    tell(0.1, f"{len(observations):,} figures; last published {vintage:%Y-%m-%d}")
    dates = history.vintage_dates(observations, rules)
    triangle = history.triangle(observations, dates, rules, structure)
    _changes(job, observations, now, rules)
    job.run.update(data_vintage=f"{vintage:%Y-%m-%d}")  # stands in the files written next
    job.run.write("observations", observations)
    job.run.write("history", pd.concat([triangle, now.table], ignore_index=True))
    return {
        "data_vintage": f"{vintage:%Y-%m-%d}",
        "figures": len(observations),
        "vintages": len(dates) + 1,
        "contradictions": len(told),
        "told": told["text"].head(5).tolist(),
    }


def _changes(job: Job, observations: pd.DataFrame, now: History, rules: HistorySettings) -> None:
    """Write what the newest publication changed, and the nowcast, as artifacts."""
    import pandas as pd

    from dcforecast import history
    from dcforecast.store.atomic import write_text

    before = observations[observations["vintage"] < observations["vintage"].max()]
    write_text(job.run.artifacts / "nowcast.csv", history.nowcast(now).to_csv(index=False))
    start = pd.Timestamp(rules.start, tz="UTC")
    if len(history.relevant(before, start, now.structure)):
        told = history.news(before, observations, rules, now.structure)
        write_text(job.run.artifacts / "news.csv", told.to_csv(index=False))


def _regular(job: Job) -> Mapping[str, Any]:
    import pandas as pd

    from dcforecast import sources

    data = job.settings.data
    series = sources.regular(data)
    rows = pd.concat([_file_rows(one.name, one.y, data) for one in series], ignore_index=True)
    vintage = f"{rows['end'].max():%Y-%m-%d}"
    job.run.update(data_vintage=vintage)  # stands in the files written next
    source = {"publisher": str(data.path), "scope": "file", "source_id": str(data.path)}
    job.run.write("observations", rows.assign(**source))
    rebuilt = rows.rename(columns={"value": "mean"}).drop(columns="end")
    job.run.write("history", rebuilt.assign(sd=0.0, basis="reported"))
    count = sum(len(one.y) for one in series)
    return {"data_vintage": vintage, "figures": count, "vintages": 1}


def _file_rows(name: str, y: pd.Series, data: DataSettings) -> pd.DataFrame:
    """Return the values of one series with their periods; each is known at its end."""
    import pandas as pd

    from dcforecast.models.periods import freq_of

    starts = pd.DatetimeIndex(y.index)
    zone = starts.tz_localize("UTC") if starts.tz is None else starts.tz_convert("UTC")
    step: Any = pd.tseries.frequencies.to_offset(freq_of(starts))
    ends = zone + step
    return pd.DataFrame(
        {
            "series": name,
            "timestamp": zone,
            "end": ends,
            "value": y.to_numpy(),
            "vintage": ends,
            "unit": data.unit or "",
        }
    ).dropna(subset="value")
