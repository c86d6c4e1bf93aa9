"""Chapter 40, provision and gaps: every result that rests on the stock of places."""

from __future__ import annotations

from needs.sufficiency.capacity.results_gap import gap_by_month, gap_by_year
from needs.sufficiency.capacity.results_matching import matching
from needs.sufficiency.capacity.results_months import occupancy_by_month
from needs.sufficiency.capacity.results_occupancy import occupancy
from needs.sufficiency.capacity.results_places import places_over_time
from needs.sufficiency.capacity.results_voids import voids

__all__ = [
    "gap_by_month",
    "gap_by_year",
    "matching",
    "occupancy",
    "occupancy_by_month",
    "places_over_time",
    "voids",
]
