"""Chapter 50 from records: what the forecast takes for granted, and who answers for it."""

from __future__ import annotations

import pandas as pd

from needs.forecast.ahead import Ahead
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Layout, Measure, Result, long_table

__all__ = ["assumptions"]

TAKEN = {
    "rates_go_on": (
        "Rates of coming, moving and leaving go on as they were, and drift as they drifted",
        "Analyst",
        "Medium: a change of law or practice breaks it; the range knows only past breaks",
    ),
    "returns_true": (
        "The returns hold every episode, with true dates and placements",
        "Data manager",
        "High where the data quality chapter finds little; low for codes that it warns of",
    ),
    "mix_free": (
        "A place of each type can be found: supply never stops a move",
        "Commissioning",
        "Low: where homes are full, children wait or go elsewhere",
    ),
    "definitions": (
        "A placement type means the same in every year",
        "Analyst",
        "Medium: supported accommodation came under regulation while these years ran",
    ),
    "unaccompanied": (
        "Unaccompanied children arrive as in the years known",
        "Head of service",
        "Low: national transfers follow decisions that no return foretells",
    ),
    "few_years": (
        "Where few years are known, changes are like those of other authorities",
        "Analyst",
        "Medium: a stated prior, which counts less with every year of returns",
    ),
}
"""Assumption -> words, owner and reliability, after the AQuA Book (June 2025)."""


def assumptions(data: StudyData) -> Result:
    """Return the assumptions of the forecast with owner and reliability.

    Returns
    -------
    Result
        ``ahead_assumptions``: ``number_n``, the number of each; words beside it.
    """
    ahead = Ahead.of(data)
    basis = ahead.outlook.basis
    rows = [
        {"group": k, "measure": "number_n", "value": float(i)} for i, k in enumerate(TAKEN, start=1)
    ]
    return Result(
        name="ahead_assumptions",
        title="What the forecast takes for granted",
        subtitle=f"Assumptions, {basis.study.authority.name}, {basis.study.period.reporting_year}",
        table=long_table(pd.DataFrame(rows)),
        measures=(Measure("number_n", "Number", "count"),),
        labels={**{k: words for k, (words, *_) in TAKEN.items()}, "group": "Assumption"},
        source="The forecast's methods; owners are roles",
        layout=Layout(("group", "measure"), ()),
        row_notes={
            "Owner": {k: owner for k, (_, owner, _) in TAKEN.items()},
            "Reliability": {k: reliable for k, (*_, reliable) in TAKEN.items()},
        },
        typed=True,
    )
