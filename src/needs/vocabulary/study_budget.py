"""The section of a study file that says what the budget is, and how prices may go."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.study_sections import Section, Slug

__all__ = ["Budget", "Rise"]

Pounds = Annotated[float, Field(gt=0)]
Percent = Annotated[float, Field(gt=-50, lt=100)]


class Rise(Section):
    """A rise of prices in a year, as far as it is known."""

    low: Percent = Field(description="Per cent a year, below which it lies in one case of ten")
    central: Percent = Field(description="Per cent a year, as likely too high as too low")
    high: Percent = Field(description="Per cent a year, above which it lies in one case of ten")

    @model_validator(mode="after")
    def _rising(self) -> Rise:
        if not self.low <= self.central <= self.high:
            raise ValueError("give low, central and high in that order")
        return self


class Budget(Section):
    """The budget for placements, and what is expected of prices."""

    gbp: dict[str, Pounds] = Field(
        {}, description="Reporting year to the budget for placements in pounds"
    )
    basis: Literal["gross", "net"] = Field(
        "gross", description="Whether the budget is before or after what others pay"
    )
    rise: Rise = Field(
        Rise(low=2.0, central=5.0, high=8.0),
        description="Rise of the price of a week in a year, before the study's years are looked at",
    )
    next_april: dict[Slug, Rise] = Field(
        {}, description="Placement type to the rise from next April, where it is agreed or known"
    )

    @field_validator("gbp")
    @classmethod
    def _years(cls, gbp: dict[str, float]) -> dict[str, float]:
        for year in gbp:
            ReportingYear.parse(year)
        return gbp
