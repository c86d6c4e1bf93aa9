"""Chapter 60, costs: every result that rests on cost lines."""

from __future__ import annotations

from needs.costs.results_alike import like_for_like
from needs.costs.results_change import spending_change
from needs.costs.results_drivers import price_drivers
from needs.costs.results_family import price_family
from needs.costs.results_fit import price_fit
from needs.costs.results_money import high_cost, money
from needs.costs.results_quantiles import price_quantiles
from needs.costs.results_units import unit_costs

__all__ = [
    "high_cost",
    "like_for_like",
    "money",
    "price_drivers",
    "price_family",
    "price_fit",
    "price_quantiles",
    "spending_change",
    "unit_costs",
]
