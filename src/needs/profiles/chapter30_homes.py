"""Chapter 30, needs: from needs to homes, and early signals.

Counts of children, placements and requests are of the study's household
(:mod:`needs.profiles.homes_kin`); shares, hazards and rates follow it.
"""

from __future__ import annotations

from needs.profiles import results_by_profile, results_early, results_homes, results_places
from needs.profiles.homes_kin import FAMILY
from needs.vocabulary.kin import STUDY

__all__ = [
    "asked_and_found",
    "belief",
    "early_hazards",
    "early_rates",
    "early_tests",
    "homes_by_profile",
    "places_a_year",
    "unlike_placements",
]

homes_by_profile = STUDY.followed_by(results_by_profile.homes_by_profile)
unlike_placements = FAMILY(results_homes.unlike_placements)
belief = FAMILY(results_homes.belief)
asked_and_found = FAMILY(results_places.asked_and_found)
places_a_year = FAMILY(results_places.places_a_year)
early_rates = STUDY.followed_by(results_early.early_rates)
early_hazards = STUDY.followed_by(results_early.early_hazards)
early_tests = STUDY.followed_by(results_early.early_tests)
