"""The indicators of chapter 25: which official figure each is, its base, and which way is good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from needs.vocabulary.results import ALL

__all__ = ["BY_KEY", "INDICATORS", "Good", "Indicator"]

Good = Literal["higher", "lower", "neither"]

_UNDER_16 = "children under 16 looked after for two and a half years or more"
_NEW = "placements begun in the year"
_STOCK = "children looked after at 31 March"
_FAR = "placed_outside_{0}la_boundary{1}_more_than_20_miles_from_home"


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator as the Department for Education prints it.

    Parameters
    ----------
    key : str
        Slug.
    label : str
        Words for a reader.
    unit : str
        ``percent`` or ``rate_per_10k``.
    base : str
        What it is a share of, in words; empty for a rate.
    measure, group, by : str
        Where it stands among the comparators (see ``needs.inputs.official.comparators``).
    counted : str
        Measure of the count behind it, in the same ``group`` and ``by``.
    good : {"higher", "lower", "neither"}
        Which way is better; ``neither`` where that depends on the child.
    targets : tuple of (str, str)
        Measures and groups of the input ``targets`` that set a target for it.
    """

    key: str
    label: str
    unit: str
    base: str
    measure: str
    group: str
    by: str
    counted: str
    good: Good
    targets: tuple[tuple[str, str], ...] = ()

    @property
    def over(self) -> tuple[str, str, str]:
        """Measure, group and by of the number that the count is divided by."""
        if self.unit == "rate_per_10k":
            return "population_0_17_n", ALL, ""
        return self.counted, self.group, ALL


def _rate(stem: str, label: str, *targets: tuple[str, str]) -> Indicator:
    key, count = f"{stem}_rate", f"{stem}_n"
    return Indicator(
        key,
        label,
        "rate_per_10k",
        "",
        f"{stem}_rate_per_10k",
        ALL,
        "",
        count,
        "neither",
        targets,
    )


def _share(
    key: str,
    label: str,
    base: str,
    at: tuple[str, str, str],
    good: Good,
    *targets: tuple[str, str],
) -> Indicator:
    stem, group, by = at
    return Indicator(
        key, label, "percent", base, f"{stem}_pct", group, by, f"{stem}_n", good, targets
    )


INDICATORS = (
    _rate("children", "Children looked after at 31 March", ("rate_per_10k", ALL)),
    _rate("started", "Started to be looked after in the year"),
    _rate("ceased", "Ceased to be looked after in the year"),
    _share(
        "unaccompanied",
        "Unaccompanied asylum-seeking children",
        _STOCK,
        ("children", "uasc", "unaccompanied"),
        "neither",
    ),
    _share(
        "fostered",
        "In foster placements",
        _STOCK,
        ("children", "placement", "foster_placements"),
        "higher",
        ("share_pct", "fostering"),
    ),
    _share(
        "homes",
        "In secure homes and children's homes",
        _STOCK,
        ("children", "placement", "secure_homes_and_childrens_homes"),
        "lower",
        ("share_pct", "residential"),
    ),
    _share(
        "independent",
        "In supported accommodation and independent living",
        _STOCK,
        (
            "children",
            "placement",
            "independent_and_semi_independent_living_arrangements_supported_accommodation",
        ),
        "neither",
    ),
    _share(
        "placed_for_adoption",
        "Placed for adoption",
        _STOCK,
        ("children", "placement", "placed_for_adoption"),
        "neither",
    ),
    _share(
        "own_provision",
        "In the authority's own provision",
        _STOCK,
        ("children", "provider", "own_provision_by_the_la"),
        "neither",
    ),
    _share(
        "outside",
        "Placed outside the authority",
        _STOCK,
        ("children", "locality", "placed_outside_the_local_authority_boundary"),
        "lower",
    ),
    _share(
        "over_20_miles",
        "Placed more than 20 miles from home",
        _STOCK,
        ("children", "distance", "placed_more_than_20_miles_from_home"),
        "lower",
    ),
    _share(
        "far",
        "Placed outside the authority and more than 20 miles from home",
        _STOCK,
        ("children", "distance_and_locality", _FAR.format("the_", "")),
        "lower",
        ("share_pct", "outside_over_20_miles"),
    ),
    _share(
        "new_far",
        "New placements outside the authority and more than 20 miles from home",
        _NEW,
        ("new_placements", "location", _FAR.format("", "")),
        "lower",
    ),
    _share(
        "three_or_more",
        "Three or more placements in the year",
        _STOCK,
        ("stability", "placements_in_year", "three_or_more"),
        "lower",
    ),
    _share(
        "same_placement",
        "In the same placement for two years or more",
        _UNDER_16,
        ("stability", "under_16_for_2_5_years", "same_placement_2_years"),
        "higher",
    ),
    _share(
        "adopted",
        "Left care by adoption",
        "children who ceased in the year",
        ("ceased", "reason_ceased", "adopted"),
        "neither",
    ),
    _share(
        "guardianship",
        "Left care by special guardianship",
        "children who ceased in the year",
        ("ceased", "reason_ceased", "special_guardianship_orders"),
        "neither",
    ),
    _share(
        "abuse_or_neglect",
        "Started with abuse or neglect as main need",
        "children who started in the year",
        ("started", "category_of_need", "n1_abuse_or_neglect"),
        "neither",
    ),
)
"""In printed order; a study shows those that its files give."""

BY_KEY = {i.key: i for i in INDICATORS}
