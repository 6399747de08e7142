"""Past years beside what came: every figure says where it is from."""

from __future__ import annotations

import pandas as pd

from dcforecast.pipelines.backcasting import _sources_of


def test_a_figure_of_the_past_names_its_sources() -> None:
    start, end = pd.Timestamp("2024-01-01", tz="UTC"), pd.Timestamp("2025-01-01", tz="UTC")
    observations = pd.DataFrame(
        {
            "series": ["export", "export", "import"],
            "timestamp": start,
            "end": [end, end - pd.Timedelta(days=31), end],
            "source_id": ["S1", "S2", "S3"],
        }
    )
    assert _sources_of("export", observations, 2024) == ["S1"]
    assert _sources_of("export", observations, 2025) == []  # months of many sources
    assert _sources_of("peak", observations, 2025) == ["S198", "S334"]
