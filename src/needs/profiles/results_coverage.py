"""Chapter 30: who has an assessment, and how those without one differ.

Groups in which few have an assessment, or few have none, are put together: to hide such a count
would take the number of children in the group along, which chapter 20 prints.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from needs.care.ages import AGE_BANDS
from needs.care.rows import wide_rows
from needs.care.words import SEX_WORDS
from needs.profiles.needs_basis import GROUPS, Needs
from needs.profiles.scores import child_scores, coverage
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Additive, Layout, Measure, Result, Sentence, figure_id

__all__ = ["COVERAGE", "DIVISIONS", "Row", "coverage_of_needs", "rows_of"]

COVERAGE = "needs_coverage"
DIVISIONS: Mapping[str, Mapping[str, str]] = {
    "group": GROUPS,
    "age_band": AGE_BANDS,
    "sex": SEX_WORDS,
}
"""What children are divided by, with the categories of each in printed order."""
_PARTS = (
    Additive("measure", "assessed_n", ("complete_n", "gaps_n")),
    Additive("measure", "assessed_n", ("again_n", "once_n")),
)
"""Counts, and the parts that make them up; each is hidden where it would tell the other."""
_BOTH = ("assessed_n", "unassessed_n")
MEASURES = (
    Measure("assessed_n", "With an assessment", "children"),
    Measure("unassessed_n", "Without one", "children"),
    Measure("assessed_pct", "With an assessment", "percent", "children of the row", _BOTH),
    Measure("of_assessed_pct", "Share", "percent", "children assessed", ("assessed_n",)),
    Measure("of_others_pct", "Share", "percent", "children not assessed", ("unassessed_n",)),
    Measure("complete_n", "Scored in every domain", "children"),
    Measure("gaps_n", "With domains not scored", "children"),
    Measure("again_n", "Assessed on more than one day", "children"),
    Measure("once_n", "Assessed on one day", "children"),
)
_SHARES = {
    "share": "assessed_pct",
    "lower": "assessed_pct_lower",
    "upper": "assessed_pct_upper",
    "of_assessed": "of_assessed_pct",
    "of_others": "of_others_pct",
}
_SHOWN = (
    *_BOTH, "assessed_pct", "assessed_pct_lower_95", "assessed_pct_upper_95",
    "of_assessed_pct", "of_others_pct",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A row of the table: one category of a division, or several that would be too small.

    Parameters
    ----------
    key, label : str
    division : str
        ``group``, ``age_band`` or ``sex``.
    parts : tuple of str
        Keys of the categories.
    """

    key: str
    label: str
    division: str
    parts: tuple[str, ...]


def rows_of(needs: Needs) -> list[Row]:
    """Return the rows of the table but the total: by placement group, age band and sex."""
    has = pd.Series(needs.who.index.isin(needs.levels.index), needs.who.index)
    out = []
    for division, words in DIVISIONS.items():
        n = pd.crosstab(needs.who[division].astype(object), has)
        n = n.reindex(columns=[True, False], fill_value=0)
        keys = [k for k in words if k in n.index]
        few = _together(n.loc[keys], needs.care.study.disclosure.threshold)
        prefix = "sex_" if division == "sex" else ""
        rows = [Row(prefix + k, words[k], division, (k,)) for k in keys if k not in few]
        if few:
            named = [words[k] for k in keys if k in few]
            rows.append(Row(f"rest_{division}", "; ".join(named), division, tuple(few)))
        out += rows if len(rows) > 1 else []
    return out


def _together(n: pd.DataFrame, least: int) -> list[str]:
    """Return the categories to put together: small ones, and the next until they are not."""
    small = ((n >= 1) & (n < least)).any(axis=1)
    few = list(n.index[small])
    rest = n[~small].sum(axis=1).sort_values(kind="stable")
    for key in rest.index:
        together = n.loc[few].sum()
        if not few or (len(few) > 1 and not ((together >= 1) & (together < least)).any()):
            break
        few.append(key)
    return few


