"""Chapter 50 from records: the forecast, its tests, its sensitivity and its scenarios."""

from __future__ import annotations

from needs.forecast.ahead_annual import annual_totals
from needs.forecast.ahead_assumptions import assumptions, assumptions_annex
from needs.forecast.ahead_beyond import beyond_18
from needs.forecast.ahead_demand import ages_ahead, demand_ahead
from needs.forecast.ahead_flows import flows_ahead
from needs.forecast.ahead_levers import sensitivity
from needs.forecast.ahead_scenarios import scenarios
from needs.forecast.ahead_tests import methods_by_year, methods_tested, past_years, types_tested
from needs.forecast.ahead_total import each_ahead, total_ahead
from needs.forecast.series.results import monthly_pattern, others_ahead
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
    "others_ahead",
    "past_years",
    "scenarios",
    "sensitivity",
    "total_ahead",
    "types_tested",
    "unaccompanied_ahead",
]
