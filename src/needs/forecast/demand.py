"""Chapter 50 from records: the forecast, its tests, its sensitivity and its scenarios."""

from __future__ import annotations

from needs.forecast import ahead_demand, ahead_kin, ahead_levers, ahead_tests
from needs.forecast.ahead_assumptions import assumptions
from needs.forecast.ahead_demand import ages_ahead, demand_ahead
from needs.forecast.ahead_flows import flows_ahead

__all__ = [
    "ages_ahead",
    "assumptions",
    "demand_ahead",
    "flows_ahead",
    "methods_tested",
    "past_years",
    "scenarios",
    "sensitivity",
    "total_ahead",
    "types_tested",
]

total_ahead = ahead_kin.ranges_on_totals(ahead_demand.total_ahead)
methods_tested = ahead_kin.on_totals(ahead_tests.methods_tested)
past_years = ahead_kin.on_totals(ahead_tests.past_years)
types_tested = ahead_kin.by_type(ahead_tests.types_tested)
sensitivity = ahead_kin.types_today(ahead_levers.sensitivity)
scenarios = ahead_kin.types_today(ahead_levers.scenarios)
