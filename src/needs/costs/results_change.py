"""Chapter 60: why spending on placements changed from year to year, cause by cause."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from needs.costs.days import distinct_nights
from needs.costs.decompose import (
    CHILDREN,
    INFLATION,
    PRICE,
    STAY,
    WITHOUT_NIGHTS,
    Year,
    decompose,
)
from needs.costs.spending import PLACED, Spending, cannot, placed_id
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
    long_table,
)

__all__ = ["spending_change"]

NAME, TITLE = "cost_change", "Why spending changed"
_GBP = Measure("gbp", "Pounds, gross", "gbp")
LEVELS = ("type", "route")
BEFORE, AFTER = "before", "after"
_CAUSES = {
    CHILDREN: "Number of children",
    STAY: "Nights of each child",
    "type": "Mix of placement types",
    "route": "Mix of purchase routes within a type",
    PRICE: "Price of a night",
    INFLATION: "General inflation",
}
_WORDS = {BEFORE: "Spent in the year before", **_CAUSES, AFTER: "Spent in the year"}


@STUDY.followed_by
def spending_change(data: StudyData) -> Result:
    """Return why gross spending changed, each year against the one before (``cost_change``).

    Returns
    -------
    Result
        By type and group (``group``), year and cause (``by``): pounds. From ``before`` the
        causes lead to ``after``, to the penny before they are rounded for print.
        Where cost lines fall into one year only, it says so.
    """
    spending = Spending.of(data)
    basis = spending.basis
    if len(basis.shown.windows) < 2:
        why = "Cost lines fall into one year only: a change needs two."
        return cannot(spending, NAME, TITLE, _GBP, why)
    years = [_year(spending, k) for k in range(len(basis.shown.windows))]
    pairs = [decompose(a, b, LEVELS) for a, b in pairwise(years)]
    table = _table(spending, pairs, years)
    labels = spending.labels | _WORDS
    key = basis.window_keys[-1]
    terms = tuple(k for k in _WORDS if k != AFTER and (k != INFLATION or _levels(spending)[1]))
    return Result(
        name=NAME,
        title=TITLE,
        subtitle=basis.flow_subtitle("Gross spending by cause, each year against the one before"),
        table=table,
        measures=(_GBP,),
        labels=labels,
        source=spending.source,
        layout=Layout(rows=("group", "by"), columns=("period",)),
        text=_said(spending, table, labels),
        charts=(
            Chart(
                key="causes",
                kind="bar",
                measure="gbp",
                x="by",
                title="What moved spending",
                subtitle=basis.flow_subtitle("Pounds by cause, latest year against the one before"),
                alt="Bars, one for each cause, of the pounds that it added or took away.",
                include={"group": (ALL,), "by": tuple(_CAUSES), "period": (key,)},
            ),
        ),
        additive=(Additive("by", AFTER, terms),),
        notes=_notes(spending),
        settings=spending.settings,
        leans_on=_leans(spending, table),
    )


def _levels(spending: Spending) -> tuple[list[float], bool]:
    """Return general prices by year, and whether the study gives any."""
    given = spending.basis.study.costs.inflation_pct
    level, out = 1.0, []
    for n, window in enumerate(spending.basis.shown.windows):
        level *= 1 + given.get(str(window.year), 0.0) / 100 if n else 1.0
        out.append(level)
    return out, bool(given)


def _year(spending: Spending, at: int) -> Year:
    """Return one year's nights and pounds by type and route."""
    parts = spending.parts
    placed = parts[(parts["window"] == at) & (parts["outcome"] == PLACED)]
    nights = distinct_nights(placed, ["type"]).set_index(["type", "child"])["nights"]
    # A night that lines of two routes pay for is parted between them as their days are.
    lines = placed.groupby(["type", "child", "route"], sort=True)["days"].sum()
    every = lines.groupby(level=["type", "child"]).transform("sum")
    share = (lines / every).reset_index(name="share")
    own = nights.reindex(pd.MultiIndex.from_frame(share[["type", "child"]])).to_numpy()
    shared = share.assign(nights=share["share"] * own)
    by = shared.groupby(list(LEVELS))["nights"].sum()
    gbp = placed.groupby(list(LEVELS))["gross"].sum()
    cells = pd.concat([by, gbp.rename("gbp")], axis=1).reset_index()
    level = _levels(spending)[0][at]
    return Year(cells, placed["child"].nunique(), level)


