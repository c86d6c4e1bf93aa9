"""Chapter 60: what others pay towards placements, and what a child costs on average."""

from __future__ import annotations

import pandas as pd

from needs.care import chapter20
from needs.care.rows import wide_rows
from needs.costs.cells import in_cells
from needs.costs.kin import FAMILY, any_night_id, paid_id, payer_id, placed_id
from needs.costs.spending import Spending
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Additive,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
)

__all__ = ["PAYERS", "average_cost", "paid_by_others"]

NAME, AVERAGE = "cost_others", "cost_average"
PAYERS = {
    "health": "Paid by health",
    "education": "Paid by education",
    "grant": "Grant for unaccompanied children",
}
_GIVEN = {
    "per_fte": "For each full-time equivalent",
    "per_child": "For each child with any night in a placement in the year",
    "at_end": "For each child looked after on the last day",
}


@FAMILY
def paid_by_others(data: StudyData) -> Result:
    """Return what others pay, by type, payer and year (``cost_others``).

    Returns
    -------
    Result
        By type (``group``), payer (``by``) and year: children for whom anything is paid (once in
        every type and payer), and pounds. A type that others pay for few children of is withheld
        with what would give it back.
    """
    spending = Spending.of(data)
    basis = spending.basis
    wide = pd.concat([_payer(spending, p) for p in PAYERS], ignore_index=True)
    leaves = tuple(k for k in spending.leaves if k in set(wide["group"]))
    return Result(
        name=NAME,
        title="What others pay towards placements",
        subtitle=basis.flow_subtitle("Pounds by type and payer"),
        table=wide_rows(wide, ["group", "by", "period"]),
        measures=(
            Measure("children_n", "Children", "children"),
            Measure("gbp", "Paid", "gbp", "", ("children_n",)),
        ),
        labels={**spending.labels, **PAYERS},
        source=spending.source,
        layout=Layout(rows=("by", "group", "measure"), columns=("period",)),
        text=tuple(_told(spending)),
        additive=(Additive("group", ALL, leaves),),
        notes=(
            "Children count once in every type and payer. A payment is taken off once, whoever "
            "makes it; where it is blank nobody is taken to pay.",
            "The grant is what the cost lines set against a placement, not what the authority "
            "was paid in all.",
        ),
        settings=spending.settings,
    )


def _payer(spending: Spending, payer: str) -> pd.DataFrame:
    """Return children and pounds of one payer by type and year, and of all types together."""
    placed = spending.placed
    some = placed[placed[payer] != 0]
    cells = in_cells(some, ["type"], spending)
    found = cells.rename(columns={"type": "group", payer: "gbp"})
    found = found[["group", "period", "children_n", "gbp"]]
    every = found.groupby("period", sort=False)[["children_n", "gbp"]].sum()
    every = every.reindex(spending.basis.window_keys, fill_value=0.0).rename_axis("period")
    out = pd.concat([every.reset_index().assign(group=ALL), found], ignore_index=True)
    return out.assign(by=payer)


def _told(spending: Spending) -> list[Sentence]:
    key = spending.basis.window_keys[-1]
    refs = {p: figure_id(NAME, "gbp", ALL, key, p) for p in PAYERS}
    return [
        Sentence(
            "{year}: health paid {health}, education {education}, and the grant for unaccompanied "
            "children came to {grant}.",
            refs,
            {"year": spending.labels[key]},
        )
    ]


@STUDY.followed_by
def average_cost(data: StudyData) -> Result:
    """Return what a child costs on average a year, by each usual definition (``cost_average``).

    Returns
    -------
    Result
        By definition (``group``) and year: gross spending on placements over full-time
        equivalents, over the children with any night in a placement in the year, and over those of
        the last day; and the same net of what others pay.
    """
    spending = Spending.of(data)
    basis = spending.basis
    years, windows = basis.window_keys, basis.shown.windows
    some = spending.nights.groupby("window")["child"].nunique()
    ends = [w.end.isoformat() for w in windows]
    t = chapter20.stock(data).table
    every = t[(t["measure"] == "children_n") & (t["group"] == ALL)].set_index("period")["value"]
    below = {
        "per_fte": spending.of_node(spending.nights_by_type(), None) / spending.length,
        "per_child": some.reindex(range(len(years))).to_numpy(dtype=float),
        "at_end": every.where(every > 0).reindex(ends).to_numpy(dtype=float),
    }
    whole = {m: spending.of_node(spending.by_type(m), None) for m in ("gross", "net")}
    rows = [
        {"group": g, "period": years, "gross_gbp_year": whole["gross"] / n,
         "net_gbp_year": whole["net"] / n}
        for g, n in below.items()
    ]  # fmt: skip
    table = wide_rows(pd.concat(map(pd.DataFrame, rows)), ["group", "period"])
    at_end = dict(zip(years, ends, strict=True))
    leans = {}
    for measure, group, year in table[["measure", "group", "period"]].itertuples(index=False):
        on = {
            "per_fte": placed_id(ALL, year),
            "per_child": any_night_id(year),
            "at_end": figure_id("cla_stock", "children_n", ALL, at_end[year]),
        }[group]
        others = [payer_id(p, ALL, year) for p in PAYERS] if measure.startswith("net") else []
        leans[figure_id(AVERAGE, measure, group, year)] = (on, paid_id(ALL, year), *others)
    return Result(
        name=AVERAGE,
        title="What a child costs on average in a year",
        subtitle=basis.flow_subtitle("Pounds a year for each child, by what is divided by"),
        table=table,
        measures=(
            Measure("gross_gbp_year", "Gross", "gbp"),
            Measure("net_gbp_year", "Net of what others pay", "gbp"),
        ),
        labels={**_GIVEN, **basis.window_labels},
        source=spending.source,
        layout=Layout(rows=("measure", "group"), columns=("period",)),
        text=tuple(_average_words(spending)),
        notes=(
            "All spending on nights in care of the year, placements alone: no social work, no "
            "allowances after care. Documents that print an average cost of a child seldom say "
            "what it is divided by: compare with the line that is meant.",
        ),
        settings=spending.settings,
        leans_on=leans,
    )


def _average_words(spending: Spending) -> list[Sentence]:
    first, last = spending.basis.window_keys[0], spending.basis.window_keys[-1]
    if first == last:
        return []
    return [
        Sentence(
            "A full-time equivalent cost {before} in {first} and {now} in {year}; a child placed "
            "on any night of the year {some_before} and {some_now}.",
            {
                "before": figure_id(AVERAGE, "gross_gbp_year", "per_fte", first),
                "now": figure_id(AVERAGE, "gross_gbp_year", "per_fte", last),
                "some_before": figure_id(AVERAGE, "gross_gbp_year", "per_child", first),
                "some_now": figure_id(AVERAGE, "gross_gbp_year", "per_child", last),
            },
            {"first": spending.labels[first], "year": spending.labels[last]},
        )
    ]
