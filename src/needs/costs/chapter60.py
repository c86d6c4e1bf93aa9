"""Chapter 60, costs: every result that rests on cost lines."""

from __future__ import annotations

from needs.costs.published_budgets import finance_again, supported_again
from needs.costs.published_costs import costs_again
from needs.costs.results_benchmark import unit_costs_beside_others
from needs.costs.results_budget import spending_against_budget
from needs.costs.results_change import spending_change
from needs.costs.results_drivers import price_drivers
from needs.costs.results_money import high_cost, money
from needs.costs.results_placed import placed_and_price
from needs.costs.results_units import unit_costs

__all__ = [
    "costs_again",
    "finance_again",
    "high_cost",
    "money",
    "placed_and_price",
    "price_drivers",
    "spending_against_budget",
    "spending_change",
    "supported_again",
    "unit_costs",
    "unit_costs_beside_others",
]
