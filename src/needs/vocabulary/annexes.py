"""The annexes of a report: what each holds, and where in the report it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import Field, field_validator

from needs.vocabulary.study_sections import Section

__all__ = ["ANNEXES", "Annex", "Annexes"]


@dataclass(frozen=True, slots=True)
class Annex:
    """One annex.

    Parameters
    ----------
    label : str
        Words for a reader.
    chapter : str
        Number of the chapter that it stands in.
    heading : str
        Heading under which it stands there.
    form : str
        Document whose form it has, with place; empty where it has its own.
    """

    label: str
    chapter: str
    heading: str
    form: str = ""


_STRATEGY = "Commissioning strategy 2020-2025, appendix"

ANNEXES: Mapping[str, Annex] = MappingProxyType(
    {
        "appendix_1": Annex(
            "Rate of children looked after, in comparison",
            "90",
            "Rate in comparison",
            f"{_STRATEGY} 1",
        ),
        "appendix_2": Annex("Age trends", "20", "Who they are", f"{_STRATEGY} 2"),
        "appendix_3": Annex(
            "Needs by age group and gender", "90", "Needs by age group and gender", f"{_STRATEGY} 3"
        ),
        "appendix_4": Annex("Needs by provision", "90", "Needs by provision", f"{_STRATEGY} 4"),
        "appendix_5": Annex(
            "Trends in placement type", "90", "Trends in placement type", f"{_STRATEGY} 5"
        ),
        "demand": Annex(
            "Demand, with low and high",
            "50",
            "Which placements",
            "Commissioning strategy 2020-2025, section 3",
        ),
        "costs": Annex("Costs", "60", "Every pound"),
        "provision": Annex("Provision", "40", "The places there are"),
        "gaps": Annex("Places against demand", "40", "Places against demand"),
        "budget": Annex("The budget ahead", "70", "What the years ahead will cost"),
        "targets": Annex("Targets", "80", "Targets"),
        "plan": Annex("Commissioning plan", "80", "What to commission"),
        "audit": Annex("Audit of published figures", "95", "The figures and their verdicts"),
        "assumptions": Annex("Assumptions", "90", "What is assumed"),
        "methods": Annex("Methods", "90", "Methods"),
        "backtests": Annex("Forecasts of past years", "50", "Forecasts of past years in full"),
        "data_quality": Annex("Data quality", "10", "Every check"),
        "rules": Annex("Counting rules and settings", "90", "Rules and settings"),
        "scorecard": Annex("Scorecard", "90", "Scorecard"),
        "glossary": Annex("Glossary", "90", "Meaning of words"),
    }
)
"""Key -> annex, in the order in which they are listed where a study gives no other."""


class Annexes(Section):
    """How a template of the authority's own calls the annexes."""

    headings: dict[str, str] = Field(
        {},
        description="Annex -> heading of the template that it goes under, in the template's order",
    )

    @field_validator("headings")
    @classmethod
    def _known(cls, headings: dict[str, str]) -> dict[str, str]:
        if set(headings) - set(ANNEXES):
            raise ValueError(f"there is no annex of that key: use {', '.join(ANNEXES)}")
        words = list(headings.values())
        if any(not w.strip() for w in words):
            raise ValueError("a heading is blank")
        if len(set(words)) < len(words):
            raise ValueError("two annexes have the same heading")
        return headings
