"""What a country's account is made of: parts, sums of parts, publishers' scopes, priors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

__all__ = ["AZERBAIJAN", "COUNTRY", "Bias", "Prior", "Structure"]


@dataclass(frozen=True)
class Prior:
    """Spreads of a series relative to its pace [1]: the middle of what is thought likely.

    Attributes
    ----------
    level : float
        Standard deviation of the level's step from month to month (random walk).
    season : float
        Standard deviation of the effect of a calendar month.
    spell : float
        Standard deviation of what fades over some months, such as weather or a broken unit.
    noise : float
        Standard deviation of what is left.
    degree : float
        Standard deviation of the effect of one degree of heating or cooling a month.
    """

    level: float = 0.03
    season: float = 0.20
    spell: float = 0.08
    noise: float = 0.05
    degree: float = 0.005

    @property
    def spreads(self) -> tuple[float, ...]:
        """All of them, in the order of `priors.components`."""
        return self.level, self.season, self.spell, self.noise, self.degree


@dataclass(frozen=True)
class Bias:
    """How a publisher's scope differs from the whole country.

    Attributes
    ----------
    mean, sd : float
        Share of the country's figure that the scope leaves out, and how sure that is [1].
    noise : float
        Further error of a single figure, relative to its size [1].
    """

    mean: float = 0.0
    sd: float = 0.0
    noise: float = 0.0


#: The scope that leaves nothing out.
COUNTRY = "country"


@dataclass(frozen=True)
class Structure:
    """The account that figures speak about: any country's, with any parts.

    Attributes
    ----------
    priors : mapping of str to Prior
        The independent parts, each with its spreads.
    sums : mapping of str to mapping of str to float
        Further series as weights on the parts (the accounting identities).
    scopes : mapping of str to Bias
        Publishers' scopes; figures of another scope are not looked at.
    series : tuple of str
        What the history tells, in order; by default the parts and the sums.
    loose : mapping of str to float
        Series of another compilation: free of scope, with at least this error [GWh].
    """

    priors: Mapping[str, Prior]
    sums: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    scopes: Mapping[str, Bias] = field(default_factory=lambda: {COUNTRY: Bias()})
    series: tuple[str, ...] = ()
    loose: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        strange = {p for weights in self.sums.values() for p in weights} - set(self.priors)
        if strange:
            raise ValueError(f"sums of parts that are not there: {', '.join(sorted(strange))}")
        if not self.series:
            object.__setattr__(self, "series", (*self.priors, *self.sums))

    @property
    def parts(self) -> tuple[str, ...]:
        """The independent parts, in order."""
        return tuple(self.priors)

    @property
    def known(self) -> frozenset[str]:
        """Every series that a figure may speak about."""
        return frozenset({*self.priors, *self.sums})

    def weights(self, series: str) -> dict[str, float]:
        """Return a series as weights on the parts."""
        return dict(self.sums.get(series, {series: 1.0}))

    def row(self, series: str) -> np.ndarray:
        """Return a series as a vector of weights, one a part."""
        found = np.zeros(len(self.priors))
        for part, weight in self.weights(series).items():
            found[self.parts.index(part)] = weight
        return found


#: Judgement; `spreads.estimate` moves them to what the figures say.
_PRIORS = {
    "generation_thermal": Prior(),
    "generation_hydro": Prior(season=0.30),
    "generation_wind": Prior(),
    "generation_solar": Prior(season=0.40),
    "generation_waste": Prior(),
    "export": Prior(season=0.30, spell=0.30, noise=0.20),
    "import": Prior(season=0.30, spell=0.30, noise=0.20),
}

#: State Statistics 4-9 % and Azerenerji 10-12 % below the ministry (data/README of the compiled
#: figures); Ember's months lack own-use plants (92 % of the year); its years are about 2 % below
#: the statistical table.  The spreads are judgement.
_SCOPES = {
    COUNTRY: Bias(),
    "state_statistics": Bias(0.065, 0.02, 0.005),
    "state_statistics_commercial": Bias(0.11, 0.03, 0.005),
    "azerenerji": Bias(0.11, 0.02, 0.005),
    "customs": Bias(0.0, 0.03, 0.08),
    "without_own_use": Bias(0.06, 0.025, 0.01),
    "ember": Bias(0.02, 0.01, 0.005),
}

#: Azerbaijan's account: gross demand = generation + imports - exports.
AZERBAIJAN = Structure(
    priors=_PRIORS,
    sums={
        "generation_total": {p: 1.0 for p in _PRIORS if p.startswith("generation")},
        "demand_gross": {p: -1.0 if p == "export" else 1.0 for p in _PRIORS},
        "net_import": {"import": 1.0, "export": -1.0},
    },
    scopes=_SCOPES,
    series=("generation_total", *_PRIORS, "demand_gross"),
    loose={"net_import": 60.0},  # rounded to 10 GWh, but of another compilation
)
