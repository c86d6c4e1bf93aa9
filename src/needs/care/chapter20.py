"""Chapter 20, children looked after: every result that rests on SSDA903 records.

They count the same children, and are protected as one (:mod:`needs.care.kin`).
"""

from __future__ import annotations

from needs.care import (
    printed_tables,
    results_adoption,
    results_apart,
    results_days,
    results_distance,
    results_districts,
    results_flows,
    results_health,
    results_mix,
    results_rates,
    results_restated,
    results_stability,
    results_stay,
    results_stock,
    results_turnover,
    results_uasc,
    results_who,
)
from needs.care.kin import FAMILY

__all__ = [
    "adoption_times",
    "ages",
    "care_leavers",
    "distance",
    "distance_by_placement",
    "districts",
    "ethnicity",
    "flows",
    "full_time_equivalents",
    "health",
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
    "printed_agreement",
    "rates",
    "re_entries",
    "remaining_stay",
    "restated",
    "restated_reasons",
    "reviews",
    "sexes",
    "short_breaks",
    "started_ages",
    "stay_estimates",
    "stay_means",
    "stock",
    "unaccompanied",
]

stock = FAMILY(results_stock.stock)
flows = FAMILY(results_flows.flows)
periods = FAMILY(results_flows.periods)
started_ages = FAMILY(results_flows.started_ages)
placement_mix = FAMILY(results_mix.placement_mix)
ages = FAMILY(results_stock.ages)
sexes = FAMILY(results_stock.sexes)
legal_status = FAMILY(results_stock.legal_status)
needs = FAMILY(results_stock.needs)
unaccompanied = FAMILY(results_uasc.unaccompanied)
stay_means = FAMILY(results_stay.stay_means)
leavers = FAMILY(results_turnover.leavers)
permanence = FAMILY(results_turnover.permanence)
re_entries = FAMILY(results_turnover.re_entries)
distance = FAMILY(results_distance.distance)
distance_by_placement = FAMILY(results_distance.distance_by_placement)
districts = FAMILY(results_districts.districts)
placements_a_year = FAMILY(results_stability.placements_a_year)
ethnicity = FAMILY(results_who.ethnicity)
rates = FAMILY(results_rates.rates)
adoption_times = FAMILY(results_adoption.adoption_times)
restated = FAMILY(results_restated.restated)
restated_reasons = FAMILY(results_restated.restated_reasons)
printed_agreement = FAMILY(printed_tables.printed_agreement)
health = FAMILY(results_health.health)
reviews = FAMILY(results_health.reviews)
short_breaks = FAMILY(results_apart.short_breaks)
missing = FAMILY(results_apart.missing)
care_leavers = FAMILY(results_apart.care_leavers)
full_time_equivalents = FAMILY(results_days.full_time_equivalents)
move_rates = FAMILY(results_stability.move_rates)
move_reasons = FAMILY(results_stability.move_reasons)
long_term_stability = FAMILY(results_stability.long_term_stability)
stay_estimates = FAMILY(results_stay.stay_estimates)
remaining_stay = FAMILY(results_stay.remaining_stay)
