"""Work on the edge of care: its stages, in the order of the work, and their units.

A stage is counted in units of its own. Requests are not children, families are not
conferences, and nights are not people: numbers of different units are never added up, and no
share is taken of one in another.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["FUNNELS", "STAGE_UNITS", "STAGE_WORDS"]

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

STAGE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "placement_duty_referred": "Placement duty: asked for a placement",
        "placement_duty_placed": "Placement duty: placed",
        "placement_duty_avoided": "Placement duty: placement avoided",
        "placement_duty_re_referred": "Placement duty: asked for again within twelve months",
        "family_support": "Intensive family support",
        "conference_held": "Family group conference held",
        "conference_stayed": "Stayed with the wider family after a conference",
        "homeless_seen": "Homeless at 16 or 17: seen",
        "homeless_assessed": "Homeless at 16 or 17: assessed",
        "homeless_home": "Homeless at 16 or 17: went home",
        "homeless_accommodated": "Homeless at 16 or 17: accommodated (section 20)",
        "homeless_section_17": "Homeless at 16 or 17: helped under section 17",
        "bed_and_breakfast": "Bed and breakfast",
        "pre_proceedings": "Pre-proceedings begun",
        "proceedings": "Care proceedings issued",
        "parenting_assessment": "Residential parenting assessment",
    }
)
"""Stage -> words for a reader; the input's list of values has the same."""

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
