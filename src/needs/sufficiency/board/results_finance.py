"""Chapter 85: the finance position, and what is bought spot, beside last year."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from needs.care.placement_days import days_of
from needs.care.rows import wide_rows
from needs.care.windows import Window
from needs.costs.chapter60 import purchase_routes
from needs.costs.kin import spent_on
from needs.costs.spending import Spending
from needs.sufficiency.board.again import again
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
)

__all__ = ["finance_position", "spot_placements"]

NAME, SPOT = "board_finance", "board_spot"
MILLION = 1e6
PROFILED = (
    "The year is not over. The budget up to that day is profiled by days: that of the whole year "
    "times the part of its days that are gone, since the budget has no profile of its own. The "
    "year before is whole, and so no change on it is told."
)
OF_WHOLE = (
    "{year}: {spent} was spent on placements, against a budget of {planned}: {way} than planned."
)
OF_PART = (
    "{year}: {spent} was spent on placements, against {due} of the budget up to that day, "
    "profiled by days: {way} than planned. The budget of the whole year is {planned}."
)
_MEASURES = (
    Measure("spent_gbp", "Spent, gross", "gbp_m"),
    Measure("planned_gbp", "Budget", "gbp_m"),
    Measure("due_gbp", "Budget up to that day, by days", "gbp_m"),
    Measure("over_gbp", "More or less than the budget", "gbp_m"),
    Measure("before_gbp", "Spent the year before", "gbp_m"),
    Measure("change_gbp", "Change on the year before", "gbp_m"),
)
_OF_PART = {
    "spent_gbp": "Spent to that day, gross",
    "planned_gbp": "Budget of the whole year",
    "over_gbp": "More or less than the budget up to that day",
    "before_gbp": "Spent in the whole year before",
}
"""What columns are called while the year is not over."""


@STUDY.followed_by
def finance_position(data: StudyData) -> Result:
    """Return spending beside its budget and the year before (``board_finance``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns and cost lines; a budget needs ``placement_budget``.

    Returns
    -------
    Result
        By group of placements: pounds of the last year that cost lines know (to the as-at date
        where that lies within it), its budget, the difference, and the year before. While the
        year is not over, the difference is from the budget up to that day (``due_gbp``): that of
        the whole year times the part of its days that are gone. The change on the year before is
        then left out, since one of the two is not whole.
    """
    spending = Spending.of(data)
    basis = spending.basis
    keys = basis.window_keys
    budget = _budget(data, spending)
    nodes = [n for n in spending.nodes if n.key in spending.paid(leaves=False)]
    gross = spending.by_type("gross")
    window = basis.shown.windows[-1]
    gone = _gone(window)
    rows = []
    for node in (None, *nodes):
        spent = spending.of_node(gross, node) / MILLION
        mine = budget if node is None else budget[budget.index.isin(list(node.types))]
        planned = float(mine.sum()) / MILLION if len(mine) else np.nan
        due = planned * gone
        before = float(spent[-2]) if len(spent) > 1 else np.nan
        rows.append(
            {
                "group": node.key if node else ALL,
                "period": keys[-1],
                "spent_gbp": float(spent[-1]),
                "planned_gbp": planned,
                "due_gbp": due if window.part else np.nan,
                "over_gbp": float(spent[-1]) - due,
                "before_gbp": before,
                "change_gbp": np.nan if window.part else float(spent[-1]) - before,
            }
        )
    table = wide_rows(pd.DataFrame(rows), ["group", "period"])
    table = table[table["marker"] != "z"].reset_index(drop=True)
    years = keys[-2:]
    return Result(
        name=NAME,
        title="Finance position",
        subtitle=f"Million pounds on placements, gross, {basis.study.authority.name}, "
        f"{spending.labels[keys[-1]]}",
        table=table,
        measures=tuple(_named(m, window.part) for m in _MEASURES if m.key in set(table["measure"])),
        labels=spending.labels,
        source=f"{spending.source}; budget of placements",
        layout=Layout(("group",), ("measure",)),
        text=tuple(_said(table, keys[-1], spending.labels[keys[-1]], part=window.part)),
        notes=(
            "Groups of placements that anything was paid for; the budget is that of placements.",
            *((PROFILED,) if window.part else ()),
        ),
        settings=spending.settings,
        leans_on={
            figure_id(NAME, m, g, p): spent_on(g, *years)
            for m, g, p in table[["measure", "group", "period"]].itertuples(index=False)
        },
    )


def _named(measure: Measure, part: bool) -> Measure:
    return replace(measure, label=_OF_PART.get(measure.key, measure.label)) if part else measure


def _gone(window: Window) -> float:
    """Return the part of a year's days that a window covers."""
    whole = (window.year.end - window.start).days + 1
    return ((window.end - window.start).days + 1) / whole


def _budget(data: StudyData, spending: Spending) -> pd.Series:
    """Return the whole budget of the last year by placement type; empty where there is none."""
    if not data.has("placement_budget"):
        return pd.Series(dtype=float)
    frame = data.placement_budget.frame
    mine = frame[frame["period"].astype(str) == str(spending.basis.shown.windows[-1].year)]
    window = spending.basis.shown.windows[-1]
    weeks = float(spending.weeks[-1])
    if window.part and data.study.costs.weeks_of_year != "52":
        weeks = days_of(Window(window.year, window.year.end), data.study.counting) / 7
    worked = mine["fte"] * mine["weekly_cost_gbp"] * weeks
    gbp = mine["budget_gbp"].astype(float).fillna(worked.astype(float))
    return gbp.groupby(mine["placement_type"].astype(str)).sum()


def _said(table: pd.DataFrame, key: str, year: str, *, part: bool) -> list[Sentence]:
    whole = table[table["group"] == ALL].set_index("measure")["value"]
    said = []
    if "over_gbp" in whole:
        way = "more" if whole["over_gbp"] > 0 else "less"
        said.append(
            Sentence(
                OF_PART if part else OF_WHOLE,
                {
                    "spent": figure_id(NAME, "spent_gbp", ALL, key),
                    "planned": figure_id(NAME, "planned_gbp", ALL, key),
                    **({"due": figure_id(NAME, "due_gbp", ALL, key)} if part else {}),
                },
                {"year": year, "way": way},
            )
        )
    if "before_gbp" in whole:
        said.append(
            Sentence(
                "In the whole year before it was {before}."
                if part
                else "The year before it was {before}.",
                {"before": figure_id(NAME, "before_gbp", ALL, key)},
            )
        )
    return said


@STUDY.followed_by
def spot_placements(data: StudyData) -> Result:
    """Return what is bought spot, now and a year before (``board_spot``).

    Returns
    -------
    Result
        By type of placement (``group``) and year: children placed by spot purchase and their
        pounds (``by`` is ``spot``), the share of the children of the type whom any line pays
        for, and the part that spot purchases are of the type's spending.
    """
    routes = purchase_routes(data)
    spending = Spending.of(data)
    keys = spending.basis.window_keys[-2:]
    t = routes.table
    mine = t["period"].isin(keys)
    spot = mine & t["by"].eq("spot") & t["measure"].isin(["children_n", "gross_gbp"])
    of_all = mine & t["measure"].eq("paid_n") & t["group"].isin(list(t.loc[spot, "group"]))
    shown = again(routes, SPOT, spot | of_all, charts=(), text=())
    share = _share(t[spot & t["measure"].eq("children_n")], t[of_all], "share_pct")
    every = t[mine & t["measure"].eq("gross_gbp")].groupby(["group", "period"])["value"].sum()
    money = _share(
        t[spot & t["measure"].eq("gross_gbp")], every.reset_index().assign(measure=""), "money_pct"
    )
    table = pd.concat([shown.table, share, money], ignore_index=True)
    leans = dict(shown.leans_on)
    shares = table[table["measure"].isin(["share_pct", "money_pct"])]
    for measure, group, period, by in shares[["measure", "group", "period", "by"]].itertuples(
        index=False
    ):
        leans[figure_id(SPOT, measure, group, period, by)] = (
            figure_id("cost_routes", "children_n", group, period, "spot"),
            figure_id("cost_routes", "paid_n", group, period),
            *spent_on(group, period),
        )
    of = ("children_n",)
    return replace(
        shown,
        title="What is bought spot",
        subtitle=f"Children and pounds by spot purchase, {data.study.authority.name}",
        table=table,
        measures=(
            *(m for m in routes.measures if m.key in {"children_n", "gross_gbp", "paid_n"}),
            Measure("share_pct", "Share of children of the type", "percent1",
                    "children whom any line pays for", of),
            Measure("money_pct", "Share of its spending", "percent1", "pounds gross", of),
        ),
        layout=Layout(
            ("group",), ("measure", "period"), ("children_n", "gross_gbp", "share_pct", "money_pct")
        ),
        leans_on=leans,
        notes=(
            "A child bought for by several routes in the year counts in each. The cohort is every "
            "child of the type for whom anything was paid in the year.",
        ),
        text=tuple(_spot_said(table, keys[-1], spending.labels)),
    )  # fmt: skip


def _share(some: pd.DataFrame, of: pd.DataFrame, measure: str) -> pd.DataFrame:
    base = of.set_index(["group", "period"])["value"]
    at = pd.MultiIndex.from_frame(some[["group", "period"]])
    value = 100 * some["value"].to_numpy() / base.reindex(at).to_numpy()
    return some.assign(measure=measure, value=value, marker="")


def _spot_said(table: pd.DataFrame, key: str, labels: dict[str, str]) -> list[Sentence]:
    now = table[(table["period"] == key) & table["measure"].eq("share_pct")]
    return [
        Sentence(
            "{group}, {year}: {n} children were placed by spot purchase, {share} of those paid "
            "for, at {gbp}.",
            {
                "n": figure_id(SPOT, "children_n", g, key, "spot"),
                "share": figure_id(SPOT, "share_pct", g, key, "spot"),
                "gbp": figure_id(SPOT, "gross_gbp", g, key, "spot"),
            },
            {"group": labels[g], "year": labels[key]},
        )
        for g in now["group"]
    ]
