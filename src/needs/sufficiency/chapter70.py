"""Chapter 70, budget and investment: what placements will cost, how sure, and what moves it."""

from __future__ import annotations

from needs.sufficiency.budget_ahead import budget_ahead, budget_risk
from needs.sufficiency.budget_committed import budget_committed
from needs.sufficiency.budget_in_year import budget_in_year
from needs.sufficiency.budget_levers import budget_levers
from needs.sufficiency.budget_past import budget_past
from needs.sufficiency.published_ends import homes_ends
from needs.sufficiency.published_invest import homes_range
from needs.sufficiency.published_ways import homes_ways
from needs.sufficiency.results_invest import homes_to_open
from needs.sufficiency.results_invest_fostering import carers_to_recruit

__all__ = [
    "budget_ahead",
    "budget_committed",
    "budget_in_year",
    "budget_levers",
    "budget_past",
    "budget_risk",
    "carers_to_recruit",
    "homes_ends",
    "homes_range",
    "homes_to_open",
    "homes_ways",
]
