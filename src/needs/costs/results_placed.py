"""Chapter 60: children placed, full-time equivalents and unit costs, as printed and as counted."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pandas as pd

from needs.care.mix import Node
from needs.care.published_annexes import WEEKLY
from needs.care.published_figures import source_of
from needs.care.rows import wide_rows
from needs.costs.kin import spent_on
from needs.costs.published_costs import FTE, PLACED, printed_costs
from needs.costs.spending import Spending
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Layout, Measure, Result, figure_id

__all__ = ["placed_and_price"]

NAME = "cost_placed"
COUNTED, PRINTED = "counted", "printed"
SAME = {"ifa": "ifa", "external_homes": "external_home"}
"""Groups of the printed tables, and what the study's category map calls them."""
_MEASURES = (
    Measure(PLACED, "Children placed in the year", "children"),
    Measure(FTE, "Full-time equivalents", "fte"),
    WEEKLY,
)


@STUDY.followed_by
def placed_and_price(data: StudyData) -> Result:
    """Return children placed, full-time equivalents and the unit cost (``cost_placed``).

    Returns
    -------
    Result
        By placement type (``group``), whether counted from the records or printed (``by``) and
        year. A printed table of a type stands after what is counted of it.

    Raises
    ------
    InputMissing
        If the study has no cost lines or no returns.
    """
    spending = Spending.of(data)
    counted, source = _counted(spending), spending.source
    both = [counted]
    with suppress(InputMissing):
        rows, printed = printed_costs(data)
        kinds = printed["group"].map(SAME)
        here = printed.assign(group=kinds, by=PRINTED)[kinds.isin(counted["group"])]
        both.append(here[counted.columns])
        source = f"{source}; {source_of(data, rows)}"
    whole = pd.concat(both, ignore_index=True)
    order = list(dict.fromkeys(counted["group"]))
    whole = whole.sort_values(
        ["group", "period"], key=lambda c: c.map(order.index) if c.name == "group" else c
    )
    table = wide_rows(whole, ["group", "by", "period"])
    return Result(
        name=NAME,
        title="Children placed, full-time equivalents and unit costs",
        subtitle=spending.basis.flow_subtitle("By placement type, as counted and as printed"),
        table=table,
        measures=_MEASURES,
        labels=spending.labels | {COUNTED: "Counted", PRINTED: "Printed"},
        source=source,
        layout=Layout(("group", "by", "period"), ("measure",)),
        notes=(
            "Children placed: any night of the year in the type, each child once in each type. "
            "Full-time equivalents: nights over the days of the year. Unit cost: gross pounds of "
            "lines that pay for these nights, over all nights in the type, times seven.",
            "A printed table may count otherwise: its document does not define these words.",
        ),
        settings=spending.settings,
        leans_on={
            figure_id(NAME, m, g, p, by): spent_on(g, p)
            for m, g, p, by in table[["measure", "group", "period", "by"]].itertuples(index=False)
            if by == COUNTED
        },
    )


def _counted(spending: Spending) -> pd.DataFrame:
    """Return what the records and cost lines give, for each type that money was spent on."""
    paid = set(spending.paid(leaves=True))
    nodes = [n for n in spending.nodes if n.key in paid and n.key != ALL]
    gross, nights = spending.by_type("gross"), spending.nights_by_type()
    return pd.concat([_of(spending, n, gross, nights) for n in nodes], ignore_index=True)


def _of(spending: Spending, node: Node, gross: pd.DataFrame, nights: pd.DataFrame) -> pd.DataFrame:
    pounds, n = spending.of_node(gross, node), spending.of_node(nights, node)
    mine = spending.nights[spending.nights["type"].isin(list(node.types))]
    children = mine.groupby("window")["child"].nunique()
    with np.errstate(divide="ignore", invalid="ignore"):
        weekly = np.where((n > 0) & (pounds > 0), pounds / n * 7, np.nan)
    return pd.DataFrame(
        {
            "group": node.key,
            "by": COUNTED,
            "period": spending.basis.window_keys,
            PLACED: children.reindex(range(len(n)), fill_value=0).to_numpy(dtype=float),
            FTE: n / spending.length,
            WEEKLY.key: weekly,
        }
    )