def coverage_of_needs(data: StudyData) -> Result:
    """Return how many children have an assessment, and how those without one differ.

    Parameters
    ----------
    data : StudyData
        A study with returns and assessments.

    Returns
    -------
    Result
        ``needs_coverage``: by placement group, age band and sex; with the counts that other
        results of the chapter rest on.
    """
    needs = Needs.of(data)
    rows = rows_of(needs)
    frame = _table(needs, rows)
    labels = {r.key: r.label for r in rows}
    divided = [[r.key for r in rows if r.division == d] for d in DIVISIONS]
    return Result(
        name=COVERAGE,
        title="Who has an assessment, and who has none",
        subtitle=needs.subtitle("Children looked after with an assessment of needs"),
        table=_of_all_only(wide_rows(frame.assign(period=needs.period), ["period", "group"])),
        measures=MEASURES,
        labels={
            **labels,
            ALL: f"All {needs.care.label}",
            **needs.labels,
            "group": "Children",
        },
        source=needs.source,
        layout=Layout(("group",), ("measure",), _SHOWN),
        text=_said(needs),
        additive=(
            *_PARTS,
            *(Additive("group", ALL, tuple(parts)) for parts in divided if parts),
        ),
        notes=(
            "How many children are looked after in each group stands in chapter 20. An assessment "
            "counts from the day it was made: the latest one up to the day is "
            "looked at. A domain that was not scored is not known; it is never nought.",
            "The two last shares compare those with an assessment and those without: where they "
            "are far apart, averages over the assessed do not stand for all children.",
            "Groups in which few have an assessment, or few have none, stand in one row.",
            "Ranges of shares: Wilson, Journal of the American Statistical Association 1927.",
        ),
        settings=needs.settings,
    )  # fmt: skip


def _table(needs: Needs, rows: list[Row]) -> pd.DataFrame:
    """Return counts and shares of each row, the total first; shares in per cent."""
    key = {(r.division, k): r.key for r in rows for k in r.parts}
    by = pd.DataFrame(
        {d: needs.who[d].map({k: v for (of, k), v in key.items() if of == d}) for d in DIVISIONS}
    )
    frame = coverage(by, needs.levels.index).rename(columns={"category": "group"})
    frame["unassessed_n"] = frame.pop("children_n") - frame["assessed_n"]
    for name, to in _SHARES.items():
        frame[to] = 100 * frame.pop(name)
    of_all = frame["group"] == ALL
    for name, n in _known(needs).items():
        frame[name] = np.where(of_all, float(n), np.nan)
    return frame.drop(columns="column")


def _known(needs: Needs) -> dict[str, int]:
    """Return how many of all children assessed are complete, and how many were assessed again."""
    n, again = len(needs.levels), int(needs.levels.index.isin(needs.again).sum())
    whole = int(child_scores(needs.levels, needs.tool)["total"].notna().sum())
    return {"complete_n": whole, "gaps_n": n - whole, "again_n": again, "once_n": n - again}


def _of_all_only(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out rows of groups for what is counted of all children alone."""
    parts = {m for a in _PARTS for m in a.parts}
    out: pd.DataFrame = table[(table["group"] == ALL) | ~table["measure"].isin(parts)]
    return out.reset_index(drop=True)


def _said(needs: Needs) -> tuple[Sentence, ...]:
    def ref(measure: str) -> str:
        return figure_id(COVERAGE, measure, ALL, needs.period)

    return (
        Sentence(
            "{day}: {n} {label} have an assessment, or {share} of them, and {others} have none. "
            "Of those assessed, {whole} were scored in every domain.",
            {
                "n": ref("assessed_n"),
                "others": ref("unassessed_n"),
                "share": ref("assessed_pct"),
                "whole": ref("complete_n"),
            },
            {"day": needs.labels[needs.period], "label": needs.care.label},
        ),
    )