def _table(
    spending: Spending, pairs: Sequence[pd.DataFrame], years: Sequence[Year]
) -> pd.DataFrame:
    rows = []
    keys = spending.basis.window_keys[1:]
    # Every pound here is of a night; without a rate of inflation there is none to tell.
    drop = [WITHOUT_NIGHTS] if _levels(spending)[1] else [WITHOUT_NIGHTS, INFLATION]
    groups = {ALL: None, **{n.key: n.types for n in spending.nodes}}
    for at, (period, effects, year) in enumerate(zip(keys, pairs, years[:-1], strict=True)):
        apart = _inside_few(spending, at)
        spent = np.rint(year.cells.groupby("type")["gbp"].sum() * 100)
        for key, types in groups.items():
            if key in apart:
                continue
            mine = effects if types is None else effects[effects.index.isin(list(types))]
            was = spent if types is None else spent[spent.index.isin(list(types))]
            causes = mine.sum(axis=0).drop(drop)
            cells = {BEFORE: was.sum(), **causes, AFTER: was.sum() + causes.sum()}
            if any(cells.values()):
                rows += [(key, period, by, pence / 100) for by, pence in cells.items()]
    frame = pd.DataFrame(rows, columns=["group", "period", "by", "value"])
    return long_table(frame.assign(measure="gbp"))


def _inside_few(spending: Spending, at: int) -> set[str]:
    """Return what lies inside a group of placements of which a type has few children.

    Causes follow from children, nights and pounds by a printed formula. With all but two types
    told apart, what was spent on those two could be worked out nearly; so the group is told whole.
    """
    n = spending.nights[spending.nights["window"].isin([at, at + 1])]
    children = n.groupby(["type", "window"], observed=True)["child"].nunique()
    least = spending.basis.study.disclosure.threshold
    few = set(children[children < least].index.get_level_values("type").astype(str))
    top = [node for node in spending.nodes if node.parent == ALL and node.types & few]
    return {n.key for t in top for n in spending.nodes if n.key != t.key and n.types <= t.types}


def _leans(spending: Spending, table: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return that each row leans on the children of its type in both years."""
    keys = spending.basis.window_keys
    before = dict(zip(keys[1:], keys[:-1], strict=True))
    cells = table[["group", "period", "by"]].itertuples(index=False)
    return {
        figure_id(NAME, "gbp", g, p, by): (placed_id(g, p), placed_id(g, before[p]))
        for g, p, by in cells
    }


def _said(spending: Spending, table: pd.DataFrame, labels: dict[str, str]) -> tuple[Sentence, ...]:
    key = spending.basis.window_keys[-1]
    mine = table[(table["period"] == key) & (table["group"] == ALL)].set_index("by")["value"]
    if mine.empty:
        return ()
    causes = mine.drop([BEFORE, AFTER]).sort_values(key=np.abs, ascending=False, kind="stable")
    first, second = causes.index[:2]
    return (
        Sentence(
            "{year}: spending went from {before} to {after}. What moved it most was “{one}” "
            "({much}), and then “{two}” ({more}).",
            {
                "before": figure_id(NAME, "gbp", ALL, key, BEFORE),
                "after": figure_id(NAME, "gbp", ALL, key, AFTER),
                "much": figure_id(NAME, "gbp", ALL, key, str(first)),
                "more": figure_id(NAME, "gbp", ALL, key, str(second)),
            },
            {
                "year": spending.basis.window_labels[key],
                "one": labels[str(first)],
                "two": labels[str(second)],
            },
        ),
    )


def _notes(spending: Spending) -> tuple[str, ...]:
    said = (
        "Each cause has its mean effect over all orders in which the causes may change (Shapley), "
        "so that none is favoured and they add up to the penny.",
        "Money that meets no night in care is left out here, and told below. Nights are those that "
        "a line pays for; a night that lines of several routes pay for is "
        "parted between them.",
        "Where a placement type had few children in either year, its group is told whole.",
        "Needs are no cause of their own yet: a dearer night may be a child with greater needs.",
    )
    if _levels(spending)[1]:
        return said
    return (*said, "No general inflation is set in [costs]: all of it is in the price of a night.")
