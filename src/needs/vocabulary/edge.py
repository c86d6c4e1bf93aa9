"""Work on the edge of care: its stages, in the order of the work, and their units.

A stage is counted in units of its own. Requests are not children, families are not
conferences, and nights are not people: numbers of different units are never added up, and no
share is taken of one in another.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["FUNNELS", "STAGE_UNITS"]

_ASKED = ("requests", "children")
_HELPED = ("children", "families", "cases")
_HOMELESS = ("children",)

STAGE_UNITS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "placement_duty_referred": _ASKED,
        "placement_duty_placed": _ASKED,
        "placement_duty_avoided": _ASKED,
        "placement_duty_re_referred": _ASKED,
        "family_support": _HELPED,
        "conference_held": ("conferences", *_HELPED),
        "conference_stayed": _HELPED,
        "homeless_seen": _HOMELESS,
        "homeless_assessed": _HOMELESS,
        "homeless_home": _HOMELESS,
        "homeless_accommodated": _HOMELESS,
        "homeless_section_17": _HOMELESS,
        "bed_and_breakfast": ("children", "nights"),
        "pre_proceedings": _HELPED,
        "proceedings": _HELPED,
        "parenting_assessment": (*_HELPED, "days"),
    }
)
"""Stage -> the units in which it may be counted; the keys are those of the input."""

FUNNELS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "placement_duty_referred": (
            "placement_duty_placed",
            "placement_duty_avoided",
            "placement_duty_re_referred",
        ),
        "conference_held": ("conference_stayed",),
        "homeless_seen": (
            "homeless_assessed",
            "homeless_home",
            "homeless_accommodated",
            "homeless_section_17",
        ),
    }
)
"""First stage of a funnel -> the stages that are a part of it, in the same unit."""
