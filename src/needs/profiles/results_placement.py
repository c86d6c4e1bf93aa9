"""Chapter 30: number of needs and specialist needs, by accommodation, as document 002 prints it.

The document's heading speaks of children with a specialist need, its text of the share of needs
that require a specialist placement. The two are different numbers: both are here, and named.
"""

from __future__ import annotations

import pandas as pd

from needs.profiles.needs_basis import GROUPS, Needs
from needs.profiles.scores import group_scores
from needs.profiles.withheld import SPECIALIST, on_coverage, together, withheld
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Chart, Layout, Measure, Result, Sentence, figure_id

__all__ = [
    "BASES",
    "SCORES",
    "by_placement",
    "filled_scores",
    "score_notes",
]

NAME = "needs_by_placement"
BASES = (
    "The share of children counts each child with at least one specialist need once. The share "
    "of needs counts every need, and says how many of them are specialist: document 002 heads "
    "its column with the first, and speaks of the second in its text."
)
SCORES = {
    "specialist_children_pct": Measure(
        "specialist_children_pct", "With a specialist need", "percent", "children assessed"
    ),
    "needs_mean": Measure("needs_mean", "Average number of needs", "needs"),
    "specialist_needs_pct": Measure(
        "specialist_needs_pct", "Specialist needs", "percent", "all needs"
    ),
    "total_mean": Measure("total_mean", "Average total score", "score"),
}
"""Measures of :func:`needs.profiles.scores.group_scores` as pages name them."""
_SHOWN = (
    "specialist_children_pct", "specialist_children_pct_lower_95",
    "specialist_children_pct_upper_95", "needs_mean", "needs_mean_lower_95",
    "needs_mean_upper_95",
)  # fmt: skip


def filled_scores(data: StudyData, needs: Needs, by: pd.Series) -> pd.DataFrame:
    """Return scores by group, gaps filled in and complete cases, with the keys that pages use.

    Parameters
    ----------
    data : StudyData
    needs : Needs
    by : pandas.Series
        Group of each child with an assessment.

    Returns
    -------
    pandas.DataFrame
        ``group, method, assessed_n``, and each of :data:`SCORES` with ``_lower`` and ``_upper``;
        shares in per cent.
    """
    long = group_scores(needs.levels, needs.many(data), needs.tool, by)
    share = long["measure"].str.endswith("_share")
    numbers = ["value", "lower", "upper"]
    long.loc[share, numbers] *= 100
    long["measure"] = long["measure"].str.replace("_share", "_pct")
    wide = long.pivot_table(
        index=["group", "method"], columns="measure", values=numbers, aggfunc="first", dropna=False
    )
    ends = {"value": "", "lower": "_lower", "upper": "_upper"}
    pairs = zip(*(wide.columns.get_level_values(i) for i in (0, 1)), strict=True)
    wide.columns = pd.Index([f"{m}{ends[str(k)]}" for k, m in pairs])
    n = long.groupby(["group", "method"])["children_n"].first().rename("assessed_n")
    return wide.join(n).reset_index()


def score_notes(needs: Needs) -> tuple[str, ...]:
    """Return what every table of scores says under it."""
    tool = needs.tool
    more = "at or above" if tool.higher_is == "more_need" else "at or below"
    return (
        f"A domain is a need at a score {more} {tool.need_from:g}, and a specialist need {more} "
        f"{tool.specialist_from:g}, on a scale from {tool.scale_min:g} to {tool.scale_max:g}.",
        "Domains that were not scored are filled in several ways, from what children with like "
        "scores have (multiple imputation: Rubin 1987); ranges hold what chance alone explains "
        "in 95 of 100 such groups, and what the gaps leave unknown.",
    )


def by_placement(data: StudyData) -> Result:
    """Return needs and specialist needs by accommodation, in the layout of document 002.

    Parameters
    ----------
    data : StudyData
        A study with returns and assessments.

    Returns
    -------
    Result
        ``needs_by_placement``: by placement group, all children last: children with a specialist
        need, average number of needs, needs that are specialist, each with its 95% interval.
    """
    needs = Needs.of(data)
    frame = filled_scores(data, needs, needs.of_assessed("group"))
    frame = frame[frame["method"] == "filled"].drop(columns="method")
    made = Result(
        name=NAME,
        title="Specialist needs and number of needs, by accommodation",
        subtitle=needs.subtitle("Children looked after, latest assessment"),
        table=together(
            withheld(frame.assign(period=needs.period), ["period", "group"], needs), SPECIALIST
        ),
        measures=tuple(SCORES.values()),
        labels={**GROUPS, ALL: "All", **needs.labels, "group": "Accommodation"},
        source=needs.source,
        layout=Layout(("group",), ("measure",), _SHOWN),
        text=_said(needs, frame),
        charts=_charts(needs),
        notes=(BASES, *score_notes(needs)),
        settings=needs.settings,
    )
    return on_coverage(made, needs)


def _charts(needs: Needs) -> tuple[Chart, ...]:
    where = needs.subtitle("Children looked after, latest assessment")
    return (
        Chart(
            "needs",
            "bar",
            "needs_mean",
            "Average number of needs, by accommodation",
            where,
            "Bars, one for each kind of accommodation and one for all children: average number "
            "of needs.",
            x="group",
            series="by",
        ),
        Chart(
            "specialist",
            "bar",
            "specialist_children_pct",
            "Children with a specialist need, by accommodation",
            where,
            "Bars, one for each kind of accommodation and one for all children: share of the "
            "children assessed who have a specialist need.",
            x="group",
            series="by",
        ),
    )


def _said(needs: Needs, frame: pd.DataFrame) -> tuple[Sentence, ...]:
    least = needs.care.study.disclosure.threshold
    named = frame[(frame["group"] != ALL) & (frame["assessed_n"] >= max(least, 2))]
    if len(named) < 2:
        return ()
    top = str(named.loc[named["needs_mean"].idxmax(), "group"])

    def ref(measure: str, group: str = ALL) -> str:
        return figure_id(NAME, measure, group, needs.period)

    return (
        Sentence(
            "{day}: children assessed have {mean} needs on average, and {share} have a "
            "specialist need. The highest average is that of “{top}”, {most} needs.",
            {
                "mean": ref("needs_mean"),
                "share": ref("specialist_children_pct"),
                "most": ref("needs_mean", top),
            },
            {"day": needs.labels[needs.period], "top": GROUPS[top]},
        ),
    )
