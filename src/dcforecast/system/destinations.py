"""Who buys the exports: shares of the buyers by the price, and their seasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy.special import ndtri

from dcforecast import sources
from dcforecast.config.allocation import AllocationSettings
from dcforecast.system.arrays import Values
from dcforecast.system.draws import Draws
from dcforecast.system.log_level import LogLevel, Prior
from dcforecast.system.year_levels import USUAL_PRICE, market_prices

__all__ = ["BuyerShares", "destination_record", "draw_shares", "seasons", "split_by_month"]

#: Beliefs before the record (judgement): Türkiye buys when power is dear, and as it is a part of
#: exports that follow the price by half, its part follows by more; nothing is known of the others.
#: Ratios have no memory: years are missing in between.
TURKIYE_PRIOR = Prior(
    scale=0.3, level=1.5, persistence=0.0, persistence_sd=1e-6, response=1.0, response_sd=1.0,
    sigma=0.7,
)  # fmt: skip
OTHERS_PRIOR = Prior(
    scale=0.3, level=1.0, persistence=0.0, persistence_sd=1e-6, response_sd=0.5, sigma=0.7
)
RUSSIA_PRIOR = Prior(scale=1.0, level=1.0, persistence=0.0, persistence_sd=1e-6, sigma=0.7)
#: Correlation of a year's surprise in what others buy against Georgia with the member's own water:
#: yearly changes of hydro in the two countries correlate by 0.6 (2000 to 2021); a wet Georgia needs
#: less, not always from Azerbaijan (judgement).
_WATER = 0.5
_ROUNDS = 30


@dataclass(frozen=True)
class BuyerShares:
    """Shares of the four buyers in a year, given Romania's price of the year.

    Three ratios make the shares: to Türkiye over to Georgia, the two others over Georgia, Russia
    over Iran.  The first two follow the price, each by an elasticity of its own that the record
    moves away from a belief (`LogLevel`: Student's t, few years).

    Attributes
    ----------
    turkiye, others, russia : LogLevel
        Of the three ratios.
    """

    turkiye: LogLevel
    others: LogLevel
    russia: LogLevel

    @classmethod
    def fit(cls, as_of: pd.Timestamp | None = None) -> BuyerShares:
        """Fit to the years whose buyers had been published by a date (all without one)."""
        record = destination_record(as_of)
        price, _ = market_prices(pd.Timestamp.max if as_of is None else as_of)
        driver = price.reindex(record.index).fillna(USUAL_PRICE).to_numpy(float) / USUAL_PRICE
        others = (1.0 - record["georgia"] - record["turkiye"]).clip(lower=0.01)
        split = (record["russia"] / record["iran"]).dropna()

        def level(ratio: pd.Series, prior: Prior, driver: Values | None = None) -> LogLevel:
            values = ratio.to_numpy(float)
            return LogLevel.fit(values, np.full(len(values), prior.scale), prior, driver)

        return cls(
            level(record["turkiye"] / record["georgia"], TURKIYE_PRIOR, driver),
            level(others / record["georgia"], OTHERS_PRIOR, driver),
            level(split, RUSSIA_PRIOR),
        )

    def sample(
        self, price: Values, rng: np.random.Generator, water: Values | None = None
    ) -> dict[str, Values]:
        """Draw shares by buyer, (members, years), adding up to one.

        Parameters
        ----------
        price : ndarray (members, years)
            Romania's, EUR/MWh.
        rng : numpy.random.Generator
        water : ndarray (members,), optional
            Water of each member; where there is much, Georgia buys less.
        """
        members, years = price.shape
        driver = price / USUAL_PRICE

        def ratio(level: LogLevel, shared: float) -> Values:
            surprise = rng.standard_normal((members, years))
            if water is not None:
                rank = (water.argsort().argsort() + 0.5) / members
                surprise = shared * ndtri(rank)[:, None] + np.sqrt(1 - shared**2) * surprise
            start = np.full(members, level.prior.scale)
            return level.sample(start, years, rng, driver=driver, surprise=surprise)

        turkiye, others = ratio(self.turkiye, _WATER), ratio(self.others, _WATER)
        russia = ratio(self.russia, 0.0)
        parts = {
            "georgia": np.ones_like(turkiye),
            "turkiye": turkiye,
            "russia": others * russia / (1.0 + russia),
            "iran": others / (1.0 + russia),
        }
        total = sum(parts.values())
        return {name: part / total for name, part in parts.items()}


def destination_record(as_of: pd.Timestamp | None = None) -> pd.DataFrame:
    """Shares of the buyers by year, as far as published by a date; columns are buyers."""
    table = sources.table("export_destinations")
    if as_of is not None:
        table = table[pd.to_datetime(table["known"], utc=True) <= pd.Timestamp(as_of)]
    table = table.assign(
        share=table["energy_gwh"] / table["total_gwh"], year=pd.to_datetime(table["start"]).dt.year
    )
    return table.pivot(index="year", columns="destination", values="share")


@lru_cache(maxsize=1)
def _fitted() -> BuyerShares:
    return BuyerShares.fit()


def draw_shares(
    settings: AllocationSettings,
    draws: Draws,
    year: int,
    water: Values | None,
    price: Values | None,
) -> dict[str, Values]:
    """Shares of each member in a year, given its water and price (the last known one without)."""
    if price is None:
        price = np.full(draws.members, market_prices(pd.Timestamp.max)[0].iloc[-1])
    rng = draws.rng("destination_shares", year)
    drawn = _fitted().sample(price[:, None], rng, water)
    shares = {name: part[:, 0] for name, part in drawn.items()}
    if settings.share_concentration is None:
        return shares
    means = [settings.share_concentration * part.mean() for part in shares.values()]
    return dict(zip(shares, rng.dirichlet(means, draws.members).T, strict=True))


def split_by_month(
    export: Values, shares: Mapping[str, Values], seasons: Mapping[str, Values]
) -> dict[str, Values]:
    """Split monthly exports over the buyers, who each have a season.

    Proportional fitting: months add up to the exports, a buyer's year to its share of them.

    Parameters
    ----------
    export : ndarray (members, 12)
    shares : mapping of str to ndarray (members,)
        Adding up to one.
    seasons : mapping of str to ndarray (12,)
        Weights of the months; a buyer without a season buys evenly.
    """
    names = list(shares)
    even = np.ones(12)
    part = np.stack([np.tile(seasons.get(name, even), (len(export), 1)) for name in names])
    wanted = np.stack([shares[name] for name in names]) * export.sum(axis=1)
    part = part * export
    for _ in range(_ROUNDS):
        part *= (wanted / np.maximum(part.sum(axis=2), 1e-12))[:, :, None]
        part *= export / np.maximum(part.sum(axis=0), 1e-12)
    return dict(zip(names, part, strict=True))


def seasons() -> dict[str, Values]:
    """Return the weights of the months of each buyer with a season on record, mean 1."""
    table = sources.table("export_seasons")
    return {
        str(name): rows.sort_values("month")["weight"].to_numpy(float)
        for name, rows in table.groupby("destination")
    }
