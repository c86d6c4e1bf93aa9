"""Chapter 20, children looked after: every result that rests on SSDA903 records."""

from __future__ import annotations

from needs.care.results_apart import care_leavers, missing, short_breaks
from needs.care.results_days import full_time_equivalents
from needs.care.results_distance import distance, distance_by_placement
from needs.care.results_flows import ceased_reasons, flows, periods, started_ages
from needs.care.results_mix import placement_mix
from needs.care.results_stability import (
    long_term_stability,
    move_rates,
    move_reasons,
    placements_a_year,
)
from needs.care.results_stay import remaining_stay, stay_estimates, stay_means
from needs.care.results_stock import ages, legal_status, needs, sexes, stock
from needs.care.results_turnover import leavers, permanence, re_entries
from needs.care.results_uasc import unaccompanied
from needs.care.results_who import ethnicity

__all__ = [
    "ages",
    "care_leavers",
    "ceased_reasons",
    "distance",
    "distance_by_placement",
    "ethnicity",
    "flows",
    "full_time_equivalents",
    "leavers",
    "legal_status",
    "long_term_stability",
    "missing",
    "move_rates",
    "move_reasons",
    "needs",
    "periods",
    "permanence",
    "placement_mix",
    "placements_a_year",
    "re_entries",
    "remaining_stay",
    "sexes",
    "short_breaks",
    "started_ages",
    "stay_estimates",
    "stay_means",
    "stock",
    "unaccompanied",
]
