"""The section of a study file that says how many foster places are aimed at."""

from __future__ import annotations

from pydantic import Field

from needs.vocabulary.study_sections import Section

__all__ = ["FosterTarget"]


class FosterTarget(Section):
    """What chapter 45 works out the recruitment for."""

    places_more: float = Field(
        0,
        ge=0,
        le=10_000,
        description="Approved mainstream places more than on the study's last day; 0: no such aim",
    )
    share_pct: float = Field(
        0,
        ge=0,
        le=100,
        description="Children with own mainstream carers, per cent of all in foster care; 0: none",
    )
    years: int = Field(3, ge=1, le=5, description="Years from the study's last day to get there")
    source: str = Field("", description="Where the aim stands")
