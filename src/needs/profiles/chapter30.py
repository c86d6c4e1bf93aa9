"""Chapter 30, needs: every result that rests on needs assessments.

Those that count children are of the study's household; means and shares follow it.
"""

from __future__ import annotations

from needs.profiles import (
    results_ages,
    results_coverage,
    results_crosscheck,
    results_placement,
    results_printed,
    results_profiles,
    results_ranks,
    results_scores,
    results_sdq,
)
from needs.profiles.kin import FAMILY
from needs.vocabulary.kin import STUDY

__all__ = [
    "bases_and_gaps",
    "by_age",
    "by_age_and_sex",
    "by_placement",
    "by_provision",
    "coverage_of_needs",
    "differences",
    "domains_ranked",
    "other_ways",
    "over_time",
    "printed_needs",
    "printed_ranks",
    "profile_domains",
    "profile_models",
    "profiles_found",
    "strengths_and_difficulties",
]

coverage_of_needs = FAMILY(results_coverage.coverage_of_needs)
over_time = STUDY.followed_by(results_scores.over_time)
by_age = STUDY.followed_by(results_ages.by_age)
by_placement = STUDY.followed_by(results_placement.by_placement)
bases_and_gaps = STUDY.followed_by(results_scores.bases_and_gaps)
domains_ranked = STUDY.followed_by(results_ranks.domains_ranked)
differences = STUDY.followed_by(results_scores.differences)
by_age_and_sex = STUDY.followed_by(results_ages.by_age_and_sex)
by_provision = STUDY.followed_by(results_ages.by_provision)
printed_needs = STUDY.followed_by(results_printed.printed_needs)
printed_ranks = STUDY.followed_by(results_printed.printed_ranks)
profiles_found = STUDY.followed_by(results_profiles.profiles_found)
profile_domains = STUDY.followed_by(results_profiles.profile_domains)
other_ways = STUDY.followed_by(results_crosscheck.other_ways)
profile_models = STUDY.followed_by(results_profiles.profile_models)
strengths_and_difficulties = FAMILY(results_sdq.strengths_and_difficulties)
