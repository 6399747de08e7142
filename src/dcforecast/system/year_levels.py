"""Exports, their price and the water of each year, member by member, from what was known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dcforecast import sources
from dcforecast.system.arrays import Values
from dcforecast.system.draws import Draws
from dcforecast.system.log_level import LogLevel, Prior

__all__ = ["ExportLevels", "explain", "market_prices", "water_levels"]

#: Price that counts as usual in the regression, EUR/MWh: near Romania's mean of 2015 to 2020.
USUAL_PRICE = 50.0
#: Beliefs before the record (judgement, held fixed over all backtests): exports follow the price
#: by half; a price well off its mean keeps seven tenths of the way a year later.
EXPORT_PRIOR = Prior(scale=1_000.0, response=0.5)
PRICE_PRIOR = Prior(scale=USUAL_PRICE, level=0.3, sigma=0.3)
#: Chosen among five on 2007 to 2018, one to five years ahead: 84 % inside P10-P90 there, and
#: 60 % in 2019 to 2024, which hold the driest year on record.
WATER_PRIOR = Prior(scale=2_000.0, persistence=0.5, persistence_sd=0.25, sigma=0.35, freedom=8.0)


def market_prices(as_of: pd.Timestamp) -> tuple[pd.Series, pd.Series]:
    """Romania's day-ahead price, means of whole years over by a date and of their Decembers.

    Returns
    -------
    tuple of pandas.Series
        EUR/MWh by year (int).
    """
    table = sources.table("drivers")
    last = as_of.year if (as_of.month, as_of.day) == (12, 31) else as_of.year - 1
    known = table[table["year"].le(last)]

    def of(variable: str) -> pd.Series:
        rows = known[known["variable"] == variable].set_index("year")["value"]
        return rows.sort_index().astype(float)

    return of("romania_price"), of("romania_price_december")


@dataclass(frozen=True)
class ExportLevels:
    """The country's exports of a year given last year's and the price of the year.

    Attributes
    ----------
    exports, price : LogLevel
        Energy [GWh], driven by the price; price [EUR/MWh], started from the last December.
    december : float
        Price of the last December known, which stands for what markets expected then.
    """

    exports: LogLevel
    price: LogLevel
    december: float

    @classmethod
    def fit(cls, exports: pd.Series, as_of: pd.Timestamp) -> ExportLevels:
        """Fit to yearly exports (GWh, by year) and the prices known at a date."""
        price, december = market_prices(as_of)
        driver = price.reindex(exports.index).fillna(USUAL_PRICE) / USUAL_PRICE
        level = exports.to_numpy(float)
        # A year's price follows from the December before it, which held what was expected then.
        years = [year for year in price.index if year - 1 in december.index]
        before = december.reindex([year - 1 for year in years]).to_numpy(float)
        return cls(
            LogLevel.fit(level[1:], level[:-1], EXPORT_PRIOR, driver.to_numpy(float)[1:]),
            LogLevel.fit(price.loc[years].to_numpy(float), before, PRICE_PRIOR),
            float(december.iloc[-1]) if len(december) else USUAL_PRICE,
        )

    def sample(self, last: Values, years: int, rng: np.random.Generator) -> tuple[Values, Values]:
        """Draw exports [GWh] and prices [EUR/MWh], (members, years), after `last` (members,)."""
        price = self.price.sample(np.full(len(last), self.december), years, rng)
        energy = self.exports.sample(last, years, rng, driver=price / USUAL_PRICE)
        return energy, price


def explain(exports: pd.Series, year: int) -> dict[str, float]:
    """Say what a past year's change is put down to, from what was known when the year began.

    Parameters
    ----------
    exports : pandas.Series
        Yearly exports, GWh, by year.
    year : int
        One of them, with earlier ones before it.

    Returns
    -------
    dict
        ``before`` and ``after`` [GWh]; ``return`` to the mean, ``price`` (that of the year, known
        only afterwards) and ``unexplained``, which add up to the change; ``surprise`` in standard
        deviations of a year.
    """
    model = ExportLevels.fit(exports[exports.index < year], pd.Timestamp(year - 1, 12, 31)).exports
    price, _ = market_prices(pd.Timestamp(year, 12, 31))
    before, after = float(exports[year - 1]), float(exports[year])
    scale = model.prior.scale
    a, r, b = model.centre
    same = a + r * np.log(before / scale) + b * np.log(price[year - 1] / USUAL_PRICE)
    moved = same + b * np.log(price[year] / price[year - 1])
    steps = scale * np.exp([same, moved])
    return {
        "before": before,
        "return": float(steps[0] - before),
        "price": float(steps[1] - steps[0]),
        "unexplained": float(after - steps[1]),
        "after": after,
        "surprise": float((np.log(after / scale) - moved) / np.sqrt(model.variance)),
    }


def water_levels(hydro: pd.Series, last: Values, years: int, draws: Draws) -> Values:
    """Draw the water of coming years: returning to the mean, surprises bootstrapped from record.

    Parameters
    ----------
    hydro : pandas.Series
        Hydro generation by year, GWh.
    last : ndarray (members,)
        The last year, which may be known only in part.
    years : int
    draws : Draws

    Returns
    -------
    ndarray (members, years)
        GWh.
    """
    level = hydro.to_numpy(float)
    model = LogLevel.fit(level[1:], level[:-1], WATER_PRIOR)
    return model.sample(last, years, draws.rng("water years"), bootstrap=True)
