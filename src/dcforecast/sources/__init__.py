"""Sources: the project's own tables and users' files become checked observations."""

from __future__ import annotations

from dcforecast.sources.catalogue import catalogue, fact_sources, source_rows
from dcforecast.sources.observations import is_regular, observations
from dcforecast.sources.regular import Regular, regular
from dcforecast.sources.steps import step_of
from dcforecast.sources.tables import table

__all__ = [
    "Regular",
    "catalogue",
    "fact_sources",
    "is_regular",
    "observations",
    "regular",
    "source_rows",
    "step_of",
    "table",
]
