"""The section of a study file that says how many foster places are aimed at."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from needs.vocabulary.study_sections import Section

__all__ = ["FosterTarget"]


class FosterTarget(Section):
    """What chapter 45 works out the recruitment for."""

    places_more: Annotated[float, Field(gt=0, le=10_000)] | None = Field(
        None, description="Approved mainstream places more than on the study's last day"
    )
    share_pct: Annotated[float, Field(gt=0, le=100)] | None = Field(
        None, description="Children with own mainstream carers, per cent of all in foster care"
    )
    years: int = Field(3, ge=1, le=5, description="Years from the study's last day to get there")
    source: str = Field("", description="Where the aim stands")
