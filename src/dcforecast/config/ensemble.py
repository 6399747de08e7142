"""Settings of the ensemble: members, seed and years."""

from __future__ import annotations

from pydantic import model_validator

from dcforecast.config.base import FIRST_YEAR, Group, Option, field

__all__ = ["EnsembleSettings", "YearSpan"]


class YearSpan(Group):
    """First and last year of the outlook."""

    first: int = field(FIRST_YEAR, "First year", ge=FIRST_YEAR, le=2060)
    last: int = field(2040, "Last year", ge=FIRST_YEAR, le=2060)

    @model_validator(mode="after")
    def _ordered(self) -> YearSpan:
        if self.last < self.first:
            raise ValueError(f"last={self.last} lies before first={self.first}")
        return self


class EnsembleSettings(Option):
    """Size of the ensemble and what is kept of it."""

    members: int = field(100, "Members", ge=2, le=100_000)
    seed: int = field(20_260, "Seed of every random stream", ge=0, le=2**31 - 1)
    years: YearSpan = field(YearSpan(), "Years of the outlook")
    keep_hours: bool = field(True, "Write hourly quantiles of every sink (table allocation)")
    keep_members: list[int] | int = field(
        [],
        "Members of which every hour is kept (table members): their numbers from 0, or how many "
        "of the first",
    )
    threads: int = field(2, "Years worked on at the same time", ge=1, le=64)

    @property
    def kept(self) -> tuple[int, ...]:
        """Numbers of the members of which every hour is kept."""
        if isinstance(self.keep_members, int):
            return tuple(range(self.keep_members))
        return tuple(sorted(set(self.keep_members)))

    @model_validator(mode="after")
    def _members_there(self) -> EnsembleSettings:
        if isinstance(self.keep_members, int):
            if not 0 <= self.keep_members <= self.members:
                raise ValueError(
                    f"keep_members={self.keep_members}: the ensemble has {self.members} members"
                )
            return self
        for member in self.keep_members:
            if not 0 <= member < self.members:
                raise ValueError(
                    f"keep_members: no member {member}; there are 0 to {self.members - 1}"
                )
        return self
