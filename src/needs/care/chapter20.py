"""Chapter 20, children looked after: every result that rests on SSDA903 records.

They count the same children, and are protected as one (:mod:`needs.care.kin`).
"""

from __future__ import annotations

from needs.care import results_flows, results_mix, results_stock, results_uasc
from needs.care.kin import FAMILY

__all__ = [
    "ages",
    "ceased_reasons",
    "flows",
    "legal_status",
    "needs",
    "periods",
    "placement_mix",
    "sexes",
    "started_ages",
    "stock",
    "unaccompanied",
]

stock = FAMILY(results_stock.stock)
flows = FAMILY(results_flows.flows)
periods = FAMILY(results_flows.periods)
started_ages = FAMILY(results_flows.started_ages)
ceased_reasons = FAMILY(results_flows.ceased_reasons)
placement_mix = FAMILY(results_mix.placement_mix)
ages = FAMILY(results_stock.ages)
sexes = FAMILY(results_stock.sexes)
legal_status = FAMILY(results_stock.legal_status)
needs = FAMILY(results_stock.needs)
unaccompanied = FAMILY(results_uasc.unaccompanied)
