"""Chapter 20, children looked after: results that rest on the services' own lists and counts.

Requests for placements, work on the edge of care, and care leavers by entitlement. They are
protected as one (:mod:`needs.care.kin_edge`), without those whose input a study lacks.
"""

from __future__ import annotations

from needs.care import results_edge, results_entitled, results_referrals
from needs.care.kin_edge import FAMILY

__all__ = [
    "asked_and_placed",
    "edge_of_care",
    "entitled",
    "entitled_support",
    "referrals",
    "same_day",
]

edge_of_care = FAMILY(results_edge.edge_of_care)
referrals = FAMILY(results_referrals.referrals)
same_day = FAMILY(results_referrals.same_day)
asked_and_placed = FAMILY(results_referrals.asked_and_placed)
entitled = FAMILY(results_entitled.entitled)
entitled_support = FAMILY(results_entitled.entitled_support)
