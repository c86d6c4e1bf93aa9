"""Chapter 60: printed tables of placements bought, beside what follows from them.

Each is found by its slug in the column ``table`` of the typed figures. What follows stands in the
same row, so that a reader sees which printed number does not agree with the others; the audit
(chapter 95) says which of them is wrong.
"""

from __future__ import annotations

import pandas as pd

from needs.care.published_annexes import WEEKLY
from needs.care.published_figures import cell, source_of, table_rows, words_for
from needs.care.rows import wide_rows
from needs.costs.decompose import CHILDREN, PRICE, STAY, Year, decompose
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Chart, Check, Layout, Measure, Result, Sentence

__all__ = ["DAYS", "FTE", "PLACED", "costs_again", "printed_costs"]

WEEKS, DAYS = 365 / 7, 365
PRINTED_COSTS = ("ifa_costs", "residential_costs")
PLACED, FTE = "children_placed_n", "placements_fte"
COSTS, CHANGE = "published_costs_again", "published_costs_change"
_COSTS = (
    Measure(PLACED, "Children placed, as printed", "children"),
    Measure(FTE, "Full-time equivalents, as printed", "fte"),
    Measure(WEEKLY.key, "Unit cost a week, as printed", "gbp_week"),
    Measure("spend_gbp", "Spending that follows", "gbp"),
    Measure("nights_each", "Nights of each child placed", "nights"),
    Measure("spend_gbp_child", "Spending on each child placed", "gbp"),
)


def costs_again(data: StudyData) -> tuple[Result, Result]:
    """Return the printed tables of placements bought, and what follows from them.

    Returns
    -------
    tuple of Result
        ``published_costs_again``: by kind of placement and year, children placed, full-time
        equivalents and unit cost a week as printed; and what they give: spending of the year
        (full-time equivalents times the unit cost times 365 over 7 weeks), nights of each child
        placed, and spending on each. ``published_costs_change``: why that spending changed from
        the first printed year to the last, parted as chapter 60 parts the study's own.

    Raises
    ------
    InputMissing
        If the study has typed no such table.
    """
    rows, wide = printed_costs(data)
    wide["spend_gbp"] = wide[FTE] * wide[WEEKLY.key] * WEEKS
    wide["nights_each"] = wide[FTE] * DAYS / wide[PLACED]
    wide["spend_gbp_child"] = wide["spend_gbp"] / wide[PLACED]
    return _again(data, rows, wide), _changed(data, rows, wide)


def printed_costs(data: StudyData) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the figures of the printed tables, and one row a kind of placement and year.

    Raises
    ------
    InputMissing
        If the study has typed no such table.
    """
    found = [r for r in (_typed(data, t) for t in PRINTED_COSTS) if r is not None]
    if not found:
        raise InputMissing("published")
    rows = pd.concat(found, ignore_index=True)
    wide = rows.pivot_table("value", ["group", "period"], "measure").reset_index()
    return rows, wide.dropna(subset=[PLACED, FTE, WEEKLY.key]).reset_index(drop=True)


def _typed(data: StudyData, table: str) -> pd.DataFrame | None:
    try:
        rows = table_rows(data, table)
    except InputMissing:
        return None
    return rows.drop_duplicates(["measure", "group", "period"])


def _again(data: StudyData, rows: pd.DataFrame, wide: pd.DataFrame) -> Result:
    keys = ["group", "period"]
    table = wide_rows(wide[[*keys, *(m.key for m in _COSTS)]], keys)
    over = wide[wide[FTE] > wide[PLACED]]
    return Result(
        name=COSTS,
        title="Printed tables of placements bought, and what follows from them",
        subtitle=f"{data.study.authority.short_name}, as printed and as worked out",
        table=table,
        measures=_COSTS,
        labels=words_for(data, wide["group"]),
        source=source_of(data, rows),
        layout=Layout(("group", "period"), ("measure",)),
        text=(*_went(data, wide), *_over(data, over)),
        charts=(
            Chart(
                "spend",
                "line",
                "spend_gbp",
                "Spending that the printed tables give",
                "Pounds a year: full-time equivalents times the printed unit cost",
                "Lines, one for each kind of placement, with one point a year.",
            ),
        ),
        checks=(
            Check(
                "No more full-time equivalents than children placed",
                "review" if len(over) else "pass",
                f"years that print more: {len(over)} of {len(wide)}",
            ),
        ),
        notes=(
            "Spending that follows: printed full-time equivalents times the printed unit cost "
            "times the weeks of a year, its days over seven. The document prints no spending to "
            "hold it against.",
            "Nights of each child placed: full-time equivalents times the days of the year over "
            "children placed. More than the days of the year cannot be.",
        ),
        published=True,
    )


def _went(data: StudyData, wide: pd.DataFrame) -> tuple[Sentence, ...]:
    words = words_for(data, wide["group"])
    out = []
    for group, mine in wide.groupby("group", sort=False):
        first, last = mine["period"].iloc[0], mine["period"].iloc[-1]
        ids = {
            name: cell(COSTS, measure="spend_gbp", group=str(group), period=p)
            for name, p in (("before", first), ("after", last))
        }
        said = "{group}: the printed numbers give spending of {before} in {first} and {after} in "
        out.append(
            Sentence(
                said + "{last}.", ids, {"group": words[str(group)], "first": first, "last": last}
            )
        )
    return tuple(out)


def _over(data: StudyData, over: pd.DataFrame) -> tuple[Sentence, ...]:
    words = words_for(data, over["group"])
    return tuple(
        Sentence(
            "{group}, {year}: {fte} full-time equivalents are printed beside {n} children placed: "
            "that cannot be, since a child fills one place at most.",
            {
                "fte": cell(COSTS, measure=FTE, group=group, period=year),
                "n": cell(COSTS, measure=PLACED, group=group, period=year),
            },
            {"group": words[group], "year": year},
        )
        for group, year in over[["group", "period"]].astype(str).to_numpy().tolist()
    )


def _changed(data: StudyData, rows: pd.DataFrame, wide: pd.DataFrame) -> Result:
    """Return why the spending that printed tables give changed, first year to last."""
    parts = []
    for group, mine in wide.groupby("group", sort=False):
        ends = mine.iloc[[0, -1]]
        before, after = (
            Year(
                pd.DataFrame({"type": [group], "nights": [e[FTE] * DAYS], "gbp": [e["spend_gbp"]]}),
                float(e[PLACED]),
            )
            for _, e in ends.iterrows()
        )
        moved = decompose(before, after, ("type",))[[CHILDREN, STAY, PRICE]].iloc[0] / 100
        steps = {"before": ends["spend_gbp"].iloc[0], **moved, "after": ends["spend_gbp"].iloc[1]}
        parts += [(group, ends["period"].iloc[1], by, v) for by, v in steps.items()]
    table = wide_rows(
        pd.DataFrame(parts, columns=["group", "period", "by", "gbp"]), ["group", "period", "by"]
    )
    steps = {
        "before": "In the first printed year",
        CHILDREN: "Number of children",
        STAY: "Nights of each child",
        PRICE: "Price of a night",
        "after": "In the last printed year",
    }
    return Result(
        name=CHANGE,
        title="Why the spending that printed tables give changed",
        subtitle=f"{data.study.authority.short_name}, first printed year to last",
        table=table,
        measures=(Measure("gbp", "Pounds", "gbp"),),
        labels=words_for(data, wide["group"]) | steps,
        source=source_of(data, rows),
        layout=Layout(("by",), ("group",)),
        notes=("Parted as the study's own spending is: each cause has its mean effect.",),
        published=True,
    )
