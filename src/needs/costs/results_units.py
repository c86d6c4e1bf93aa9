"""Chapter 60: what a placement costs, by type: spending, share, full-time equivalents, price."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from needs.care.mix import tree_sums
from needs.care.rows import wide_rows
from needs.costs.kin import BESPOKE, payer_id, spent_on
from needs.costs.results_others import PAYERS
from needs.costs.spending import Spending
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Chart,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
)

__all__ = ["unit_costs"]

NAME = "cost_units"

TREND = "cost_trend"

_MEASURES = (
    Measure("gross_gbp", "Spent, gross", "gbp"),
    Measure("share_pct", "Share of spending", "percent1", "all gross spending on placements"),
    Measure("fte", "Full-time equivalents", "fte"),
    Measure("unit_gbp_week", "Cost a week, gross", "gbp_week"),
    Measure("net_gbp_week", "Cost a week, net", "gbp_week"),
    Measure("year_gbp", "Cost a year, gross", "gbp"),
    Measure("paid_pct", "Nights paid for", "percent1", "nights in placements of the type"),
)
_TREND = (
    Measure("gross_gbp", "Spent, gross", "gbp"),
    Measure("net_gbp", "Spent, net", "gbp"),
    Measure("unit_gbp_week", "Cost a week, gross", "gbp_week"),
)


@STUDY.followed_by
def unit_costs(data: StudyData) -> tuple[Result, Result]:
    """Return spending and unit costs by placement type (``cost_units``, ``cost_trend``).

    Parameters
    ----------
    data : StudyData
        A study with cost lines and SSDA903 returns.

    Returns
    -------
    tuple of Result
        By type and group. First of the latest year: pounds spent gross, share of all gross
        spending, full-time equivalents (nights over the days of the year), gross and net cost a
        week (pounds over weeks in placement), gross cost of a full-time equivalent over the year,
        and the share of nights that any line pays for. Then of every year: pounds gross, and net
        of what others pay, and the gross cost a week.
    """
    spending = Spending.of(data)
    wide = _wide(spending)
    return _latest(spending, wide), _trend(spending, wide)


def _latest(spending: Spending, wide: pd.DataFrame) -> Result:
    basis, key = spending.basis, spending.basis.window_keys[-1]
    columns = ["group", "period", *(m.key for m in _MEASURES)]
    table = wide_rows(wide.loc[wide["period"] == key, columns], ["group", "period"])
    return Result(
        name=NAME,
        title="What placements cost",
        subtitle=f"Spending and unit costs, {basis.study.authority.name}, "
        f"{basis.window_labels[key]}",
        table=table,
        measures=_MEASURES,
        layout=Layout(rows=("group",), columns=("measure",)),
        text=_words(spending, wide),
        charts=(_where_it_went(spending, key),),
        notes=_notes(spending),
        **_shared(spending, NAME, table),
    )


def _trend(spending: Spending, wide: pd.DataFrame) -> Result:
    basis = spending.basis
    columns = ["group", "period", *(m.key for m in _TREND)]
    table = wide_rows(wide[columns], ["group", "period"])
    return Result(
        name=TREND,
        title="How spending and prices have gone",
        subtitle=basis.flow_subtitle("Spending and the cost of a week by placement type"),
        table=table,
        measures=_TREND,
        layout=Layout(rows=("measure", "group"), columns=("period",)),
        text=_went(spending),
        charts=_prices(spending),
        **_shared(spending, TREND, table),
    )


def _shared(spending: Spending, name: str, table: pd.DataFrame) -> dict[str, Any]:
    types = {n.key: sorted(n.types) for n in spending.nodes} | {ALL: [ALL]}
    leans = {}
    for m, g, p in table[["measure", "group", "period"]].itertuples(index=False):
        # Gross less net is what others pay, who may pay for one or two children of a type.
        net = [payer_id(k, t, p) for k in PAYERS for t in types[g]] if m.startswith("net") else []
        leans[figure_id(name, m, g, p)] = (*spent_on(g, p), *net)
    return {
        "labels": spending.labels,
        "source": spending.source,
        "additive": tree_sums(spending.nodes),
        "settings": spending.settings,
        "leans_on": leans,
    }


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


def _words(spending: Spending, wide: pd.DataFrame) -> tuple[Sentence, ...]:
    basis, key = spending.basis, spending.basis.window_keys[-1]
    top = [n.key for n in spending.nodes if n.parent == ALL]
    now = wide[(wide["period"] == key) & wide["group"].isin(top)]
    if now.empty or not now["gross_gbp"].any():
        return ()
    most = str(now.iloc[int(now["gross_gbp"].to_numpy().argmax())]["group"])
    said = [
        Sentence(
            "{year}: {gross} was spent on placements: {unit} a week over all nights in care, also "
            "those that nobody is paid for. {group} took {share} of it.",
            {
                "gross": figure_id(NAME, "gross_gbp", ALL, key),
                "unit": figure_id(NAME, "unit_gbp_week", ALL, key),
                "share": figure_id(NAME, "share_pct", most, key),
            },
            {"year": basis.window_labels[key], "group": spending.labels[most]},
        )
    ]
    net = {"net": figure_id(NAME, "net_gbp_week", ALL, key)}
    said.append(Sentence("Net of what others pay it was {net} a week.", net))
    return tuple(said)


def _went(spending: Spending) -> tuple[Sentence, ...]:
    """Return what the price of a week was and is, for all and for each group of placements."""
    basis = spending.basis
    if len(basis.window_keys) < 2:
        return ()
    first, last = basis.window_keys[0], basis.window_keys[-1]
    return tuple(
        Sentence(
            "{group}: a week cost {before} in {first} and {now} in {year}.",
            {
                "before": figure_id(TREND, "unit_gbp_week", key, first),
                "now": figure_id(TREND, "unit_gbp_week", key, last),
            },
            {
                "first": basis.window_labels[first],
                "year": basis.window_labels[last],
                "group": spending.labels[key],
            },
        )
        for key in (ALL, *spending.paid(leaves=False))
    )


def _where_it_went(spending: Spending, key: str) -> Chart:
    basis = spending.basis
    return Chart(
        key="spent",
        kind="bar",
        measure="gross_gbp",
        x="group",
        series="period",
        title="Where the money for placements went",
        subtitle=f"Pounds, gross, {basis.study.authority.name}, {basis.window_labels[key]}",
        alt="Bars, one for each placement type, of gross spending in the year.",
        include={"group": spending.paid(leaves=True)},
    )


def _prices(spending: Spending) -> tuple[Chart, ...]:
    basis = spending.basis
    types = spending.paid(leaves=True)
    made = [
        Chart(
            key="spending",
            kind="stacked_bar",
            measure="gross_gbp",
            title="Spending on placements by year",
            subtitle=basis.flow_subtitle("Pounds, gross, by group of placements"),
            alt="Stacked bars, one for each reporting year, of gross spending by group.",
            include={"group": spending.paid(leaves=False)},
        ),
        Chart(
            key="weekly",
            kind="line",
            measure="unit_gbp_week",
            title="The price of a week, by placement type",
            subtitle=basis.flow_subtitle("Pounds a week, gross; bespoke arrangements apart"),
            alt="Lines, one for each placement type, of the gross cost of a week by year.",
            # Their prices would flatten every other line.
            include={"group": tuple(k for k in types if k != BESPOKE)},
        ),
    ]
    if BESPOKE in types:
        made.append(
            Chart(
                key="bespoke",
                kind="line",
                measure="unit_gbp_week",
                title="The price of a week in a bespoke or unregistered arrangement",
                subtitle=basis.flow_subtitle("Pounds a week, gross"),
                alt="A line of the gross cost of a week in such an arrangement, by year.",
                include={"group": (BESPOKE,)},
            )
        )
    return tuple(made)


def _notes(spending: Spending) -> tuple[str, ...]:
    weeks = (
        "52 weeks" if spending.basis.study.costs.weeks_of_year == "52" else "its days over seven"
    )
    return (
        "A line pays for each day from its first to its last; a weekly price is a seventh a day, "
        "an amount is spread over its days. The type of placement is that of the return on the "
        "night.",
        "A cost a week is pounds spent over weeks in placement, all nights counted, also those "
        "that no line pays for: the share of nights paid for says how many are missing.",
        "Net is gross less what health and education pay and the grant for unaccompanied "
        "children, each taken off once. Where others pay for few children of a type, its net cost "
        "is withheld.",
        f"A cost a year is the cost a week times {weeks}.",
        "Money that meets no night in care is in none of these rows; it is told apart below.",
    )
