"""Chapter 45, foster carers: every result that its notebook shows."""

from __future__ import annotations

from needs.sufficiency.fostering.results_age import age_profile
from needs.sufficiency.fostering.results_ahead import ahead, tested
from needs.sufficiency.fostering.results_children import kinship_to_guardianship, staying_put
from needs.sufficiency.fostering.results_printed import printed_need
from needs.sufficiency.fostering.results_stages import conversion, service
from needs.sufficiency.fostering.results_stock import by_year, stock
from needs.sufficiency.fostering.results_target import target
from needs.sufficiency.fostering.results_years import filled, share_ahead

__all__ = [
    "age_profile",
    "ahead",
    "by_year",
    "conversion",
    "filled",
    "kinship_to_guardianship",
    "printed_need",
    "service",
    "share_ahead",
    "staying_put",
    "stock",
    "target",
    "tested",
]
