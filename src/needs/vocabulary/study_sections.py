"""The sections of a study file, each frozen and closed to keys it does not know."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from needs.vocabulary.periods import ReportingYear

__all__ = [
    "VALUING_CARE",
    "Assessment",
    "Authority",
    "Categories",
    "CategoryRule",
    "Comparators",
    "Counting",
    "Disclosure",
    "Inputs",
    "Period",
    "PlacementType",
    "Quality",
    "ReportSettings",
    "Scope",
    "Section",
    "Slug",
    "Synthesis",
    "default_categories",
]

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
ExitCode = Annotated[str, Field(pattern=r"^E\d{1,2}[A-Z]?$")]
"""A reason for ending that is an exit; X1, which goes on, is none."""


class Section(BaseModel):
    """A part of the study file: frozen, and closed to keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Scope(Section):
    """Which children the label stands for; printed under every figure."""

    unaccompanied: bool = Field(True, description="Unaccompanied asylum-seeking children counted")
    over_18: bool = Field(False, description="Young people aged 18 and over counted")
    short_breaks: bool = Field(False, description="Short-break agreements (V3, V4) counted")

    def words(self, label: str) -> str:
        """Return the scope as words for a reader."""

        def side(flag: bool) -> str:
            return "including" if flag else "excluding"

        return (
            f"{label[:1].upper()}{label[1:]}: {side(self.unaccompanied)} unaccompanied "
            f"asylum-seeking children, {side(self.over_18)} young people aged 18 and over, "
            f"{side(self.short_breaks)} short breaks."
        )


class Authority(Section):
    """Whose study it is."""

    name: str = Field(min_length=1, description="Name as it stands on the cover")
    short_name: str = Field(min_length=1, description="Name used in titles and sentences")
    dfe_code: str = Field(pattern=r"^\d{3}$", description="DfE code, three digits")
    ons_code: str = Field(pattern=r"^E\d{8}$", description="ONS code, E and eight digits")
    label: str = Field("children looked after", description="The authority's own words")
    scope: Scope = Scope()
    area_names: dict[str, str] = Field(
        default_factory=dict,
        description="Names of districts and other authorities: ONS or DfE code -> name",
    )


class Period(Section):
    """The reporting year and the day the study looks from."""

    reporting_year: str = Field(description="Two consecutive years, such as 2022-23")
    as_at: dt.date = Field(description="Last day counted; 31 March unless an in-year extract")
    first_year: str = Field("", description="First year shown in trends; empty shows all")

    @field_validator("reporting_year", "first_year")
    @classmethod
    def _is_year(cls, text: str) -> str:
        if text:
            ReportingYear.parse(text)
        return text

    @model_validator(mode="after")
    def _inside(self) -> Period:
        year = self.year
        if not year.start <= self.as_at <= year.end:
            raise ValueError(f"as_at must lie within {year}: {year.start} to {year.end}")
        if self.first_year and ReportingYear.parse(self.first_year) > year:
            raise ValueError("first_year must not come after reporting_year")
        return self

    @property
    def year(self) -> ReportingYear:
        """The reporting year as a type."""
        return ReportingYear.parse(self.reporting_year)


class Inputs(Section):
    """Files of the study: patterns relative to the study's folder."""

    ssda903: tuple[str, ...] = Field((), description="SSDA903 returns, CSV or XML")
    published: tuple[str, ...] = Field((), description="Figures typed from documents, CSV")
    assessments: tuple[str, ...] = Field((), description="Needs assessments")
    attributes: tuple[str, ...] = Field((), description="Child attributes")
    costs: tuple[str, ...] = Field((), description="Placement costs")
    providers: tuple[str, ...] = Field((), description="Providers and their other names")
    contracts: tuple[str, ...] = Field((), description="Contracts for places")
    uplifts: tuple[str, ...] = Field((), description="Price uplifts")
    allowances: tuple[str, ...] = Field((), description="Permanence allowances")
    provision: tuple[str, ...] = Field((), description="Homes, units and foster households")
    voids: tuple[str, ...] = Field((), description="Places that stood empty")
    carers: tuple[str, ...] = Field((), description="Foster carer pipeline")
    referrals: tuple[str, ...] = Field((), description="Referrals for placements")
    edge_of_care: tuple[str, ...] = Field((), description="Edge of care, by stage and unit")
    postcodes: tuple[str, ...] = Field((), description="ONS Postcode Directory")
    finance: tuple[str, ...] = Field((), description="Budget, outturn and forecast")
    placement_budget: tuple[str, ...] = Field((), description="Budget of placements")
    care_leavers: tuple[str, ...] = Field((), description="Care leavers")
    targets: tuple[str, ...] = Field((), description="Targets")
    action_plan: tuple[str, ...] = Field((), description="Action plan")
    scorecard: tuple[str, ...] = Field((), description="Scorecard indicators")
    narrative: tuple[str, ...] = Field((), description="Dated commentary")
    cited: tuple[str, ...] = Field((), description="Cited outside figures")
    assumptions: tuple[str, ...] = Field((), description="Assumptions")
    population: tuple[str, ...] = Field((), description="ONS population estimates")
    projections: tuple[str, ...] = Field((), description="ONS population projections")
    comparators: tuple[str, ...] = Field((), description="DfE files on children looked after")
    neighbours: tuple[str, ...] = Field((), description="Statistical neighbours")
    ofsted: tuple[str, ...] = Field((), description="Ofsted's list of providers")
    unit_costs: tuple[str, ...] = Field((), description="Section 251 unit costs of authorities")
    return_years: dict[str, str] = Field(
        default_factory=dict,
        description='File name -> reporting year, where dates alone do not settle it ("2022-23")',
    )
    extract_ends: dict[str, dt.date] = Field(
        default_factory=dict, description="File name -> last day an in-year extract speaks of"
    )

    @field_validator("*")
    @classmethod
    def _inside(cls, patterns: object) -> object:
        for p in patterns if isinstance(patterns, tuple) else ():
            parts = PurePosixPath(p.replace("\\", "/"))
            if parts.is_absolute() or ".." in parts.parts or ":" in p:
                raise ValueError("inputs must lie inside the study's folder")
        return patterns

    def patterns(self, name: str) -> tuple[str, ...]:
        """Return the file patterns of an input, empty where the study has none."""
        return getattr(self, name, ()) if name in type(self).model_fields else ()


