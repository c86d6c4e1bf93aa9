"""The chapters of a report: their notebooks, and which inputs and settings each may use.

A chapter sees only what it declares here. That is what makes it safe to leave a chapter
alone when something else has changed.
"""

from __future__ import annotations

from dataclasses import dataclass

from needs.inputs.names import OFFICIAL, TABLES

__all__ = ["CHAPTERS", "ChapterSpec"]


@dataclass(frozen=True, slots=True)
class ChapterSpec:
    """One chapter.

    Parameters
    ----------
    number : str
        Two digits; the order of the report.
    title : str
        Heading in the report.
    notebook : str
        File name under ``notebooks/``.
    inputs : tuple of str
        Inputs it may read; a missing one is said in the chapter, not an error.
    settings : tuple of str
        Sections of the study file it may use, beside ``authority``, ``period``,
        ``counting``, ``disclosure`` and ``inputs``, which every chapter has.
    """

    number: str
    title: str
    notebook: str
    inputs: tuple[str, ...]
    settings: tuple[str, ...] = ()


COUNTED = ("ssda903", "published", "population", "ofsted", *TABLES)
"""Inputs of whatever counts the study's children. A chapter that shows any of it declares them
all, or it would hide other cells than the chapters that print the same numbers."""

COUNTED_BY = ("quality", "assessment", "categories", "costs")
"""Settings of the same."""

CHAPTERS: dict[str, ChapterSpec] = {
    c.number: c
    for c in (
        ChapterSpec(
            "10",
            "Data quality",
            "10-data-quality.ipynb",
            (*COUNTED, *(name for name in OFFICIAL if name not in COUNTED)),
            COUNTED_BY,
        ),
        ChapterSpec(
            "20",
            "Children looked after",
            "20-children-looked-after.ipynb",
            (*COUNTED, "comparators"),
            COUNTED_BY,
        ),
        ChapterSpec(
            "25",
            "Comparison",
            "25-comparison.ipynb",
            (*COUNTED, "comparators", "neighbours"),
            (*COUNTED_BY, "comparators"),
        ),
        ChapterSpec("30", "Needs", "30-needs.ipynb", COUNTED, (*COUNTED_BY, "seed")),
        ChapterSpec(
            "40",
            "Provision and gaps",
            "40-provision-and-gaps.ipynb",
            (*COUNTED, "projections"),
            (*COUNTED_BY, "seed", "forecast"),
        ),
        ChapterSpec(
            "45",
            "Foster carers",
            "45-foster-carers.ipynb",
            COUNTED,
            (*COUNTED_BY, "seed", "fostering"),
        ),
        ChapterSpec(
            "50",
            "Demand",
            "50-demand.ipynb",
            (*COUNTED, "projections"),
            (*COUNTED_BY, "seed", "forecast", "scenarios"),
        ),
        ChapterSpec(
            "60",
            "Costs",
            "60-costs.ipynb",
            (*COUNTED, "unit_costs", "neighbours"),
            (*COUNTED_BY, "comparators", "seed"),
        ),
        ChapterSpec(
            "70",
            "Budget and investment",
            "70-budget.ipynb",
            (*COUNTED, "projections"),
            (*COUNTED_BY, "seed", "forecast", "scenarios", "budget", "investment"),
        ),
        ChapterSpec(
            "75",
            "What if",
            "75-what-if.ipynb",
            (*COUNTED, "projections"),
            (*COUNTED_BY, "seed", "forecast", "budget"),
        ),
        ChapterSpec(
            "80",
            "Strategy",
            "80-strategy.ipynb",
            (*COUNTED, "projections"),
            (
                *COUNTED_BY,
                "seed",
                "forecast",
                "scenarios",
                "budget",
                "investment",
                "strategies",
                "commissioning",
            ),
        ),
        ChapterSpec(
            "85",
            "Placement board",
            "85-board.ipynb",
            (*COUNTED, "comparators", "projections"),
            (*COUNTED_BY, "comparators", "seed", "forecast", "board"),
        ),
        ChapterSpec(
            "90",
            "Annexes",
            "90-annexes.ipynb",
            (*COUNTED, "comparators", "neighbours"),
            (*COUNTED_BY, "comparators", "seed", "annexes"),
        ),
        ChapterSpec(
            "95", "Audit of published figures", "95-audit.ipynb", ("published", "population")
        ),
        ChapterSpec(
            "99",
            "Report to committee",
            "99-committee.ipynb",
            (*COUNTED, "comparators", "projections"),
            (
                *COUNTED_BY,
                "comparators",
                "seed",
                "forecast",
                "scenarios",
                "budget",
                "investment",
                "strategies",
                "commissioning",
                "fostering",
                "board",
            ),
        ),
    )
}
