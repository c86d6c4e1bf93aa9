"""Chapter 60: why spending on placements was not what the budget planned, cause by cause."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from needs.costs.causes import AFTER, BEFORE, TYPE, Change, coarsened, leans, paid_rows, too_few
from needs.costs.decompose import CHILDREN, PRICE, Year
from needs.costs.results_change import FEW, GBP, change_table, told, waterfall
from needs.costs.spending import Spending, cannot
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Additive, Layout, Result

__all__ = ["spending_against_budget"]

NAME, TITLE = "cost_against_budget", "Why spending was not what the budget planned"
_CAUSES = {
    CHILDREN: "Number of placements",
    TYPE: "Mix of placement types",
    PRICE: "Price of a night",
}
_WORDS = {BEFORE: "Planned in the budget", **_CAUSES, AFTER: "Spent in the year"}
_NOTES = (
    "Number of placements: full-time equivalents paid for (nights over the days of the year) "
    "against those planned. A budget knows no children, routes, providers or needs, so these are "
    "no causes here.",
    "Planned pounds are full-time equivalents times the planned price of a week, over the weeks "
    "of the year, unless the budget gives the pounds.",
    "Each cause has its mean effect over all orders in which the causes may change (Shapley), so "
    "that they add up to the penny.",
    "A type that was planned and not used stands in the total only. Types of few children are put "
    "together before anything is worked out, and groups that hold such a type are told whole.",
)


@STUDY.followed_by
def spending_against_budget(data: StudyData) -> Result:
    """Return why gross spending was not what was planned (``cost_against_budget``).

    Returns
    -------
    Result
        By type and group (``group``), year and cause (``by``): pounds. From ``before``, the
        budget, the causes lead to ``after``, to the penny before they are rounded for print.

    Raises
    ------
    InputMissing
        If the study has no budget of placements, no cost lines or no returns.
    """
    budget = data.placement_budget.frame
    spending = Spending.of(data)
    windows = spending.basis.shown.windows
    periods = budget["period"].astype(str)
    known = {
        str(w.year): k
        for k, w in enumerate(windows)
        if not w.part and (periods == str(w.year)).any()
    }
    if any(too_few(spending, (k,)) for k in known.values()):
        return cannot(spending, NAME, TITLE, GBP, FEW)
    if not known:
        why = "The budget is of no full year that cost lines fall into."
        return cannot(spending, NAME, TITLE, GBP, why)
    found = {
        spending.basis.window_keys[k]: _change(data, spending, k, budget[periods == year])
        for year, k in known.items()
    }
    return _result(spending, found)


def _result(spending: Spending, found: Mapping[str, Change]) -> Result:
    basis = spending.basis
    key = list(found)[-1]
    table = change_table(spending, found, _CAUSES)
    labels = spending.labels | _WORDS
    years = basis.window_keys
    return Result(
        name=NAME,
        title=TITLE,
        subtitle=f"Gross spending against the budget by cause, {basis.study.authority.name}",
        table=table,
        measures=(GBP,),
        labels=labels,
        source=f"{spending.source}; budget of placements",
        layout=Layout(rows=("group", "by"), columns=("period",)),
        text=told(spending, NAME, table, key, labels, "budget"),
        charts=(
            waterfall(
                spending, tuple(_CAUSES), key, "the budget", "What moved spending off its budget"
            ),
        ),
        additive=(Additive("by", AFTER, (BEFORE, *_CAUSES)),),
        notes=_NOTES,
        settings=spending.settings,
        # A plan is often what the year before came to: it follows the children of both.
        leans_on=leans(NAME, table, dict(zip(years[1:], years[:-1], strict=True))),
    )


def _change(data: StudyData, spending: Spending, at: int, budget: pd.DataFrame) -> Change:
    """Return the change from a year's budget to what was spent, by type."""
    days = float(spending.length[at])
    rows, cells = coarsened(spending, paid_rows(data, spending, (at,)), ())
    name = {t: cell for cell, types in cells.items() for t in types}
    kinds = budget["placement_type"].astype(str)
    cells = {**cells, **{t: frozenset({t}) for t in kinds if t not in name}}
    fte = budget["fte"].to_numpy(dtype=float)
    weekly = budget["weekly_cost_gbp"].to_numpy(dtype=float)
    given = budget["budget_gbp"].to_numpy(dtype=float)
    plan = pd.DataFrame(
        {
            TYPE: [name.get(t, t) for t in kinds],
            "nights": fte * days,
            "gbp": np.where(np.isnan(given), fte * weekly * spending.weeks[at], given),
        }
    )
    spent = rows.groupby(TYPE)[["nights", "gbp"]].sum().reset_index()
    planned, used = (
        Year(frame, float(frame["nights"].sum()) / days) for frame in (plan, spent)
    )  # fmt: skip
    return Change.of(planned, used, cells, (TYPE,))
