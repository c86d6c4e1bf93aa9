"""Published words of the comparator files as keys that hold from release to release."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from needs.vocabulary.results import ALL

__all__ = ["Group", "breakdown_key", "file_measure", "group_of", "measure_of"]

_POPULATIONS = (
    (r"children starting to be looked after.*", "started"),
    (r"children ceasing to be looked after.*", "ceased"),
    (r"children looked after (at|on) 31 march.*", "children"),
    (r".*responsibility of other las placed within.*", "placed_here"),
    (r".*responsibility of this la placed outside.*", "placed_elsewhere"),
    (r"net gain of children.*", "net_gain"),
    (r".*(series of short term placements|short breaks?).*", "short_breaks_only"),
)

_SAME = {
    "special_guardianship_order": "special_guardianship_orders",
    "voluntary_agreement_under_s20": "voluntary_agreements_under_s20",
    "voluntary_agreement_under_s20_ca_1989": "voluntary_agreements_under_s20",
    "voluntary_agreements_under_s20_ca_1989": "voluntary_agreements_under_s20",
    "n4_family_in_acute_stress": "n4_family_acute_stress",
    "non_unaccompanied_asylum_seeking_children": "not_unaccompanied",
    "children_excluding_unaccompanied_asylum_seeking_children": "not_unaccompanied",
    "non_uasc": "not_unaccompanied",
    "unaccompanied_asylum_seeking_children": "unaccompanied",
    "uasc": "unaccompanied",
}
"""Keys of categories that releases have named in different words."""


@dataclass(frozen=True, slots=True)
class Group:
    """What a published group label stands for.

    Parameters
    ----------
    key : str
        Key of the group, such as ``age``.
    measure : str
        Stem of the measure (``started``), or empty where the same label stands in the files
        of children looked after, started and ceased, and the rest of the file must tell.
    """

    key: str
    measure: str = ""


_GROUPS = {
    "reason episode ceased": Group("reason_ceased", "ceased"),
    "age on ceasing": Group("age", "ceased"),
    "age on starting": Group("age", "started"),
    "taken into care": Group("taken_into_care", "started"),
    "location of new placements during the year": Group("location", "new_placements"),
    "reason for placement change during the year": Group("reason_changed", "placement_changes"),
    "children looked after at 31 march": Group("placements_in_year", "stability"),
    "children looked after on 31 march": Group("placements_in_year", "stability"),
    "cla on 31 march": Group("placements_in_year", "stability"),
    "cla 2 years on 31 march": Group("placements_in_2_years", "stability"),
    "children looked after continuously for at least 2.5 years at 31 march aged under 16 years": (
        Group("under_16_for_2_5_years", "stability")
    ),
    "children looked after continuously for at least 2.5 years on 31 march aged under 16 years": (
        Group("under_16_for_2_5_years", "stability")
    ),
    "placement": Group("placement", "children"),
    "place providers": Group("provider", "children"),
    "locality of placement": Group("locality", "children"),
    "la of placement": Group("authority_of_placement", "children"),
    "ethnicity": Group("ethnicity", "children"),
    "distance between home and placement": Group("distance", "children"),
    "distance between home and placement and locality of placement": (
        Group("distance_and_locality", "children")
    ),
    "age group": Group("age"),
    "gender": Group("sex"),
    "sex": Group("sex"),
    "legal status": Group("legal_status"),
    "category of need": Group("category_of_need"),
    "unaccompanied asylum-seeking children": Group("uasc"),
}


def _plain(label: str) -> str:
    return re.sub(r"\s+", " ", label).strip().lower()


def _slug(label: str) -> str:
    text = re.sub(r"^\d+\.\s*", "", _plain(label))
    text = re.sub("['\N{RIGHT SINGLE QUOTATION MARK}]", "", text)
    return re.sub(r"[^a-z0-9]+", "_", text).strip("_")


def measure_of(label: str) -> str:
    """Return the stem of the measure of a population, empty where it is not known.

    Examples
    --------
    >>> measure_of("Children looked after on 31 March each year")
    'children'
    """
    plain = _plain(label)
    return next((key for pattern, key in _POPULATIONS if re.fullmatch(pattern, plain)), "")


def group_of(label: str) -> Group:
    """Return what a group label stands for; an unknown label becomes a key of its own words."""
    return _GROUPS.get(_plain(label), Group(_slug(label)))


def breakdown_key(label: str, group: str) -> str:
    """Return the key of a category of a group: ``all`` for the total.

    Examples
    --------
    >>> breakdown_key("1 to 4 years", "age"), breakdown_key("Total children", "sex")
    ('age_1_to_4_years', 'all')
    """
    slug = _slug(label)
    if slug == "total" or slug.startswith("total_"):
        return ALL
    if group.startswith("placements_in") and slug.startswith("with_3_or_more_placements"):
        return "three_or_more"
    if group == "under_16_for_2_5_years" and slug.startswith("living_"):
        return "same_placement_2_years"
    slug = _SAME.get(slug, slug)
    return slug if slug[:1].isalpha() else f"{group}_{slug}"


def file_measure(groups: Iterable[Group]) -> str | None:
    """Return the one measure that a file's telling groups name; None where they name several."""
    named = {g.measure for g in groups} - {""}
    return named.pop() if len(named) == 1 else None
