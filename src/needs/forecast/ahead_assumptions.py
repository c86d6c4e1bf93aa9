"""What the study takes for granted, and who answers for it: its own log, or that of needs."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Layout, Measure, Result, Sentence, figure_id, long_table

__all__ = ["assumptions", "assumptions_annex"]

RELIABILITY = ("high", "medium", "low")
WORDS = {"high": "High", "medium": "Medium", "low": "Low"}

TAKEN = {
    "rates_go_on": (
        "Rates of coming, moving and leaving go on as they were, and drift as they drifted",
        "medium",
        "A change of law or practice breaks it; the range knows only past breaks",
    ),
    "returns_true": (
        "The returns hold every episode, with true dates and placements",
        "medium",
        "High where the data quality chapter finds little; low for codes that it warns of",
    ),
    "mix_free": (
        "A place of each type can be found: supply never stops a move",
        "low",
        "Where homes are full, children wait or go elsewhere",
    ),
    "definitions": (
        "A placement type means the same in every year",
        "medium",
        "Supported accommodation came under regulation while these years ran",
    ),
    "unaccompanied": (
        "Unaccompanied children arrive as in the years known",
        "low",
        "National transfers follow decisions that no return foretells",
    ),
    "few_years": (
        "Where few years are known, changes are like those of other authorities",
        "medium",
        "A stated prior, which counts less with every year of returns",
    ),
}
"""Assumption of the methods -> words, reliability, and what breaks it."""

NOT_OWNED = "Comes with needs; nobody here has owned it"


def assumptions(data: StudyData) -> Result:
    """Return the assumptions of the study with owner, reliability and what they rest on.

    Parameters
    ----------
    data : StudyData
        A study whose ``assumptions`` are its own log; where it has none, those that the
        product's methods make are shown and labelled as such.

    Returns
    -------
    Result
        ``ahead_assumptions``: ``number_n``, the number of each; words beside it;
        ``reliability_n``, how many are of each reliability.
    """
    return _result(data, "ahead_assumptions")


def assumptions_annex(data: StudyData) -> Result:
    """Return :func:`assumptions` for the annexes (``annex_assumptions``)."""
    return _result(data, "annex_assumptions")


Told = tuple[dict[str, str], dict[str, str], dict[str, Mapping[str, str]], Sentence]


def _own(log: pd.DataFrame, name: str) -> Told:
    """Return words and reliability by key, columns of words, and who owns them, of a log."""
    keys = [f"a{i}" for i in range(1, len(log) + 1)]
    text = {c: log[c].astype("string").fillna("").tolist() for c in log.columns}
    day = [d.date().isoformat() if pd.notna(d) else "" for d in pd.to_datetime(log["date"])]
    columns = {
        "Value": text["value"],
        "Owner": text["owner_role"],
        "Reliability": [WORDS[r] for r in text["reliability"]],
        "If it is wrong": text["effect"],
        "Rests on": text["source"],
        "Looked at": day,
    }
    notes: dict[str, Mapping[str, str]] = {
        head: dict(zip(keys, cells, strict=True)) for head, cells in columns.items() if any(cells)
    }
    words = {k: f"{i}: {t}" for k, i, t in zip(keys, text["id"], text["text"], strict=True)}
    said = Sentence(
        "The study's own log names {n} assumptions; {low} of them are of low reliability.",
        {"n": figure_id(name, "rows_n"), "low": figure_id(name, "reliability_n", "low")},
    )
    return words, dict(zip(keys, text["reliability"], strict=True)), notes, said


def _products_own(name: str) -> Told:
    said = Sentence(
        "The study has no assumptions log. These {n} assumptions come with the methods of needs; "
        "nobody in the authority has owned or judged them.",
        {"n": figure_id(name, "rows_n")},
    )
    notes: dict[str, Mapping[str, str]] = {
        "Owner": dict.fromkeys(TAKEN, NOT_OWNED),
        "Reliability": {k: WORDS[r] for k, (_, r, _) in TAKEN.items()},
        "If it is wrong": {k: why for k, (*_, why) in TAKEN.items()},
    }
    return (
        {k: w for k, (w, *_) in TAKEN.items()},
        {k: r for k, (_, r, _) in TAKEN.items()},
        notes,
        said,
    )


def _result(data: StudyData, name: str) -> Result:
    try:
        words, reliability, notes, said = _own(data.assumptions.frame, name)
    except InputMissing:
        words, reliability, notes, said = _products_own(name)
    rows = [
        {"group": k, "measure": "number_n", "value": float(i)} for i, k in enumerate(words, start=1)
    ]
    of = pd.Series(list(reliability.values()), dtype=object)
    rows += [
        {"group": r, "measure": "reliability_n", "value": float((of == r).sum())}
        for r in RELIABILITY
    ]
    rows.append({"group": "all", "measure": "rows_n", "value": float(len(words))})
    authority = data.study.authority.name
    return Result(
        name=name,
        title="What the forecast takes for granted",
        subtitle=f"Assumptions, {authority}, {data.study.period.reporting_year}",
        table=long_table(pd.DataFrame(rows)),
        measures=(
            Measure("number_n", "Number", "count"),
            Measure("reliability_n", "Assumptions of that reliability", "count"),
            Measure("rows_n", "Assumptions", "count"),
        ),
        labels={**words, **WORDS, "all": "All", "group": "Assumption"},
        source="The study's assumptions log, or the forecast's methods; owners are roles",
        layout=Layout(("group",), ("measure",), ("number_n",)),
        text=(said,),
        row_notes=notes,
        typed=True,
    )
