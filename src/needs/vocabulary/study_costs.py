"""The section of a study file that says how money is counted."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.study_sections import Section

__all__ = ["Costs"]


class Costs(Section):
    """How money is counted and compared."""

    weeks_of_year: Literal["days", "52"] = Field(
        "days", description="Weeks that a yearly cost stands for: its days over seven, or 52"
    )
    high_from: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        (6000.0, 10000.0),
        min_length=1,
        max_length=4,
        description="Pounds a week from which a placement is a high-cost one, rising",
    )
    compare_years: tuple[str, ...] = Field(
        (), description="Two reporting years whose spending is compared; empty: first and last"
    )
    inflation_pct: dict[str, Annotated[float, Field(gt=-50, lt=100)]] = Field(
        {}, description="General rise of prices in a reporting year on the year before, per cent"
    )

    @model_validator(mode="after")
    def _rising(self) -> Costs:
        if sorted(set(self.high_from)) != list(self.high_from):
            raise ValueError("high_from: give each weekly price once, the lowest first")
        pair = self.compare_years
        for year in (*self.inflation_pct, *pair):
            ReportingYear.parse(year)
        if len(pair) not in {0, 2} or list(pair) != sorted(set(pair)):
            raise ValueError("compare_years: give two years, the earlier first")
        return self
