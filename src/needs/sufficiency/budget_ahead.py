"""Chapter 70: what placements will cost in the years ahead, with ranges."""

from __future__ import annotations

import pandas as pd

from needs.sufficiency.budget import Outturns, ranged
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Layout, Measure, Result, Sentence, figure_id, long_table

__all__ = ["budget_ahead"]

NAME = "budget_ahead"
_GBP = Measure("outturn_gbp", "Outturn, gross", "gbp")


@STUDY.followed_by
def budget_ahead(data: StudyData) -> Result:
    """Return what placements may cost in the years ahead (``budget_ahead``).

    Returns
    -------
    Result
        By type and group, and year: ``outturn_gbp``, mean of the draws, with ranges of 80 and 95%.
    """
    out = Outturns.of(data)
    basis = out.spending.basis
    frames = []
    for node in (None, *out.nodes):
        draws = out.of_node(out.gross, node)
        frames.append(ranged(draws, out.year_keys).assign(group=node.key if node else ALL))
    table = long_table(pd.concat(frames, ignore_index=True).assign(measure="outturn_gbp"))
    key = out.year_keys[0]
    return Result(
        name=NAME,
        title="What the years ahead will cost",
        subtitle=f"Gross pounds on placements, forecast, {basis.study.authority.name}",
        table=table,
        measures=(_GBP,),
        labels=out.labels,
        source=f"{out.spending.source}; the combined forecast",
        layout=Layout(("group", "measure"), ("period",)),
        text=(
            Sentence(
                "{year}: placements will cost about {n}, between {low} and {high} in eight cases "
                "of ten.",
                {
                    "n": figure_id(NAME, "outturn_gbp", ALL, key),
                    "low": figure_id(NAME, "outturn_gbp_lower_80", ALL, key),
                    "high": figure_id(NAME, "outturn_gbp_upper_80", ALL, key),
                },
                {"year": key},
            ),
        ),
        settings=out.settings,
        leans_on=out.leans(NAME, table),
    )
