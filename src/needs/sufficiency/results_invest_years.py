"""Chapter 70: what the value of homes that are to open hangs on, and when the money comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from needs.care.rows import wide_rows
from needs.sufficiency.invest import CHILDREN, INPUTS
from needs.sufficiency.invest_outcome import LEVEL, Outcome, swings
from needs.sufficiency.invest_plan import Planned
from needs.sufficiency.invest_words import labels_of, shared, subtitle_of
from needs.vocabulary.results import ALL, Chart, Layout, Measure, Result, Sentence, figure_id
from needs.vocabulary.units import printed

if TYPE_CHECKING:
    from needs.vocabulary.records import StudyData

__all__ = ["swings_of", "years_of"]

SWINGS, YEARS = "invest_swings", "invest_years"
AT = {"at_low": "At its low end", "at_high": "At its high end"}

_YEAR_MEASURES = (
    Measure("children_n", "Children in them", "fte"),
    Measure("capital_gbp_k", "Capital", "gbp_k"),
    Measure("own_gbp_k", "Cost of the homes", "gbp_k"),
    Measure("avoided_gbp_k", "Placements not bought", "gbp_k"),
    Measure("net_gbp_k", "Saved", "gbp_k"),
    Measure("day_gbp_k", "Saved, in money of the day", "gbp_k"),
    Measure("sum_gbp_k", "Saved so far", "gbp_k"),
    Measure("worth_gbp_k", "Saved so far, discounted", "gbp_k"),
)


def swings_of(data: StudyData, planned: Planned, lived: Outcome) -> Result:
    """Return the present value with one input at either end (``invest_swings``)."""
    found = [s for s in swings(planned.plan) if abs(s.high - s.low) >= 1]
    words = {i.key: i.words for i in (*INPUTS, CHILDREN)}
    central = {
        k: float(lived.of(lived.central.net, k)[0] @ planned.plan.terms.factors)
        for k in (ALL, *planned.plan.keys)
    }
    rows = [
        {
            "group": s.key,
            "by": s.input,
            "period": at,
            "npv_gbp_k": v / 1000,
            "change_gbp_k": (v - central[s.key]) / 1000,
        }
        for s in found
        for at, v in zip(AT, (s.low, s.high), strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["group", "by", "period", "npv_gbp_k", "change_gbp_k"])
    order = list(dict.fromkeys(s.input for s in found))
    labels = labels_of(planned, **{k: words[k] for k in order}, **AT, group="Home", by="Input")
    top = [s for s in found if s.key == ALL][:1]
    return Result(
        name=SWINGS,
        title="What the value of the homes hangs on",
        subtitle=subtitle_of(
            data, planned, "Net present value, one input moved and others central"
        ),
        table=wide_rows(frame, ["group", "by", "period"]),
        measures=(
            Measure("npv_gbp_k", "Net present value", "gbp_k"),
            Measure("change_gbp_k", "Change of the net present value", "gbp_k"),
        ),
        labels=labels,
        layout=Layout(("group", "by"), ("period",), ("npv_gbp_k",)),
        text=tuple(
            Sentence(
                "The value hangs most on “{input}”: {low} at its low end, {high} at its high.",
                {
                    "low": figure_id(SWINGS, "npv_gbp_k", ALL, "at_low", s.input),
                    "high": figure_id(SWINGS, "npv_gbp_k", ALL, "at_high", s.input),
                },
                {"input": words[s.input]},
            )
            for s in top
        ),
        charts=(
            Chart(
                key="swings",
                kind="bar",
                measure="change_gbp_k",
                x="by",
                series="period",
                title="What the value of all homes hangs on",
                subtitle=subtitle_of(data, planned, "Change when one input goes to either end"),
                alt="Two bars for each input, the change at its low end and at its high end.",
                include={"group": (ALL,)},
            ),
        )
        if top
        else (),
        notes=("An input moves in all homes at once where all are told together.",),
        **shared(data, planned),
    )


def years_of(data: StudyData, planned: Planned, found: Outcome) -> Result:
    """Return what all homes cost and save, year by year (``invest_years``)."""
    t, central = planned.plan.terms, found.central
    net = central.net.sum(axis=0)[0]
    worth = np.cumsum(found.drawn.net.sum(axis=0) * t.factors, axis=1)
    tails = np.quantile(worth, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    wide = pd.DataFrame(
        {
            "period": t.years,
            "children_n": central.children.sum(axis=0)[0],
            "capital_gbp_k": central.capital.sum(axis=0)[0],
            "own_gbp_k": central.own.sum(axis=0)[0],
            "avoided_gbp_k": central.avoided.sum(axis=0)[0],
            "net_gbp_k": net,
            "day_gbp_k": net * (1 + t.inflation) ** t.index,
            "sum_gbp_k": np.cumsum(net),
            "worth_gbp_k": np.cumsum(net * t.factors),
        }
    )
    wide.iloc[:, 2:] /= 1000  # all but children are pounds
    table = wide_rows(wide, ["period"])
    mine = table["measure"] == "worth_gbp_k"
    table.loc[mine, "lower_80"], table.loc[mine, "upper_80"] = tails / 1000
    last = t.years[-1]
    return Result(
        name=YEARS,
        title="When the money comes back",
        subtitle=subtitle_of(data, planned, "All homes, by year"),
        table=table,
        measures=_YEAR_MEASURES,
        labels=labels_of(planned, period="Year"),
        layout=Layout(("period",), ("measure",), tuple(m.key for m in _YEAR_MEASURES)),
        text=(
            Sentence(
                "By {year} the homes would have saved {sum} at prices of {base}, worth {worth} "
                "today: between {lower} and {upper} in four futures of five.",
                {
                    "sum": figure_id(YEARS, "sum_gbp_k", ALL, last),
                    "worth": figure_id(YEARS, "worth_gbp_k", ALL, last),
                    "lower": figure_id(YEARS, "worth_gbp_k_lower_80", ALL, last),
                    "upper": figure_id(YEARS, "worth_gbp_k_upper_80", ALL, last),
                },
                {"year": last, "base": str(t.first)},
            ),
        ),
        charts=(
            Chart(
                key="worth",
                kind="fan",
                measure="worth_gbp_k",
                title="What the homes have saved so far",
                subtitle=subtitle_of(data, planned, "Discounted, capital taken off"),
                alt="A line of what has been saved so far, by year, with a band around it.",
            ),
        ),
        notes=(
            "Every input is central but for the range. Saved is placements not bought, less the "
            "cost of the homes and capital. Money of the day rises with general prices: "
            f"{printed(data.study.investment.inflation_pct, 'percent1')} a year.",
        ),
        **shared(data, planned),
    )
