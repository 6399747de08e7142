"""What the rows of the project's tables must hold; plain data, checked by `sources.tables`."""

from __future__ import annotations

__all__ = ["BOUNDS", "DATES", "REQUIRED"]

_FACTS: dict[str, type] = {
    "id": str, "subject": str, "quantity": str, "value": str, "status": str, "source_id": str,
}  # fmt: skip

#: Columns every row of a table must fill, and of which kind they are.
REQUIRED: dict[str, dict[str, type]] = {
    "SOURCES": {"source_id": str, "publisher": str, "address": str, "licence": str},
    "observations": {
        "series": str, "start": str, "end": str, "value": float, "unit": str, "vintage": str,
        "vintage_basis": str, "publisher": str, "scope": str, "precision_gwh": float,
        "kind": str, "source_id": str,
    },
    "annual_balance": {"year": int, "generation_total": float, "net_import": float,
                       "demand_gross": float, "demand_precision_gwh": float, "source_id": str,
                       "net_import_source_id": str},
    "conflicts_facts": {"subject": str, "kept": str, "set_aside": str, "rule": str, "reason": str},
    "facts_corridors": _FACTS, "facts_generation_projects": _FACTS,
    "facts_data_centres": _FACTS, "facts_references": _FACTS,
    "capacity": {"date": str, "technology": str, "capacity_mw": float, "source_id": str},
    "conflicts": {"series": str, "start": str, "end": str, "value": float, "rule": str,
                  "reason": str},
    "drivers": {"year": int, "variable": str, "value": float, "unit": str, "status": str,
                "source_id": str},
    "load_losses": {"date": str, "variable": str, "value": float, "unit": str, "source_id": str},
    "plants": {"plant": str, "technology": str, "node": str, "capacity_mw": float, "units": int,
               "use": str, "from_date": str, "basis": str},
    "projects": {"project": str, "technology": str, "node": str, "capacity_mw": float,
                 "official_date": str, "stage": str, "probability": float, "basis": str},
    "buildout": {"year": int, "low_mw": float, "central_mw": float, "high_mw": float,
                 "basis": str},
    "links": {"link": str, "quantity": str, "value": str, "unit": str, "fact_id": str,
              "source_id": str},
    "campuses": {"campus": str, "node": str, "status": str, "fact_ids": str},
    "gas": {"quantity": str, "value": float, "unit": str, "basis": str},
    "prices": {"destination": str, "date": str, "price_eur_mwh": float, "fact_id": str,
               "source_id": str},
    "slippage": {"what": str, "kind": str, "first_date": str, "later_date": str,
                 "delay_years": float, "fact_ids": str, "basis": str},
    "export_destinations": {"start": str, "end": str, "destination": str, "energy_gwh": float,
                            "total_gwh": float, "known": str, "fact_id": str, "source_id": str},
    "export_seasons": {"destination": str, "month": int, "weight": float, "basis": str},
}  # fmt: skip

#: Least and greatest value of a column where a slip of the pen is likely; empty cells pass.
BOUNDS: dict[str, dict[str, tuple[float, float]]] = {
    "observations": {"precision_gwh": (0, 1e4)},
    "capacity": {"capacity_mw": (0, 1e5)},
    "plants": {"capacity_mw": (0.1, 1e4), "units": (1, 1e3), "efficiency": (0.1, 0.7)},
    "projects": {"capacity_mw": (0.1, 1e4), "energy_mwh": (0, 1e6), "probability": (0, 1)},
    "buildout": {"low_mw": (0, 1e5), "central_mw": (0, 1e5), "high_mw": (0, 1e5)},
    "campuses": {"first_mw": (0, 1e4)},
    "gas": {"value": (0, 1e6)},
    "slippage": {"delay_years": (-5, 30)},
    "export_destinations": {"energy_gwh": (0, 1e5), "total_gwh": (0, 1e5)},
    "export_seasons": {"month": (1, 12), "weight": (0, 12)},
}

#: Columns of whole dates, as YYYY-MM-DD; empty cells pass.
DATES: dict[str, tuple[str, ...]] = {
    "observations": ("start", "end", "vintage"),
    "plants": ("from_date", "to_date"),
    "projects": ("official_date",),
    "slippage": ("first_date", "later_date"),
    "export_destinations": ("start", "end", "known"),
}
