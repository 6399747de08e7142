"""Settings of the allocation: order, firmness and use."""

from __future__ import annotations

from typing import Literal

from dcforecast.config.base import Option, field

__all__ = ["AllocationSettings"]


class AllocationSettings(Option):
    """How each hour's surplus is shared out, and what of it is likely and firm."""

    order: Literal["policy", "value"] = field(
        "policy",
        "policy: data centres before corridors; value: whoever pays most, if above its cost",
    )
    data_centre_price_eur_mwh: float = field(
        31.0,
        "What a data centre pays (order=value): 3.4 US cents [D005-D007]",
        unit="EUR/MWh",
        gt=0,
    )
    reserve_before_data_centres: bool = field(
        True,
        "Hold the reserve even when contracted data centres go short; no: release it to them",
    )
    firm_level: float = field(
        0.999,
        "Share of hours, over all members, in which firm power is there",
        unit="1",
        ge=0.5,
        lt=1,
    )
    new_use_mean: float | None = field(
        None,
        "Use of every new corridor's capability; null: as the existing border is used in the "
        "member's year, moved by the buyer's price",
        unit="1",
        gt=0,
        lt=1,
    )
    new_use_elasticity: float = field(
        0.42,
        "How the use of a new corridor follows its buyer's price (the record's own elasticity, "
        "0.42 with a spread of 0.19)",
        unit="1",
        ge=0,
        le=2,
    )
    new_use_sigma: float = field(
        0.4, "Lognormal spread of a new corridor's own use (assumption)", unit="1", ge=0, le=1.5
    )
    share_concentration: float | None = field(
        None,
        "Concentration of the destination shares round their means (Dirichlet); null: each member "
        "as the record and its price have it",
        unit="1",
        gt=0,
    )
    gas_limit: bool = field(True, "Apply the fleet's yearly gas limit to surplus power")
    gas_export_price_eur_mwh_th: float | None = field(
        None,
        "What the gas burnt would fetch abroad, lower heating value; null: not valued, for no row "
        "of the data gives a price",
        unit="EUR/MWh",
        gt=0,
        le=200,
    )
