"""Chapter 60: how far children's prices are apart within a placement type."""

from __future__ import annotations

import pandas as pd

from needs.care.rows import wide_rows
from needs.costs.cells import price_of_a_week, quarter
from needs.costs.days import distinct_nights
from needs.costs.kin import spent_on
from needs.costs.spending import Spending
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Layout, Measure, Result, Sentence, figure_id

__all__ = ["price_spread"]

NAME = "cost_spread"
_MEASURES = (
    Measure("lower_gbp_week", "A quarter of children below", "gbp_week"),
    Measure("middle_gbp_week", "The child in the middle", "gbp_week"),
    Measure("upper_gbp_week", "A quarter of children above", "gbp_week"),
)
_QUARTERS = {"lower_gbp_week": 0.25, "middle_gbp_week": 0.5, "upper_gbp_week": 0.75}


@STUDY.followed_by
def price_spread(data: StudyData) -> Result:
    """Return the quarters of children's mean weekly prices by type and year (``cost_spread``).

    Returns
    -------
    Result
        By type and year: the price of a week of the child in the middle, and those that a quarter
        of children lie below and above. Withheld where few children are paid for.
    """
    spending = Spending.of(data)
    keys = ["type", "window"]
    cells = distinct_nights(spending.placed, keys).set_index([*keys, "child"])
    cells["gross"] = spending.placed.groupby([*keys, "child"])["gross"].sum()
    cells["price"] = price_of_a_week(cells)
    of = cells.groupby(keys, sort=True)["price"]
    wide = pd.DataFrame({k: of.agg(quarter(q)) for k, q in _QUARTERS.items()}).reset_index()
    wide["period"] = [spending.basis.window_keys[k] for k in wide["window"]]
    wide = wide.rename(columns={"type": "group"}).drop(columns="window")
    table = wide_rows(wide, ["group", "period"])
    named = table[["measure", "group", "period"]].itertuples(index=False)
    leans = {figure_id(NAME, m, g, p): spent_on(g, p) for m, g, p in named}
    return Result(
        name=NAME,
        title="How far prices are apart within a type",
        subtitle=spending.basis.flow_subtitle("Gross price of a week, child by child"),
        table=table,
        measures=_MEASURES,
        labels=spending.labels,
        source=spending.source,
        layout=Layout(rows=("group", "period"), columns=("measure",)),
        text=tuple(_words(spending, set(wide["group"]))),
        notes=(
            "A child's price is the mean of a year over the nights that any line pays for. "
            "Quarters count every child once and are smoothed over those near them (Harrell and "
            "Davis), so that no child's own price is told.",
        ),
        settings=spending.settings,
        leans_on=leans,
    )


def _words(spending: Spending, types: set[str]) -> list[Sentence]:
    """Return between which prices the middle half of each type's children lies."""
    key = spending.basis.window_keys[-1]
    now = set(spending.placed.loc[spending.placed["window"] == len(spending.length) - 1, "type"])
    return [
        Sentence(
            "{group}, {year}: half of all children cost between {low} and {high} a week.",
            {
                "low": figure_id(NAME, "lower_gbp_week", group, key),
                "high": figure_id(NAME, "upper_gbp_week", group, key),
            },
            {"group": spending.labels[group], "year": spending.labels[key]},
        )
        for group in spending.leaves
        if group in types & now
    ]
