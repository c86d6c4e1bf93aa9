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
from needs.sufficiency.results_swings import tornado
from needs.vocabulary.results import ALL, Chart, Layout, Measure, Result, Sentence, figure_id
from needs.vocabulary.units import printed

if TYPE_CHECKING:
    from needs.vocabulary.records import StudyData

__all__ = ["swings_of", "years_of"]

SWINGS, YEARS = "invest_swings", "invest_years"

_YEAR_MEASURES = (
    Measure("children_n", "Children in them", "children_mean"),
    Measure("capital_gbp_k", "Capital", "gbp_k"),
    Measure("own_gbp_k", "Cost of the homes", "gbp_k"),
    Measure("avoided_gbp_k", "Placements not bought", "gbp_k"),
    Measure("net_gbp_k", "Saved", "gbp_k"),
    Measure("day_gbp_k", "Saved, in money of the day", "gbp_k"),
    Measure("sum_gbp_k", "Saved by then", "gbp_k"),
    Measure("worth_gbp_k", "Saved by then, discounted", "gbp_k"),
)


def swings_of(data: StudyData, planned: Planned, lived: Outcome) -> Result:
    """Return the present value with one input at either end (``invest_swings``)."""
    central = {
        k: float(lived.of(lived.central.net, k)[0] @ planned.plan.terms.factors)
        for k in (ALL, *planned.plan.keys)
    }
    return tornado(
        SWINGS,
        "the homes",
        swings(planned.plan),
        central,
        {i.key: i.words for i in (*INPUTS, CHILDREN)},
        subtitle_of(data, planned, "{}"),
        {"labels": labels_of(planned, group="Home"), **shared(data, planned.paid, planned.counted)},
    )


def years_of(data: StudyData, planned: Planned, found: Outcome) -> Result:
    """Return what all homes cost and save, year by year (``invest_years``)."""
    t, drawn = planned.plan.terms, found.drawn

    # With every input central a home would open on the day: what is told must lie in its range.
    def mean(of: np.ndarray) -> np.ndarray:
        return np.asarray(of.sum(axis=0).mean(axis=0))

    net = mean(drawn.net)
    worth = np.cumsum(drawn.net.sum(axis=0) * t.factors, axis=1)
    tails = np.quantile(worth, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    wide = pd.DataFrame(
        {
            "period": t.years,
            "children_n": mean(drawn.children),
            "capital_gbp_k": mean(drawn.capital),
            "own_gbp_k": mean(drawn.own),
            "avoided_gbp_k": mean(drawn.avoided),
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
                "By {year} the homes would have saved {sum} at prices of {base} on average over "
                "the futures drawn. That is worth {worth} today: between {lower} and {upper} in "
                "four futures of five.",
                {
                    "sum": figure_id(YEARS, "sum_gbp_k", ALL, last),
                    "worth": figure_id(YEARS, "worth_gbp_k", ALL, last),
                    "lower": figure_id(YEARS, "worth_gbp_k_lower_80", ALL, last),
                    "upper": figure_id(YEARS, "worth_gbp_k_upper_80", ALL, last),
                },
                {"year": last, "base": str(t.first)},
            ),
        ),
        charts=(_so_far(subtitle_of(data, planned, "Discounted, capital taken off")),),
        notes=(
            "Every number is the mean over the futures drawn. It is not what stands above with "
            "every input at its central value: a home may open late, and hardly ever early. "
            "Saved is placements not bought, less the cost of the homes and capital. Money of the "
            "day rises with general prices: "
            f"{printed(data.study.investment.inflation_pct, 'percent1')} a year.",
        ),
        **shared(data, planned.paid, planned.counted),
    )


def _so_far(subtitle: str) -> Chart:
    return Chart(
        key="worth",
        kind="fan",
        measure="worth_gbp_k",
        title="What the homes would have saved, year by year",
        subtitle=subtitle,
        alt="A line of what would have been saved by each year, with a band around it.",
    )
