"""What is logged is what ran, for every field of the configuration."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from dcforecast.config.compose import Composed, compose
from dcforecast.config.settings import GROUPS, Settings
from dcforecast.store import Run, Store
from dcforecast.tracking import upload
from dcforecast.tracking.place import client_for
from dcforecast.tracking.records import records


def fields(value: Any, key: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield (dotted key, value, field) of every field of the checked settings."""
    if isinstance(value, BaseModel):
        for name, info in type(value).model_fields.items():
            inner = getattr(value, name)
            full = f"{key}.{info.alias or name}".lstrip(".")
            if isinstance(inner, BaseModel) or (
                isinstance(inner, dict) and any(isinstance(v, BaseModel) for v in inner.values())
            ):
                yield from fields(inner, full)
            else:
                yield full, inner, info
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from fields(inner, f"{key}.{name}")


def another(value: Any, info: Any) -> Any:
    """Return another allowed value of a field, or None when that is not plain to say."""
    if get_origin(info.annotation) is Literal:
        return next((c for c in get_args(info.annotation) if c != value), None)
    if isinstance(value, bool):
        return not value
    if not isinstance(value, int | float):
        return None
    names = ("ge", "gt", "le", "lt")
    bounds = {n: getattr(m, n) for m in info.metadata for n in names if hasattr(m, n)}
    low = bounds.get("ge", bounds.get("gt", value - 2))
    high = bounds.get("le", bounds.get("lt", value + 2))
    for share in (0.31, 0.47, 0.53):
        tried = low + share * (min(high, value + 2) - low)
        tried = math.floor(tried) if isinstance(value, int) else round(tried, 4)
        if low < tried < high and tried != value:
            return tried
    return high if isinstance(value, int) and high != value else None


#: Fields that another field forbids to move alone.
FIXED = {
    "data.kind", "tracking.kind", "compute.kind", "ensemble.years.first", "ensemble.years.last",
    "store.reuse",
}  # fmt: skip


@pytest.fixture(scope="module")
def moved() -> tuple[Composed, dict[str, Any]]:
    """A configuration with every plain field of every group but the network moved."""
    wanted = {}
    for key, value, info in fields(compose().settings):
        if key in FIXED or key.startswith("network."):
            continue
        changed = another(value, info)
        if changed is not None:
            wanted[key] = changed
    wanted["network.links.tripp_line.capacity_mw"] = 777.0
    wanted["network.links.tripp_line.date"] = "2031-02-03"
    texts = [f"{k}={str(v).lower() if isinstance(v, bool) else v}" for k, v in wanted.items()]
    return compose(texts), wanted


def make(composed: Composed, folder: Path) -> Run:
    facts = {"scenario": "baseline", "model": "champion", "overrides": list(composed.overrides)}
    run = Store(folder / "outputs").create("forecast", composed.config, **facts)
    run.finish("finished")
    return run


def test_nearly_every_plain_field_is_moved(moved) -> None:
    _, wanted = moved
    assert len(wanted) > 60
    groups = {key.split(".")[0] for key in wanted}
    assert groups == set(GROUPS) - {"model", "scenario", "store"}, "these hold no plain number"


def test_overridden_params_are_the_values_that_ran(moved, tmp_path: Path) -> None:
    composed, wanted = moved
    (record,) = records(make(composed, tmp_path))
    ran = {key: value for key, value, _ in fields(composed.settings)}
    for key, value in wanted.items():
        assert record.params[key] == str(ran[key]), key
        assert str(ran[key]) == str(value) or float(ran[key]) == float(value), key


def test_a_mapping_given_whole_is_logged_entry_by_entry(tmp_path: Path) -> None:
    run = make(compose(["datacentres.contracted_mw={2030:1e2}"]), tmp_path)
    (record,) = records(run)
    years = {k: v for k, v in record.params.items() if k.startswith("datacentres.contracted_mw.")}
    assert years["datacentres.contracted_mw.2030"] == "100.0"


@pytest.mark.slow
def test_the_artifact_holds_every_field_as_it_ran(moved, sqlite, project: Path) -> None:
    composed, _ = moved
    run = make(composed, project)
    upload(run, sqlite, project_dir=project, batch="b")
    client = client_for(sqlite, project)
    experiment = client.get_experiment_by_name("dcforecast/forecast").experiment_id
    (top,) = client.search_runs([experiment], "tags.level = 'top'")
    texts = {
        name: json.loads(Path(client.download_artifacts(top.info.run_id, name)).read_text())
        for name in ("config.json", "config_flat.json")
    }
    assert Settings.model_validate(texts["config.json"]) == composed.settings
    flat = texts["config_flat.json"]
    for key, value, _ in fields(composed.settings):
        if isinstance(value, dict):
            assert {k for k in flat if k.startswith(f"{key}.")} or not value, key
        elif isinstance(value, bool | int | float | str):
            assert flat[key] == value, key
        else:
            assert key in flat, key
