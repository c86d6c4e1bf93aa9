"""Chapter 30, needs: every result that rests on needs assessments.

Those that count children are of the study's household; means and shares follow it.
"""

from __future__ import annotations

from needs.profiles import results_coverage, results_placement
from needs.profiles.kin import FAMILY
from needs.vocabulary.kin import STUDY

__all__ = ["by_placement", "coverage_of_needs"]

coverage_of_needs = FAMILY(results_coverage.coverage_of_needs)
by_placement = STUDY.followed_by(results_placement.by_placement)
