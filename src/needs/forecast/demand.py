"""Chapter 50 from records: the forecast, its tests, its sensitivity and its scenarios."""

from __future__ import annotations

from needs.forecast import (
    ahead_each,
    ahead_kin,
    ahead_levers,
    ahead_scenarios,
    ahead_tests,
    ahead_total,
)
from needs.forecast.ahead_annual import annual_totals
from needs.forecast.ahead_assumptions import assumptions, assumptions_annex
from needs.forecast.ahead_beyond import beyond_18
from needs.forecast.ahead_demand import ages_ahead, demand_ahead
from needs.forecast.ahead_flows import flows_ahead
from needs.forecast.series.results import monthly_pattern
from needs.forecast.series.results_uasc import unaccompanied_ahead

__all__ = [
    "ages_ahead",
    "annual_totals",
    "assumptions",
    "assumptions_annex",
    "beyond_18",
    "demand_ahead",
    "each_ahead",
    "flows_ahead",
    "methods_by_year",
    "methods_tested",
    "monthly_pattern",
    "past_years",
    "scenarios",
    "sensitivity",
    "total_ahead",
    "types_tested",
    "unaccompanied_ahead",
]

total_ahead = ahead_kin.ranges_on_totals(ahead_total.total_ahead)
each_ahead = ahead_kin.on_totals(ahead_each.each_ahead)
methods_by_year = ahead_kin.on_totals(ahead_tests.methods_by_year)
methods_tested = ahead_kin.on_totals(ahead_tests.methods_tested)
past_years = ahead_kin.on_totals(ahead_tests.past_years)
types_tested = ahead_kin.by_type(ahead_tests.types_tested)
sensitivity = ahead_kin.types_today(ahead_levers.sensitivity)
scenarios = ahead_kin.types_today(ahead_scenarios.scenarios)