VALUING_CARE = (
    "Safe relationships",
    "Manage emotions & boundaries",
    "Emotional Mental Health",
    "Understands identity / life story",
    "Expresses wishes and opinions",
    "Healthy attachments and Friendships",
    "Educational Progress",
    "Positive Social activities",
    "Age-appropriate self-care",
    "Safe decisions",
    "Age-Appropriate Goals",
    "Physical health",
    "Learning Disability",
)
"""The domains of the Valuing Care tool, as Oxfordshire's commissioning strategy of December
2021 prints them (Table 1)."""


def _slug(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")


class Assessment(Section):
    """The needs assessment tool: its domains, scale and direction.

    The scale of Valuing Care is not published: ask whoever runs the tool.
    """

    tool: str = Field("Valuing Care", min_length=1, description="Name of the tool")
    domains: tuple[str, ...] = Field(
        VALUING_CARE, min_length=1, description="Domains, in the words that reports print"
    )
    scale_min: float = Field(0, description="Least score of a domain")
    scale_max: float = Field(4, description="Greatest score of a domain")
    higher_is: Literal["more_need", "less_need"] = Field(
        "more_need", description="What a higher score means"
    )
    need_from: float = Field(1, description="Score from which a domain is a need")
    specialist_from: float = Field(4, description="Score from which a need is specialist")
    weights: dict[str, Annotated[float, Field(ge=0)]] = Field(
        {}, description="Domain, as in domains, to its weight; one where it is not named"
    )

    @property
    def labels(self) -> dict[str, str]:
        """Domain key, such as ``safe_relationships`` -> its words."""
        return {_slug(words): words for words in self.domains}

    @model_validator(mode="after")
    def _sound(self) -> Assessment:
        if len(self.labels) < len(self.domains) or not all(self.labels):
            raise ValueError("two domains have the same name, or one has none")
        if not set(self.weights) <= set(self.domains):
            raise ValueError("weights name a domain that is not in domains")
        if not self.scale_min < self.scale_max:
            raise ValueError("scale_min must be below scale_max")
        steps = [self.scale_min, self.need_from, self.specialist_from, self.scale_max]
        if self.higher_is == "less_need":
            steps = [self.scale_min, self.specialist_from, self.need_from, self.scale_max]
        if steps != sorted(steps):
            raise ValueError("need_from and specialist_from must lie on the scale, in that order")
        return self


class Quality(Section):
    """When faults in the records stop the run instead of being repaired and counted."""

    max_invalid_share: float = Field(
        0.01, ge=0, le=1, description="Share of a column's cells that may be unreadable or unknown"
    )
    max_duplicate_share: float = Field(
        0.01, ge=0, le=1, description="Share of children that may be twice in one Header"
    )


class Counting(Section):
    """What the DfE's counting rules leave open."""

    temporary_moves: Literal["placement_before", "as_recorded"] = Field(
        "placement_before",
        description="Which placement counts during a temporary move (T codes)",
    )
    overlapping_episodes: Literal["last_started", "first_started"] = Field(
        "last_started",
        description="Which episode counts on a day that two of a child's episodes cover",
    )
    not_ceasing: tuple[ExitCode, ...] = Field(
        (), description="Reasons for ending (REC) that are not counted as ceasing, such as E3"
    )
    short_breaks_cease: bool = Field(
        False, description="The end of a short-break series (V3, V4) is counted as ceasing"
    )
    published_mean_stay: Literal["closed_in_year", "open_at_end", "both"] = Field(
        "closed_in_year",
        description="Whose mean length of stay a document is taken to print that does not say",
    )
    born_29_february: Literal["1_march", "28_february"] = Field(
        "1_march", description="Birthday of those born on 29 February in other years"
    )
    days_of_year: Literal["calendar", "365"] = Field(
        "calendar", description="Days that a full-time equivalent placement stands for"
    )
    back_within_days: int = Field(
        365, ge=1, le=3660, description="Days out of care before which a return is an early one"
    )


class Disclosure(Section):
    """Which counts are hidden before anything is shown."""

    threshold: int = Field(
        6, ge=0, le=30, description="Counts of people from 1 to threshold - 1 are hidden"
    )
    secondary: bool = Field(
        True, description="Hide further cells that would give a hidden one away"
    )


class PlacementType(Section):
    """One of the authority's own placement types."""

    key: Slug
    label: str = Field(min_length=1)
    group: Literal["fostering", "residential", "supported", "adoption", "parents", "other"]
    sector: Literal["in_house", "external", "none"] = "none"


class CategoryRule(Section):
    """Episodes that belong to a placement type; every condition given must hold."""

    type: Slug
    place: tuple[str, ...] = Field((), description="DfE placement codes")
    provider: tuple[str, ...] = Field((), description='DfE provider codes; "" for a blank one')
    urn: tuple[str, ...] = Field((), description="Ofsted numbers")
    route: tuple[str, ...] = Field((), description="Purchase routes, where costs say so")
    age_min: int | None = Field(None, ge=0, le=25)
    age_max: int | None = Field(None, ge=0, le=25)


class Categories(Section):
    """The category map: rules are tried in order, the first that holds decides."""

    types: tuple[PlacementType, ...]
    rules: tuple[CategoryRule, ...]

    @model_validator(mode="after")
    def _known(self) -> Categories:
        keys = [t.key for t in self.types]
        if len(set(keys)) < len(keys):
            raise ValueError("two placement types have the same key")
        unknown = sorted({r.type for r in self.rules} - set(keys))
        if unknown:
            raise ValueError(
                f"rules name placement types that are not listed: {', '.join(unknown)}"
            )
        return self


def default_categories() -> Categories:
    """Return the category map used where a study gives none of its own."""
    text = files("needs.vocabulary.data").joinpath("categories.toml").read_text("utf-8")
    return Categories.model_validate(tomllib.loads(text))


class Comparators(Section):
    """Who the authority is compared with."""

    neighbours_vintage: Literal["2021", "2025"] = "2021"
    neighbours: tuple[str, ...] = Field((), description="DfE codes; empty takes the vintage's ten")
    region: str = Field("", description="ONS code of the region")


class ReportSettings(Section):
    """What is written and what stands on the cover."""

    title: str = "Placement needs analysis"
    chapters: tuple[str, ...] = Field(
        ("10", "20", "25", "30", "40", "45", "50", "60", "70", "75", "80", "85", "90", "99"),
        min_length=1,
        description="Chapter numbers, in order",
    )
    pdf: bool = True
    engine: Literal["nbconvert", "quarto"] = Field(
        "nbconvert", description="What converts the words of notebooks for pages"
    )
    synthetic: bool = Field(False, description="Records are synthetic: said on every output")


class Synthesis(Section):
    """How ``needs synthesise`` writes this study's records; absent for real authorities."""

    authority: Literal["oxfordshire", "stationary", "growing", "shifting"] = Field(
        "oxfordshire", description="Whose rates the synthetic children live by"
    )
    first_year: str = Field("2013-14", description="Reporting year of the first return")
    fit: bool = Field(True, description="Fit the published totals at each 31 March")
    dirt: bool = Field(True, description="Plant the faults that real returns have")
    late: bool = Field(False, description="Let each return put right what the one before told")
    entries_per_year: float | None = Field(
        None, gt=0, le=20_000, description="Children entering a year at the start, UASC aside"
    )
    uasc_per_year: float | None = Field(
        None, ge=0, le=5_000, description="Unaccompanied children entering a year at the start"
    )
    residents_under_18: int = Field(
        148_000, ge=1_000, le=3_000_000, description="Children who live in the area"
    )
    price_level: float = Field(
        1.0, gt=0.2, lt=5, description="Prices of placements against the usual ones"
    )

    @field_validator("first_year")
    @classmethod
    def _is_year(cls, text: str) -> str:
        ReportingYear.parse(text)
        return text

    @model_validator(mode="after")
    def _sized(self) -> Synthesis:
        sized = self.entries_per_year is not None or self.uasc_per_year is not None
        if sized and self.authority == "oxfordshire":
            raise ValueError(
                "entries_per_year and uasc_per_year are for stationary, growing and shifting "
                "authorities; those of oxfordshire follow what was published"
            )
        return self
