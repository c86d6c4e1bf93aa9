"""Trends that an authority has printed in its own documents, as results for chapter 20.

Nothing is hidden in these results: every number is in the public domain already. Where
documents print different numbers for one thing, all of them are shown.
"""

from __future__ import annotations

from needs.care.published_leavers import ceased_over_stock
from needs.care.published_mix import placement_mix, placement_shares
from needs.care.published_services import care_leavers, edge_of_care
from needs.care.published_stock import stock_by_year
from needs.care.published_trends import distance, length_of_stay, targets

__all__ = [
    "care_leavers",
    "ceased_over_stock",
    "distance",
    "edge_of_care",
    "length_of_stay",
    "placement_mix",
    "placement_shares",
    "stock_by_year",
    "targets",
]
