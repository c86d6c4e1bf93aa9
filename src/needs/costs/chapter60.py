"""Chapter 60, costs: every result that rests on cost lines."""

from __future__ import annotations

from needs.costs.results_allowances import allowances, allowances_ahead
from needs.costs.results_change import spending_change
from needs.costs.results_drivers import price_drivers
from needs.costs.results_money import high_cost, money
from needs.costs.results_others import average_cost, paid_by_others
from needs.costs.results_providers import provider_prices
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
    "high_cost",
    "high_cost_profile",
    "money",
    "paid_by_others",
    "price_drivers",
    "price_spread",
    "price_uplifts",
    "provider_prices",
    "purchase_routes",
    "spending_change",
    "unit_costs",
]
