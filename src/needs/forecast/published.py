"""The printed demand forecast: recomputed, taken apart, and set beside what happened."""

from __future__ import annotations

import pandas as pd

from needs.care.published_figures import cell, combined, own, source_of, words_for
from needs.forecast.published_inputs import PROJECTED, DemandTable, by_period, demand_table_of
from needs.forecast.published_method import apply_shares
from needs.forecast.published_origin import demand_origin
from needs.forecast.published_outcomes import demand_outcomes, demand_types
from needs.forecast.published_ranges import demand_ranges
from needs.forecast.published_totals import demand_base, demand_totals
from needs.forecast.published_unaccompanied import unaccompanied_limit
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Check, Layout, Measure, Result, Sentence

__all__ = [
    "demand_base",
    "demand_origin",
    "demand_outcomes",
    "demand_ranges",
    "demand_table",
    "demand_totals",
    "demand_types",
    "unaccompanied_limit",
]


SAME = "every cell as printed"


def _table(demand: DemandTable, again: pd.DataFrame, less: pd.DataFrame, area: str) -> pd.DataFrame:
    """Return printed, recomputed and difference as one long table, with counts of cells."""
    right = int((less == 0).to_numpy().sum())
    counts = pd.DataFrame(
        {"measure": ["cells_n", "cells_right_n"], "value": [float(less.size), float(right)]}
    )
    shares = pd.DataFrame({"group": list(demand.shares), "value": list(demand.shares.values())})
    printed = demand.printed[[ALL, *demand.shares]]
    return combined(
        by_period(printed, area, measure="projected_n", by="printed"),
        by_period(again, area, measure="projected_n", by="recomputed"),
        by_period(less, area, measure="projected_n", by="difference"),
        shares.assign(measure="fixed_share_pct", area=area),
        counts.assign(area=area),
    )


def _agreement(name: str, area: str) -> Sentence:
    return Sentence(
        "{right} of {n} cells of the share rows follow to the digit from the printed totals "
        "and shares, rounded half up.",
        {
            "right": cell(name, measure="cells_right_n", area=area),
            "n": cell(name, measure="cells_n", area=area),
        },
    )


def demand_table(data: StudyData) -> Result:
    """Return the printed demand table with every share row recomputed beside it.

    Parameters
    ----------
    data : StudyData
        Its published figures of measures ``projected_n`` and ``fixed_share_pct``.

    Returns
    -------
    Result
        By placement type and year: printed, recomputed from the printed total and share,
        and the difference. The row of totals is printed only: what it rests on is not.

    Raises
    ------
    InputMissing
        If the study has typed no such table.
    """
    name, area = "published_demand", own(data)
    demand = demand_table_of(data)
    groups = list(demand.shares)
    again = apply_shares(demand.totals, demand.shares)
    less = again - demand.printed[groups]
    right = int((less == 0).to_numpy().sum())
    verdict = {g: SAME if (less[g] == 0).all() else "differs" for g in groups}
    check = Check(
        "Share rows follow from printed totals and shares",
        "pass" if right == less.size else "review",
        f"cells that agree: {right} of {less.size}",
    )
    return Result(
        name=name,
        title="The printed demand forecast, recomputed",
        subtitle=f"Children by placement type, {data.study.authority.short_name}",
        table=_table(demand, again, less, area),
        measures=(
            PROJECTED,
            Measure("fixed_share_pct", "Fixed share", "percent1", "all children"),
            Measure("cells_n", "Cells recomputed", "count"),
            Measure("cells_right_n", "Cells that agree", "count"),
        ),
        labels=words_for(data, [ALL, *groups, "printed", "recomputed", "difference"]),
        source=source_of(data, demand.rows),
        layout=Layout(("group", "by"), ("period",), ("projected_n",)),
        text=(_agreement(name, area),),
        checks=(check,),
        notes=(
            "The totals are printed only. They rest on population projections that the "
            "document does not print, so they cannot be recomputed.",
        ),
        row_notes={"Verdict": {ALL: "cannot be recomputed", **verdict}},
        published=True,
    )
