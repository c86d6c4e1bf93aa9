"""Chapter 40, the market: every result of it."""

from __future__ import annotations

from needs.sufficiency.market.results_bought import concentration, routes_shared
from needs.sufficiency.market.results_list import registered, registered_ratings

__all__ = ["concentration", "registered", "registered_ratings", "routes_shared"]
