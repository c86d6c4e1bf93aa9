"""Chapter 40: how full places were, by type and route, year by year and month by month."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs.care.rows import unavailable, wide_rows
from needs.costs.spending import placed_id
from needs.sufficiency.capacity.stock import ROUTES, Stock
from needs.sufficiency.capacity.used import Used
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Chart, Layout, Measure, Result, Sentence, figure_id

__all__ = ["occupancy"]

NAME = "capacity_occupancy"
_MEASURES = (
    Measure("open_nights", "Bed-nights there were", "nights"),
    Measure("own_nights", "Nights of own children", "nights"),
    Measure("occupancy_pct", "Occupancy", "percent1", "bed-nights there were"),
    Measure("unused_nights", "Bed-nights paid for and not used", "nights"),
    Measure("unused_gbp", "Paid for them", "gbp"),
)
_NONE = "No place of the authority's own or under contract was open in these years."
_NOTES = (
    "Occupancy is nights that own children spent, over nights that the places were open, each "
    "within the same days and of the same places. Of in-house types the nights are those that "
    "chapter twenty counts in the type; of beds under contract those that cost lines of the type "
    "and route pay for, each night once.",
    "A framework or a spot purchase has no row: a bed that is bought when it is needed is not "
    "empty at other times. What is paid for and not used is told of contracts that are paid for "
    "all their beds and are for this authority alone, at the price of a bed.",
    "Beds shared with other authorities hold their children too: what is told is the part that own "
    "children used.",
    "Above a hundred per cent more nights were paid for, or spent, than there were beds: then the "
    "table of provision, the contract or the cost lines lack something.",
    "A row is withheld where the children of its type and year are few, or few of them were there "
    "by one of the routes.",
)


@STUDY.followed_by
def occupancy(data: StudyData) -> Result:
    """Return how full places were, by type, route and year (``capacity_occupancy``).

    Parameters
    ----------
    data : StudyData
        A study with a table of provision and SSDA903 returns; with contracts and cost lines,
        beds under contract as well.

    Returns
    -------
    Result
        By type (``group``), route (``by``) and year: bed-nights open, nights of own children,
        occupancy, and bed-nights paid for and unused with their pounds.
    """
    stock, used = Stock.of(data), Used.of(data)
    basis = stock.basis
    if used.table.empty:
        subtitle = f"Occupancy by own children, {basis.study.authority.name}"
        return unavailable(basis, NAME, "How full places were", subtitle, _MEASURES[2], _NONE)
    wide = used.table.rename(columns={"type": "group", "route": "by"})
    spare = (wide["open_nights"] - wide["own_nights"]).clip(lower=0).where(wide["weekly"].notna())
    wide["occupancy_pct"] = 100 * wide["own_nights"] / wide["open_nights"]
    wide["unused_nights"] = spare
    wide["unused_gbp"] = spare * wide["weekly"] / 7
    wide = _in_order(wide, stock)
    keys = ["group", "by", "period"]
    told = [m.key for m in _MEASURES]
    table = wide_rows(wide[[*keys, *told]], keys)
    table = table[table["marker"] != "z"].reset_index(drop=True)
    few = wide.loc[wide["withheld"], keys].agg("|".join, axis=1) if wide["withheld"].any() else ()
    hidden = table[keys].agg("|".join, axis=1).isin(list(few)) & (table["measure"] != told[0])
    table.loc[hidden, "value"], table.loc[hidden, "marker"] = np.nan, "c"
    windows = {w.key: w.label for w in used.windows}
    return Result(
        name=NAME,
        title="How full places were",
        subtitle=f"Occupancy by own children, {basis.study.authority.name}",
        table=table,
        measures=_MEASURES,
        labels={**{t: stock.labels[t] for t in stock.types()}, **ROUTES, **windows},
        source=f"{stock.source}; {basis.source}; cost lines of the study",
        layout=Layout(rows=("group", "by", "measure"), columns=("period",)),
        text=_said(stock, wide, windows),
        charts=_drawn(stock, wide),
        notes=_NOTES,
        settings=basis.settings(),
        leans_on=_leans(NAME, table, told[0]),
    )


def _leans(name: str, table: pd.DataFrame, free: str) -> dict[str, tuple[str, ...]]:
    """Return that whatever tells of nights leans on the children of the type and year."""
    keys = table[["measure", "group", "period", "by"]].itertuples(index=False)
    return {figure_id(name, m, g, p, b): (placed_id(g, p),) for m, g, p, b in keys if m != free}


def _in_order(wide: pd.DataFrame, stock: Stock) -> pd.DataFrame:
    rank = {t: k for k, t in enumerate(stock.labels)} | {r: k for k, r in enumerate(ROUTES)}
    order = wide.assign(_g=wide["group"].map(rank), _b=wide["by"].map(rank))
    return order.sort_values(["_g", "_b", "period"], kind="stable").drop(columns=["_g", "_b"])


def _said(stock: Stock, wide: pd.DataFrame, windows: dict[str, str]) -> tuple[Sentence, ...]:
    last = list(windows)[-1]
    now = wide[(wide["period"] == last) & wide["own_nights"].notna()]
    said = [
        Sentence(
            "{year}: {type}, {route}, {pct} full.",
            {"pct": figure_id(NAME, "occupancy_pct", group, last, by)},
            {"year": windows[last], "type": stock.labels[group], "route": ROUTES[by]},
        )
        for group, by in now[["group", "by"]].itertuples(index=False)
    ]
    unused = now[now["unused_nights"] > 0]
    said += [
        Sentence(
            "{type}, {route}: {nights} bed-nights were paid for and not used, at {pounds}.",
            {
                "nights": figure_id(NAME, "unused_nights", group, last, by),
                "pounds": figure_id(NAME, "unused_gbp", group, last, by),
            },
            {"type": stock.labels[group], "route": ROUTES[by]},
        )
        for group, by in unused[["group", "by"]].itertuples(index=False)
    ]
    return tuple(said)


def _drawn(stock: Stock, wide: pd.DataFrame) -> tuple[Chart, ...]:
    own = wide[(wide["by"] == "in_house") & wide["own_nights"].notna()]
    if own["period"].nunique() < 2:
        return ()
    return (
        Chart(
            key="own",
            kind="line",
            measure="occupancy_pct",
            title="How full the authority's own places were",
            subtitle=f"Occupancy in per cent, {stock.basis.study.authority.name}",
            alt="Lines, one for each type, of the occupancy of in-house places in each year.",
            include={"group": tuple(dict.fromkeys(own["group"])), "by": ("in_house",)},
        ),
    )
