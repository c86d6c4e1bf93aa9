"""What the last budget of placements planned, against what was then spent."""

from __future__ import annotations

from dataclasses import dataclass

from needs.costs.spending import Spending
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData

__all__ = ["Planned", "last_planned"]


@dataclass(frozen=True)
class Planned:
    """A year's budget of placements and its outturn, gross pounds.

    Parameters
    ----------
    period : str
        Key of the year.
    planned_gbp, spent_gbp : float
    """

    period: str
    planned_gbp: float
    spent_gbp: float


def last_planned(data: StudyData, spending: Spending) -> Planned | None:
    """Return the last budget of a full year that cost lines fall into; None without one.

    Notes
    -----
    Pounds of a type are full-time equivalents times the planned price of a week, unless the budget
    gives the pounds, as in :func:`needs.costs.results_budget.spending_against_budget`.
    """
    try:
        budget = data.placement_budget.frame
    except InputMissing:
        return None
    period = budget["period"].astype(str)
    spent = spending.of_node(spending.by_type("gross"), None)
    for at, window in reversed(list(enumerate(spending.basis.shown.windows))):
        mine = budget[period == str(window.year)]
        if not window.part and len(mine):
            worked = mine["fte"] * mine["weekly_cost_gbp"] * float(spending.weeks[at])
            gbp = mine["budget_gbp"].astype(float).fillna(worked.astype(float)).sum()
            return Planned(window.key, float(gbp), float(spent[at]))
    return None
