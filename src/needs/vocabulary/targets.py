"""Whom a target may speak of: all children, placement types and groups of them, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from needs.vocabulary.study_sections import Categories

__all__ = ["ENTRIES", "MEASURES", "OTHERS", "WHERE", "Whom", "whom"]

ENTRIES, OTHERS = "entries", "without_uasc"
"""Keys of children who come into care in a year, and of all but unaccompanied children."""

MEASURES: Mapping[str, tuple[str, ...]] = {
    "rate_per_10k": ("rate_per_10k", "rate1_per_10k"),
    "share_pct": ("percent", "percent1", "percent2"),
    "children_n": ("children",),
    "change_pct": ("percent", "percent1", "percent2"),
    "places_added_n": ("places",),
}
"""What a target may measure, and the units that it may be given in."""

_OUTSIDE = ("outside_near", "outside_far", "outside_miles_unknown")
WHERE: Mapping[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "outside": ("Placed outside the authority", _OUTSIDE, ("outside",)),
    "over_20_miles": (
        "Placed over 20 miles from home",
        ("inside_far", "outside_far"),
        ("inside_far", "outside_far"),
    ),
    "outside_over_20_miles": (
        "Placed outside and over 20 miles from home",
        ("outside_far",),
        ("outside_far",),
    ),
    "outside_or_over_20_miles": (
        "Placed outside, or over 20 miles from home",
        (*_OUTSIDE, "inside_far"),
        ("outside", "inside_far"),
    ),
}
"""Key -> words, sides and bands of chapter 20's distance that it holds, and the fewest rows of
that table which add up to it."""

_KIN = frozenset({"U1", "U2", "U3", "Q1"})
_HOMES = frozenset({"K1", "K2"})
_GROUPS = {
    "fostering": "Foster care",
    "residential": "Residential care",
    "supported": "Supported accommodation and independent living",
    "adoption": "Placed for adoption",
    "parents": "With parents",
    "other": "Other placements",
}
_SECTORS = {"in_house": "in-house", "external": "external"}


@dataclass(frozen=True, slots=True)
class Whom:
    """Children or places that a target speaks of.

    Parameters
    ----------
    label : str
        Words for a reader.
    types : frozenset of str or None
        Placement types; None where it is no matter of types.
    """

    label: str
    types: frozenset[str] | None = None


def whom(categories: Categories) -> dict[str, Whom]:
    """Return whom a target may speak of, by key.

    Parameters
    ----------
    categories : Categories
        The study's category map.

    Returns
    -------
    dict of str to Whom
        ``all``; groups of the map, and what of them is in-house or external; foster care without
        that by relatives and friends (``fostering_unrelated``); children's homes (``homes``);
        each type; where children are placed; ``entries`` and ``without_uasc``.
    """
    places = {
        t.key: {p for r in categories.rules if r.type == t.key for p in r.place}
        for t in categories.types
    }
    found = {"all": Whom("All children", frozenset(places))}
    for group, words in _GROUPS.items():
        of = [t for t in categories.types if t.group == group]
        if not of:
            continue
        found[group] = Whom(words, frozenset(t.key for t in of))
        for sector, kind in _SECTORS.items():
            mine = frozenset(t.key for t in of if t.sector == sector)
            if mine and len(mine) < len(of):
                found[f"{group}_{sector}"] = Whom(f"{words}, {kind}", mine)
    fostered = found.get("fostering", Whom("")).types or frozenset()
    kin = frozenset(k for k in fostered if places[k] and places[k] <= _KIN)
    if kin and kin < fostered:
        label = "Foster care, relatives and friends left out"
        found["fostering_unrelated"] = Whom(label, fostered - kin)
    homes = frozenset(k for k, codes in places.items() if codes and codes <= _HOMES)
    if homes:
        found["homes"] = Whom("Children's homes", homes)
    for t in categories.types:
        found.setdefault(t.key, Whom(t.label, frozenset({t.key})))
    found |= {k: Whom(words) for k, (words, *_) in WHERE.items()}
    found[ENTRIES] = Whom("Children who come into care in a year")
    found[OTHERS] = Whom("All children but those unaccompanied")
    return found
