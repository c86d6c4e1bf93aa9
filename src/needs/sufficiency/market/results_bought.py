"""Chapter 40: how placements are bought, and of how many providers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from needs.care.rows import unavailable, wide_rows
from needs.costs.chapter60 import purchase_routes
from needs.costs.days import distinct_nights
from needs.costs.kin import spent_on
from needs.costs.spending import Spending
from needs.sufficiency.board.again import again
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Check, Layout, Measure, Result, Sentence, figure_id

__all__ = ["concentrated", "concentration", "routes_shared"]

ROUTED, FEW = "market_routes", "market_concentration"
_OUTSIDE = ("block", "cross_regional", "framework", "spot")
_LARGEST = {"largest_pct": 1, "three_pct": 3}
_OF = ("children_n",)


@STUDY.followed_by
def routes_shared(data: StudyData) -> Result:
    """Return which part of each cohort is bought how (``market_routes``).

    Returns
    -------
    Result
        By type (``group``), route (``by``) and year, the last two: children once in each route,
        their share of all paid for in the type, and of those bought outside alone; and the part
        that the route is of the type's spending outside.
    """
    routes, spending = purchase_routes(data), Spending.of(data)
    keys = spending.basis.window_keys[-2:]
    t = routes.table
    mine = t["period"].isin(keys) & t["by"].isin(_OUTSIDE)
    some = mine & t["measure"].isin(["children_n", "gross_gbp"])
    of_all = t["period"].isin(keys) & t["measure"].eq("paid_n")
    of_all &= t["group"].isin(list(t.loc[some, "group"]))
    shown = again(routes, ROUTED, some | of_all, charts=(), text=())
    n, gbp = (t[mine & t["measure"].eq(m)] for m in ("children_n", "gross_gbp"))
    shares = [
        _part(n, t[of_all], "share_pct"),
        _part(n, _summed(n), "outside_pct"),
        _part(gbp, _summed(gbp), "money_pct"),
    ]
    table = pd.concat([shown.table, *shares], ignore_index=True)
    leans = dict(shown.leans_on)
    derived = table[table["measure"].isin(["share_pct", "outside_pct", "money_pct"])]
    rows = derived[["measure", "group", "period", "by"]].itertuples(index=False)
    for measure, group, period, by in rows:
        # A share of those outside is made of the children of every route.
        every = tuple(figure_id("cost_routes", "children_n", group, period, r) for r in _OUTSIDE)
        leans[figure_id(ROUTED, measure, group, period, by)] = (
            *every,
            figure_id("cost_routes", "paid_n", group, period),
            *spent_on(group, period),
        )
    return replace(
        shown,
        title="How placements are bought",
        subtitle=f"Children and pounds by purchase route, {data.study.authority.name}",
        table=table,
        measures=(
            *(m for m in routes.measures if m.key in {"children_n", "gross_gbp", "paid_n"}),
            Measure("share_pct", "Share of all of the type", "percent1", "children paid for", _OF),
            Measure(
                "outside_pct", "Share of those bought outside", "percent1",
                "children, once in each route", _OF,
            ),
            Measure("money_pct", "Share of spending outside", "percent1", "pounds gross", _OF),
        ),
        layout=Layout(
            ("group", "by"), ("measure", "period"), ("share_pct", "outside_pct", "money_pct")
        ),
        leans_on=leans,
        notes=(
            "The first share is of every child of the type for whom anything was paid in the year, "
            "own provision included; the second of those bought from others alone. A child bought "
            "for by several routes counts in each, so that shares may add up to more than all.",
        ),
        checks=tuple(_contracts(data, spending)),
    )  # fmt: skip


def _summed(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.groupby(["group", "period"])["value"].sum().reset_index()


def _part(some: pd.DataFrame, of: pd.DataFrame, measure: str) -> pd.DataFrame:
    base = of.set_index(["group", "period"])["value"]
    at = pd.MultiIndex.from_frame(some[["group", "period"]])
    whole = base.reindex(at).to_numpy()
    value = np.divide(100 * some["value"].to_numpy(), whole, out=np.full(len(some), np.nan),
                      where=whole > 0)  # fmt: skip
    return some.assign(measure=measure, value=value, marker=np.where(np.isnan(value), "z", ""))


def _contracts(data: StudyData, spending: Spending) -> Iterator[Check]:
    """Yield whether cost lines that call themselves block have a contract behind them."""
    if not data.has("contracts"):
        return
    placed = spending.placed
    block = placed[placed["route"].isin(["block", "cross_regional"]) & (placed["provider"] != "")]
    known = set(data.contracts.frame["provider"].astype(str))
    without = int((~pd.Series(block["provider"].unique()).isin(known)).sum())
    found = (
        f"{without} providers have cost lines under contract and none in the table of contracts"
        if without
        else "every provider with cost lines under contract is in the table of contracts"
    )
    yield Check("Cost lines and contracts", "review" if without else "pass", found)


@STUDY.followed_by
def concentration(data: StudyData) -> Result:
    """Return of how many providers placements are bought (``market_concentration``).

    Returns
    -------
    Result
        By type bought from others (``group``) and year: the effective number of providers, the
        share of the three largest, and of the largest, in weeks paid for, withheld by
        :func:`concentrated`.

    Notes
    -----
    The effective number is one over the Herfindahl-Hirschman index, the sum of squared shares: as
    many providers of one size would be as concentrated (Adelman 1969, "Comment on the H
    concentration measure as a numbers-equivalent", Review of Economics and Statistics 51, 99-101).
    """
    spending = Spending.of(data)
    wide = _wide(spending)
    title = "Of how many providers placements are bought"
    subtitle = f"Weeks paid for by provider, {data.study.authority.name}"
    effective = Measure("effective_n", "Providers of one size that would be as few", "number1")
    if wide.empty:
        why = "No placement was bought of a provider that is named in the cost lines."
        return unavailable(spending.basis, FEW, title, subtitle, effective, why)
    table = wide_rows(wide, ["group", "period"])
    table["marker"] = table["marker"].replace("z", "c")  # nothing else leaves a number out here
    return Result(
        name=FEW,
        title=title,
        subtitle=subtitle,
        table=table,
        measures=(
            effective,
            Measure("three_pct", "Share of the three largest", "percent", "weeks paid for"),
            Measure("largest_pct", "Share of the largest", "percent", "weeks paid for"),
        ),
        labels=spending.labels,
        source=spending.source,
        layout=Layout(("group", "measure"), ("period",)),
        text=tuple(_said(wide, spending)),
        notes=(
            "No provider is named. A share is of weeks paid for in the year. It is withheld where "
            "these providers, or all others, have few children; years with few providers or few "
            "children of a type are left out.",
        ),
        settings=spending.settings,
        leans_on={
            figure_id(FEW, m, g, p): (
                *(figure_id("cost_providers", k, g, p, "every")
                  for k in ("providers_n", "children_n")),
                *spent_on(g, p),
            )
            for m, g, p in table[["measure", "group", "period"]].itertuples(index=False)
        },
    )  # fmt: skip


def _wide(spending: Spending) -> pd.DataFrame:
    """Return a row a type and year; NaN is withheld."""
    external = {t.key for t in spending.basis.study.categories.types if t.sector != "in_house"}
    placed = spending.placed
    bought = placed["type"].isin(external) & (placed["provider"] != "")
    mine = placed[bought & (placed["route"] != "in_house")]
    if mine.empty:
        return pd.DataFrame()
    nights = distinct_nights(mine, ["type", "window", "provider"])
    nights["period"] = [spending.basis.window_keys[k] for k in nights["window"]]
    return concentrated(nights[nights["nights"] > 0], spending.basis.study.disclosure.threshold)


def concentrated(nights: pd.DataFrame, least: int) -> pd.DataFrame:
    """Return how concentrated nights are on providers, told only of enough children.

    Parameters
    ----------
    nights : pandas.DataFrame
        ``type``, ``period``, ``provider``, ``child`` and ``nights``, a row for each child with a
        provider.
    least : int
        Fewest children, and providers, that are told of.

    Returns
    -------
    pandas.DataFrame
        ``group``, ``period``, ``effective_n``, ``three_pct`` and ``largest_pct``; NaN where
        the number stands on fewer children, or all but fewer. Types and years with too few
        providers, or fewer than twice ``least`` children, have no row.
    """
    keys = ["type", "period"]
    own = nights.groupby([*keys, "provider"])["nights"].sum().reset_index(name="own")
    # The name settles who comes first of two as large, in whatever order the lines came.
    own = own.sort_values([*keys, "own", "provider"], ascending=[True, True, False, True])
    own["place"] = own.groupby(keys).cumcount()
    own["share"] = own["own"] / own.groupby(keys)["own"].transform("sum")
    own["square"] = own["share"] ** 2
    both = nights.merge(own, on=[*keys, "provider"])
    children = both.groupby(keys)["child"].nunique()
    told = (own.groupby(keys).size() >= least) & (children >= 2 * least)
    made = pd.DataFrame({"effective_n": 1 / own.groupby(keys)["square"].sum()})
    for measure, n in _LARGEST.items():
        made[measure] = 100 * own[own["place"] < n].groupby(keys)["share"].sum()

    def few(first: int, after: int) -> pd.Series:
        """Whether providers of these places have few children, or nobody else has more."""
        there = both[both["place"].ge(first) & both["place"].lt(after)]
        theirs = there.groupby(keys)["child"].nunique().reindex(made.index, fill_value=0)
        return (theirs < least) | (children - theirs < least)

    hidden = {m: few(0, n) for m, n in _LARGEST.items()}
    # Both shares told, that of the second and third is told too.
    hidden["three_pct"] |= ~hidden["largest_pct"] & few(1, _LARGEST["three_pct"])
    # Where purchases are of few, the index is nearly the square of the largest share.
    hidden["effective_n"] = hidden["largest_pct"] & (made["effective_n"] < least)
    for measure, where in hidden.items():
        made[measure] = made[measure].mask(where)
    return made[told].reset_index().rename(columns={"type": "group"})


def _said(wide: pd.DataFrame, spending: Spending) -> Iterator[Sentence]:
    last = spending.basis.window_keys[-1]
    told = wide[(wide["period"] == last) & wide[["effective_n", "three_pct"]].notna().all(axis=1)]
    for group in told["group"]:
        yield Sentence(
            "{type}, {year}: bought as if of {n} providers of one size; the three largest have "
            "{three} of the weeks.",
            {
                "n": figure_id(FEW, "effective_n", group, last),
                "three": figure_id(FEW, "three_pct", group, last),
            },
            {"type": spending.labels[group], "year": spending.labels[last]},
        )
