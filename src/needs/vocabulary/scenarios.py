"""Scenarios of a study: named changes of rates and plans, with dates."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field, model_validator

from needs.vocabulary.study_sections import Section, Slug

__all__ = ["Forecasting", "LeverSettings", "Scenario"]

NEEDED = {
    "entries": ("change_pct",),
    "exits": (),
    "step_down": ("a_year", "from_types", "to_type"),
    "share": ("to_type", "share_pct"),
    "opening": ("to_type", "places_n", "from_types"),
    "uasc_threshold": ("under_18_n",),
}
"""Lever -> keys that it cannot do without."""


class LeverSettings(Section):
    """One change of a scenario."""

    lever: Literal["entries", "exits", "step_down", "share", "opening", "uasc_threshold"] = Field(
        description="What is changed"
    )
    change_pct: float | None = Field(
        None, ge=-100, le=200, description="entries: change in per cent, a year where each_year"
    )
    each_year: bool = Field(True, description="entries: the change is taken again every year")
    who: Literal["all", "others", "uasc"] = Field(
        "all", description="entries: all, unaccompanied children, or the others"
    )
    factor: float | None = Field(
        None, ge=0, le=10, description="exits: what rates of leaving are multiplied by"
    )
    level_of: int | None = Field(
        None, ge=1990, le=2100, description="exits: end year of the year whose level comes back"
    )
    a_year: float | None = Field(None, ge=0, description="step_down: children moved in a year")
    from_types: tuple[Slug, ...] = Field(
        (), description="step_down, opening: placement types that children come from"
    )
    to_type: Slug | None = Field(
        None, description="step_down, share, opening: the placement type they go to"
    )
    share_pct: float | None = Field(
        None, ge=0, le=100, description="share: per cent of all children, reached at end"
    )
    places_n: int | None = Field(None, ge=0, description="opening: places of the home")
    under_18_n: int | None = Field(
        None, ge=0, description="uasc_threshold: people under 18 who live in the area"
    )
    threshold_pct: float = Field(
        0.1, ge=0, le=100, description="uasc_threshold: per cent of them (National Transfer Scheme)"
    )
    start: dt.date | None = Field(None, description="First day; the as-at date where left out")
    end: dt.date | None = Field(None, description="Day of full force; at once where left out")

    @model_validator(mode="after")
    def _whole(self) -> LeverSettings:
        missing = [k for k in NEEDED[self.lever] if getattr(self, k) in (None, ())]
        if missing:
            raise ValueError(f"a lever {self.lever} needs {' and '.join(missing)}")
        if self.lever == "exits" and (self.factor is None) == (self.level_of is None):
            raise ValueError("a lever exits needs either factor or level_of")
        if self.start and self.end and self.end < self.start:
            raise ValueError("a lever ends before it starts")
        return self


class Scenario(Section):
    """A named set of changes, compared with the forecast draw by draw."""

    key: Slug = Field(description="Name in tables and figure ids")
    label: str = Field(min_length=1, description="Words for a reader")
    levers: tuple[LeverSettings, ...] = Field(min_length=1, max_length=5)


class Forecasting(Section):
    """How many futures the forecast of demand is drawn from."""

    draws: int = Field(500, ge=100, le=20_000, description="Futures of the forecast itself")
    tested_draws: int = Field(
        200, ge=50, le=5_000, description="Futures of each forecast made again from a past year"
    )
    scenario_draws: int = Field(
        60, ge=20, le=5_000, description="Futures of each what-if, lived with and without it"
    )
