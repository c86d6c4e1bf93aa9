"""Chapter 60, costs: every result that rests on cost lines."""

from __future__ import annotations

from needs.costs.published_budgets import finance_again, supported_again
from needs.costs.published_costs import costs_again
from needs.costs.results_alike import like_for_like
from needs.costs.results_allowances import allowances, allowances_ahead
from needs.costs.results_benchmark import unit_costs_beside_others
from needs.costs.results_budget import spending_against_budget
from needs.costs.results_change import spending_change
from needs.costs.results_drivers import price_drivers
from needs.costs.results_family import price_family
from needs.costs.results_fit import price_fit
from needs.costs.results_money import high_cost, money
from needs.costs.results_others import average_cost, paid_by_others
from needs.costs.results_placed import placed_and_price
from needs.costs.results_providers import provider_prices
from needs.costs.results_quantiles import price_quantiles
from needs.costs.results_routes import purchase_routes
from needs.costs.results_spread import price_spread
from needs.costs.results_tail import bespoke, high_cost_profile
from needs.costs.results_units import unit_costs
from needs.costs.results_uplifts import price_uplifts

__all__ = [
    "allowances",
    "allowances_ahead",
    "average_cost",
    "bespoke",
    "costs_again",
    "finance_again",
    "high_cost",
    "high_cost_profile",
    "like_for_like",
    "money",
    "paid_by_others",
    "placed_and_price",
    "price_drivers",
    "price_family",
    "price_fit",
    "price_quantiles",
    "price_spread",
    "price_uplifts",
    "provider_prices",
    "purchase_routes",
    "spending_against_budget",
    "spending_change",
    "supported_again",
    "unit_costs",
    "unit_costs_beside_others",
]
