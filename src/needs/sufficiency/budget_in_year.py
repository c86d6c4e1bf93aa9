"""Chapter 70: the year that is under way, from what was paid so far and what is still to come."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from needs.care.mix import Node, tree_sums
from needs.care.placement_days import days_of, placement_days
from needs.care.windows import Window, day_words
from needs.costs.budget import ranged
from needs.costs.days import distinct_nights
from needs.costs.spending import PLACED, Spending
from needs.sufficiency.budget import MILLION, Outturns
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Layout, Measure, Result, Sentence, figure_id, long_table

__all__ = ["budget_in_year"]

NAME = "budget_in_year"
_MEASURES = (
    Measure("so_far_gbp", "Spent so far", "gbp_m"),
    Measure("rest_gbp", "Still to come", "gbp_m"),
    Measure("outturn_gbp", "Outturn of the year", "gbp_m"),
    Measure("before_gbp", "Spent by the same point last year", "gbp_m"),
    Measure("last_gbp", "Outturn of last year", "gbp_m"),
    Measure("alike_gbp", "Outturn, if the rest goes as last year's did", "gbp_m"),
    Measure("fte", "Full-time equivalents so far", "fte"),
    Measure("before_fte", "Full-time equivalents by the same point last year", "fte"),
    Measure("paid_pct", "Nights so far that are paid for", "percent1", "nights in placement"),
    Measure("before_paid_pct", "The same last year", "percent1", "nights in placement"),
)


@STUDY.followed_by
def budget_in_year(data: StudyData) -> tuple[Result, ...]:
    """Return the outturn of the year under way (``budget_in_year``).

    Nothing where the study looks from the end of a year, or no line pays for this year yet.

    Returns
    -------
    tuple of Result
        By type and group: ``so_far_gbp``, ``rest_gbp`` and ``outturn_gbp``, the last two with
        ranges of 80 and 95%. Of all placements, beside the same point last year: pounds, full-time
        equivalents, and the share of nights that are paid for.
    """
    out = Outturns.of(data)
    window = out.spending.basis.shown.windows[-1]
    if not window.part or window.year != out.years[0]:
        return ()
    basis, key = out.spending.basis, str(window.year)
    frames = [_of_node(out, node) for node in (None, *out.nodes)]
    table = long_table(pd.concat([*frames, _beside(out.spending)], ignore_index=True))
    table["period"] = key
    day = day_words(window.end, short=True)
    there = set(table["measure"])
    return (
        Result(
            name=NAME,
            title="The year under way",
            subtitle=f"Gross pounds on placements, {basis.study.authority.name}, {key} to {day}",
            table=table,
            measures=tuple(m for m in _MEASURES if m.key in there),
            labels=out.labels,
            source=f"{out.spending.source}; the combined forecast",
            layout=Layout(
                ("group",),
                ("measure",),
                (
                    "so_far_gbp",
                    "rest_gbp",
                    "outturn_gbp",
                    "outturn_gbp_lower_80",
                    "outturn_gbp_upper_80",
                ),
            ),
            text=_said(there, key, day),
            additive=tree_sums(out.nodes),
            notes=(
                "Spent so far is what cost lines say of nights up to the day the study looks from. "
                "What is still to come are children forecast to the end of the year, at this "
                "year's prices.",
                "The same point last year is told of all placements together. Bills that come "
                "late make a year under way look cheap: the share of nights that are paid for, "
                "beside last year's, tells how many may be missing.",
            ),
            settings=out.settings,
            leans_on=out.leans(NAME, table),
        ),
    )


def _of_node(out: Outturns, node: Node | None) -> pd.DataFrame:
    whole = out.of_node(out.gross, node)[:, :1] / MILLION
    mine = [node is None or t in node.types for t in out.types]
    so_far = float(out.so_far[mine].sum()) / MILLION
    frames = [
        ranged(whole, [""]).drop(columns="median").assign(measure="outturn_gbp"),
        ranged(whole - so_far, [""]).drop(columns="median").assign(measure="rest_gbp"),
        pd.DataFrame({"measure": ["so_far_gbp"], "value": [so_far]}),
    ]
    return pd.concat(frames, ignore_index=True).assign(group=node.key if node else ALL)


def _beside(spending: Spending) -> pd.DataFrame:
    """Return numbers of all placements so far, and at the same point last year where known."""
    basis = spending.basis
    window, now = basis.shown.windows[-1], len(basis.shown.windows) - 1
    found = {f"{k}": v for k, v in _upto(spending, now, window).items() if k != "gbp"}
    so_far = _upto(spending, now, window)["gbp"]
    earlier = [k for k, w in enumerate(basis.shown.windows) if w.year == window.year - 1]
    if earlier:
        same = Window(window.year - 1, _year_before(window.end))
        before = _upto(spending, earlier[0], same)
        last = float(spending.of_node(spending.by_type("gross"), None)[earlier[0]]) / MILLION
        found |= {f"before_{k}": v for k, v in before.items()}
        found["last_gbp"] = last
        if before["gbp"] > 0:
            found["alike_gbp"] = last * so_far / before["gbp"]
    return pd.DataFrame({"measure": list(found), "value": list(found.values()), "group": ALL})


def _upto(spending: Spending, at: int, window: Window) -> dict[str, float]:
    """Return pounds, full-time equivalents and share paid for up to a day of a year."""
    basis = spending.basis
    cut = int(np.datetime64(window.end, "D").astype("int64"))
    parts = spending.parts
    mine = parts[(parts["window"] == at) & (parts["outcome"] == PLACED) & (parts["first"] <= cut)]
    last = np.minimum(mine["last"].to_numpy(), cut)
    share = (last - mine["first"].to_numpy() + 1) / mine["days"].to_numpy()
    nights = placement_days(basis.records, [window], basis.scope, basis.study.categories)["days"]
    paid = distinct_nights(mine.assign(last=last), ["window"])["nights"].sum()
    return {
        "gbp": float((mine["gross"] * share).sum()) / MILLION,
        "fte": float(nights.sum() / days_of(window, basis.study.counting)),
        "paid_pct": float(100 * paid / nights.sum()),
    }


def _year_before(day: dt.date) -> dt.date:
    """Return the same day a year before; of 29 February the day before it."""
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if leap else day.day)


def _said(there: set[str], key: str, day: str) -> tuple[Sentence, ...]:
    def ref(measure: str) -> str:
        return figure_id(NAME, measure, ALL, key)

    said = [
        Sentence(
            "{year}: {so_far} was spent up to {day}. The year will come to about {n}, in eight "
            "cases of ten between {low} and {high}.",
            {
                "so_far": ref("so_far_gbp"),
                "n": ref("outturn_gbp"),
                "low": ref("outturn_gbp_lower_80"),
                "high": ref("outturn_gbp_upper_80"),
            },
            {"year": key, "day": day},
        )
    ]
    if "alike_gbp" in there:
        said.append(
            Sentence(
                "By the same point last year {before} had been spent, of {last} in the whole year: "
                "if the rest goes as it did then, this year comes to {alike}. Full-time "
                "equivalents so far are {fte}, against {then}; {paid} of nights are paid for, "
                "against {paid_then}.",
                {
                    "before": ref("before_gbp"),
                    "last": ref("last_gbp"),
                    "alike": ref("alike_gbp"),
                    "fte": ref("fte"),
                    "then": ref("before_fte"),
                    "paid": ref("paid_pct"),
                    "paid_then": ref("before_paid_pct"),
                },
            )
        )
    return tuple(said)
