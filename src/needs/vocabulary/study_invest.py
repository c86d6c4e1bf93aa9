"""The section of a study file that says what is to be spent so that less is spent later."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import Field, ValidationInfo, field_validator, model_validator

from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.study_sections import Section, Slug

__all__ = [
    "ENDS",
    "Amount",
    "FosteringPlan",
    "Growth",
    "Home",
    "Investment",
    "Months",
    "Percent",
    "Pounds",
    "Range",
    "Replaces",
    "too_early",
    "unknown_types",
]


ENDS = ("low", "central", "high")


class Range(Section):
    """What is not known for certain: the least likely, the likeliest and the most.

    A plain number stands for all three.
    """

    low: float = Field(allow_inf_nan=False, description="Lowest that is thought possible")
    central: float = Field(allow_inf_nan=False, description="Likeliest")
    high: float = Field(allow_inf_nan=False, description="Highest that is thought possible")

    @model_validator(mode="before")
    @classmethod
    def _number(cls, given: Any) -> Any:
        if isinstance(given, int | float) and not isinstance(given, bool):
            return {"low": given, "central": given, "high": given}
        return given

    @model_validator(mode="after")
    def _rising(self) -> Range:
        if not self.low <= self.central <= self.high:
            raise ValueError("low must not be above central, nor central above high")
        return self

    @property
    def certain(self) -> bool:
        """Whether low and high are one."""
        return self.low == self.high


class Amount(Range):
    """Not below nought."""

    low: float = Field(ge=0, allow_inf_nan=False)
    central: float = Field(ge=0, allow_inf_nan=False)
    high: float = Field(ge=0, allow_inf_nan=False)


class Pounds(Amount):
    """Pounds."""


class Months(Amount):
    """Months."""


class Percent(Range):
    """From nought to a hundred."""

    low: float = Field(ge=0, le=100)
    central: float = Field(ge=0, le=100)
    high: float = Field(ge=0, le=100)


class Growth(Range):
    """Per cent a year, up or down."""

    low: float = Field(ge=-20, le=20)
    central: float = Field(ge=-20, le=20)
    high: float = Field(ge=-20, le=20)


def _all(number: float) -> dict[str, float]:
    return {"low": number, "central": number, "high": number}


NOUGHT = Pounds(**_all(0.0))


class Replaces(Section):
    """What children would have lived in otherwise, and what that costs."""

    replaces_type: Slug = Field(description="Placement type that children would be in otherwise")
    replaces_route: str = Field("", description="How that is bought, in words; for the table")
    price_gbp_week: Pounds | None = Field(
        None, description="Its price a week; the study's own unit cost where left out"
    )
    price_source: str = Field(
        "", validate_default=True, description="Where that price stands: document and place"
    )
    price_spread_pct: float = Field(
        10, ge=0, lt=100, description="How far the study's own unit cost may be out, per cent"
    )
    price_growth_pct: Growth = Field(
        Growth(**_all(0.0)), description="Its rise a year over general prices, per cent"
    )

    @field_validator("price_source")
    @classmethod
    def _said(cls, source: str, info: ValidationInfo) -> str:
        if info.data.get("price_gbp_week") is not None and not source:
            raise ValueError("a price that is given needs its source: document and place")
        return source


class Home(Replaces):
    """A home that is to open."""

    key: Slug = Field(description="Name in tables and figure ids")
    label: str = Field(min_length=1, description="Words for a reader")
    source: str = Field("", description="Where the figures of the home stand")
    beds: int = Field(ge=1, le=60, description="Registered places")
    opens: dt.date = Field(description="First day that children live in it")
    closes: dt.date | None = Field(None, description="First day that it is shut again")
    capital_gbp: Pounds = Field(NOUGHT, description="Purchase and works, match funding included")
    match_gbp: float = Field(0, ge=0, description="What others pay of the capital")
    capital_on: dt.date | None = Field(
        None, description="Day the capital is paid; the opening day where left out"
    )
    occupancy_pct: Percent = Field(description="Beds taken once it has settled, per cent")
    ramp_months: float = Field(0, ge=0, le=120, description="Months until it has settled")
    ramp_from_pct: float = Field(
        0, ge=0, le=100, description="Per cent of the settled occupancy on the opening day"
    )
    delay_months: Months = Field(Months(**_all(0.0)), description="Months that it opens late")
    child_gbp_week: Pounds = Field(description="Its cost of a week for each child in it")
    costed_at_pct: float = Field(
        100, gt=0, le=100, description="Beds taken, per cent, that this cost was worked out for"
    )
    fixed_pct: Percent = Field(
        Percent(**_all(100.0)), description="Per cent of that cost that empty beds cost too"
    )
    staff_n: Amount = Field(
        Amount(**_all(0.0)), description="Posts beside that cost, whoever lives there"
    )
    post_gbp_year: Pounds = Field(NOUGHT, description="What one such post costs a year")
    residual_pct: Percent = Field(
        Percent(**_all(0.0)), description="Per cent of the capital that the house is worth at last"
    )

    @field_validator("closes")
    @classmethod
    def _after(cls, closes: dt.date | None, info: ValidationInfo) -> dt.date | None:
        opens = info.data.get("opens")
        if closes and opens and closes <= opens:
            raise ValueError("a home closes before it opens")
        return closes

    @field_validator("match_gbp")
    @classmethod
    def _part(cls, match: float, info: ValidationInfo) -> float:
        capital = info.data.get("capital_gbp")
        if capital is not None and match > capital.low:
            raise ValueError("match funding is more than the lowest capital")
        return match


class FosteringPlan(Replaces):
    """Carers to be recruited and kept, and what they are paid more."""

    label: str = Field("Foster carers of our own", min_length=1, description="Words for a reader")
    source: str = Field("", description="Where the figures of the plan stand")
    starts: dt.date = Field(description="First day of the plan")
    years: int = Field(3, ge=1, le=20, description="Years in which carers are recruited")
    carers_n: float = Field(ge=0, description="Carer households at the start")
    children_n: float = Field(ge=0, description="Children who live with them at the start")
    recruited_a_year: Amount = Field(description="Carer households approved a year")
    left_a_year: Amount = Field(description="Carer households that are deregistered a year")
    places_per_carer: Amount = Field(description="Places of a household")
    filled_pct: Percent = Field(description="Per cent of these places with a child in them")
    fee_gbp_week: Pounds = Field(description="What a week of a child costs now, fee and allowance")
    support_gbp_year: Pounds = Field(NOUGHT, description="Support of a household a year")
    recruit_gbp: Pounds = Field(NOUGHT, description="Cost of approving one household")
    uplift_pct: Percent = Field(
        Percent(**_all(0.0)), description="Rise of what all carers are paid, per cent"
    )


class Investment(Section):
    """Schemes that cost now and are to save later, and how they are appraised."""

    first_year: str = Field(
        "", description="Reporting year that is year nought; empty: the one after the study's"
    )
    life_years: int = Field(30, ge=1, le=125, description="Years that are looked at")
    discount_pct: float = Field(
        3.5, ge=0, lt=20, description="Discount rate of the first 30 years, over general prices"
    )
    discount_falls: bool = Field(
        True, description="The rate falls by half a point after year 30, and again after year 75"
    )
    inflation_pct: float = Field(
        2.0, gt=-10, lt=50, description="General rise of prices a year, for money of the day"
    )
    draws: int = Field(4000, ge=200, le=100_000, description="Futures that chances are taken from")
    children_n: dict[Slug, Amount] = Field(
        {},
        description="Placement type -> children in it who could move; from the forecast "
        "where a type is not named",
    )
    homes: tuple[Home, ...] = Field((), max_length=12, description="Homes that are to open")
    fostering: FosteringPlan | None = Field(None, description="Foster carers to be recruited")

    @field_validator("first_year")
    @classmethod
    def _is_year(cls, text: str) -> str:
        if text:
            ReportingYear.parse(text)
        return text

    @field_validator("homes")
    @classmethod
    def _apart(cls, homes: tuple[Home, ...]) -> tuple[Home, ...]:
        keys = [h.key for h in homes]
        if len(set(keys)) < len(keys):
            raise ValueError("two homes have the same key")
        if "all" in keys:
            raise ValueError("a home cannot have the key all: that is all of them together")
        return homes


Place = tuple[str | int, ...]


def _plans(given: Any) -> list[tuple[Place, dict[str, Any]]]:
    """Return each scheme of a raw section, and where it stands."""
    if not isinstance(given, dict):
        return []
    homes = given.get("homes", [])
    named: list[tuple[Place, Any]] = [
        (("homes", k), h) for k, h in enumerate(homes if isinstance(homes, list) else [])
    ]
    named.append((("fostering",), given.get("fostering")))
    return [(at, plan) for at, plan in named if isinstance(plan, dict)]


def unknown_types(given: Any, known: frozenset[str]) -> list[Place]:
    """Return where a raw section names a placement type that is not there.

    Parameters
    ----------
    given : object
        The section as read from TOML, however faulty.
    known : frozenset of str
        Keys of the category map.
    """
    kinds = [((*at, "replaces_type"), plan.get("replaces_type")) for at, plan in _plans(given)]
    counted = given.get("children_n", {}) if isinstance(given, dict) else {}
    kinds += [(("children_n", k), k) for k in (counted if isinstance(counted, dict) else {})]
    return [at for at, kind in kinds if isinstance(kind, str) and kind not in known]


def too_early(given: Any, year: ReportingYear) -> list[Place]:
    """Return where a raw section has a day before its first year.

    Parameters
    ----------
    given : object
        The section as read from TOML, however faulty.
    year : ReportingYear
        The study's, which the first year follows where none is given.
    """
    text = given.get("first_year", "") if isinstance(given, dict) else ""
    try:
        first = ReportingYear.parse(text) if text else year + 1
    except (TypeError, ValueError):
        return []
    return [
        (*at, key)
        for at, plan in _plans(given)
        for key in ("opens", "capital_on", "starts")
        for day in (plan.get(key),)
        if isinstance(day, dt.date) and not isinstance(day, dt.datetime) and day < first.start
    ]
