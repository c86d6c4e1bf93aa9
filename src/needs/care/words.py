"""Words for the codes and groups that chapter 20 prints."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from needs.vocabulary.codes import code_set

__all__ = ["LEGAL_STATUS", "LEGAL_STATUS_WORDS", "SEX_WORDS", "UASC_WORDS", "direction", "needs"]

SEX_WORDS: Mapping[str, str] = MappingProxyType(
    {"female": "Female", "male": "Male", "unknown": "Not known"}
)

UASC_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "uasc": "Unaccompanied asylum-seeking children",
        "not_uasc": "All other children",
    }
)

LEGAL_STATUS_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "interim_care_order": "Interim care order",
        "full_care_order": "Full care order",
        "placement_order": "Placement or freeing order",
        "agreement": "Accommodated by agreement (section 20)",
        "detained": "Detained for the child's protection",
        "youth_justice": "Youth justice status",
        "short_breaks": "Short-break series",
    }
)

LEGAL_STATUS: Mapping[str, str] = MappingProxyType(
    {
        "C1": "interim_care_order",
        "C2": "full_care_order",
        "D1": "placement_order",
        "E1": "placement_order",
        "V2": "agreement",
        "V3": "short_breaks",
        "V4": "short_breaks",
        "L1": "detained",
        "L2": "detained",
        "L3": "detained",
        "J1": "youth_justice",
        "J2": "youth_justice",
        "J3": "youth_justice",
    }
)
"""Legal status code -> group of the DfE releases, interim and full care orders apart."""


def needs() -> dict[str, str]:
    """Return the categories of need: code -> words, as a heading starts."""
    return {c: w[:1].upper() + w[1:] for c, w in code_set("CIN").labels.items()}


def direction(change: float, up: str, down: str, same: str) -> str:
    """Return the words that fit a change."""
    return up if change > 0 else down if change < 0 else same
