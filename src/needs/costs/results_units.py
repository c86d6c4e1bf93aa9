"""Chapter 60: what a placement costs, by type: spending, share, full-time equivalents, price."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from needs.care.mix import Node
from needs.care.rows import wide_rows
from needs.costs.spending import Spending, placed_id
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Additive,
    Chart,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
)

__all__ = ["unit_costs"]

NAME = "cost_units"

_MEASURES = (
    Measure("gross_gbp", "Spent, gross", "gbp"),
    Measure("net_gbp", "Spent, net", "gbp"),
    Measure("share_pct", "Share of spending", "percent1", "all gross spending on placements"),
    Measure("fte", "Full-time equivalents", "fte"),
    Measure("unit_gbp_week", "Cost a week, gross", "gbp_week"),
    Measure("net_gbp_week", "Cost a week, net", "gbp_week"),
    Measure("year_gbp", "Cost a year, gross", "gbp"),
    Measure("paid_pct", "Nights paid for", "percent1", "nights in placements of the type"),
)


@STUDY.followed_by
def unit_costs(data: StudyData) -> Result:
    """Return spending and unit costs by placement type and year (``cost_units``).

    Parameters
    ----------
    data : StudyData
        A study with cost lines and SSDA903 returns.

    Returns
    -------
    Result
        By type and group, and year: pounds spent gross and net of what others pay, share of all
        gross spending, full-time equivalents (nights over the days of the year), gross and net
        cost a week (pounds over weeks in placement), gross cost of a full-time equivalent over
        the year, and the share of nights that any line pays for.
    """
    spending = Spending.of(data)
    basis = spending.basis
    wide = _wide(spending)
    table = wide_rows(wide, ["group", "period"])
    table = table[~((table["measure"] == "share_pct") & (table["group"] == ALL))]
    labels = {ALL: "All placements"} | {n.key: n.label for n in spending.nodes}
    return Result(
        name=NAME,
        title="What placements cost",
        subtitle=basis.flow_subtitle("Spending and unit costs by placement type"),
        table=table.reset_index(drop=True),
        measures=_MEASURES,
        labels={**labels, **basis.window_labels},
        source=f"{basis.source}; cost lines of the study",
        layout=Layout(rows=("group", "measure"), columns=("period",)),
        text=_words(spending, wide, labels),
        charts=_charts(spending),
        additive=_additive(spending.nodes),
        notes=_notes(spending),
        settings={**basis.settings(), "costs": basis.study.costs.model_dump()},
        leans_on=_leans(table),
    )


def _wide(spending: Spending) -> pd.DataFrame:
    """Return one row a node and year, a column a measure."""
    gross, net = spending.by_type("gross"), spending.by_type("net")
    nights, paid = spending.nights_by_type(), spending.paid_nights_by_type()
    total = spending.of_node(gross, None)
    rows = []
    for node in (None, *spending.nodes):
        g, n, k, p = (spending.of_node(f, node) for f in (gross, net, nights, paid))
        with np.errstate(divide="ignore", invalid="ignore"):
            # Nothing paid is no price: with parents, or placed for adoption.
            weekly = [np.where((k > 0) & (p > 0), v / (k / 7), np.nan) for v in (g, n)]
            rows.append(
                pd.DataFrame(
                    {
                        "group": node.key if node else ALL,
                        "period": spending.basis.window_keys,
                        "gross_gbp": g,
                        "net_gbp": n,
                        "share_pct": np.where(total > 0, 100 * g / total, np.nan),
                        "fte": k / spending.length,
                        "unit_gbp_week": weekly[0],
                        "net_gbp_week": weekly[1],
                        "year_gbp": weekly[0] * spending.weeks,
                        "paid_pct": np.where(k > 0, 100 * p / k, np.nan),
                    }
                )
            )
    return pd.concat(rows, ignore_index=True)


def _leans(table: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    keys = table[["measure", "group", "period"]].itertuples(index=False)
    return {figure_id(NAME, m, g, p): (placed_id(g, p),) for m, g, p in keys}


def _additive(nodes: Sequence[Node]) -> tuple[Additive, ...]:
    parents = dict.fromkeys(n.parent for n in nodes)
    return tuple(
        Additive("group", p, tuple(n.key for n in nodes if n.parent == p)) for p in parents
    )


def _words(spending: Spending, wide: pd.DataFrame, labels: dict[str, str]) -> tuple[Sentence, ...]:
    basis, key = spending.basis, spending.basis.window_keys[-1]
    top = [n.key for n in spending.nodes if n.parent == ALL]
    now = wide[(wide["period"] == key) & wide["group"].isin(top)]
    if now.empty or not now["gross_gbp"].any():
        return ()
    most = str(now.iloc[int(now["gross_gbp"].to_numpy().argmax())]["group"])
    said = [
        Sentence(
            "{year}: {gross} was spent on placements, {net} net of what others pay: {unit} a week "
            "for each child in placement. {group} took {share} of it.",
            {
                "gross": figure_id(NAME, "gross_gbp", ALL, key),
                "net": figure_id(NAME, "net_gbp", ALL, key),
                "unit": figure_id(NAME, "unit_gbp_week", ALL, key),
                "share": figure_id(NAME, "share_pct", most, key),
            },
            {"year": basis.window_labels[key], "group": labels[most]},
        )
    ]
    if len(basis.window_keys) > 1:
        first = basis.window_keys[0]
        said.append(
            Sentence(
                "The cost of a full-time equivalent was {before} in {first} and {now} in {year}.",
                {
                    "before": figure_id(NAME, "year_gbp", ALL, first),
                    "now": figure_id(NAME, "year_gbp", ALL, key),
                },
                {"first": basis.window_labels[first], "year": basis.window_labels[key]},
            )
        )
    return tuple(said)


def _charts(spending: Spending) -> tuple[Chart, ...]:
    basis = spending.basis
    leaves = {n.key for n in spending.nodes} - {n.parent for n in spending.nodes}
    shown = tuple(n.key for n in spending.nodes if n.key in leaves)
    top = tuple(n.key for n in spending.nodes if n.parent == ALL)
    return (
        Chart(
            key="spent",
            kind="stacked_bar",
            measure="gross_gbp",
            title="Where the money for placements went",
            subtitle=basis.flow_subtitle("Pounds, gross, by group of placements"),
            alt="Stacked bars, one for each reporting year, of gross spending by group.",
            include={"group": top},
        ),
        Chart(
            key="weekly",
            kind="line",
            measure="unit_gbp_week",
            title="The price of a week, by placement type",
            subtitle=basis.flow_subtitle("Pounds a week, gross"),
            alt="Lines, one for each placement type, of the gross cost of a week by year.",
            include={"group": shown},
        ),
    )


def _notes(spending: Spending) -> tuple[str, ...]:
    weeks = (
        "52 weeks" if spending.basis.study.costs.weeks_of_year == "52" else "its days over seven"
    )
    return (
        "A line pays for each day from its first to its last; a weekly price is a seventh a day, "
        "an amount is spread over its days. The type of placement is that of the return on the "
        "night; the line's own where the return has none.",
        "A cost a week is pounds spent over weeks in placement, all nights counted, also those "
        "that no line pays for: the share of nights paid for says how many are missing.",
        "Net is gross less what health and education pay and the grant for unaccompanied "
        "children, each taken off once.",
        f"A cost a year is the cost a week times {weeks}.",
        "Money that meets no night in care is in none of these rows; it is told apart below.",
    )
