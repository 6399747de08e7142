"""Fuel: what a MWh burns, emits and costs, and the year's limit of gas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dcforecast.config.fleet import FleetSettings

__all__ = ["Fuel", "fuel", "limit_bcm", "oil"]

#: kWh per m3 of gas (lower heating value), behind the 43 % of 2015 [G044; data/gas.csv].
KWH_PER_M3 = 9.3
#: 56.1 kg CO2 per GJ of natural gas (IPCC 2006, volume 2, table 2.2).
CO2_T_PER_MWH_FUEL = 56.1 * 3.6 / 1000.0
#: Residual fuel oil: 40.4 GJ/t and 77.4 kg CO2 per GJ (IPCC 2006, volume 2, tables 1.2 and 2.2).
OIL_MWH_PER_T = 40.4 / 3.6
OIL_CO2_T_PER_MWH_FUEL = 77.4 * 3.6 / 1000.0
#: Running cost beside fuel [EUR/MWh] (assumption).
VARIABLE_EUR_MWH = 2.0


@dataclass(frozen=True)
class Fuel:
    """Per MWh of electricity: gas [bcm], carbon dioxide [t], marginal cost [EUR]."""

    gas_bcm_per_mwh: float
    co2_t_per_mwh: float
    cost_eur_mwh: float


def fuel(efficiency: float, settings: FleetSettings) -> Fuel:
    """Return gas, carbon dioxide and cost of a MWh made at an efficiency (1)."""
    thousand_m3 = 1.0 / (efficiency * KWH_PER_M3)
    return Fuel(
        thousand_m3 * 1e-6,
        CO2_T_PER_MWH_FUEL / efficiency,
        thousand_m3 * settings.gas_price_eur_1000m3 + VARIABLE_EUR_MWH,
    )


def oil(efficiency: float, settings: FleetSettings) -> Fuel:
    """Return carbon dioxide and cost of a MWh made from fuel oil; it burns no gas."""
    return Fuel(
        0.0,
        OIL_CO2_T_PER_MWH_FUEL / efficiency,
        settings.oil_price_eur_t / (OIL_MWH_PER_T * efficiency) + VARIABLE_EUR_MWH,
    )


def limit_bcm(settings: FleetSettings, year: int) -> float | None:
    """Return the year's gas for power [bcm]; straight lines between stated years, none before."""
    limit = settings.gas_limit_bcm
    if not isinstance(limit, dict):
        return limit
    years = sorted(limit)
    if year < years[0]:
        return None
    return float(np.interp(year, years, [limit[stated] for stated in years]))
