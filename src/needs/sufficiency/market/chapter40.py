"""Chapter 40, the market: every result of it."""

from __future__ import annotations

from needs.sufficiency.market.results_beds import beds_here
from needs.sufficiency.market.results_bought import concentration, routes_shared
from needs.sufficiency.market.results_list import registered, registered_kinds, registered_ratings

__all__ = [
    "beds_here",
    "concentration",
    "registered",
    "registered_kinds",
    "registered_ratings",
    "routes_shared",
]
