"""What is told to MLflow of a run: flat params, one set of metric names, tags, artifacts."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dcforecast.store import Run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Record", "records"]

Points = list[tuple[int, float]]

#: Metric names of MLflow by score, the same for all models.
_SCORES = ("crps", "mase", "rmse", "mae", "pinball", "coverage_80", "coverage_90", "fit_seconds")
_MAX_PARAM = 500

#: Sinks and years whose medians stand at the top of a scenario's run.
_HEADLINES = ("data_centres", "tripp", "black_sea")
_HEADLINE_YEARS = (2030, 2040)


@dataclass
class Record:
    """One MLflow run in the making."""

    name: str
    params: dict[str, str]
    tags: dict[str, str]
    started: float
    ended: float
    metrics: dict[str, Points] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    files: list[tuple[Path, str]] = field(default_factory=list)
    children: list[Record] = field(default_factory=list)
    dataset: tuple[str, str, str] | None = None


def records(run: Run) -> list[Record]:
    """Return the top-level records of a run: one a model in a backtest, else one a scenario."""
    if run.manifest["pipeline"] == "tune":
        return [_by_trial(run)]
    if run.manifest["pipeline"] == "benchmark":
        return _by_method(run)
    if run.manifest["pipeline"] == "backtest":
        return _by_model(run)
    return [_by_scenario(run)]


def _base(run: Run, name: str, **params: Any) -> Record:
    facts = run.manifest
    known = {
        **params,
        "members": facts.get("members"),
        "seed": facts.get("seed"),
        "data_vintage": facts.get("data_vintage"),
        **_choices(run),
    }
    tags = {
        "pipeline": str(facts["pipeline"]),
        "scenario": str(facts.get("scenario", "")),
        "store_run_id": run.id,
        "data_vintage": str(facts.get("data_vintage", "")),
        "config_hash": str(facts.get("config_hash", "")),
        "mlflow.source.name": "dcforecast",
        "mlflow.source.git.commit": str(facts.get("git_commit") or ""),
        "mlflow.note.content": f"`dcforecast show {run.id}`; overrides: "
        + (" ".join(map(str, facts.get("overrides", []))) or "none"),
    }
    started = float(facts["started_unix"])
    record = Record(
        name,
        {key: str(value)[:_MAX_PARAM] for key, value in known.items() if value is not None},
        {key: value for key, value in tags.items() if value},
        started,
        started + float(facts.get("seconds", 0.0)),
    )
    data = run.config.get("data", {})
    source = facts.get("source") or data.get("path") or "embedded"
    named = facts.get("benchmark") or data.get("name", "data")
    record.dataset = (str(named), str(facts.get("input_digest", "")), str(source))
    return record


def _choices(run: Run) -> dict[str, Any]:
    """Return the chosen option of each config group a person compares, and what was overridden.

    The values are those of the configuration that ran, not the text that was typed.
    """
    groups = ("network", "fleet", "demand", "datacentres", "allocation", "evaluation")
    own = run.manifest["pipeline"] == "benchmark"  # a public set has a protocol of its own
    chosen = {} if own else {group: run.config.get(group, {}).get("name") for group in groups}
    flat = run.flat_config
    for text in run.manifest.get("overrides", []):
        key, _, value = str(text).lstrip("+").partition("=")
        if key in {"experiment", "experiments"}:
            chosen["experiment"] = value
        if "." in key:
            inside = {name: v for name, v in flat.items() if name.startswith(f"{key}.")}
            chosen |= {key: str(flat[key])} if key in flat else inside
    return chosen


def _single(value: Any) -> Points:
    """Return the points of a metric that is one number."""
    return [(0, float(value))]


def _last_step(group: Any) -> int:
    """Return the last step of a group of them: ``04-06`` -> 6, ``49+`` -> 49."""
    return int(str(group).split("-")[-1].rstrip("+"))


def _scores(rows: pd.DataFrame) -> dict[str, Points]:
    """Metrics of one model: over all steps, and by the end of each step group."""
    out: dict[str, Points] = {}
    kept = rows[rows["metric"].isin(_SCORES) & rows["value"].notna()]
    columns = [kept[name].tolist() for name in ("metric", "step_group", "value", "skill_vs_naive")]
    for metric, group, value, skill in zip(*columns, strict=True):
        if group == "all":
            out.setdefault(metric, []).append((0, float(value)))
            if metric == "crps" and not math.isnan(skill):
                out["skill_vs_naive"] = _single(skill)
        else:
            step = _last_step(group)
            out.setdefault(f"{metric}_by_step", []).append((step, float(value)))
    return {name: sorted(points) for name, points in out.items()}


def _by_model(run: Run) -> list[Record]:
    scores = run.read("scores")
    out = []
    for model, rows in scores.groupby("model", sort=True):
        all_series = sorted(rows["series"].unique())
        named = all_series[0] if len(all_series) == 1 else f"{len(all_series)} series"
        record = _base(run, str(model), model=model, scenario=None, series=named)
        record.metrics = _mean_scores(rows)
        record.texts = {"scores.csv": rows.to_csv(index=False), **_config_texts(run)}
        record.files = _figures(run)
        for series, part in rows.groupby("series"):
            child = _base(run, f"{model} {series}", model=model, series=series)
            child.metrics = _scores(part)
            record.children.append(child)
        out.append(record)
    return out


def _mean_scores(rows: pd.DataFrame) -> dict[str, Points]:
    """Average over series what has no unit (MASE, coverage, skill); all scores of a single one."""
    if len(set(rows["series"])) == 1:
        return _scores(rows)
    whole = rows[rows["step_group"] == "all"]
    out: dict[str, Points] = {}
    for metric in ("mase", "coverage_80", "coverage_90", "fit_seconds"):
        values = whole.loc[whole["metric"] == metric, "value"].dropna()
        if len(values):
            out[metric] = _single(values.mean())
    skill = whole.loc[whole["metric"] == "crps", "skill_vs_naive"].dropna()
    if len(skill):
        out["skill_vs_naive"] = _single(skill.mean())
        # CRPS relative to the baseline's: the mean over series has no unit.
        out["crps"] = _single((1.0 - skill).mean())
    for metric in ("mase", "coverage_90"):
        steps = rows[(rows["metric"] == metric) & (rows["step_group"] != "all")]
        means = steps.groupby("step_group")["value"].mean()
        points = [(_last_step(g), float(v)) for g, v in means.items()]
        if points:
            out[f"{metric}_by_step"] = sorted(points)
    return out


def _by_scenario(run: Run) -> Record:
    facts = run.manifest
    name = f"{facts.get('scenario')} {facts.get('model')}"
    record = _base(
        run, name, model=facts.get("model"), scenario=facts.get("scenario"), series="all"
    )
    record.texts = _config_texts(run)
    record.files = _figures(run)
    if run.has("annual"):
        _add_answers(run, record)
    elif run.has("forecast"):
        _add_forecasts(run, record)
    if run.has("scores"):
        _add_champions(run, record)
    for key, value in (facts.get("metrics") or {}).items():
        record.metrics[f"system_{key}"] = _single(value)
    record.metrics["seconds"] = _single(facts.get("seconds", 0.0))
    return record


def _add_champions(run: Run, record: Record) -> None:
    scores = run.read("scores")
    whole = scores[(scores["step_group"] == "all") & (scores["metric"] == "crps")]
    best = whole.sort_values("value").drop_duplicates("series")
    skill = best["skill_vs_naive"].dropna()
    if len(skill):
        record.metrics["skill_vs_naive"] = _single(skill.mean())
    record.texts["champions.csv"] = best.to_csv(index=False)
    mase = scores[(scores["step_group"] == "all") & (scores["metric"] == "mase")]
    chosen = mase.merge(best[["series", "model"]], on=["series", "model"])["value"].dropna()
    if len(chosen):
        record.metrics["mase"] = _single(chosen.mean())


def _add_answers(run: Run, record: Record) -> None:
    """Children by sink; headline medians, and exports as the sum of means (medians do not add)."""
    annual = run.read("annual")
    energy = annual[(annual["quantity"] == "energy_twh") & (annual["answer"] != "firm")]
    firm = annual[(annual["quantity"] == "power_mw") & (annual["answer"] == "firm")]
    exports = energy[energy["kind"] == "corridor"]
    for answer in sorted(exports["answer"].unique()):
        total = exports[exports["answer"] == answer].groupby("year")["mean"].sum().reset_index()
        points = _by_year(total, "mean")
        record.metrics[f"exports_{answer}_twh_by_year"] = points
        record.metrics |= _headlines(f"exports_{answer}", points)
    for sink in sorted(annual["sink"].unique()):
        child = _base(run, sink, series=sink, scenario=run.manifest.get("scenario"))
        own = energy[energy["sink"] == sink]
        for answer in sorted(own["answer"].unique()):
            part = own[own["answer"] == answer]
            points = _by_year(part, "q500")
            child.metrics[f"{answer}_energy_twh"] = points
            if sink in _HEADLINES:
                record.metrics |= _headlines(f"{sink}_{answer}", points)
        promised = firm[firm["sink"] == sink]
        if len(promised):
            child.metrics["firm_power_mw"] = _by_year(promised, "mean")
        if child.metrics:
            record.children.append(child)
    record.texts["annual.csv"] = annual.to_csv(index=False)


def _headlines(name: str, points: Points) -> dict[str, Points]:
    """Return a metric of its own for each headline year, else for the last year there is."""
    chosen = [(year, value) for year, value in points if year in _HEADLINE_YEARS] or points[-1:]
    return {f"{name}_twh_{year}": [(0, value)] for year, value in chosen}


def _by_year(rows: pd.DataFrame, column: str) -> Points:
    return sorted(
        (int(year), float(value))
        for year, value in zip(rows["year"].tolist(), rows[column].tolist(), strict=True)
    )


def _add_forecasts(run: Run, record: Record) -> None:
    forecast = run.read("forecast")
    for (series, model), rows in forecast.groupby(["series", "model"]):
        child = _base(run, str(series), model=model, series=series)
        child.metrics = {
            column: [(int(s), float(v)) for s, v in rows[["step", source]].to_numpy()]
            for column, source in (("p10", "q100"), ("p50", "q500"), ("p90", "q900"))
        }
        record.children.append(child)


def _by_trial(run: Run) -> Record:
    """One record for the search, a child for each trial with its parameters."""
    facts = run.manifest
    record = _base(run, f"tune {facts['model']}", model=facts["model"], **facts["best"]["params"])
    record.metrics["objective"] = _single(facts["best"]["value"])
    record.texts = _config_texts(run)
    for trial in facts["trials"]:
        child = _base(run, f"trial {trial['number']}", model=facts["model"], **trial["params"])
        if trial["value"] is not None:
            child.metrics["objective"] = _single(trial["value"])
        child.tags["state"] = str(trial["state"])
        record.children.append(child)
    return record


def _by_method(run: Run) -> list[Record]:
    """One record for each method on a public set, published ones beside ours."""
    facts, out = run.manifest, []
    for kind in ("ours", "published"):
        for name, scores in facts[kind].items():
            record = _base(
                run, name, model=name, series=facts["benchmark"], about=facts.get("about")
            )
            record.metrics = {key: _single(value) for key, value in scores.items()}
            record.tags["scored_by"] = kind
            out.append(record)
    return out


def _config_texts(run: Run) -> dict[str, str]:
    return {
        "config.json": json.dumps(run.config, indent=1, default=str),
        "config_flat.json": json.dumps(run.flat_config, indent=1, default=str),
    }


def _figures(run: Run) -> list[tuple[Path, str]]:
    if not run.artifacts.is_dir():
        return []
    figures = [(file, "figures") for file in sorted(run.artifacts.glob("figures/*.png"))]
    reports = [(file, "report") for file in sorted(run.artifacts.glob("report.*"))]
    tests = [(file, "comparison") for file in sorted(run.artifacts.glob("comparison/*.csv"))]
    return [*figures, *reports, *tests]
