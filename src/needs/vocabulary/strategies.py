"""Strategies of a study: levers, homes and carers together, and how a plan is drawn up."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations
from typing import Literal

from pydantic import Field, model_validator

from needs.vocabulary.scenarios import LeverSettings, Scenario
from needs.vocabulary.study_invest import Investment
from needs.vocabulary.study_sections import Section, Slug

__all__ = ["Commissioning", "Strategy", "contradictions", "levers_of", "unknown_in"]

WHOLE = 100.0


class Strategy(Section):
    """A named set of levers, homes and carers that are pulled, opened and recruited together."""

    key: Slug = Field(description="Name in tables and figure ids")
    label: str = Field(min_length=1, description="Words for a reader")
    source: str = Field("", description="Where it stands, or whose it is")
    scenarios: tuple[Slug, ...] = Field((), description="Keys of scenarios whose levers it pulls")
    levers: tuple[LeverSettings, ...] = Field((), max_length=5, description="Levers of its own")
    homes: tuple[Slug, ...] = Field((), description="Keys of homes of [investment] that it opens")
    fostering: bool = Field(
        False, description="Whether the carers of [investment.fostering] are recruited"
    )
    prices_pct: dict[Slug, float] = Field(
        {},
        description="Placement type -> change of its price a week, per cent, from the first year",
    )

    @model_validator(mode="after")
    def _something(self) -> Strategy:
        if not (self.scenarios or self.levers or self.homes or self.fostering or self.prices_pct):
            raise ValueError("a strategy does nothing: give it scenarios, levers, homes or prices")
        if self.key == "as_it_is":
            raise ValueError("a strategy cannot have the key as_it_is: that is none of them")
        if any(not -100 <= v <= WHOLE for v in self.prices_pct.values()):
            raise ValueError("a price changes by less than all of it, or more than twice")
        return self


class Commissioning(Section):
    """By which rule the plan of what to commission chooses a route for each place.

    The places of a service stand in a row, and the first are filled first. How often each would
    be taken says how it is best bought.
    """

    in_house_pct: float = Field(
        95, ge=0, le=100, description="Taken in so many of a hundred months, or more: in-house"
    )
    block_pct: float = Field(75, ge=0, le=100, description="The same: block contract")
    framework_pct: float = Field(
        25, ge=0, le=100, description="The same: framework; less often: spot purchase"
    )
    in_house_most: dict[Literal["fostering", "residential", "supported"], int] = Field(
        {}, description="Service -> most in-house places there can be by then; the rest is block"
    )
    covered_pct: float = Field(
        95, ge=50, le=99.9, description="Months that the places planned are to cover, per cent"
    )
    year_ahead: int = Field(
        3, ge=1, le=5, description="Which of the years ahead is planned for: what takes that long"
    )
    likely_pct: float = Field(
        90,
        ge=50,
        le=100,
        description="Months in which one more place is taken from which confidence is high",
    )
    possible_pct: float = Field(60, ge=0, le=100, description="The same, from which there is some")

    @model_validator(mode="after")
    def _falling(self) -> Commissioning:
        if not self.in_house_pct >= self.block_pct >= self.framework_pct:
            raise ValueError(
                "in_house_pct, block_pct and framework_pct must not rise, in this order"
            )
        if any(n < 0 for n in self.in_house_most.values()):
            raise ValueError("in_house_most cannot be below nought")
        if self.likely_pct < self.possible_pct:
            raise ValueError("likely_pct must not be below possible_pct")
        return self


def levers_of(strategy: Strategy, scenarios: Sequence[Scenario]) -> tuple[LeverSettings, ...]:
    """Return every lever of a strategy, those of its scenarios first."""
    known = {s.key: s for s in scenarios}
    pulled = [x for k in strategy.scenarios if k in known for x in known[k].levers]
    return (*pulled, *strategy.levers)


def unknown_in(
    strategy: Strategy,
    scenarios: Sequence[Scenario],
    investment: Investment | None,
    types: Collection[str],
) -> Iterator[tuple[str, str]]:
    """Yield key and rule of everything that a strategy names and the study does not have."""
    if set(strategy.scenarios) - {s.key for s in scenarios}:
        yield "scenarios", "there is no scenario of that key"
    homes = {h.key for h in investment.homes} if investment else set()
    if set(strategy.homes) - homes:
        yield "homes", "there is no home of that key in [investment]"
    if strategy.fostering and (investment is None or investment.fostering is None):
        yield "fostering", "there is no [investment.fostering] that tells of carers"
    if set(strategy.prices_pct) - set(types):
        yield "prices_pct", "there is no placement type of that key in [categories]"
    if unknown_types(strategy.levers, types):
        yield "levers", "there is no placement type of that key in [categories]"


def unknown_types(levers: Sequence[LeverSettings], types: Collection[str]) -> bool:
    """Return whether a lever names a placement type that is not there."""
    named = {k for x in levers for k in (*x.from_types, *((x.to_type,) if x.to_type else ()))}
    return bool(named - set(types))


def contradictions(levers: Sequence[LeverSettings]) -> list[str]:
    """Return why levers cannot be pulled together, in words.

    Parameters
    ----------
    levers : sequence of LeverSettings

    Returns
    -------
    list of str
        A rule for each thing wrong: shares above a hundred per cent together, two goals for one
        share, more and fewer of the same, moves there and back, children moved to or from a type
        whose share is set.
    """
    shares = [x for x in levers if x.lever == "share"]
    found = []
    if len({x.to_type for x in shares}) < len(shares):
        found.append("two levers give the share of one placement type a goal each")
    goals = {x.to_type: x.share_pct or 0.0 for x in shares}
    if sum(goals.values()) > WHOLE:
        found.append("shares of all children that levers aim at are more than 100% together")
    for one, other in combinations(levers, 2):
        if one.lever == other.lever and _against(one, other):
            found.append(_AGAINST[one.lever])
    moving = [x for x in levers if x.lever in {"step_down", "opening"}]
    if any({x.to_type, *x.from_types} & set(goals) for x in moving):
        found.append("a lever moves children to or from a placement type whose share another sets")
    return list(dict.fromkeys(found))


_AGAINST = {
    "entries": "one lever brings more into care, and another fewer of the same children",
    "exits": "one lever lets children leave sooner, and another later, or both set the level",
    "step_down": "one lever moves children one way, and another the same children back",
    "uasc_threshold": "two levers set the threshold of unaccompanied children",
}


def _against(one: LeverSettings, other: LeverSettings) -> bool:
    """Return whether two levers of one kind pull against each other."""
    if one.lever == "entries":
        return one.who == other.who and (one.change_pct or 0) * (other.change_pct or 0) < 0
    if one.lever == "exits":
        if one.level_of is not None and other.level_of is not None:
            return True
        return ((one.factor or 1) - 1) * ((other.factor or 1) - 1) < 0
    if one.lever == "step_down":
        return one.to_type in other.from_types and other.to_type in one.from_types
    return one.lever == "uasc_threshold"
