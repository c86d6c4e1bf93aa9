"""Who is placed by which provider, against the placement mix: no difference tells of a child."""

import pytest

from needs.assurance.release import release
from needs.care import chapter20

pytestmark = pytest.mark.unit

PLACED = (
    ("U6", "PR1", 10),
    ("K2", "PR4", 12),
    ("P1", "PR0", 8),
    ("S1", "PR4", 2),
    ("Z1", "-", 1),
)
"""Placement, provider, children: one is in no placement that a provider gives."""


def shown(draw, placed):
    """Return what is printed on the last day, None where it is hidden."""
    places = [(place, owner) for place, owner, n in placed for _ in range(n)]
    names = [f"c{i}" for i in range(len(places))]
    children = draw.table(
        "child | sex | dob | uasc\n" + "\n".join(f"{n} | male | 2012-01-01 | -" for n in names)
    )
    episodes = draw.table(
        "child | decom | dec | rne | ls | cin | place | provider | rec\n"
        + "\n".join(
            f"{n} | 2021-05-01 | - | S | C2 | N1 | {place} | {owner} | -"
            for n, (place, owner) in zip(names, places, strict=True)
        )
    )
    data = draw.data(draw.records(children, episodes, [2022, 2023]), draw.study())
    out = {}
    for result in (chapter20.placement_mix(data), chapter20.distance_by_placement(data)):
        for row in release(result, data.study, "20").rows:
            if row.measure == "children_n" and row.period == "2023-03-31":
                key = (result.name.removeprefix("cla_"), row.group, row.by)
                out[key] = None if row.marker == "c" else int(row.value or 0)
    return out


def test_children_without_provider_less_those_with_parents_are_not_told(draw):
    printed = shown(draw, PLACED)
    assert printed["placement_mix", "unregistered", ""] is None
    both = (
        printed["distance_by_placement", "no_provider", "all"],
        printed["placement_mix", "parents", ""],
    )
    assert None in both, f"{both[0]} less {both[1]} is the one child"


def test_own_placements_less_own_foster_homes_are_not_told(draw):
    printed = shown(draw, (*PLACED[:3], ("S1", "PR1", 2), ("Z1", "-", 1)))
    both = (
        printed["distance_by_placement", "own", "all"],
        printed["placement_mix", "in_house_foster", ""],
    )
    assert None in both, f"{both[0]} less {both[1]} are the two at a school"


def test_where_nobody_is_apart_nothing_is_hidden(draw):
    printed = shown(draw, PLACED[:3])
    assert None not in printed.values()
    assert printed["distance_by_placement", "no_provider", "all"] == 8


def test_a_group_of_placements_is_hidden_where_the_mix_hides_it(draw):
    printed = shown(draw, (*PLACED[:1], ("K2", "PR4", 4), ("P1", "PR0", 8)))
    there = printed["distance_by_placement", "residential", "all"]
    assert printed["placement_mix", "external_home", ""] is there is None
    for group, types in (("fostering", "in_house_foster"), ("other_placement", "parents")):
        here = printed["distance_by_placement", group, "all"]
        assert here == printed["placement_mix", types, ""]
